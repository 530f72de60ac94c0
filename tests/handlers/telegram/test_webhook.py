"""Updates by webhook: only what bears the secret is read, stored before it is taken, and Telegram told when needed."""

import asyncio
import json
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from bot.errors import AdapterError
from bot.sandbox.telegram import Chat, Person, PretendTelegram
from handlers.telegram import webhook
from tests.handlers.telegram.conftest import GROUP, SECRET, Desk
from tests.servers import certificate

Until = Callable[[Callable[[], bool]], Awaitable[None]]
HEADER, LARGEST = webhook.SECRET_HEADER, 1024 * 1024


@pytest.fixture
async def hooked(telegram: PretendTelegram, group: Chat) -> AsyncIterator[Desk]:
    """A bot that Telegram posts to."""
    running = Desk(telegram, by_webhook=True)
    await running.start()
    yield running
    await running.stop()


def typed(number: int, text: str = "/take 42") -> dict[str, Any]:
    """An update in which Sam writes this to the bot."""
    sam = {"id": 7001, "is_bot": False, "first_name": "Sam"}
    message = {"message_id": number, "date": 1772625600, "chat": {"id": 7001, "type": "private", "first_name": "Sam"}}
    command = {"type": "bot_command", "offset": 0, "length": len(text.split()[0])}
    return {"update_id": number, "message": {**message, "from": sam, "text": text, "entities": [command]}}


