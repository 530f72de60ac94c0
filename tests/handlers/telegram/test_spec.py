"""Every request that the bot sends is one that Telegram's own description of its Bot API knows, field by field.

`tests.telegram_spec` looks at the requests of all tests; here it is shown what it sees, and that the bot sends nothing
that was never looked at.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from telegram import Bot

from bot.outgoing.cards import Answer
from bot.ports import Admission, Mention, Phone, Place, Shared, Topic
from bot.sandbox.telegram import Chat, Person, PretendTelegram
from bot.texts import Words
from handlers.telegram.forum import Topics
from handlers.telegram.menus import Menus
from tests.handlers.telegram.conftest import VERBS, Desk
from tests.handlers.telegram.fakes import card as shown
from tests.handlers.telegram.fakes import close_form
from tests.telegram_spec import Heard, faults_of, needs_spec, spec

pytestmark = needs_spec

HANDLERS = Path(__file__).parents[3] / "handlers" / "telegram"
BOTS = ("bot", "_bot", "_sender")
SHORTCUTS = {("query", "answer"): "answerCallbackQuery"}
BY_THE_LIBRARY = {"getMe", "getUpdates", "deleteWebhook"}
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32

MESSAGE = {"chat_id": "-100123", "text": "Hello"}
KEYBOARD = '{"inline_keyboard": [[%s]]}'


def with_button(button: str) -> dict[str, str]:
    return {**MESSAGE, "reply_markup": KEYBOARD % button}


WRONG: list[tuple[str, dict[str, Any], list[str]]] = [
    ("sendMesage", MESSAGE, ["sendMesage: there is no such method"]),
    ("sendMessage", {**MESSAGE, "silent": "true"}, ["sendMessage.silent: there is no such field"]),
    ("sendMessage", {"text": "Hello"}, ["sendMessage.chat_id: is missing"]),
    (
        "sendMessage",
        {**MESSAGE, "disable_notification": "yes"},
        ["sendMessage.disable_notification: 'yes' is no Boolean"],
    ),
    ("sendMessage", {**MESSAGE, "message_thread_id": "seven"}, ["message_thread_id: 'seven' is no Integer"]),
    (
        "sendMessage",
        {**MESSAGE, "reply_parameters": '{"message": 7}'},
        [
            "sendMessage.reply_parameters.message: there is no such field",
            "sendMessage.reply_parameters.message_id: is missing",
        ],
    ),
    (
        "sendMessage",
        {**MESSAGE, "link_preview_options": '{"is_disabled": 1}'},
        ["sendMessage.link_preview_options.is_disabled: 1 is no Boolean"],
    ),
    (
        "sendMessage",
        with_button('{"text": "Take it", "callback_data": "%s"}' % ("é" * 33)),
        ["sendMessage.reply_markup.inline_keyboard[0][0].callback_data: has 66 bytes, not 1-64"],
    ),
    (
        "sendMessage",
        with_button('{"text": "Take it", "callback_data": "a", "style": "loud"}'),
        ["sendMessage.reply_markup.inline_keyboard[0][0].style: 'loud' is none of danger, primary, success"],
    ),
    ("answerCallbackQuery", {"callback_query_id": "1", "text": "🎫" * 101}, ["text: has 202 characters, not 0-200"]),
    ("sendPhoto", {"chat_id": "1", "photo": '{"a": 1}'}, []),
    ("sendDocument", {"chat_id": "1"}, ["sendDocument.document: is missing"]),
    ("getUpdates", {"limit": "101", "allowed_updates": '"message"'}, ["limit: 101 is not within 1-100", "is no list"]),
    (
        "setMyCommands",
        {"commands": '[{"command": "take", "description": ""}]', "scope": '{"type": "everybody"}'},
        ["commands[0].description: has 0 characters, not 1-256", "scope.type: 'everybody' is none of"],
    ),
    ("createForumTopic", {"chat_id": "1", "name": "x" * 129}, ["name: has 129 characters, not 1-128"]),
]  # fmt: skip


@pytest.mark.parametrize(("method", "values", "named"), WRONG, ids=[f"{one[0]}-{at}" for at, one in enumerate(WRONG)])
def test_whatever_is_wrong_with_a_request_is_named(method: str, values: dict[str, Any], named: list[str]) -> None:
    faults = faults_of(method, values)

    assert len(faults) == len(named)
    assert [fault for fault, words in zip(faults, named, strict=True) if words not in fault] == []


@pytest.mark.parametrize(
    "does", ['"text": "Take it"', '"text": "Take it", "callback_data": "a", "url": "https://a.example"']
)
def test_a_button_does_exactly_one_thing(does: str) -> None:
    (fault,) = faults_of("sendMessage", with_button(f"{{{does}}}"))

    assert "needs exactly one of" in fault


def test_a_file_that_is_named_has_to_come_along() -> None:
    named = {"chat_id": "1", "media": '[{"type": "photo", "media": "attach://one"}]'}

    assert faults_of("sendDocument", {"chat_id": "1"}, {"document"}) == []
    assert faults_of("sendMediaGroup", named, {"one"}) == []


@pytest.mark.own_requests
async def test_a_wrong_request_is_heard_at_the_pretend_telegram(
    telegram: PretendTelegram, group: Chat, telegram_requests: Heard
) -> None:
    async with Bot(telegram.token, base_url=f"{telegram.api_url}/bot") as bot:
        await bot.send_message(group.id, "Hello", api_kwargs={"silent": True})

    assert telegram_requests.faults == ["sendMessage.silent: there is no such field"]


# nothing is sent that was never looked at ----------------------------------------------------------------------------


def calls_in(source: str) -> Iterator[str]:
    """The Bot API's methods that a module can call."""
    named = {re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower(): name for name in spec()["methods"]}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute):
            owner = ast.unparse(node.value).rpartition(".")[2]
            if owner in BOTS and node.attr in named:
                yield named[node.attr]
            elif (owner, node.attr) in SHORTCUTS:
                yield SHORTCUTS[owner, node.attr]


