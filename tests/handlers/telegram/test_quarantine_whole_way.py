"""The notice of a mail in quarantine on a real phone: read again, made a ticket by questions, given up, by whom not."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.desk import staff
from bot.desk.audit import at_the_server
from bot.sandbox.demo import Demo
from bot.sandbox.telegram import Message, Person
from storage.database import session
from storage.models import HungNotice
from tests.bot.quarantined import put_aside, state_of


@pytest.fixture
async def demo(tmp_path: Path, over_http: bool) -> AsyncIterator[Demo]:
    demo = Demo(tmp_path, over_http=over_http)
    await demo.start()
    _promote(demo, "admin")
    yield demo
    await demo.stop()


@pytest.fixture
def sam(demo: Demo) -> Person:
    """Sam, on call, who is an admin here."""
    return demo.telegram.world.people[demo.cast.on_call.telegram]


def _promote(demo: Demo, role: str) -> None:
    with session():
        staff.change(demo.cast.on_call.address, demo.office.clock, at_the_server(), role=role)


async def until(true: Callable[[], object]) -> None:
    """Wait until something is true."""
    async with asyncio.timeout(20):
        while not true():
            await asyncio.sleep(0.02)


async def noticed(demo: Demo) -> tuple[int, int]:
    """A mail in quarantine, and the message that says so in the on-call chat."""
    desk = demo.office.desk
    mail = put_aside(demo.office, alarms=replace(desk.alarms, channels=[("telegram", str(demo.cast.group), 0)]))
    await until(lambda: _hanging(mail))
    return mail, int(_hanging(mail))


def _hanging(mail: int) -> str:
    with session():
        row = HungNotice.get_or_none((HungNotice.number == mail) & (HungNotice.platform == "telegram"))
    return row.message if row else ""


def notice(demo: Demo, message: int) -> Message:
    """The notice as it is now."""
    return next(one for one in demo.telegram.messages(demo.cast.group) if one.id == message)


def last(demo: Demo) -> Message:
    """What was said last in the on-call chat."""
    return demo.telegram.messages(demo.cast.group)[-1]


@pytest.mark.row("MI-17")
async def test_a_mail_is_read_again_from_the_phone(demo: Demo, sam: Person) -> None:
    mail, message = await noticed(demo)

    await (await demo.telegram.press(sam, demo.cast.group, message, "Retry"))

    await until(lambda: "is TS" in notice(demo, message).text)
    assert state_of(mail) == "ticket"


@pytest.mark.row("MI-17")
async def test_a_mail_becomes_a_ticket_by_questions(demo: Demo, sam: Person) -> None:
    mail, message = await noticed(demo)

    await (await demo.telegram.press(sam, demo.cast.group, message, "Create by hand"))
    await until(lambda: "Description" in last(demo).text)

    await (await demo.telegram.press(sam, demo.cast.group, last(demo).id, "Skip"))

    await until(lambda: "is TS" in notice(demo, message).text)
    with session():
        made = demo.office.desk.tickets.view(1)
    assert (made.subject, made.requester_address) == ("Printer on fire", "ann@acme.example")
    assert (state_of(mail), "(Sam)" in notice(demo, message).text) == ("ticket", True)


@pytest.mark.row("MI-17")
async def test_a_mail_is_given_up_from_the_phone_by_an_admin_alone(demo: Demo, sam: Person) -> None:
    mail, message = await noticed(demo)
    _promote(demo, "manager")
    await (await demo.telegram.press(sam, demo.cast.group, message, "Drop"))
    before = state_of(mail)
    _promote(demo, "admin")

    await (await demo.telegram.press(sam, demo.cast.group, message, "Drop"))

    await until(lambda: "is given up" in notice(demo, message).text)
    assert (before, state_of(mail)) == ("quarantined", "dropped")
