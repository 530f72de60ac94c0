"""Typed commands, who may type them, where they are answered, and pairing."""

import json

import pytest

from bot.outgoing.cards import Answer, Row
from bot.sandbox.telegram import Chat, Person, PretendTelegram
from tests.handlers.telegram.conftest import GROUP, Desk
from tests.handlers.telegram.fakes import card

SECRET = Answer(text="1 ticket", rows=(Row("TS2611-0042", "canary", "🔴", "Unread", "nobody"),))


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("/ticket take 42", "take 42"),
        ("/take 42", "take 42"),
        ("/TAKE@Deskbell_Bot  42", "take 42"),
        ("/mine", "list mine"),
        ("/list open  two  blanks", "list open  two  blanks"),
        ("/note 42 first line\nsecond line", "note 42 first line\nsecond line"),
        ("/ticket", ""),
        ("/frobnicate 1", "frobnicate 1"),
    ],
)
async def test_a_command_is_a_line_of_words(
    desk: Desk, telegram: PretendTelegram, sam: Person, said: str, words: str
) -> None:
    gesture = await (await telegram.say(sam, sam, said))

    request = desk.commands.last
    assert (request.verb, request.words) == ("", words)
    assert (request.caller.id, request.caller.private) == ("7001", True)
    assert request.receipt == f"telegram:{gesture.updates[0]}"
    assert [one.text for one in gesture.sent] == ["Done."]


async def test_the_language_of_the_phone_comes_along(desk: Desk, telegram: PretendTelegram, bob: Person) -> None:
    await (await telegram.say(bob, bob, "/help"))

    assert desk.commands.last.caller.language == "fr"


async def test_a_command_in_reply_to_a_card_is_about_that_card(
    desk: Desk, telegram: PretendTelegram, sam: Person
) -> None:
    shown = await desk.hang()

    await (await telegram.say(sam, GROUP, "/close fixed", reply_to=shown))

    assert desk.commands.last.words == "close fixed"
    assert desk.commands.last.spot is not None
    assert desk.commands.last.spot.message == str(shown.id)


async def test_in_a_group_other_bots_commands_are_left_alone(
    desk: Desk, telegram: PretendTelegram, sam: Person, group: Chat
) -> None:
    await (await telegram.say(sam, GROUP, "/weather"))
    await (await telegram.say(sam, GROUP, "/weather@deskbell_bot"))

    assert [request.words for request in desk.commands.requests] == ["weather"]


async def test_a_file_with_a_command_as_its_caption_comes_along(
    desk: Desk, telegram: PretendTelegram, sam: Person
) -> None:
    await (await telegram.say(sam, sam, "/note 42 see", document=("log.txt", b"full")))

    assert desk.commands.last.words == "note 42 see"
    assert [file.content for file in desk.commands.last.enclosures] == [b"full"]


async def test_nobody_acts_hidden_through_others_or_by_correcting(
    desk: Desk, telegram: PretendTelegram, sam: Person, bob: Person, group: Chat
) -> None:
    other = telegram.add_person(7100, "Gif", username="gif", is_bot=True)
    channel = telegram.add_group(-1009, "News")
    harmless = await telegram.say(sam, sam, "hello")
    await harmless
    assert harmless.message is not None

    hidden = await (await telegram.say(sam, GROUP, "/take 42", anonymous=True))
    await (await telegram.say(sam, GROUP, "/take 42", channel=channel))
    await (await telegram.say(sam, GROUP, "/take 42", via_bot=other))
    await (await telegram.say(sam, sam, "/take 42", forwarded_from=bob))
    await (await telegram.edit(sam, sam, harmless.message, "/take 42"))
    await telegram.send_raw({"edited_message": harmless.message.as_json() | {"edit_date": 1}})
    await telegram.send_raw({"channel_post": harmless.message.as_json()})
    await telegram.send_raw({"something_new": {"deep": [[[]]]}})
    await (await telegram.say(sam, sam, "/help"))

    assert [request.words for request in desk.commands.requests] == ["help"]
    assert "Remain anonymous" in hidden.sent[0].text


async def test_in_a_group_the_desk_does_not_know_answers_go_to_the_private_chat(
    desk: Desk, telegram: PretendTelegram, sam: Person
) -> None:
    foreign = telegram.add_group(-1009, "Somebody else's", members=[sam])
    desk.commands.prepare("list", SECRET)

    gesture = await (await telegram.say(sam, foreign, "/list"))

    assert desk.commands.last.fields == {}
    assert [one.text for one in telegram.messages(foreign)] == ["/list"]
    assert "canary" in telegram.messages(sam.id)[-1].text
    assert gesture.sent[0].chat.id == sam.id