def census() -> set[str]:
    sources = [file.read_text("utf-8") for file in HANDLERS.glob("*.py")]
    return {name for source in sources for name in calls_in(source)} | BY_THE_LIBRARY


def test_the_census_finds_a_call_however_it_is_written() -> None:
    source = (
        "await self._bot.send_poll(1)\nf = bot.send_dice\nawait app.bot.leave_chat(1)\nawait query.answer()\nx.close()"
    )

    assert set(calls_in(source)) == {"sendPoll", "sendDice", "leaveChat", "answerCallbackQuery"}


async def test_every_method_that_the_bot_can_send_was_looked_at(
    telegram: PretendTelegram, group: Chat, sam: Person, tmp_path: Path, telegram_requests: Heard
) -> None:
    for by_webhook in (False, True):
        desk = Desk(telegram, by_webhook=by_webhook)
        await desk.start()
        await desk.adapter.check()
        await cards_and_files(desk, group, tmp_path)
        await people(desk, group, sam)
        await desk.stop()
    bot = desk.adapter._sender
    await menus_of_people(bot, desk)
    await topics(bot, telegram)

    assert len(census()) > 20
    assert census() - telegram_requests.methods == set()
    assert telegram_requests.faults == []


async def cards_and_files(desk: Desk, group: Chat, folder: Path) -> None:
    """What the desk sends by itself."""
    place, chat = Place("telegram", str(group.id)), desk.adapter.chat
    card = await desk.hang()
    await chat.add_line(place, str(card.id), "Ann wrote", key="line:1", mention=Mention("7001", "Sam"))
    await chat.redraw(place, str(card.id), shown(status="In progress"))
    for name, kind in (("fire.png", "image/png"), ("log.txt", "text/plain")):
        (folder / name).write_bytes(PNG)
        await chat.share(place, str(card.id), Shared(folder / name, name, kind, len(PNG)))


async def people(desk: Desk, group: Chat, sam: Person) -> None:
    """What it sends because of what people do; one of them lets it into a group where it has no work."""
    telegram, card = desk.telegram, await desk.hang()
    desk.commands.prepare("close", Answer(form=close_form()), Answer(text="Closed."))
    desk.standing.admission = Admission(False, "Nothing to do here.")
    foreign = telegram.add_group(-1007000000000 - desk.port, "Elsewhere", members=[sam], bot_is_member=False)
    await telegram.add_bot(foreign)
    gestures = [
        await telegram.press(sam, group, card.id, "✅ Take it"),
        await telegram.say(sam, sam, "/close 42"),
        await telegram.say(sam, group, "look", document=("log.txt", b"E 42"), reply_to=card.id),
    ]
    for gesture in gestures:
        await gesture.settled()
    await (await telegram.say(sam, sam, "New toner")).settled()


async def menus_of_people(bot: Bot, desk: Desk) -> None:
    """The commands of a phone that is linked, and then no more."""
    kept = Menus(VERBS, Words(), desk.notebook, desk.standing)
    for linked in ([Phone("7001", "fr", frozenset(("take",)))], []):
        desk.standing.linked = linked
        await kept.publish(bot)


async def topics(bot: Bot, telegram: PretendTelegram) -> None:
    """A ticket's own topic."""
    forum = telegram.add_group(-1003000000001, "Tickets", forum=True, bot_is_admin=True)
    place, kept = Place("telegram", str(forum.id)), Topics(bot)
    number = await kept.make(place, Topic("TS2611-0042 · Printer", ("🔥",), "#cc0000"))
    for topic in (Topic("TS2611-0042 · Fire", ("📝",), closed=True), Topic("TS2611-0042 · Fire")):
        await kept.keep(replace(place, topic=number), topic, ("name", "icons", "closed"))
