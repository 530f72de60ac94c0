"""What a phone sends besides words, the whole way: pictures, files, voices; an album is one note."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.desk import people
from bot.desk.changes import Writing
from bot.desk.people import Actor
from bot.desk.views import TicketView
from bot.sandbox.telegram import Message
from handlers.telegram import enclosures
from storage.database import session
from storage.models import Delivery
from storage.queries import tickets as rows
from tests.handlers.telegram.forum import Forum, running_forum

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(20)


@pytest.fixture
async def forum(tmp_path: Path, desks_hold: None) -> AsyncIterator[Forum]:
    async with running_forum(tmp_path) as running:
        yield running


async def card(forum: Forum) -> tuple[TicketView, Message]:
    """A ticket and its card."""
    ticket = forum.opens()
    return ticket, forum.messages(await forum.hung())[0]


def noted(forum: Forum, ticket: TicketView) -> list[tuple[str, list[tuple[str, str]]]]:
    """The notes on a ticket: words, and the name and type of each file."""
    with session():
        return [
            (one.text, [(file.name, file.type) for file in rows.attachments([one.id])])
            for one in rows.messages(ticket.id)
            if one.kind == "note"
        ]


async def test_pictures_files_voices_and_video_notes_are_kept(forum: Forum) -> None:
    ticket, message = await card(forum)

    for what in (
        {"photo": PICTURE, "text": "Look"},
        {"document": ("log.txt", b"disk full")},
        {"voice": b"OggS"},
        {"video_note": b"mp4"},
    ):
        await (await forum.telegram.say(forum.sam, forum.group, reply_to=message, **what))

    notes = noted(forum, ticket)
    assert [text for text, _ in notes] == ["Look", "", "", ""]
    assert [files[0][1] for _, files in notes] == ["image/jpeg", "text/plain", "audio/ogg", "video/mp4"]
    assert notes[1][1] == [("log.txt", "text/plain")]


async def test_an_album_is_one_note_and_is_answered_once(forum: Forum) -> None:
    ticket, message = await card(forum)
    before = len(forum.messages(forum.topics[0]))

    for number, text in enumerate(("Three of them", "", "The last one")):
        said = await forum.telegram.say(
            forum.sam, forum.group, text, reply_to=message, photo=(f"{number}.png", PICTURE), album="77"
        )
        await said
    await (await forum.telegram.say(forum.sam, forum.group, reply_to=message, photo=PICTURE, album="78"))

    (text, files), (_, other) = noted(forum, ticket)
    assert text == "Three of them\nThe last one"
    assert (len(files), len(other)) == (3, 1)
    answers = [one.text for one in forum.messages(forum.topics[0])[before:] if one.author.is_bot]
    assert answers == [f"Noted on {ticket.reference}."] * 2


async def test_an_album_that_answers_a_question_is_one_note_too(forum: Forum) -> None:
    ticket, _ = await card(forum)
    await (await forum.telegram.say(forum.sam, forum.sam, f"/note {ticket.reference}"))

    for number in range(3):
        await (await forum.telegram.say(forum.sam, forum.sam, photo=(f"{number}.png", PICTURE), album="77"))

    ((_, files),) = noted(forum, ticket)
    assert len(files) == 3


async def test_what_is_too_large_for_a_bot_is_said_there_and_in_the_note(
    forum: Forum, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket, message = await card(forum)
    monkeypatch.setattr(enclosures, "DOWNLOAD_BYTES", 10)

    said = await forum.telegram.say(forum.sam, forum.group, "Here", reply_to=message, document=("film.mp4", bytes(11)))
    answer = (await said).sent[-1].text

    sentence = "Too large for a bot to fetch: film.mp4"
    assert noted(forum, ticket) == [(f"Here\n{sentence}", [])]
    assert answer == f"Noted on {ticket.reference}.\n{sentence}"


async def test_a_ticket_s_files_come_to_the_phone_once(forum: Forum) -> None:
    ticket, message = await card(forum)
    topic = forum.topics[0]
    with session():
        file = forum.office.desk.files.keep(b"disk full", "log.txt", "text/plain")
        forum.office.desk.tickets.note(ticket.reference, Writing("See the log", files=(file,)), sam_elsewhere())
    forum.app._wake()
    await forum.until(_all_is_told)
    more = await (await forum.telegram.press(forum.sam, forum.group, message, "ℹ More"))
    labels = [label for row in more.edited[0].labels for label in row]

    pressed = await (await forum.telegram.press(forum.sam, forum.group, message, "📎 Files (1)")).answered()
    await forum.until(lambda: forum.messages(topic)[-1].kind == "document")
    again = await (await forum.telegram.press(forum.sam, forum.group, message, "📎 Files (1)")).answered()

    assert labels[-2:] == ["📎 Files (1)", "« Back"]
    assert (pressed.answer, again.answer) == ("1 file follows.", f"All files of {ticket.reference} hang here.")
    hanging = forum.messages(topic)[-1]
    assert (hanging.attachment and hanging.attachment.content, hanging.reply_to) == (b"disk full", message)


async def test_without_files_there_is_no_button_for_them(forum: Forum) -> None:
    _, message = await card(forum)

    more = await (await forum.telegram.press(forum.sam, forum.group, message, "ℹ More"))

    assert not [label for row in more.edited[0].labels for label in row if "Files" in label]


def _all_is_told() -> bool:
    """Nothing is about to be drawn anew."""
    with session():
        return not Delivery.select().where(Delivery.state.in_(["pending", "sending"])).exists()


def sam_elsewhere() -> Actor:
    """Sam, acting from elsewhere."""
    return Actor.of(people.agent("sam@example.org"), "cli")