async def test_there_nobody_who_has_no_private_chat_is_told_anything_of_a_ticket(
    desk: Desk, telegram: PretendTelegram, eve: Person
) -> None:
    foreign = telegram.add_group(-1009, "Somebody else's", members=[eve])
    desk.commands.prepare("list", SECRET)

    await (await telegram.say(eve, foreign, "/list"))

    texts = [one.text for one in telegram.messages(foreign)]
    assert texts == ["/list", "I answer here only in private: open a chat with me first."]


async def test_a_group_where_a_card_hangs_is_known(desk: Desk, telegram: PretendTelegram, sam: Person) -> None:
    own = telegram.add_group(-1008, "Billing", members=[sam])
    await desk.hang(card(), chat=own.id)
    desk.commands.prepare("list", SECRET)

    await (await telegram.say(sam, own, "/list"))

    assert "canary" in telegram.messages(own)[-1].text


async def test_being_added_to_a_foreign_group_says_nothing_there(
    desk: Desk, telegram: PretendTelegram, eve: Person
) -> None:
    foreign = telegram.add_group(-1009, "Evil", members=[eve], bot_is_member=False)

    await telegram.add_bot(foreign)
    await (await telegram.say(eve, foreign, "hi @deskbell_bot"))

    assert [one.text for one in telegram.messages(foreign)] == ["hi @deskbell_bot"]
    assert desk.commands.requests == []


async def test_answers_stay_in_the_topic(desk: Desk, telegram: PretendTelegram, sam: Person) -> None:
    forum = telegram.add_group(-1007, "Forum", members=[sam], forum=True)
    topic = telegram.add_topic(forum, "Tickets")
    desk.adapter.chat.known.add("-1007")

    gesture = await (await telegram.say(sam, forum, "/list", topic=topic.id))

    assert gesture.sent[0].topic == topic.id
    assert desk.commands.last.spot is not None
    assert desk.commands.last.spot.topic == topic.id


@pytest.mark.parametrize(("said", "verb", "words"), [("/start abc_DEF-1", "start", "abc_DEF-1"), ("/pair", "pair", "")])
async def test_linking_is_asked_of_the_verbs(
    desk: Desk, telegram: PretendTelegram, eve: Person, said: str, verb: str, words: str
) -> None:
    desk.commands.prepare(verb, Answer(text="This phone is linked to Eve.\nTS2611-0042 is yours."))

    gesture = await (await telegram.say(eve, eve, said))

    request = desk.commands.last
    assert (request.verb, request.words, request.caller.private) == (verb, words, True)
    assert "TS2611-0042 is yours." in gesture.sent[0].text


async def test_linking_in_a_group_is_asked_as_not_private(
    desk: Desk, telegram: PretendTelegram, eve: Person, group: Chat
) -> None:
    await (await telegram.say(eve, GROUP, "/pair@deskbell_bot"))

    assert (desk.commands.last.verb, desk.commands.last.caller.private) == ("pair", False)


async def test_a_person_who_blocked_the_bot_stops_nobody(
    desk: Desk, telegram: PretendTelegram, sam: Person, eve: Person
) -> None:
    telegram.faults.refuse("sendMessage", "Forbidden: bot was blocked by the user", code=403)

    await (await telegram.say(eve, eve, "/list"))
    gesture = await (await telegram.say(sam, sam, "/list"))

    assert gesture.sent[0].text == "Done."


async def test_somebody_without_a_handle_is_mentioned_by_name_in_one_word(
    desk: Desk, telegram: PretendTelegram, sam: Person, group: Chat
) -> None:
    text = "/assign 42 Ann Lee"
    carol = {"id": 7003, "is_bot": False, "first_name": "Ann", "last_name": "Lee"}
    said = await (await telegram.say(sam, sam, "/help"))
    message = json.loads(desk.updates.stored[said.updates[0]])["message"]
    entities = [
        {"type": "bot_command", "offset": 0, "length": 7},
        {"type": "text_mention", "offset": 11, "length": 7, "user": carol},
    ]

    await (await telegram.send_raw({"message": {**message, "text": text, "entities": entities}}))

    assert desk.commands.last.words == "assign 42 @Ann_Lee"
    assert desk.commands.last.mentions["@Ann_Lee"].id == "7003"
