"""A shift change on a real phone: told there, noted in reply and by a question, accepted with one press or an "ok"."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.desk import oncall, people
from bot.desk.audit import at_the_server
from bot.desk.opening import Opening
from bot.desk.people import Actor
from bot.sandbox.demo import Demo
from bot.sandbox.telegram import Message, Person
from storage.database import session
from storage.models import Handover, Ticket
from storage.queries import notices
from tests.handlers.telegram.phone import sam
from tests.servers import until

__all__ = ["sam"]

AT_SERVER = at_the_server()


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Demo]:
    demo = Demo(tmp_path)
    await demo.start()
    yield demo
    await demo.stop()


def agents(demo: Demo) -> tuple[people.Agent, people.Agent]:
    """Somebody who works in Slack, and Sam."""
    sam = people.agent(demo.cast.on_call.address)
    return next(one for one in oncall.able_agents() if one.id != sam.id), sam


async def handed_over(demo: Demo, sam: Person, *, to_sam: bool) -> Message:
    """The shift has just changed between somebody in Slack, who has a late ticket, and Sam; the post on Sam's phone."""
    with session():
        colleague, agent = agents(demo)
        goes, comes = (colleague, agent) if to_sam else (agent, colleague)
        desk, now = demo.office.desk, demo.office.clock.now()
        for subject, due_at in (("Late", now - timedelta(hours=1)), ("Promised", now + timedelta(hours=1))):
            ticket = desk.tickets.open(Opening(subject, assignee=goes.email), Actor.of(goes, "slack"))
            Ticket.update(due_at=due_at).where(Ticket.id == ticket.id).execute()
        desk.rotas.add("RELAY", AT_SERVER, name="Relay", zone="UTC")
        desk.rotas.set_layer("RELAY", {"members": goes.email, "starts": "2020-01-01"}, AT_SERVER)
        desk.handovers.look()
        desk.swaps.take_over("RELAY", now, now + timedelta(days=2), Actor.of(comes, "slack"))
    await until(lambda: post(demo, sam) and hangs(sam))
    found = post(demo, sam)
    assert found is not None
    return found


def post(demo: Demo, sam: Person) -> Message | None:
    """The hand-over on Sam's phone."""
    return next((one for one in demo.telegram.messages(sam.id) if "🔁 Relay" in one.text), None)


def hangs(sam: Person) -> bool:
    """Whether the desk knows by now that the post hangs there."""
    with session():
        last = Handover.select().where(Handover.at.is_null(False)).order_by(Handover.id.desc()).first()
        return ("telegram", str(sam.id), 0) in notices.spots("handover", last.id)


def shown(demo: Demo, sam: Person) -> str:
    """What the post says now."""
    found = post(demo, sam)
    return found.text if found else ""


def holder(subject: str) -> str:
    """Whose ticket it is."""
    with session():
        return Ticket.get(Ticket.subject == subject).assignee.email


async def test_whoever_comes_accepts_on_the_phone(demo: Demo, sam: Person) -> None:
    told = await handed_over(demo, sam, to_sam=True)

    await (await demo.telegram.press(sam, sam, told.id, "Accept"))

    await until(lambda: "✅ Accepted by" in shown(demo, sam))
    await until(lambda: not post(demo, sam).keyboard)  # type: ignore[union-attr]
    assert (holder("Late"), holder("Promised") == demo.cast.on_call.address) == (demo.cast.on_call.address, False)


async def test_ok_in_reply_accepts_too(demo: Demo, sam: Person) -> None:
    told = await handed_over(demo, sam, to_sam=True)

    await (await demo.telegram.say(sam, sam, "ok", reply_to=told.id))

    await until(lambda: "✅ Accepted by" in shown(demo, sam))
    assert holder("Late") == demo.cast.on_call.address


async def test_whoever_goes_notes_by_a_reply_and_by_the_button_which_asks_for_tickets_too(
    demo: Demo, sam: Person
) -> None:
    told = await handed_over(demo, sam, to_sam=False)
    await (await demo.telegram.say(sam, sam, "The disk is full.", reply_to=told.id))

    await (await demo.telegram.press(sam, sam, told.id, "Notes…"))
    await (await demo.telegram.say(sam, sam, "ACME calls at nine."))
    promised = next(label for row in demo.telegram.messages(sam.id)[-1].labels for label in row if "Promised" in label)
    for label in (promised, "Done"):
        await (await demo.telegram.press(sam, sam, demo.telegram.messages(sam.id)[-1].id, label))

    await until(lambda: "The disk is full.\nACME calls at nine." in shown(demo, sam))
    (moving,) = [line for line in shown(demo, sam).splitlines() if "Promised" in line]
    assert moving.startswith("➡️")
