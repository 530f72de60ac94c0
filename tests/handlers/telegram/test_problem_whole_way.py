"""One problem of three clients on the phone: chosen with a press, answered with one text, letters at a real server."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox.demo import Demo
from bot.sandbox.telegram import Message, Person
from storage.database import session
from storage.models import Ticket
from tests.handlers.telegram.test_letters_whole_way import DESK, last, until

pytestmark = pytest.mark.row("SP")
CLIENTS = ("ann@acme.example", "paul@globex.example", "zoe@initech.example")


@pytest.fixture
async def demo(tmp_path: Path, over_http: bool) -> AsyncIterator[Demo]:
    """The desk whose three clients have written of one outage."""
    running = Demo(tmp_path, over_http=over_http)
    await running.start()
    with session():
        running.office.desk.settings.set("undo_seconds", 0, "test")
    for client in CLIENTS:
        await running.mail.write(client, DESK, "The portal is down", "We cannot work.")
    await until(lambda: offering(running))
    yield running
    await running.stop()


def offering(demo: Demo) -> list[Message]:
    """The cards on the phone with a button for it that know of both others."""
    cards = demo.telegram.messages(demo.cast.group)
    return [one for one in cards if "2 tickets look like" in one.text and ["Same problem"] in one.labels]


def asked(demo: Demo) -> list[Message]:
    """What hangs in the group, the newest first."""
    return demo.telegram.messages(demo.cast.group)[::-1]


async def test_all_clients_are_answered_from_the_phone(demo: Demo) -> None:
    sam: Person = demo.telegram.world.people[demo.cast.on_call.telegram]
    (card,) = await until(lambda: offering(demo))
    await (await demo.telegram.press(sam, demo.cast.group, card.id, "Same problem"))
    question = await until(lambda: next((one for one in asked(demo) if "Done" in str(one.labels)), None))
    await (await demo.telegram.press(sam, demo.cast.group, question.id, "Done"))
    with session():
        assert [one.problem_id for one in Ticket.select()] == [1, 1, 1]

    await (await demo.telegram.say(sam, sam, "/reply 3"))
    await (await demo.telegram.say(sam, sam, "It works again."))
    await (await demo.telegram.press(sam, sam, last(demo, sam).id, "All 3 requesters, each in their own ticket"))
    preview = last(demo, sam)
    shown = preview.text
    await (await demo.telegram.press(sam, sam, preview.id, "Send"))

    assert "The same text goes to the requesters of" in shown
    for client in CLIENTS:
        found = await until(lambda: [one for one in demo.mail.letters(client) if "works again" in one.text])  # noqa: B023
        assert [other for other in CLIENTS if other in str(found[0])] == [client]
