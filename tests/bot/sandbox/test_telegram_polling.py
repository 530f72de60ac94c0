"""The pretend Telegram with a real python-telegram-bot application that polls it."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.error import Conflict, InvalidToken
from telegram.ext import CallbackQueryHandler, CommandHandler, ContextTypes, MessageHandler, filters

from bot.sandbox.telegram import Chat, Person, PretendTelegram
from tests.bot.sandbox.conftest import Clock, until

pytestmark = pytest.mark.own_requests

Context = ContextTypes.DEFAULT_TYPE


def keyboard(label: str = "✅ Take it", data: str = "v1:take:42:1") -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton(label, callback_data=data)]])


async def greet(update: Update, context: Context) -> None:
    assert update.effective_message and update.effective_user
    await update.effective_message.reply_text(f"Hello {update.effective_user.first_name}: {context.args}")


async def take(update: Update, context: Context) -> None:
    query = update.callback_query
    assert query
    await query.answer("Yours", show_alert=False)
    await query.edit_message_text(
        f"Taken by {query.from_user.first_name}", reply_markup=keyboard("💤 1 h", "v1:nap:42:2")
    )


async def echo(update: Update, context: Context) -> None:
    assert update.effective_message
    await update.effective_message.reply_text(f"heard {update.effective_message.text}")


async def test_start_with_a_payload_reaches_the_bot_and_it_may_answer(
    telegram: PretendTelegram, sam: Person, poll: Callable[..., Any]
) -> None:
    await poll(CommandHandler("start", greet))

    gesture = await (await telegram.say(sam, sam, "/start abc_DEF-1"))

    assert [one.text for one in gesture.sent] == ["Hello Sam: ['abc_DEF-1']"]
    assert [one.text for one in telegram.messages(sam.id)] == ["/start abc_DEF-1", "Hello Sam: ['abc_DEF-1']"]


async def test_a_press_is_answered_and_the_message_redrawn_in_place(
    telegram: PretendTelegram, sam: Person, group: Chat, application: Any, poll: Callable[..., Any]
) -> None:
    card = await application.bot.send_message(
        group.id, "<b>TS2611-0042</b>", parse_mode="HTML", reply_markup=keyboard()
    )
    await poll(CallbackQueryHandler(take))

    gesture = await (await telegram.press(sam, group, card.message_id, "✅ Take it"))

    assert (gesture.answer, gesture.alert) == ("Yours", False)
    assert gesture.latency is not None
    assert gesture.latency < 2
    assert [one.text for one in gesture.edited] == ["Taken by Sam"]
    shown = telegram.messages(group)
    assert [(one.text, one.labels, one.edits) for one in shown] == [("Taken by Sam", [["💤 1 h"]], 1)]


async def test_a_button_that_is_gone_cannot_be_pressed_but_its_data_can_be_forged(
    telegram: PretendTelegram, sam: Person, eve: Person, group: Chat, application: Any, poll: Callable[..., Any]
) -> None:
    card = await application.bot.send_message(group.id, "card", reply_markup=keyboard())
    seen: list[Any] = []

    async def note(update: Update, context: Context) -> None:
        assert update.callback_query
        seen.append((update.callback_query.from_user.id, update.callback_query.data))
        await update.callback_query.answer("No", show_alert=True)

    await poll(CallbackQueryHandler(note))

    with pytest.raises(LookupError, match="it shows"):
        await telegram.press(sam, group, card.message_id, "💤 1 h")
    gesture = await (await telegram.press(eve, group, 999, data="v1:close:1:1"))

    assert seen == [(eve.id, "v1:close:1:1")]
    assert (gesture.answer, gesture.alert) == ("No", True)


async def test_in_a_group_the_bot_sees_commands_mentions_and_replies_to_it_only(
    telegram: PretendTelegram, sam: Person, group: Chat, application: Any, poll: Callable[..., Any]
) -> None:
    card = await application.bot.send_message(group.id, "card")
    await poll(MessageHandler(filters.ALL, echo))

    gestures = [
        await telegram.say(sam, group, "lunch?"),
        await telegram.say(sam, group, "/take@other_bot 42"),
        await telegram.say(sam, group, "/take 42"),
        await telegram.say(sam, group, "/take@deskbell_bot 42"),
        await telegram.say(sam, group, "hi @Deskbell_Bot"),
        await telegram.say(sam, group, "ok", reply_to=card.message_id),
    ]

    assert [gesture.seen for gesture in gestures] == [False, False, True, True, True, True]
    await gestures[-1]
    assert "heard lunch?" not in [one.text for one in telegram.messages(group)]


async def test_an_admin_bot_sees_everything(telegram: PretendTelegram, sam: Person) -> None:
    group = telegram.add_group(-1002, "Ops", members=[sam], bot_is_admin=True)

    gesture = await telegram.say(sam, group, "lunch?")

    assert gesture.seen


async def test_what_was_not_confirmed_is_given_again(telegram: PretendTelegram, sam: Person) -> None:
    await telegram.say(sam, sam, "one")
    await telegram.say(sam, sam, "two")
    async with Bot(telegram.token, base_url=f"{telegram.api_url}/bot") as bot:
        first = await bot.get_updates(timeout=0)
        again = await bot.get_updates(timeout=0)

        rest = await bot.get_updates(offset=first[0].update_id + 1, timeout=0)

    assert [one.update_id for one in again] == [one.update_id for one in first]
    assert first[1].update_id > first[0].update_id
    assert [one.message.text for one in rest if one.message] == ["two"]


async def test_updates_are_kept_for_a_day(telegram: PretendTelegram, sam: Person, clock: Clock) -> None:
    await telegram.say(sam, sam, "old")
    clock.time += 24 * 3600 + 1
    await telegram.say(sam, sam, "new")

    async with Bot(telegram.token, base_url=f"{telegram.api_url}/bot") as bot:
        updates = await bot.get_updates(timeout=0)

    assert [one.message.text for one in updates if one.message] == ["new"]


async def test_a_long_poll_ends_as_soon_as_somebody_writes(telegram: PretendTelegram, sam: Person) -> None:
    async with Bot(telegram.token, base_url=f"{telegram.api_url}/bot") as bot:
        polling = asyncio.create_task(bot.get_updates(timeout=5))
        await until(lambda: telegram.calls_of("getUpdates"))
        started = time.monotonic()

        await telegram.say(sam, sam, "now")

        assert len(await polling) == 1
    assert time.monotonic() - started < 4


async def test_a_second_poller_ousts_the_first_with_409(telegram: PretendTelegram, poll: Callable[..., Any]) -> None:
    errors: list[Exception] = []
    await poll(errors=errors)
    await until(lambda: telegram.calls_of("getUpdates"))

    async with Bot(telegram.token, base_url=f"{telegram.api_url}/bot") as other:
        while not errors:
            await asyncio.gather(other.get_updates(timeout=0), return_exceptions=True)
            await asyncio.sleep(0.01)

    assert isinstance(errors[0], Conflict)
    assert "terminated by other getUpdates request" in str(errors[0])


async def test_polling_is_refused_while_a_webhook_is_set(telegram: PretendTelegram) -> None:
    async with Bot(telegram.token, base_url=f"{telegram.api_url}/bot") as bot:
        await bot.set_webhook("http://127.0.0.1:9/telegram", secret_token="s3cret")

        with pytest.raises(Conflict, match="can't use getUpdates method while webhook is active"):
            await bot.get_updates(timeout=0)

        await bot.delete_webhook()
        assert await bot.get_updates(timeout=0) == ()


async def test_a_wrong_token_is_401_and_what_does_not_exist_404(telegram: PretendTelegram) -> None:
    async with httpx.AsyncClient(base_url=telegram.api_url) as client:
        wrong = await client.post("/bot1:wrong-token/getMe")
        malformed = await client.post("/botnonsense/getMe")
        unknown = await client.post(f"/bot{telegram.token}/getNothing")
        right = await client.get(f"/bot{telegram.token}/GETME")

    assert [one.status_code for one in (wrong, malformed, unknown, right)] == [401, 404, 404, 200]
    assert wrong.json() == {"ok": False, "error_code": 401, "description": "Unauthorized"}
    assert right.json()["result"]["username"] == "deskbell_bot"


async def test_the_library_names_a_wrong_token_when_it_starts(telegram: PretendTelegram) -> None:
    with pytest.raises(InvalidToken):
        await Bot("7000000001:wrong", base_url=f"{telegram.api_url}/bot").initialize()


async def test_after_an_outage_the_bot_goes_on_where_it_was(
    telegram: PretendTelegram, sam: Person, poll: Callable[..., Any]
) -> None:
    errors: list[Exception] = []
    await poll(MessageHandler(filters.ALL, echo), errors=errors)
    port = int(telegram.api_url.rsplit(":", 1)[1])

    await telegram.stop()
    gesture = await telegram.say(sam, sam, "anybody?")
    await until(lambda: errors)
    await telegram.start(port)

    await gesture.settled(within=20)
    assert [one.text for one in gesture.sent] == ["heard anybody?"]
