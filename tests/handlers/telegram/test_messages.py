"""Replies to cards, files, and whatever else people write."""

import pytest

from bot.commands.requests import Spot
from bot.outgoing.cards import Answer
from bot.ports import Place
from bot.sandbox.telegram import Person, PretendTelegram
from tests.handlers.telegram.conftest import GROUP, Desk

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


async def test_a_reply_to_a_card_is_a_note(desk: Desk, telegram: PretendTelegram, sam: Person) -> None:
    shown = await desk.hang()

    gesture = await (await telegram.say(sam, GROUP, "The fuse <b>blew</b> & burnt", reply_to=shown))

    request = desk.commands.last
    assert (request.verb, request.fields["text"]) == ("note", "The fuse <b>blew</b> & burnt")
    assert request.spot == Spot("telegram", str(GROUP), str(shown.id))
    assert request.receipt == f"telegram:{gesture.updates[0]}"
    assert [(one.text, one.silent) for one in gesture.sent] == [("Done.", True)]


@pytest.mark.parametrize("said", ["ok", "OK.", "👍", "Taken", "je prends", " ok! "])
async def test_ok_in_reply_to_a_card_takes_the_ticket(
    desk: Desk, telegram: PretendTelegram, sam: Person, said: str
) -> None:
    shown = await desk.hang()

    await (await telegram.say(sam, GROUP, said, reply_to=shown))

    assert (desk.commands.last.verb, "text" in desk.commands.last.fields) == ("take", False)


async def test_ok_with_more_words_or_a_picture_is_a_note(desk: Desk, telegram: PretendTelegram, sam: Person) -> None:
    shown = await desk.hang()

    await (await telegram.say(sam, GROUP, "ok, but later", reply_to=shown))
    await (await telegram.say(sam, GROUP, "ok", reply_to=shown, photo=PNG))

    assert [request.verb for request in desk.commands.requests] == ["note", "note"]


async def test_a_reply_to_a_line_under_a_card_is_a_note_on_that_card_even_after_a_restart(
    desk: Desk, telegram: PretendTelegram, sam: Person
) -> None:
    shown = await desk.hang()
    place = Place("telegram", str(GROUP))
    line = await desk.adapter.chat.add_line(place, str(shown.id), "Ann replied", key="line:1")
    await desk.restart()

    await (await telegram.say(sam, GROUP, "I call her", reply_to=int(line.message)))

    assert desk.commands.last.spot == Spot("telegram", str(GROUP), str(shown.id))


async def test_pictures_documents_and_voice_notes_come_along(
    desk: Desk, telegram: PretendTelegram, sam: Person
) -> None:
    shown = await desk.hang()

    await (await telegram.say(sam, GROUP, "see", reply_to=shown, photo=PNG))
    await (await telegram.say(sam, GROUP, reply_to=shown, document=("log.txt", b"disk full")))
    await (await telegram.say(sam, GROUP, reply_to=shown, voice=b"OggS"))

    photo, document, voice = (request.enclosures[0] for request in desk.commands.requests)
    assert (photo.type, photo.content, desk.commands.requests[0].fields["text"]) == ("image/jpeg", PNG, "see")
    assert (document.name, document.type, document.content) == ("log.txt", "text/plain", b"disk full")
    assert (voice.type, voice.content) == ("audio/ogg", b"OggS")


async def test_a_file_that_telegram_does_not_give_is_named_in_the_note(
    desk: Desk, telegram: PretendTelegram, sam: Person
) -> None:
    shown = await desk.hang()

    await (await telegram.say(sam, GROUP, "core", reply_to=shown, document=("core.bin", b"0" * (20 * 1024 * 1024 + 1))))

    request = desk.commands.last
    assert request.enclosures == ()
    assert request.fields["text"] == "core\nToo large for a bot to fetch: core.bin"


async def test_what_people_write_to_each_other_is_not_our_business(
    desk: Desk, telegram: PretendTelegram, sam: Person, group: object
) -> None:
    desk.commands.prepare("note", Answer(nothing=True))
    listed = (await (await telegram.say(sam, GROUP, "/list"))).sent[0]

    gesture = await (await telegram.say(sam, GROUP, "thanks", reply_to=listed))

    assert gesture.sent == []


async def test_in_private_plain_words_are_answered_with_a_hint(
    desk: Desk, telegram: PretendTelegram, sam: Person
) -> None:
    gesture = await (await telegram.say(sam, sam, "hello?"))

    assert [one.text for one in gesture.sent] == ["Type /help to see what I can do."]
    assert desk.commands.requests == []


async def test_a_refused_note_is_told_why(desk: Desk, telegram: PretendTelegram, eve: Person) -> None:
    shown = await desk.hang()
    desk.commands.prepare("note", Answer(text="I do not know this phone.", refused=True, unrecognised=True))

    gesture = await (await telegram.say(eve, GROUP, "hi", reply_to=shown))

    assert [one.text for one in gesture.sent] == ["I do not know this phone."]


async def test_anonymous_forwarded_via_bot_and_channel_replies_count_for_nothing(
    desk: Desk, telegram: PretendTelegram, sam: Person, bob: Person
) -> None:
    shown = await desk.hang()
    other = telegram.add_person(7100, "Gif", username="gif", is_bot=True)
    channel = telegram.add_group(-1009, "News")

    await (await telegram.say(sam, GROUP, "ok", reply_to=shown, anonymous=True))
    await (await telegram.say(sam, GROUP, "ok", reply_to=shown, channel=channel))
    await (await telegram.say(sam, GROUP, "ok", reply_to=shown, via_bot=other))
    await (await telegram.say(sam, GROUP, "ok", reply_to=shown, forwarded_from=bob))

    assert desk.commands.requests == []
