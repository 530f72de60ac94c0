"""The pretend Slack's payloads against recorded field names: no field that Slack does not send."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from slack_bolt import BoltResponse

from tests.bot.sandbox.slack_stage import (
    BOB,
    BUTTON,
    CAROL,
    SUPPORT,
    actions,
    client_of,
    modal,
    option,
    section,
    socket_app,
    text_input,
)

SPECS = Path(__file__).parents[4] / "shared" / "specs"
OPEN = ("state", "blocks", "attachments", "confirm", "metadata")
NEWER = {
    "payload": {
        "response_urls",
        "view.blocks",
        "user.username",
        "channel.id",
        "channel.name",
        "actions",
        "is_enterprise_install",
    },
    "event": {"is_ext_shared_channel", "context_team_id", "context_enterprise_id", "event.files.channels"},
    "answer": {"bot_profile"},
}

pytestmark = pytest.mark.skipif(not SPECS.is_dir(), reason="the platforms' descriptions (../shared/specs) are not here")


def recorded(path: str) -> Any:
    return json.loads((SPECS / path).read_text())


def unknown_fields(ours: Any, theirs: Any, place: str = "") -> Iterator[str]:
    """Fields of ours that the recording has not, dotted; parts that hold an app's own content are left out."""
    if isinstance(ours, list) and isinstance(theirs, list) and ours and theirs:
        yield from unknown_fields(ours[0], theirs[0], place)
    if not isinstance(ours, dict) or not isinstance(theirs, dict):
        return
    for name, value in ours.items():
        here = f"{place}.{name}".lstrip(".")
        if name not in theirs:
            yield here
        elif name not in OPEN:
            yield from unknown_fields(value, theirs[name], here)


def newer(kind: str, fields: Iterator[str]) -> set[str]:
    return {field for field in fields if not any(field.endswith(known) for known in NEWER[kind])}


async def recorded_gestures() -> dict[str, dict[str, Any]]:
    """One payload of each kind, as a real app received it."""
    seen: dict[str, dict[str, Any]] = {}
    async with socket_app() as (slack, app):

        @app.use
        async def keep(body: dict[str, Any], next: Any) -> BoltResponse | None:  # noqa: A002
            event = body.get("event", {})
            seen[body.get("type", "slash") if not event else event.get("subtype") or event["type"]] = body
            if body.get("type") in ("event_callback", "block_actions", "message_action"):
                return BoltResponse(status=200, body="")
            await next()
            return None

        @app.command("/ticket")
        async def ticket(ack: Any, body: dict[str, Any], client: Any) -> None:
            view = modal(text_input(), notify_on_close=True)
            await client.views_open(trigger_id=body["trigger_id"], view=view)
            await ack()

        @app.view("form:new")
        async def refuse(ack: Any) -> None:
            await ack(response_action="errors", errors={"text": "No."})

        await _act(slack)
    return seen


async def _act(slack: Any) -> None:
    view = (await slack.slash(BOB, SUPPORT, "new")).view
    await slack.submit(BOB, view.id, {"text": "fire"})
    await slack.close_view(BOB, view.id)
    menu = {"type": "static_select", "action_id": "more", "options": [option("a")]}
    bar = {"color": "good", "blocks": [section(), actions(BUTTON, menu)]}
    card = await client_of(slack).chat_postMessage(channel=SUPPORT, text="card", attachments=[bar])
    await slack.press(BOB, SUPPORT, card["ts"], "verb:take")
    said = await slack.say(CAROL, SUPPORT, "@Deskbell hello")
    await slack.shortcut(BOB, "make_ticket", channel=SUPPORT, ts=said.ts)
    await slack.say(CAROL, SUPPORT, "log", files=[("a.log", b"x", "text/plain")])
    await slack.edit_message(CAROL, SUPPORT, said.ts, "changed")
    await slack.react(CAROL, SUPPORT, said.ts, "eyes")
    await slack.unreact(CAROL, SUPPORT, said.ts, "eyes")
    await slack.delete_message(CAROL, SUPPORT, said.ts)
    await slack.open_home(BOB)
    await slack.leave(CAROL, SUPPORT)


async def test_payloads_hold_no_field_that_slack_does_not_send() -> None:
    seen = await recorded_gestures()
    files = {
        "slash": "SlashCommandPayload",
        "block_actions": "BlockActionPayload",
        "view_submission": "ViewSubmissionPayload",
        "view_closed": "ViewClosedPayload",
        "message_action": "MessageShortcutPayload",
    }

    strange = {
        kind: newer("payload", unknown_fields(seen[kind], recorded(f"slack-payloads/{file}.json")))
        for kind, file in files.items()
    }

    assert {kind: fields for kind, fields in strange.items() if fields} == {}


async def test_events_hold_no_field_that_slack_does_not_send() -> None:
    seen = await recorded_gestures()
    files = {
        "app_mention": "AppMention",
        "file_share": "MessageFileShare",
        "message_changed": "MessageChanged",
        "message_deleted": "MessageDeleted",
        "reaction_added": "ReactionAdded",
        "reaction_removed": "ReactionRemoved",
        "app_home_opened": "AppHomeOpened",
        "member_left_channel": "MemberLeftChannel",
    }

    strange = {
        kind: newer("event", unknown_fields(seen[kind], recorded(f"slack-events/{file}.json")))
        for kind, file in files.items()
    }

    assert {kind: fields for kind, fields in strange.items() if fields} == {}


async def test_answers_hold_no_field_that_slack_does_not_send() -> None:
    async with socket_app() as (slack, _):
        client = client_of(slack)
        posted = await client.chat_postMessage(channel=SUPPORT, text="x", blocks=[section()])
        answers = {
            "auth.test": await client.auth_test(),
            "chat.postMessage": posted,
            "chat.update": await client.chat_update(channel=SUPPORT, ts=posted["ts"], text="y"),
            "conversations.info": await client.conversations_info(channel=SUPPORT),
            "conversations.members": await client.conversations_members(channel=SUPPORT),
            "conversations.replies": await client.conversations_replies(channel=SUPPORT, ts=posted["ts"]),
            "users.info": await client.users_info(user=BOB, include_locale=True),
            "users.list": await client.users_list(),
        }

    strange = {
        method: newer("answer", unknown_fields(answer.data, recorded(f"slack-responses/{method}.json")))
        for method, answer in answers.items()
    }

    assert {method: fields for method, fields in strange.items() if fields} == {}
