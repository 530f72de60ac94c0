"""Recorded requests of Slack's: blank as they are they do nothing; filled in from the table they do what is told."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.sandbox.slack import PretendSlack
from handlers.slack import SlackAdapter
from tests.handlers.slack.stage import BOB, SUPPORT, WrittenDown, until

SPECS = Path(__file__).parents[4] / "shared" / "specs"
pytestmark = pytest.mark.skipif(not SPECS.is_dir(), reason="the recorded requests are not beside us")

EVENTS, PAYLOADS = "slack-events", "slack-payloads"
TEAM, CARD = "T0DESK", "HANGING"
EVENT = {
    "team_id": TEAM,
    "event_id": "Ev1",
    "type": "event_callback",
    "event.user": BOB,
    "event.channel": SUPPORT,
    "event.ts": "1700000000.000001",
}
SAID = {**EVENT, "event.thread_ts": CARD, "event.text": "It &amp; burns"}
BEFORE = {"event.previous_message.ts": "1700000000.000001", "event.previous_message.user": BOB}
THREAD = {**EVENT, **BEFORE, "event.previous_message.thread_ts": CARD}
PERSON = {"team.id": TEAM, "user.id": BOB, "user.team_id": TEAM, "trigger_id": "1.2.3"}
VIEW = {
    **PERSON,
    "view.id": "V1",
    "view.hash": "h1",
    "view.callback_id": "form:note",
    "view.type": "modal",
    "view.private_metadata": f"TS2611-0042|3|{SUPPORT}",
}

FILLED: dict[str, tuple[dict[str, Any], str | None]] = {
    "AppHomeOpened": ({**EVENT, "event.tab": "home"}, "home"),
    "AppMention": ({**EVENT, "event.text": "<@U0DESKBELL> show 42", "event.app_id": ""}, "show 42"),
    "FileShared": ({**EVENT, "event.user_id": BOB}, None),
    "LinkShared": (EVENT, None),
    "MemberJoinedChannel": (EVENT, None),
    "MemberLeftChannel": (EVENT, None),
    "Message": (SAID, "note"),
    "MessageBot": ({**SAID, "event.bot_id": "B0ROBOT"}, None),
    "MessageChanged": (
        {
            **THREAD,
            "event.message.ts": "1700000000.000001",
            "event.message.user": BOB,
            "event.message.thread_ts": CARD,
            "event.message.text": "Now",
        },
        "rewrite",
    ),
    "MessageDeleted": ({**THREAD, "event.deleted_ts": "1700000000.000001"}, "unsay"),
    "MessageFileShare": (SAID, "note"),
    "ReactionAdded": (
        {**EVENT, "event.reaction": "eyes", "event.item.channel": SUPPORT, "event.item.ts": CARD},
        "take",
    ),
    "ReactionRemoved": ({**EVENT, "event.reaction": "eyes", "event.item.channel": SUPPORT}, None),
    "BlockActionPayload": (
        {
            **PERSON,
            "channel.id": SUPPORT,
            "container.type": "message",
            "container.message_ts": CARD,
            "container.channel_id": SUPPORT,
            "view": None,
            "actions": [{"type": "button", "action_id": "verb:take", "block_id": "b", "value": "TS2611-0042|3"}],
        },
        "take",
    ),
    "MessageShortcutPayload": (
        {
            **PERSON,
            "callback_id": "make_ticket",
            "channel.id": SUPPORT,
            "message_ts": CARD,
            "message.ts": CARD,
            "message.user": BOB,
            "message.text": "Make me one",
        },
        None,
    ),
    "SlashCommandPayload": (
        {"team_id": TEAM, "user_id": BOB, "channel_id": SUPPORT, "command": "/ticket", "text": "show 42"},
        "show 42",
    ),
    "ViewClosedPayload": (VIEW, None),
    "ViewSubmissionPayload": (
        {**VIEW, "view.state": {"values": {"text": {"value": {"type": "plain_text_input", "value": "Filled"}}}}},
        "note",
    ),
}
"""Recorded request → what its blanks are filled with, and the verb or words that it asks for (None: nothing)."""
KINDS = {"SlashCommandPayload": "slash_commands"}


def recorded(name: str) -> dict[str, Any]:
    folder = PAYLOADS if name.endswith("Payload") else EVENTS
    found: dict[str, Any] = json.loads((SPECS / folder / f"{name}.json").read_text(encoding="utf-8"))
    return found


def kind_of(name: str) -> str:
    return KINDS.get(name, "interactive" if name.endswith("Payload") else "events_api")


def envelope(name: str, payload: dict[str, Any]) -> dict[str, Any]:
    """Some events were recorded without what is around them."""
    return payload if kind_of(name) != "events_api" or "event" in payload else {"event": payload}


def filled(payload: dict[str, Any], values: dict[str, Any], card: str) -> dict[str, Any]:
    """A copy with the values in their places; `a.b` is `b` inside of `a`."""
    whole = copy.deepcopy(payload)
    for path, value in values.items():
        *outer, last = path.split(".")
        place = whole
        for step in outer:
            place = place.setdefault(step, {})
        place[last] = card if value == CARD else value
    return whole


def test_every_recorded_request_is_in_the_table() -> None:
    there = {file.stem for folder in (EVENTS, PAYLOADS) for file in (SPECS / folder).glob("*.json")}

    assert there == set(FILLED)


@pytest.mark.row("CI-03")
@pytest.mark.parametrize("name", FILLED)
async def test_as_it_is_it_is_refused_quietly(
    slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown, name: str
) -> None:
    with capture_logs() as logged:
        gesture = await slack.send_raw({"type": kind_of(name), "payload": envelope(name, recorded(name))})

    assert gesture.acked or (gesture.status or 400) < 500
    assert verbs.requests == []
    assert [entry for entry in logged if entry["log_level"] == "error"] == []


@pytest.mark.parametrize("name", FILLED)
async def test_filled_in_it_has_its_effect(
    slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown, hanging: str, name: str
) -> None:
    values, asked = FILLED[name]
    payload = filled(envelope(name, recorded(name)), values, hanging)

    gesture = await slack.send_raw({"type": kind_of(name), "payload": payload})
    await until(lambda: verbs.requests or asked is None, 2)

    assert gesture.acked
    assert [request.verb or request.words for request in verbs.requests] == ([asked] if asked else [])
    assert {request.caller.id for request in verbs.requests} <= {BOB}
