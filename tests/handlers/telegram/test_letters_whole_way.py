"""Replies, notes and files from the phone the whole way: real adapter, real desk, letters at a real mail server."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from bot.desk import canned
from bot.sandbox.demo import Demo
from bot.sandbox.telegram import Chat, Message, Person
from storage.database import session

T = TypeVar("T")
ANN, DESK = "Ann <ann@acme.example>", "support@example.org"


@pytest.fixture
async def demo(tmp_path: Path, over_http: bool) -> AsyncIterator[Demo]:
    demo = Demo(tmp_path, over_http=over_http)
    await demo.start()
    with session():
        demo.office.desk.settings.set("undo_seconds", 0, "test")
    yield demo
    await demo.stop()


async def until(condition: Callable[[], T], seconds: float = 20) -> T:
    """What the condition says as soon as it is true."""
    async with asyncio.timeout(seconds):
        while not (found := condition()):
            await asyncio.sleep(0.02)
    return found


@pytest.fixture
async def sam(demo: Demo) -> Person:
    """Sam, whose phone rang for Ann's printer; what is asked of him is in his private chat."""
    await demo.mail.write(ANN, DESK, "Printer on fire", "It burns.", attachments=[("smoke.png", PICTURE, "image/png")])
    await until(lambda: len(demo.telegram.messages(demo.cast.group)) == 2)
    return demo.telegram.world.people[demo.cast.on_call.telegram]


PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(40)


def last(demo: Demo, chat: Chat | Person) -> Message:
    """What the bot said last in a chat."""
    return demo.telegram.messages(chat)[-1]


@pytest.mark.row("F4")
async def test_a_reply_is_shown_as_a_letter_and_leaves_with_its_file_on_send(demo: Demo, sam: Person) -> None:
    await (await demo.telegram.say(sam, sam, "/reply 1"))
    await (await demo.telegram.say(sam, sam, "Water is **coming**."))
    preview = last(demo, sam)
    shown, labels = preview.text, preview.labels

    await (await demo.telegram.press(sam, sam, preview.id, "Send"))

    (letter,) = await until(lambda: [one for one in demo.mail.letters("ann@acme.example") if "coming" in one.text])
    assert "This will be sent" in shown and "To: ann@acme.example" in shown and "Water is coming." in shown
    assert labels == [["Send", "Cancel"]]
    assert letter.subject.startswith("Re: Printer on fire [TS")


@pytest.mark.row("F15")
async def test_a_reply_kept_ready_is_chosen_first_and_shown_before_it_leaves(demo: Demo, sam: Person) -> None:
    with session():
        canned.save(canned.Ready("RESET", {"en": "Restart it"}, {"en": "Dear {client}, please restart it."}))
    question = (await (await demo.telegram.say(sam, sam, "/reply 1"))).sent[0]

    await (await demo.telegram.press(sam, sam, question.id, "Restart it"))

    preview = last(demo, sam)
    assert "Dear Ann, please restart it." in preview.text
    await (await demo.telegram.press(sam, sam, preview.id, "Send"))
    await until(lambda: [one for one in demo.mail.letters("ann@acme.example") if "please restart it" in one.text])


@pytest.mark.row("D8")
async def test_a_picture_of_a_mail_hangs_under_the_card(demo: Demo, sam: Person) -> None:
    card, picture = demo.telegram.messages(demo.cast.group)

    assert (picture.kind, picture.reply_to) == ("photo", card)
    assert picture.attachment is not None and picture.attachment.content == PICTURE


@pytest.mark.row("F3")
async def test_a_note_typed_with_to_goes_by_mail_to_whom_it_names_alone(demo: Demo, sam: Person) -> None:
    await (await demo.telegram.say(sam, sam, "/note 1 to:carol@example.org,paul@globex.example Who pays?"))

    for address in ("carol@example.org", "paul@globex.example"):
        await until(lambda address=address: demo.mail.letters(address))  # type: ignore[misc]
    assert "Who pays?" not in "".join(one.text for one in demo.mail.letters("ann@acme.example"))
