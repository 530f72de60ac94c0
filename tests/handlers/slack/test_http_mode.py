"""HTTP mode: the same listeners behind /slack/events, and a guard that answers everything else with a 4xx."""

import json
import time
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from bot.outgoing.cards import Answer
from bot.sandbox.slack import PretendSlack
from bot.sandbox.slack.http_mode import FORM, body_of
from handlers.slack import SlackAdapter
from handlers.slack.http_mode import LARGEST_BODY, is_well_formed
from tests.handlers.slack.running import served
from tests.handlers.slack.stage import BOB, ENGLISH, SUPPORT, WrittenDown, card, config_of, form

JSON = "application/json"


@pytest.fixture
async def adapter(slack: PretendSlack, verbs: WrittenDown) -> AsyncIterator[SlackAdapter]:
    """Behind a web server alone."""
    async with served(slack, verbs) as running:
        yield running


async def test_commands_presses_and_forms_work_as_over_socket_mode(
    slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown, place: object
) -> None:
    verbs.answers |= {"show": Answer(text="Printer on fire"), "note": [Answer(form=form()), Answer(text="Noted.")]}
    hanging = (await adapter.chat.post_card(place, card(), key="d1")).message  # type: ignore[arg-type]

    shown = await slack.slash(BOB, SUPPORT, "show 42")
    asked = await (await slack.press(BOB, SUPPORT, hanging, "verb:note")).until_view()
    sent = await slack.submit(BOB, asked.id, {"text": "Water."})
    await slack.say(BOB, SUPPORT, "and sand", thread_ts=hanging)

    assert shown.texts == ["Printer on fire"]
    assert sent.closed
    assert [request.verb for request in verbs.requests] == ["", "note", "note", "note"]


async def test_nobody_listening_is_acknowledged(slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown) -> None:
    gesture = await slack.slash(BOB, SUPPORT, "x", command="/other")

    assert gesture.status == 200 and verbs.requests == []


async def post(slack: PretendSlack, body: str, content_type: str = JSON, **headers: str) -> int | None:
    """The status of a signed request; headers replace the right ones."""
    answer = await slack.http.post(body, {**slack.http.headers(body, content_type), **headers})
    return answer.status


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Slack-Signature": "v0=" + "0" * 64},
        {"X-Slack-Signature": ""},
        {"X-Slack-Signature": "v0=ü"},
        {"X-Slack-Request-Timestamp": "0"},
        {"X-Slack-Request-Timestamp": "now"},
        {"X-Slack-Request-Timestamp": "9" * 400},
        {"X-Slack-Request-Timestamp": "٣٣"},
    ],
)
async def test_a_wrong_signature_or_time_is_refused(
    slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown, headers: dict[str, str]
) -> None:
    payload = (await slack.slash(BOB, SUPPORT, "help")).payload
    body, kind = body_of("slash_commands", payload)

    assert await post(slack, body, kind, **headers) == 401
    assert len(verbs.requests) == 1


async def test_a_signed_request_of_six_minutes_ago_is_refused(
    slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown
) -> None:
    body, kind = body_of("slash_commands", (await slack.slash(BOB, SUPPORT, "help")).payload)
    headers = slack.http.headers(body, kind, timestamp=str(int(time.time()) - 360))

    answer = await slack.http.post(body, headers)

    assert answer.status == 401 and len(verbs.requests) == 1


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("", JSON),
        ("{", JSON),
        ("[]", JSON),
        ("null", JSON),
        ("[" * 100_000, JSON),
        ('{"a":' * 50_000, JSON),
        ("payload=%7B", FORM),
        ("payload=[]", FORM),
        ("payload=%FF%FE", FORM),
        ("nonsense", FORM),
        ("a=1", FORM),
        ("&".join(f"a{number}=1" for number in range(500)), FORM),
        ("command=/ticket", FORM),
        (json.dumps({"type": "event_callback", "team_id": "T0DESK", "event": []}), JSON),
        (json.dumps({"type": "event_callback", "team_id": ["T0DESK"], "event": {"type": 7}}), JSON),
        ("payload=" + json.dumps({"type": "block_actions", "team": {"id": "T0DESK"}, "user": {"id": "U0BOB"}}), FORM),
        (
            "payload="
            + json.dumps(
                {
                    "type": "block_actions",
                    "team": {"id": "T0DESK"},
                    "user": {"id": "U0BOB"},
                    "actions": [{"action_id": "more"}],
                }
            ),
            FORM,
        ),
    ],
    ids=range(17),
)
async def test_a_malformed_request_is_never_our_fault(
    slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown, body: str, content_type: str
) -> None:
    status = await post(slack, body, content_type)

    assert status is not None and status < 500
    assert verbs.requests == []


async def test_a_body_that_is_too_large_is_not_read(slack: PretendSlack, adapter: SlackAdapter) -> None:
    assert await post(slack, "x" * (LARGEST_BODY + 1)) == 413


async def test_slack_s_question_whether_we_are_there_is_answered(slack: PretendSlack, adapter: SlackAdapter) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "abc"})

    answer = await slack.http.post(body, slack.http.headers(body, JSON))

    assert answer.status == 200 and answer.payload == {"challenge": "abc"}


async def test_without_a_running_adapter_slack_is_asked_to_come_again(slack: PretendSlack, verbs: WrittenDown) -> None:
    server = web.Application()
    SlackAdapter(config_of(slack, mode="http"), verbs, ENGLISH).mount(server)
    runner = web.AppRunner(server)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.deliver_to = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"

    status = await post(slack, "{}")

    await runner.cleanup()
    assert status == 503


def test_forms_and_objects_are_told_from_noise() -> None:
    assert is_well_formed(b"payload=%7B%7D", FORM)
    assert is_well_formed(b"command=%2Fticket&text=", FORM) is is_well_formed(b"command=%2Fticket&text=a", FORM)
    assert not is_well_formed(b"\xff", JSON)
