"""Connecting, staying connected, saying what is wrong, stopping."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest
from pydantic import SecretStr

from bot.errors import AdapterError
from bot.sandbox.telegram import Chat, Person, PretendTelegram
from handlers.telegram import menus, polling
from tests.handlers.telegram.conftest import Desk

BY_POLLING = [pytest.param(False, id="polling")]
Until = Callable[[Callable[[], bool]], Awaitable[None]]


async def test_it_connects_knows_its_name_and_reports_up(desk: Desk) -> None:
    assert desk.adapter.username == "deskbell_bot"
    assert desk.ups >= 1


@pytest.mark.parametrize("over_http", BY_POLLING)
async def test_it_asks_only_for_the_updates_it_serves_and_drops_none(desk: Desk, telegram: PretendTelegram) -> None:
    while not telegram.calls_of("getUpdates"):
        await asyncio.sleep(0.01)

    asked = telegram.calls_of("getUpdates")[0].arguments
    assert asked["allowed_updates"] == ["message", "callback_query", "my_chat_member"]
    assert telegram.calls_of("deleteWebhook")[0].arguments["drop_pending_updates"] == "false"


async def test_a_refused_token_is_permanent_and_says_what_to_do_without_the_token(telegram: PretendTelegram) -> None:
    desk = Desk(telegram, token=SecretStr("7000000001:wrong-canary"))

    with pytest.raises(AdapterError) as caught:
        await desk.start()

    assert str(caught.value) == "telegram: token was refused: copy it again from @BotFather"
    assert caught.value.permanent


async def test_telegram_out_of_reach_is_no_permanent_trouble(telegram: PretendTelegram) -> None:
    desk = Desk(telegram)
    await telegram.stop()

    with pytest.raises(AdapterError, match=r"telegram: http://127.0.0.1:\d+ does not answer") as caught:
        await desk.start()

    assert not caught.value.permanent


async def test_a_second_poller_is_named_as_what_it_is(telegram: PretendTelegram, group: Chat) -> None:
    desk = Desk(telegram)
    telegram.faults.second_poller(n=3)

    with pytest.raises(AdapterError, match="another program polls this bot"):
        await desk.start()
        await desk.ended()


@pytest.mark.parametrize("over_http", BY_POLLING)
async def test_a_token_that_is_revoked_while_it_runs_ends_it(
    desk: Desk, telegram: PretendTelegram, sam: Person
) -> None:
    telegram.faults.refuse("getUpdates", "Unauthorized", code=401, n=3)
    await telegram.say(sam, sam, "/list")

    with pytest.raises(AdapterError, match="token was refused") as caught:
        await desk.ended()

    assert caught.value.permanent


@pytest.mark.parametrize("over_http", BY_POLLING)
async def test_a_long_outage_is_told_and_a_short_one_is_not(
    desk: Desk, telegram: PretendTelegram, sam: Person, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = int(telegram.api_url.rsplit(":", 1)[1])
    await telegram.stop()
    await asyncio.sleep(0.5)
    await telegram.start(port)
    gesture = await telegram.say(sam, sam, "/take 42")
    await gesture.settled(within=20)

    monkeypatch.setattr(polling, "LOST_AFTER", 0.5)
    await telegram.stop()

    with pytest.raises(AdapterError, match="does not answer"):
        await desk.ended()
    assert gesture.sent[0].text == "Done."


async def test_it_stops_at_once_even_in_the_middle_of_something(
    desk: Desk, telegram: PretendTelegram, sam: Person
) -> None:
    telegram.faults.delay("sendMessage", 30)
    await telegram.say(sam, sam, "/list")
    while not telegram.calls_of("sendMessage"):
        await asyncio.sleep(0.01)
    started = time.monotonic()

    await desk.stop()

    assert time.monotonic() - started < 10
    assert desk.updates.finished == []


async def test_menus_are_set_per_language_and_place_and_only_when_they_differ(
    telegram: PretendTelegram, group: Chat, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(menus, "LANGUAGES", ("en",))
    desk = Desk(telegram)
    await desk.start()
    await until(lambda: len(telegram.calls_of("setMyCommands")) == 4)
    first = telegram.calls_of("setMyCommands")
    await desk.restart()
    await until(lambda: len(telegram.calls_of("getMyCommands")) == 8)
    await desk.stop()

    assert len(telegram.calls_of("setMyCommands")) == 4
    assert {call.arguments.get("language_code", "") for call in first} == {"", "en"}
    private, in_groups = ([one["command"] for one in first[at].arguments["commands"]] for at in (0, 2))
    assert private == ["start", "help", "pair"]
    assert in_groups == ["ticket", "list", "mine", "take", "note", "reply", "close", "help"]


@pytest.mark.parametrize("over_http", BY_POLLING)
async def test_check_finds_the_bot_its_chat_and_no_webhook(desk: Desk) -> None:
    findings = await desk.adapter.check()

    assert [(one.what, one.ok) for one in findings] == [
        ("telegram", True), ("telegram chat", True), ("telegram updates", True),
    ]  # fmt: skip
    assert "@deskbell_bot" in findings[0].sentence


async def test_check_says_what_is_wrong_and_never_asks_for_updates(telegram: PretendTelegram, group: Chat) -> None:
    desk = Desk(telegram)
    await telegram.kick_bot(group)
    telegram.world.webhook.url = "https://other.example/hook"

    findings = await desk.adapter.check()

    assert [one.ok for one in findings] == [True, False, False]
    assert "kicked" in findings[1].sentence
    assert "other.example" in findings[2].sentence
    assert telegram.calls_of("getUpdates") == []
