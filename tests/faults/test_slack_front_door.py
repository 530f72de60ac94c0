"""What stands before Slack's requests over HTTP: nothing forged, old, huge or senseless gets through or does harm."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from structlog.testing import capture_logs

from bot.ports import Place
from bot.sandbox.slack import PretendSlack
from bot.sandbox.slack.http_mode import FORM, body_of, signature
from handlers.slack import SCOPES, SlackAdapter
from tests.handlers.slack.running import served
from tests.handlers.slack.stage import BOB, SUPPORT, WrittenDown, card

JSON, CANARY, SECRET = "application/json", "canary-7f3a", "sandbox-signing-secret"


@pytest.fixture
async def slack() -> AsyncIterator[PretendSlack]:
    pretend = PretendSlack(scopes=frozenset(SCOPES), signing_secret=SECRET)
    pretend.add_member(BOB, "Bob", "bob@example.org")
    pretend.add_channel(SUPPORT, "support", members=(BOB,))
    await pretend.start()
    yield pretend
    await pretend.stop()


@pytest.fixture
def verbs() -> WrittenDown:
    return WrittenDown()


@pytest.fixture
async def adapter(slack: PretendSlack, verbs: WrittenDown) -> AsyncIterator[SlackAdapter]:
    async with served(slack, verbs) as running:
        yield running


def now(seconds: float = 0) -> str:
    return str(int(time.time() + seconds))


def command(text: str = f"note 1 {CANARY}") -> str:
    """A slash command's body."""
    parts = {"team_id": "T0DESK", "user_id": BOB, "user_name": "bob", "channel_id": SUPPORT}
    return urlencode({**parts, "command": "/ticket", "text": text, "trigger_id": "1.2.3"})


def headers(body: bytes, kind: str = FORM, *, at: str = "", secret: str = SECRET) -> dict[str, str]:
    """Signed as Slack signs."""
    at = at or now()
    digest = hmac.new(secret.encode(), f"v0:{at}:".encode() + body, hashlib.sha256).hexdigest()
    return {"Content-Type": kind, "X-Slack-Request-Timestamp": at, "X-Slack-Signature": f"v0={digest}"}


async def status_of(
    slack: PretendSlack, body: bytes | AsyncIterator[bytes], sent: dict[str, str]
) -> tuple[int, str, float]:
    """What these very bytes come to: status, body, seconds."""
    began = time.perf_counter()
    async with aiohttp.ClientSession() as session, session.post(str(slack.deliver_to), data=body, headers=sent) as got:
        return got.status, await got.text(), time.perf_counter() - began


async def refused(slack: PretendSlack, verbs: WrittenDown, body: bytes, sent: dict[str, str], wanted: set[int]) -> None:
    """The request is answered so, within a second, without a word of it in answer or log, and asks nobody anything."""
    with capture_logs() as logged:
        status, answer, seconds = await status_of(slack, body, sent)

    assert status in wanted
    assert seconds < 1
    assert "Traceback" not in answer and CANARY not in answer
    assert CANARY not in str(logged) and "exc_info" not in str(logged)
    assert verbs.requests == []


# signatures and times ------------------------------------------------------------------------------------------------

BODY = command().encode()


def forged() -> Iterator[tuple[str, dict[str, str]]]:
    """Name, headers of a request that Slack never signed."""
    good = headers(BODY)
    mark = good["X-Slack-Signature"]
    for name, value in {
        "sig-empty": "",
        "sig-zeros": "v0=" + "0" * 64,
        "sig-other-secret": headers(BODY, secret="another")["X-Slack-Signature"],
        "sig-empty-secret": headers(BODY, secret="")["X-Slack-Signature"],
        "sig-other-body": headers(BODY + b"&a=1")["X-Slack-Signature"],
        "sig-without-version": mark.removeprefix("v0="),
        "sig-other-version": mark.replace("v0=", "v1="),
        "sig-cut": mark[:-1],
        "sig-longer": mark + "0",
        "sig-upper": mark.upper(),
        "sig-twice": f"{mark},{mark}",
        "sig-latin": "v0=\u00fc" + "0" * 63,
        "sig-huge": "v0=" + "0" * 5000,
    }.items():
        yield name, {**good, "X-Slack-Signature": value}
    for name in ("X-Slack-Signature", "X-Slack-Request-Timestamp"):
        yield f"sig-no-{name[8:].lower()}", {key: value for key, value in good.items() if key != name}


def untimely() -> Iterator[tuple[str, dict[str, str]]]:
    """Name and headers of a request that is well signed, at a time that cannot be."""
    for name, at in {
        "ts-old": now(-301),
        "ts-older": now(-86_400),
        "ts-future": now(+310),
        "ts-zero": "0",
        "ts-negative": "-1",
        "ts-plus": "+" + now(),
        "ts-float": now() + ".5",
        "ts-exponent": "1e9",
        "ts-hex": "0x65",
        "ts-milliseconds": now() + "000",
        "ts-huge": "9" * 400,
        "ts-words": "now",
        "ts-nan": "nan",
        "ts-underscore": "1_700_000_000",
    }.items():
        yield name, headers(BODY, at=at)


