"""What the pretend Telegram refuses, in Telegram's words, asked through python-telegram-bot's own Bot."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeChat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    MessageEntity,
    ReactionTypeEmoji,
)
from telegram.error import ChatMigrated, Forbidden, NetworkError, RetryAfter, TelegramError, TimedOut

from bot.sandbox.telegram import Chat, Person, PretendTelegram
from tests.bot.sandbox.conftest import Clock, refused

pytestmark = pytest.mark.own_requests

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32
FORUM = -1003000000001


@pytest.fixture
async def bot(telegram: PretendTelegram) -> AsyncIterator[Bot]:
    address = telegram.api_url
    async with Bot(telegram.token, base_url=f"{address}/bot", base_file_url=f"{address}/file/bot") as made:
        yield made


@pytest.fixture
def forum(telegram: PretendTelegram, sam: Person) -> Chat:
    return telegram.add_group(FORUM, "Tickets", members=[sam], forum=True, bot_is_admin=True)


def one_button(label: str = "Take it", **does: Any) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton(label, **does)]])


@pytest.mark.parametrize(
    ("arguments", "description"),
    [
        ({"text": " \n "}, "Message text is empty"),
        ({"text": "\u2800\u200b"}, "Text must be non-empty"),
        ({"text": "x" * 4097}, "Message is too long"),
        ({"text": "🎫" * 2049}, "Message is too long"),
        ({"text": "<x@y>", "parse_mode": "HTML"}, "Can't parse entities: unsupported start tag"),
        ({"text": "T-1", "parse_mode": "MarkdownV2"}, "Character '-' is reserved and must be escaped"),
        ({"text": "a", "parse_mode": "Word"}, "Unsupported parse_mode"),
        ({"text": "a", "reply_markup": one_button(callback_data="x" * 65)}, "Button_data_invalid"),
        ({"text": "a", "reply_markup": one_button(callback_data="é" * 33)}, "Button_data_invalid"),
        ({"text": "a", "reply_markup": one_button(url="http://localhost:8080/")}, "is invalid: Wrong HTTP URL"),
        ({"text": "a", "reply_markup": one_button("\u200b", callback_data="x")}, "button text must be non-empty"),
        ({"text": "a", "reply_markup": one_button()}, "Text buttons are unallowed in the inline keyboard"),
        ({"text": "a", "reply_to_message_id": 99}, "Message to be replied not found"),
        ({"text": "a", "message_thread_id": 99}, "Message thread not found"),
        ({"text": "a", "chat_id": -1009}, "Chat not found"),
    ],
)
async def test_a_message_beyond_a_limit_is_refused(
    bot: Bot, group: Chat, arguments: dict[str, Any], description: str
) -> None:
    with refused(description):
        await bot.send_message(**({"chat_id": group.id} | arguments))


async def test_what_fits_exactly_is_taken(telegram: PretendTelegram, bot: Bot, group: Chat) -> None:
    markup = one_button(callback_data="x" * 64)

    await bot.send_message(group.id, f"<b>{'x' * 4096}</b>", parse_mode="HTML", reply_markup=markup)

    (message,) = telegram.messages(group)
    assert (len(message.text), message.labels) == (4096, [["Take it"]])


async def test_a_refusal_names_the_byte(telegram: PretendTelegram, bot: Bot, group: Chat) -> None:
    with refused("can't find end tag"):
        await bot.send_message(group.id, "é <b>", parse_mode="HTML")
    with refused("unsupported start tag"):
        await bot.send_message(group.id, "é <hr>", parse_mode="HTML")

    first, second = (call.answer["description"] for call in telegram.calls_of("sendMessage"))
    assert first == "Bad Request: can't parse entities: Can't find end tag corresponding to start tag \"b\""
    assert second == 'Bad Request: can\'t parse entities: Unsupported start tag "hr" at byte offset 3'


async def test_entities_given_apart_need_no_escaping(telegram: PretendTelegram, bot: Bot, group: Chat) -> None:
    await bot.send_message(group.id, "<x@y> T-1", entities=[MessageEntity("bold", 0, 5)])

    (message,) = telegram.messages(group)
    assert message.text == "<x@y> T-1"
    assert message.entities[0] == {"type": "bold", "offset": 0, "length": 5}


async def test_silence_replies_and_ledger_are_kept(telegram: PretendTelegram, bot: Bot, group: Chat) -> None:
    card = await bot.send_message(group.id, "card")

    await bot.send_message(group.id, "second ring", reply_to_message_id=card.message_id, disable_notification=True)

    ring = telegram.messages(group)[1]
    assert (ring.silent, ring.reply_to) == (True, telegram.messages(group)[0])
    call = telegram.calls[-1]
    assert (call.method, call.ok, call.arguments["text"]) == ("sendMessage", True, "second ring")


async def test_a_message_is_edited_only_when_it_changes_and_is_the_bot_s(
    telegram: PretendTelegram, bot: Bot, sam: Person, group: Chat
) -> None:
    card = await bot.send_message(group.id, "<b>card</b>", parse_mode="HTML")
    said = (await telegram.say(sam, group, "/take 42")).message
    assert said

    with refused("message is not modified: specified new message content"):
        await bot.edit_message_text("<b>card</b>", group.id, card.message_id, parse_mode="HTML")
    with refused("message to edit not found"):
        await bot.edit_message_text("new", group.id, 999)
    with refused("message can't be edited"):
        await bot.edit_message_text("new", group.id, said.id)
    await bot.edit_message_reply_markup(group.id, card.message_id, reply_markup=one_button(callback_data="a"))

    shown = telegram.messages(group)[0]
    assert (shown.labels, shown.edits) == ([["Take it"]], 1)


async def test_an_old_or_foreign_message_cannot_be_deleted(
    telegram: PretendTelegram, bot: Bot, sam: Person, group: Chat, clock: Clock
) -> None:
    old = await bot.send_message(group.id, "old")
    said = (await telegram.say(sam, group, "/take 42")).message
    assert said
    clock.time += 48 * 3600 + 1
    new = await bot.send_message(group.id, "new")

    for number in (old.message_id, said.id):
        with refused("message can't be deleted"):
            await bot.delete_message(group.id, number)
    await bot.delete_message(group.id, new.message_id)
    with refused("message to delete not found"):
        await bot.delete_message(group.id, new.message_id)


async def test_a_press_is_answered_once_and_within_fifteen_seconds(
    telegram: PretendTelegram, bot: Bot, sam: Person, group: Chat, clock: Clock
) -> None:
    card = await bot.send_message(group.id, "card", reply_markup=one_button(callback_data="a"))
    await telegram.press(sam, group, card.message_id, "a")
    await telegram.press(sam, group, card.message_id, "Take it")
    first, second = (one.callback_query for one in await bot.get_updates(timeout=0) if one.callback_query)

    with refused("message_too_long"):
        await first.answer("x" * 201)
    await first.answer("x" * 200)
    with refused("query is too old and response timeout expired or query id is invalid"):
        await first.answer("again")
    clock.time += 16
    with refused("query is too old"):
        await second.answer("late")


async def test_a_press_on_a_deleted_message_carries_no_content(
    telegram: PretendTelegram, bot: Bot, sam: Person, group: Chat
) -> None:
    card = await bot.send_message(group.id, "card", reply_markup=one_button(callback_data="a"))
    await telegram.delete(group, card.message_id)

    await telegram.press(sam, group, card.message_id, data="a")

    (update,) = await bot.get_updates(timeout=0)
    assert update.callback_query
    assert update.callback_query.message
    assert not update.callback_query.message.is_accessible


async def test_where_the_bot_is_not_wanted_it_may_not_write(
    telegram: PretendTelegram, bot: Bot, sam: Person, eve: Person, group: Chat
) -> None:
    await telegram.say(sam, sam, "/start")
    await telegram.block(sam)
    await telegram.kick_bot(group)

    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(sam.id, "ring")
    with pytest.raises(Forbidden, match="bot was kicked from the supergroup chat"):
        await bot.send_message(group.id, "card")
    with pytest.raises(Forbidden, match="bot can't initiate conversation with a user"):
        await bot.send_message(eve.id, "hello")
    with pytest.raises(Forbidden, match="bot is not a member of the supergroup chat"):
        await bot.send_message(telegram.add_group(-1009000000009, "Other", bot_is_member=False).id, "hello")


async def test_being_kicked_and_let_in_is_told_and_ends(telegram: PretendTelegram, bot: Bot, group: Chat) -> None:
    await telegram.kick_bot(group)
    await telegram.add_bot(group)

    updates = await bot.get_updates(timeout=0)

    changes = [one.my_chat_member for one in updates if one.my_chat_member]
    assert [(one.old_chat_member.status, one.new_chat_member.status) for one in changes] == [
        ("member", "kicked"),
        ("kicked", "member"),
    ]
    await bot.send_message(group.id, "back")


async def test_a_group_that_became_a_supergroup_says_where_it_went(
    telegram: PretendTelegram, bot: Bot, sam: Person
) -> None:
    old = telegram.add_group(-4001, "On call", members=[sam])
    new_id = await telegram.migrate(old)

    with pytest.raises(ChatMigrated) as refusal:
        await bot.send_message(old.id, "card")

    assert refusal.value.new_chat_id == new_id
    assert telegram.calls[-1].answer["description"] == "Bad Request: group chat was upgraded to a supergroup chat"
    await bot.send_message(new_id, "card")
    told = [one.message for one in await bot.get_updates(timeout=0) if one.message]
    assert [(one.migrate_to_chat_id, one.migrate_from_chat_id) for one in told] == [(new_id, None), (None, old.id)]


async def test_topics_are_made_written_in_renamed_closed_and_reopened(
    telegram: PretendTelegram, bot: Bot, sam: Person, forum: Chat
) -> None:
    topic = await bot.create_forum_topic(forum.id, "TS2611-0042 · Printer")
    number = topic.message_thread_id
    await bot.send_message(forum.id, "card", message_thread_id=number)
    await bot.edit_forum_topic(forum.id, number, name="✔ TS2611-0042")
    await bot.close_forum_topic(forum.id, number)

    with refused("topic_not_modified"):
        await bot.close_forum_topic(forum.id, number)
    with pytest.raises(ValueError, match="is closed"):
        await telegram.say(sam, forum, "hello?", topic=number)
    await bot.reopen_forum_topic(forum.id, number)
    await telegram.say(sam, forum, "thanks", topic=number)

    assert [one.text for one in telegram.messages(forum, topic=number)] == ["card", "thanks"]
    (update,) = await bot.get_updates(timeout=0)
    assert update.message
    assert update.message.is_topic_message
    assert update.message.reply_to_message
    assert update.message.reply_to_message.forum_topic_created


@pytest.mark.parametrize("name", ["", "x" * 129])
async def test_a_topic_s_name_has_1_to_128_characters(bot: Bot, forum: Chat, name: str) -> None:
    with refused("topic title"):
        await bot.create_forum_topic(forum.id, name)


async def test_topics_need_a_forum_and_an_admin(telegram: PretendTelegram, bot: Bot, group: Chat) -> None:
    plain = telegram.add_group(-1009000000009, "Forum", forum=True)

    with refused("the chat is not a forum"):
        await bot.create_forum_topic(group.id, "a")
    with refused("not enough rights"):
        await bot.create_forum_topic(plain.id, "a")


async def test_files_go_both_ways(telegram: PretendTelegram, bot: Bot, sam: Person) -> None:
    await telegram.say(sam, sam, "look", document=("log.txt", b"E 42"))
    (update,) = await bot.get_updates(timeout=0)
    assert update.message
    assert update.message.document

    file = await bot.get_file(update.message.document.file_id)
    content = bytes(await file.download_as_bytearray())
    await bot.send_document(sam.id, b"%PDF", filename="summary.pdf", caption="<b>Summary</b>", parse_mode="HTML")
    await bot.send_photo(sam.id, PNG)

    assert (update.message.caption, update.message.document.file_name, content) == ("look", "log.txt", b"E 42")
    views = [one.view()["file"] for one in telegram.messages(sam.id)]
    assert [(one["name"], one["kind"]) for one in views[:2]] == [("log.txt", "document"), ("summary.pdf", "document")]
    assert views[2]["kind"] == "photo"


async def test_files_beyond_a_limit_are_refused(telegram: PretendTelegram, bot: Bot, sam: Person) -> None:
    gesture = await telegram.say(sam, sam, document=("dump.bin", b"x" * (20 * 1024 * 1024 + 1)))
    assert gesture.message
    assert gesture.message.attachment

    with refused("file is too big"):
        await bot.get_file(gesture.message.attachment.id)
    with refused("caption is too long"):
        await bot.send_document(sam.id, b"a", caption="x" * 1025)
    with refused("image_process_failed"):
        await bot.send_photo(sam.id, b"no picture")
    with refused("wrong file identifier"):
        await bot.send_document(sam.id, "BQADBAADnothing")


async def test_menus_are_kept_per_scope_and_language(bot: Bot, group: Chat) -> None:
    scope = BotCommandScopeChat(group.id)
    await bot.set_my_commands([BotCommand("take", "Take a ticket")])
    await bot.set_my_commands([BotCommand("list", "Lister")], scope=scope, language_code="fr")

    with refused("bot_command_invalid"):
        await bot.set_my_commands([BotCommand("Take-it", "Take a ticket")])

    assert await bot.get_my_commands() == (BotCommand("take", "Take a ticket"),)
    assert await bot.get_my_commands(scope=scope, language_code="fr") == (BotCommand("list", "Lister"),)
    await bot.delete_my_commands()
    assert await bot.get_my_commands() == ()


async def test_chats_and_their_members_can_be_looked_at(
    telegram: PretendTelegram, bot: Bot, sam: Person, eve: Person, group: Chat, forum: Chat
) -> None:
    chat = await bot.get_chat(group.id)
    standing = [(await bot.get_chat_member(group.id, person.id)).status for person in (sam, eve)]
    own = await bot.get_chat_member(forum.id, bot.id)
    admins = await bot.get_chat_administrators(forum.id)

    assert (chat.title, chat.type) == ("On call", "supergroup")
    assert standing == ["member", "left"]
    assert own.status == "administrator"
    assert [one.user.id for one in admins] == [bot.id]


async def test_only_reactions_of_telegram_s_list_exist(telegram: PretendTelegram, bot: Bot, group: Chat) -> None:
    card = await bot.send_message(group.id, "card")

    with refused("reaction_invalid"):
        await bot.set_message_reaction(group.id, card.message_id, ReactionTypeEmoji("✅"))
    await bot.set_message_reaction(group.id, card.message_id, ReactionTypeEmoji("👀"))

    assert telegram.messages(group)[0].view()["reactions"] == ["👀"]


async def test_people_s_reactions_reach_an_admin_that_asked_for_them(
    telegram: PretendTelegram, bot: Bot, sam: Person, group: Chat, forum: Chat
) -> None:
    cards = [await bot.send_message(chat.id, "card") for chat in (group, forum)]
    unasked = await telegram.react(sam, forum, cards[1].message_id, "👀")
    await bot.get_updates(timeout=0, allowed_updates=["message", "message_reaction"])

    gestures = [
        await telegram.react(sam, chat, card.message_id, "👍") for chat, card in zip((group, forum), cards, strict=True)
    ]

    assert [unasked.seen, *(one.seen for one in gestures)] == [False, False, True]


async def test_pinning_needs_an_admin_in_groups(telegram: PretendTelegram, bot: Bot, group: Chat, forum: Chat) -> None:
    card, other = [await bot.send_message(chat.id, "card") for chat in (group, forum)]

    with refused("not enough rights to manage pinned messages"):
        await card.pin()
    await other.pin()

    assert (await bot.get_chat(forum.id)).pinned_message


async def test_disguised_messages_look_as_telegram_sends_them(
    telegram: PretendTelegram, bot: Bot, sam: Person, eve: Person, group: Chat
) -> None:
    robot = telegram.add_person(77, "Gif", username="gif", is_bot=True)
    await telegram.say(sam, group, "/take 1", anonymous=True)
    await telegram.say(sam, group, "/take 2", channel=Chat(-1005, "channel", "News"))
    await telegram.say(sam, group, "/take 3", via_bot=robot)
    await telegram.say(sam, group, "/take 4", forwarded_from=eve)

    anonymous, channel, via, forward = (one.message for one in await bot.get_updates(timeout=0) if one.message)

    assert anonymous.sender_chat
    assert anonymous.from_user
    assert (anonymous.sender_chat.id, anonymous.from_user.id) == (group.id, 1087968824)
    assert channel.sender_chat
    assert channel.sender_chat.id == -1005
    assert via.via_bot
    assert via.via_bot.id == robot.id
    assert forward.forward_origin
    assert forward.forward_origin.sender_user.id == eve.id


async def test_an_edited_message_and_a_raw_update_arrive(
    telegram: PretendTelegram, bot: Bot, sam: Person, clock: Clock
) -> None:
    said = (await telegram.say(sam, sam, "/take 1")).message
    assert said
    clock.time += 5
    await telegram.edit(sam, sam, said, "/take 2")
    await telegram.send_raw({"something_new": {}, "update_id": 900_000_000})
    await telegram.say(sam, sam, "after")

    _, edited, *others = await bot.get_updates(timeout=0)

    assert edited.edited_message
    assert (edited.edited_message.text, edited.edited_message.message_id) == ("/take 2", said.id)
    assert [one.update_id for one in others] == [900_000_000, 900_000_001]


async def test_faults_hit_the_next_calls_only(telegram: PretendTelegram, bot: Bot, group: Chat) -> None:
    telegram.faults.flood("sendMessage", 7)
    telegram.faults.fail("sendMessage", code=502)
    telegram.faults.refuse("sendMessage", "Bad Request: CHAT_WRITE_FORBIDDEN")
    telegram.faults.hang_up("sendMessage")

    with pytest.raises(RetryAfter):
        await bot.send_message(group.id, "1")
    with pytest.raises(NetworkError, match="Bad Gateway"):
        await bot.send_message(group.id, "2")
    with refused("chat_write_forbidden"):
        await bot.send_message(group.id, "3")
    with pytest.raises(NetworkError):
        await bot.send_message(group.id, "4")
    await bot.send_message(group.id, "5")

    assert [one.text for one in telegram.messages(group)] == ["5"]


async def test_a_message_may_be_sent_although_no_answer_came(telegram: PretendTelegram, bot: Bot, group: Chat) -> None:
    telegram.faults.hang_up_after_done("sendMessage")
    telegram.faults.delay("sendMessage", 1.0)

    with pytest.raises(NetworkError):
        await bot.send_message(group.id, "lost answer")
    with pytest.raises(TimedOut):
        await bot.send_message(group.id, "late answer", read_timeout=0.2)

    assert telegram.messages(group)[0].text == "lost answer"


async def test_flood_limits_can_be_switched_on(telegram: PretendTelegram, bot: Bot, group: Chat, forum: Chat) -> None:
    await asyncio.gather(*(bot.send_message(group.id, str(number)) for number in range(5)))
    telegram.floods.is_on = True

    await bot.send_message(group.id, "first")
    with pytest.raises(RetryAfter):
        await bot.send_message(group.id, "second")
    await bot.send_message(forum.id, "elsewhere")


async def test_twenty_messages_a_minute_fill_a_group(telegram: PretendTelegram, bot: Bot, group: Chat) -> None:
    now = [0.0]
    telegram.floods.now = lambda: now[0]
    telegram.floods.is_on = True
    for number in range(20):
        now[0] += 1.1
        await bot.send_message(group.id, str(number))
    now[0] += 1.1

    with pytest.raises(TelegramError):
        await bot.send_message(group.id, "one too many")

    assert telegram.calls[-1].answer["parameters"] == {"retry_after": 38}


async def test_listeners_hear_of_every_visible_change(
    telegram: PretendTelegram, bot: Bot, sam: Person, group: Chat
) -> None:
    heard: list[dict[str, Any]] = []
    telegram.subscribe(heard.append)

    card = await bot.send_message(group.id, "card", reply_markup=one_button(callback_data="a"))
    await card.edit_text("taken")
    await card.delete()

    assert [one["what"] for one in heard] == ["message", "edited", "deleted"]
    assert heard[0]["message"]["keyboard"] == [[{"label": "Take it", "data": "a", "url": ""}]]