async def posted(desk: Desk, body: object, secret: str | None = SECRET, *, method: str = "POST") -> int:
    """The status of a request that somebody makes."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {} if secret is None else {HEADER: secret}
    async with aiohttp.ClientSession() as client, client.request(method, desk.url, data=data, headers=headers) as got:
        assert "Traceback" not in await got.text()
        return got.status


@pytest.mark.row("CI-25", "INV-09")
@pytest.mark.parametrize(
    "secret",
    [None, "", "wrong", SECRET[:-1], SECRET + "x", SECRET.upper(), "ä" * 30, f"Bearer {SECRET}"],
    ids=["none", "empty", "wrong", "short", "long", "case", "unicode", "bearer"],
)
async def test_without_the_secret_nothing_is_read(hooked: Desk, secret: str | None) -> None:
    with capture_logs() as log:
        statuses = [await posted(hooked, body, secret) for body in (typed(1, "/take canary"), b"{" * 5000)]

    assert statuses == [401, 401]
    assert (hooked.updates.stored, hooked.commands.requests) == ({}, [])
    assert "canary" not in str(log)


@pytest.mark.row("CI-25")
async def test_the_secret_is_compared_in_constant_time(hooked: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[bytes, bytes]] = []

    def never(wanted: bytes, given: bytes) -> bool:
        compared.append((wanted, given))
        return False

    monkeypatch.setattr(webhook.hmac, "compare_digest", never)

    assert await posted(hooked, typed(1)) == 401
    assert compared == [(SECRET.encode(), SECRET.encode())]


@pytest.mark.row("CI-03", "CI-26")
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nonsense",
        b"\xff\xfe{",
        b"[]",
        b"null",
        b'"update_id"',
        b"{}",
        b'{"update_id": "7"}',
        b'{"update_id": true}',
        b'{"update_id": -1}',
        b'{"update_id": 1e400}',
        b'{"update_id": 9007199254740993}',
        b'{"update_id": ' + b"9" * 5000 + b"}",
        b'{"update_id": 7, "message": ' + b"[" * 100_000,
        b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    ],
)
async def test_what_is_no_update_is_refused_without_a_trace(hooked: Desk, body: bytes) -> None:
    with capture_logs() as log:
        status = await posted(hooked, body)

    assert status == 400
    assert (hooked.updates.stored, log) == ({}, [])


@pytest.mark.row("CI-26")
async def test_an_update_that_is_nested_too_deeply_is_taken_and_forgotten(hooked: Desk) -> None:
    """Refused, it would come again and again."""
    deep = b'{"update_id": 7, "message": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"

    assert await posted(hooked, deep) == 200
    assert hooked.updates.stored == {}


async def test_a_body_that_is_too_large_is_refused(hooked: Desk) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b" " * 65_536

    stated = await posted(hooked, b" " * (LARGEST + 1))
    async with (
        aiohttp.ClientSession(headers={HEADER: SECRET}) as client,
        client.post(hooked.url, data=endless()) as got,
    ):
        statuses = [stated, got.status]

    assert statuses == [413, 413]


async def test_only_posts_are_taken(hooked: Desk) -> None:
    assert [await posted(hooked, b"", method=method) for method in ("GET", "PUT", "DELETE")] == [405, 405, 405]


@pytest.mark.row("CI-05", "INV-02")
async def test_the_same_update_again_has_no_second_effect(hooked: Desk, until: Until) -> None:
    statuses = await asyncio.gather(*(posted(hooked, typed(7)) for _ in range(5)))
    await until(lambda: hooked.updates.finished == [7])
    statuses.append(await posted(hooked, typed(7)))

    assert statuses == [200] * 6
    assert [request.receipt for request in hooked.commands.requests] == ["telegram:7"]


@pytest.mark.row("CI-09")
async def test_without_the_store_telegram_is_asked_to_come_again_and_nothing_is_lost(
    hooked: Desk, telegram: PretendTelegram, sam: Person
) -> None:
    hooked.updates.is_locked = True
    first = await telegram.say(sam, sam, "/take 42")
    async with aiohttp.ClientSession(headers={HEADER: SECRET}) as client, client.post(hooked.url, json=typed(7)) as got:
        answer = (got.status, got.headers["Retry-After"])

    hooked.updates.is_locked = False
    await first

    assert answer == (503, "5")
    assert [request.words for request in hooked.commands.requests] == ["take 42"]


@pytest.mark.row("CI-08", "INV-03")
async def test_presses_that_were_taken_when_it_died_are_carried_out_once_after_the_next_start(
    hooked: Desk, telegram: PretendTelegram, sam: Person, until: Until
) -> None:
    shown, stuck, reached = await hooked.hang(), asyncio.Event(), hooked.commands

    async def hanging(*_: object) -> None:
        await stuck.wait()

    hooked.adapter._asking._commands = hanging  # type: ignore[assignment]
    presses = [await telegram.press(sam, GROUP, shown.id, "✅ Take it") for _ in range(20)]
    await until(lambda: len(hooked.updates.stored) == 20)
    await hooked.restart()
    await until(lambda: len(hooked.updates.finished) == 20)

    assert [request.receipt for request in reached.requests] == [f"telegram:{press.updates[0]}" for press in presses]
    assert telegram.world.updates.pending == []


async def test_while_the_bot_is_stopped_telegram_keeps_what_comes(
    hooked: Desk, telegram: PretendTelegram, sam: Person
) -> None:
    await hooked.stop()
    gesture = await telegram.say(sam, sam, "/take 42")
    await asyncio.sleep(0.3)
    waiting = len(telegram.world.updates.pending)

    await hooked.restart()
    await gesture

    assert waiting == 1
    assert [request.words for request in hooked.commands.requests] == ["take 42"]
    assert telegram.world.webhook.url == hooked.url


async def test_between_two_starts_telegram_is_asked_to_come_again(hooked: Desk) -> None:
    before = await posted(hooked, typed(7))
    hooked._task.cancel()
    await asyncio.gather(hooked._task, return_exceptions=True)

    assert (before, await posted(hooked, typed(8))) == (200, 503)
    assert list(hooked.updates.stored) == [7]


# telling Telegram ----------------------------------------------------------------------------------------------------


async def test_the_webhook_is_set_once_and_anew_only_where_something_differs(
    hooked: Desk, telegram: PretendTelegram
) -> None:
    first = telegram.calls_of("setWebhook")[0].arguments
    await hooked.restart()
    same = len(telegram.calls_of("setWebhook"))
    telegram.world.updates.allowed = ["message"]
    await hooked.restart()
    other_updates = len(telegram.calls_of("setWebhook"))
    hooked.config = hooked.config.model_copy(update={"webhook_secret": SecretStr("another-secret")})
    await hooked.restart()

    assert (same, other_updates, len(telegram.calls_of("setWebhook"))) == (1, 2, 3)
    assert (first["url"], first["secret_token"], int(first["max_connections"])) == (hooked.url, SECRET, 40)
    assert first["allowed_updates"] == ["message", "callback_query", "my_chat_member"]
    assert first.get("drop_pending_updates") in (None, "false")
    assert telegram.world.webhook.secret == "another-secret"
    assert "another-secret" not in str(hooked.notebook.kept)


async def test_from_webhook_to_polling_and_back_nothing_is_lost(
    hooked: Desk, telegram: PretendTelegram, sam: Person
) -> None:
    await hooked.stop()
    by_webhook = hooked.config
    first = await telegram.say(sam, sam, "/take 1")
    hooked.config = by_webhook.model_copy(update={"mode": "polling"})
    await hooked.restart()
    await first
    url_while_polling = telegram.world.webhook.url
    await hooked.stop()
    second = await telegram.say(sam, sam, "/take 2")
    hooked.config = by_webhook
    await hooked.restart()
    await second

    assert (url_while_polling, telegram.world.webhook.url) == ("", hooked.url)
    assert [request.words for request in hooked.commands.requests] == ["take 1", "take 2"]


async def test_a_webhook_that_another_program_took_is_told_and_set_again(
    hooked: Desk, telegram: PretendTelegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "LOOK_EVERY", 0.05)
    await hooked.restart()
    telegram.world.webhook.url = "https://other.example/telegram"

    with pytest.raises(AdapterError, match="another program has changed the webhook of this bot"):
        await hooked.ended()
    findings = await hooked.adapter.check()
    await hooked.restart()

    assert {one.what for one in findings if not one.ok} == {"telegram conflict", "telegram webhook"}
    assert telegram.world.webhook.url == hooked.url


async def test_updates_that_do_not_arrive_are_told_in_telegrams_words(
    hooked: Desk, telegram: PretendTelegram, sam: Person, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "LOOK_EVERY", 0.2)
    with capture_logs() as log:
        await hooked.restart()
        hooked.updates.is_locked = True
        await telegram.say(sam, sam, "/list")
        await until(lambda: any(line["event"] == "updates do not arrive" for line in log))
        hooked.updates.is_locked = False

    told = next(line for line in log if line["event"] == "updates do not arrive")
    assert told["error"] == "Wrong response from the webhook: 503 Service Unavailable"


async def test_a_revoked_token_ends_it(
    hooked: Desk, telegram: PretendTelegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "LOOK_EVERY", 0.05)
    await hooked.restart()
    telegram.faults.refuse("getWebhookInfo", "Unauthorized", code=401, n=3)

    with pytest.raises(AdapterError, match="token was refused") as caught:
        await hooked.ended()

    assert caught.value.permanent


async def test_an_address_that_telegram_refuses_is_permanent_trouble(telegram: PretendTelegram) -> None:
    desk = Desk(telegram, by_webhook=True)
    telegram.faults.refuse("setWebhook", "Bad Request: bad webhook: Webhook can be set up only on ports 80, 88, 443")

    with pytest.raises(AdapterError, match=r"webhook_url was refused: .*only on ports 80, 88, 443") as caught:
        await desk.start()
    await desk.stop()

    assert caught.value.permanent


# looking at it -------------------------------------------------------------------------------------------------------


async def test_check_finds_that_telegram_posts_here(hooked: Desk, telegram: PretendTelegram) -> None:
    findings = await hooked.adapter.check()

    assert [(one.what, one.ok) for one in findings] == [
        ("telegram", True), ("telegram chat", True), ("telegram webhook", True),
    ]  # fmt: skip
    assert findings[-1].sentence == "posted to 127.0.0.1, 0 updates wait"
    assert telegram.calls_of("getUpdates") == []


async def test_before_the_first_start_check_says_that_the_webhook_comes(telegram: PretendTelegram, group: Chat) -> None:
    desk = Desk(telegram, by_webhook=True)

    assert (await desk.adapter.check())[-1].sentence == "not set yet: the bot sets it when it starts"


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"url": "https://other.example/telegram"}, "Telegram posts to other.example, not to webhook_url"),
        ({"url": ""}, "was removed by another program"),
    ],
)
async def test_check_says_that_the_webhook_is_not_ours_any_more(
    hooked: Desk, telegram: PretendTelegram, changed: dict[str, str], sentence: str
) -> None:
    telegram.world.webhook.url = changed["url"]

    finding = (await hooked.adapter.check())[-1]

    assert not finding.ok
    assert finding.sentence.startswith(sentence)


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        ("Wrong response from the webhook: 401 Unauthorized", "webhook_secret is not the one"),
        ("Wrong response from the webhook: 502 Bad Gateway", "the proxy in front does not reach"),
        ("SSL error {error:0A000086:SSL routines::certificate verify failed}", "with all of its chain"),
        ("Connection refused", "nothing listens there"),
        ("Failed to resolve host: Name or service not known", "not known in the DNS"),
    ],
)
async def test_check_tells_what_telegram_met_and_what_it_means(
    telegram: PretendTelegram, group: Chat, sam: Person, until: Until, error: str, advice: str
) -> None:
    desk = Desk(telegram, by_webhook=True)
    await telegram.say(sam, sam, "/list")
    await until(lambda: not telegram.world.updates.arrived.is_set())
    hook = telegram.world.webhook
    hook.url, hook.last_error, hook.last_error_at = desk.url, error, telegram.world.now()

    finding = (await desk.adapter.check())[-1]

    assert not finding.ok
    assert re.match(
        rf"1 update waits; its last error, at \d\d:\d\d UTC: {re.escape(error)} \(.*{advice}", finding.sentence
    )


async def test_an_error_that_is_over_is_not_held_against_it(hooked: Desk, telegram: PretendTelegram) -> None:
    hook = telegram.world.webhook
    hook.last_error, hook.last_error_at = "Connection refused", telegram.world.now()

    assert (await hooked.adapter.check())[-1].ok


@pytest.mark.row("CI-25")
async def test_check_looks_at_the_certificate(tmp_path: Path, telegram: PretendTelegram, group: Chat) -> None:
    certificate(tmp_path / "cert.pem", tmp_path / "key.pem")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    desk = Desk(telegram, by_webhook=True, webhook_url=f"https://localhost:{port}/telegram")

    found = (await desk.adapter.check())[-1]
    server.close()
    away = (await desk.adapter.check())[-1]

    assert (found.what, found.ok, found.sentence) == (
        "telegram certificate",
        False,
        "localhost: self-signed certificate",
    )
    assert (away.ok, away.sentence) == (True, f"localhost:{port} cannot be seen from here")


@pytest.mark.parametrize("over_http", [False], ids=["polling"])
async def test_a_second_poller_is_told_by_check_too(
    desk: Desk, telegram: PretendTelegram, sam: Person, over_http: bool
) -> None:
    telegram.faults.second_poller(n=3)
    await telegram.say(sam, sam, "/list")

    with pytest.raises(AdapterError, match="409 Conflict"):
        await desk.ended()
    asked = len(telegram.calls_of("getUpdates"))
    wrong = [one for one in await desk.adapter.check() if not one.ok]

    assert [one.what for one in wrong] == ["telegram conflict"]
    assert "another program polls this bot (409 Conflict)" in wrong[0].sentence
    assert len(telegram.calls_of("getUpdates")) == asked