@pytest.mark.row("CI-01")
@pytest.mark.parametrize("name", [name for name, _ in (*forged(), *untimely())])
async def test_what_slack_has_not_just_signed_is_refused(
    slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown, name: str
) -> None:
    sent = dict((*forged(), *untimely()))[name]  # made now: what was signed at the collection is too old

    await refused(slack, verbs, BODY, sent, {401})


@pytest.mark.row("CI-01")
async def test_a_signature_moved_to_another_time_or_body_is_refused(
    slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown
) -> None:
    sent = headers(BODY, at=now(-5))

    await refused(slack, verbs, BODY, {**sent, "X-Slack-Request-Timestamp": now()}, {401})
    await refused(slack, verbs, BODY.replace(b"bob", b"eve"), sent, {401})


@pytest.mark.row("CI-01")
async def test_the_raw_bytes_are_what_is_signed(slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown) -> None:
    """The same form written another way is another body."""
    await refused(slack, verbs, BODY.replace(b"%2F", b"/"), headers(BODY), {401})

    status, _, _ = await status_of(slack, BODY, headers(BODY))

    assert (status, len(verbs.requests)) == (200, 1)


def test_the_pretend_slack_signs_as_this_test_does() -> None:
    assert headers(BODY, at="1700000000")["X-Slack-Signature"] == signature(SECRET, "1700000000", BODY.decode())


# senseless bodies ----------------------------------------------------------------------------------------------------


def enveloped(**parts: Any) -> bytes:
    return json.dumps({"type": "event_callback", "team_id": "T0DESK", "event_id": "Ev1", **parts}).encode()


def interaction(**parts: Any) -> bytes:
    whole = {"type": "block_actions", "team": {"id": "T0DESK"}, "user": {"id": BOB, "team_id": "T0DESK"}, **parts}
    return urlencode({"payload": json.dumps(whole)}).encode()


