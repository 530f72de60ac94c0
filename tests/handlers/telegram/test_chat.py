"""Telegram as a place to show tickets: what hangs there, and what each refusal means."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from telegram import Bot
from telegram.ext import ExtBot

from bot.errors import DeliveryError
from bot.outgoing.cards import Button
from bot.ports import Mention, Place, Posted, Shared
from bot.sandbox.telegram import Chat, Person, PretendTelegram
from handlers.telegram.chat import TelegramChat
from tests.handlers.telegram.conftest import GROUP
from tests.handlers.telegram.fakes import FakeNotebook, card

PLACE = Place("telegram", str(GROUP))
HOSTILE = [
    "<b>bold</b>", "<script>alert(1)</script>", "</b></i></a>", "<a href='tg://user?id=1'>x</a>", "&lt;b&gt;",
    "_*[]()~`>#+-=|{}.!", "[x](tg://user?id=1)", "<x@y>", '" onclick="', "<b", "&amp;amp;", "<!-- -->", "&#60;b&#62;",
    "<tg-spoiler>s</tg-spoiler>", "%3Cb%3E", "{reference}",
]  # fmt: skip


@pytest.fixture
def chat(telegram: PretendTelegram, group: Chat) -> TelegramChat:
    bot: Bot = ExtBot(telegram.token, base_url=f"{telegram.api_url}/bot", base_file_url=f"{telegram.api_url}/file/bot")
    return TelegramChat(bot, FakeNotebook())


async def test_a_card_hangs_with_its_keyboard_and_is_redrawn_in_place(
    chat: TelegramChat, telegram: PretendTelegram, group: Chat
) -> None:
    posted = await chat.post_card(PLACE, card(), key="card:42", silent=True)
    first = telegram.messages(group)[0]
    was = (first.silent, first.labels[0], first.edits)
    await chat.redraw(PLACE, posted.message, card(status="In progress", assignee="Sam", phone=()))
    await chat.redraw(PLACE, posted.message, card(status="In progress", assignee="Sam", phone=()))

    assert posted == Posted(str(GROUP), str(first.id))
    assert was == (True, ["✅ Take it"], 0)
    assert (first.edits, first.labels) == (1, [])
    assert "In progress · 👤 Sam" in first.text
    assert await chat.find(PLACE, "card:42") is None


@pytest.mark.parametrize("hostile", HOSTILE)
async def test_hostile_text_is_literal_in_every_field(
    chat: TelegramChat, telegram: PretendTelegram, group: Chat, hostile: str
) -> None:
    fields = ("reference", "subject", "client", "excerpt", "assignee", "deadline", "last", "next", "status", "severity")
    everywhere = card(**dict.fromkeys(fields, hostile), notes=(hostile,), phone=((Button("take", hostile),),))

    posted = await chat.post_card(PLACE, everywhere, key="card:42")
    await chat.add_line(PLACE, posted.message, f"{hostile}\n{hostile}", key="line:1")
    await chat.post_notice(PLACE, hostile, key="notice:1")

    shown, line, notice = telegram.messages(group)
    assert shown.text.count(hostile) == 11
    assert shown.labels == [[hostile]]
    assert line.text == f"{hostile}\n{hostile}"
    assert notice.text == hostile
    styles = [one["type"] for message in (shown, line, notice) for one in message.entities]
    assert {"bold", "italic"} <= set(styles) <= {"bold", "italic", "code", "email", "url"}


async def test_a_line_replies_to_the_card_and_calls_the_assignee(
    chat: TelegramChat, telegram: PretendTelegram, group: Chat
) -> None:
    posted = await chat.post_card(PLACE, card(), key="card:42")

    await chat.add_line(PLACE, posted.message, "Ann replied", key="line:1", mention=Mention("7001", "Sam"))

    shown, line = telegram.messages(group)
    assert line.reply_to == shown
    assert [one["type"] for one in line.entities] == ["text_mention"]


PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(20)


@pytest.mark.parametrize(
    ("name", "kind", "content", "shown_as"),
    [
        ("log.txt", "text/plain", b"disk full", "document"),
        ("smoke.png", "image/png", PICTURE, "photo"),
        ("broken.png", "image/png", b"no picture", "document"),
    ],
)
async def test_a_file_replies_to_the_card_as_a_picture_where_it_is_one(
    chat: TelegramChat,
    telegram: PretendTelegram,
    group: Chat,
    tmp_path: Path,
    name: str,
    kind: str,
    content: bytes,
    shown_as: str,
) -> None:
    posted = await chat.post_card(PLACE, card(), key="card:42")
    kept = tmp_path / "0a1b2c"
    kept.write_bytes(content)

    await chat.share(PLACE, posted.message, Shared(kept, name, kind, len(content)))

    shown, file = telegram.messages(group)
    assert (file.reply_to, file.silent, file.kind) == (shown, True, shown_as)
    assert file.attachment is not None
    assert (file.attachment.name, file.attachment.content) == (name, content)


async def test_an_empty_file_is_refused_for_good(chat: TelegramChat, group: Chat, tmp_path: Path) -> None:
    posted = await chat.post_card(PLACE, card(), key="card:42")
    (tmp_path / "empty").write_bytes(b"")

    with pytest.raises(DeliveryError) as refused:
        await chat.share(PLACE, posted.message, Shared(tmp_path / "empty", "empty.txt", "text/plain", 0))

    assert refused.value.permanent


async def test_a_line_goes_out_even_where_its_card_was_deleted(
    chat: TelegramChat, telegram: PretendTelegram, group: Chat
) -> None:
    await chat.add_line(PLACE, "99", "Ann replied", key="line:1")

    assert [one.text for one in telegram.messages(group)] == ["Ann replied"]


async def test_a_topic_is_used_and_where_it_is_gone_the_chat_itself(
    chat: TelegramChat, telegram: PretendTelegram, sam: Person
) -> None:
    forum = telegram.add_group(-1007, "Forum", members=[sam], forum=True)
    topic = telegram.add_topic(forum, "Tickets")

    await chat.post_card(Place("telegram", "-1007", topic.id), card(), key="card:42")
    await chat.post_card(Place("telegram", "-1007", 777), card(), key="card:43")

    assert [one.topic for one in telegram.messages(forum)] == [topic.id, 0]


REFUSALS: list[tuple[str, int, dict[str, Any]]] = [
    ("Bad Request: message to edit not found", 400, {"gone": True}),
    ("Bad Request: message can't be edited", 400, {"gone": True}),
    ("Bad Request: MESSAGE_ID_INVALID", 400, {"gone": True}),
    ("Bad Request: message is too long", 400, {"permanent": True}),
    ("Bad Request: can't parse entities: Unsupported start tag", 400, {"permanent": True}),
    ("Bad Request: BUTTON_DATA_INVALID", 400, {"permanent": True}),
    ("Forbidden: bot was blocked by the user", 403, {"permanent": True}),
    ("Forbidden: user is deactivated", 403, {"permanent": True}),
    ("Forbidden: bot can't initiate conversation with a user", 403, {"permanent": True}),
    ("Bad Request: chat not found", 400, {"retry_after": 60.0}),
    ("Bad Request: not enough rights to send text messages to the chat", 400, {"retry_after": 60.0}),
    ("Forbidden: bot was kicked from the supergroup chat", 403, {"retry_after": 60.0}),
    ("Forbidden: bot is not a member of the supergroup chat", 403, {"retry_after": 60.0}),
    ("Unauthorized", 401, {"retry_after": 60.0}),
    ("Bad Request: something nobody knows", 400, {}),
    ("Internal Server Error", 500, {}),
    ("Bad Gateway", 502, {}),
]


@pytest.mark.parametrize(("description", "code", "meaning"), REFUSALS)
async def test_each_refusal_has_its_meaning(
    chat: TelegramChat, telegram: PretendTelegram, description: str, code: int, meaning: dict[str, Any]
) -> None:
    telegram.faults.refuse("editMessageText", description, code=code)

    with pytest.raises(DeliveryError) as caught:
        await chat.redraw(PLACE, "1", card())

    found = caught.value
    expected: dict[str, Any] = {"gone": False, "permanent": False, "retry_after": None} | meaning
    assert {name: getattr(found, name) for name in expected} == expected
    assert found.moved_to == ""


async def test_slowing_down_is_passed_on_with_its_seconds(chat: TelegramChat, telegram: PretendTelegram) -> None:
    telegram.faults.flood("sendMessage", 17)

    with pytest.raises(DeliveryError) as caught:
        await chat.post_notice(PLACE, "hi", key="notice:1")

    assert caught.value.retry_after == 17


async def test_a_group_that_became_a_supergroup_names_its_new_id(chat: TelegramChat, telegram: PretendTelegram) -> None:
    old = telegram.add_group(-500, "Small")
    new = await telegram.migrate(old)

    with pytest.raises(DeliveryError) as caught:
        await chat.post_card(Place("telegram", "-500"), card(), key="card:42")

    assert caught.value.moved_to == str(new)


@pytest.mark.parametrize("break_it", ["hang_up", "hang_up_after_done"])
async def test_a_broken_connection_is_tried_again_later(
    chat: TelegramChat, telegram: PretendTelegram, break_it: str
) -> None:
    breaking: Callable[[str], None] = getattr(telegram.faults, break_it)
    breaking("sendMessage")

    with pytest.raises(DeliveryError) as caught:
        await chat.post_card(PLACE, card(), key="card:42")

    found = caught.value
    assert (found.permanent, found.gone, found.retry_after) == (False, False, None)


async def test_a_message_number_of_another_platform_is_gone(chat: TelegramChat) -> None:
    with pytest.raises(DeliveryError) as caught:
        await chat.redraw(PLACE, "1700000000.0001", card())

    assert caught.value.gone