SENSELESS: dict[str, tuple[bytes, str]] = {
    "parse-empty-json": (b"", JSON),
    "parse-empty-form": (b"", FORM),
    "parse-cut-json": (b'{"type": "event_callb', JSON),
    "parse-array": (b"[]", JSON),
    "parse-null": (b"null", JSON),
    "parse-number": (b"7", JSON),
    "parse-string": (b'"event"', JSON),
    "parse-nan": (b"NaN", JSON),
    "parse-bom": (b"\xef\xbb\xbf{}x", JSON),
    "parse-utf16": ('{"a": "b"}'.encode("utf-16"), JSON),
    "parse-latin1": (b'{"a": "\xe9"}', JSON),
    "parse-nul": (b"\x00" * 100, JSON),
    "parse-deep-array": (b"[" * 200_000, JSON),
    "parse-deep-object": (b'{"a":' * 100_000, JSON),
    "parse-deep-closed": (b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", JSON),
    "parse-huge-number": (b'{"a": ' + b"9" * 10_000 + b"}", JSON),
    "parse-form-deep": (b"payload=" + b"[" * 200_000, FORM),
    "parse-form-array": (b"payload=%5B%5D", FORM),
    "parse-form-cut": (b"payload=%7B", FORM),
    "parse-form-percent": (b"payload=%FF%FE%ZZ", FORM),
    "parse-form-noise": (b"nonsense", FORM),
    "parse-form-other": (b"a=1&b=2", FORM),
    "parse-form-thousand": (b"&".join(b"a%d=1" % number for number in range(1000)), FORM),
    "parse-form-as-json": (b"command=%2Fticket&text=a", JSON),
    "parse-json-as-form": (b'{"type": "event_callback"}', FORM),
    "parse-gzip-lie": (b"not gzip", JSON),
    "parse-multipart": (b"--x\r\n\r\n--x--", "multipart/form-data; boundary=x"),
}
HALF: dict[str, tuple[bytes, str]] = {
    "parse-command-alone": (b"command=%2Fticket", FORM),
    "parse-event-list": (enveloped(event=[]), JSON),
    "parse-event-number": (enveloped(event=7), JSON),
    "parse-event-missing": (enveloped(), JSON),
    "parse-event-type-number": (enveloped(event={"type": 7}), JSON),
    "parse-event-bare-message": (enveloped(event={"type": "message"}), JSON),
    "parse-team-list": (json.dumps({"type": "event_callback", "team_id": ["T0DESK"], "event": {}}).encode(), JSON),
    "parse-payload-empty": (b"payload=%7B%7D", FORM),
    "parse-actions-missing": (interaction(), FORM),
    "parse-actions-empty": (interaction(actions=[]), FORM),
    "parse-actions-object": (interaction(actions={"a": 1}), FORM),
    "parse-action-bare": (interaction(actions=[{"action_id": "more"}]), FORM),
    "parse-user-missing": (interaction(user=None, actions=[{"action_id": "verb:take"}]), FORM),
    "parse-view-missing": (interaction(type="view_submission"), FORM),
    "parse-view-empty": (interaction(type="view_submission", view={}), FORM),
    "parse-type-unheard-of": (interaction(type="unheard_of"), FORM),
    "parse-type-missing": (interaction(type=None), FORM),
    "parse-two-payloads": (interaction() + b"&payload=%7B%7D", FORM),
}


@pytest.mark.row("CI-03")
@pytest.mark.parametrize(("body", "kind"), SENSELESS.values(), ids=SENSELESS)
async def test_a_signed_body_that_cannot_be_read_is_a_bad_request(
    slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown, body: bytes, kind: str
) -> None:
    await refused(slack, verbs, body, headers(body, kind), {400})


@pytest.mark.row("CI-03")
@pytest.mark.parametrize(("body", "kind"), [*SENSELESS.values(), *HALF.values()], ids=[*SENSELESS, *HALF])
async def test_an_unsigned_body_is_not_even_read(
    slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown, body: bytes, kind: str
) -> None:
    await refused(slack, verbs, body, {"Content-Type": kind}, {401})


@pytest.mark.row("CI-03")
@pytest.mark.parametrize(("body", "kind"), HALF.values(), ids=HALF)
async def test_half_a_request_is_dropped_or_refused_and_never_our_fault(
    slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown, body: bytes, kind: str
) -> None:
    await refused(slack, verbs, body, headers(body, kind), {200, 400})


@pytest.mark.row("CI-01")
async def test_a_body_that_is_too_large_is_refused_whatever_it_says_of_its_size(
    slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown
) -> None:
    async def dripping() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b"x" * 600_000

    huge = b"x" * 1_100_000
    await refused(slack, verbs, huge, headers(huge, JSON), {413})

    status, _, _ = await status_of(slack, dripping(), headers(b"", JSON))
    assert status == 413


@pytest.mark.row("CI-01")
async def test_whoever_sends_slowly_is_not_waited_for(
    slack: PretendSlack, adapter: SlackAdapter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handlers.slack.http_mode.READ_SECONDS", 0.1)

    async def stuck() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(20)

    status, _, _ = await status_of(slack, stuck(), headers(b"", JSON))

    assert status == 408


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD"])
async def test_only_posts_are_served(slack: PretendSlack, adapter: SlackAdapter, method: str) -> None:
    async with aiohttp.ClientSession() as session, session.request(method, str(slack.deliver_to)) as got:
        assert got.status == 405


# everything wrong somewhere ------------------------------------------------------------------------------------------

WRONG: tuple[Any, ...] = (None, "", "x" * 3000, 7, [], {}, ["T0DESK"], {"id": []}, "\ud800", True)


def spoiled(node: Any) -> Iterator[Any]:
    """The payload with one part of it left out or of another kind, for every part and every kind."""
    parts: list[Any] = (
        list(node) if isinstance(node, dict) else list(range(len(node)) if isinstance(node, list) else ())
    )
    for key in parts:
        if isinstance(node, dict):
            yield {name: value for name, value in node.items() if name != key}
        for inside in [*WRONG, *spoiled(node[key])]:
            copy = dict(node) if isinstance(node, dict) else list(node)
            copy[key] = inside
            yield copy


async def payloads(slack: PretendSlack, adapter: SlackAdapter) -> dict[str, tuple[str, dict[str, Any]]]:
    """One of each kind, as Slack sends it."""
    hanging = (await adapter.chat.post_card(Place("slack", SUPPORT), card(), key="d1")).message
    press = (await slack.press(BOB, SUPPORT, hanging, "verb:take")).payload
    said = (await slack.say(BOB, SUPPORT, "hello", thread_ts=hanging)).deliveries[0].payload
    slash = (await slack.slash(BOB, SUPPORT, "show 42")).payload
    press = {**press, "message": {"ts": hanging}, "state": {"values": {}}}
    return {
        "slash_commands": ("slash_commands", slash),
        "interactive": ("interactive", press),
        "events_api": ("events_api", said),
    }


@pytest.mark.row("CI-03")
@pytest.mark.parametrize("kind", ["slash_commands", "interactive", "events_api"])
async def test_a_request_that_is_wrong_in_one_place_is_never_our_fault(
    slack: PretendSlack, adapter: SlackAdapter, kind: str
) -> None:
    whole = (await payloads(slack, adapter))[kind][1]
    worst: dict[int, Any] = {}

    with capture_logs() as logged:
        for payload in spoiled(whole):
            if kind == "slash_commands" and "\ud800" in payload.values():
                continue  # no form can carry it
            body, content_type = body_of(kind, payload)
            answer = await slack.http.post(body, slack.http.headers(body, content_type))
            worst[answer.status or 0] = payload

    assert {status for status in worst if status >= 500 or status == 0} == set(), worst
    assert [entry for entry in logged if entry["log_level"] == "error"] == []
