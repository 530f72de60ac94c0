"""A shift change in a real Slack: told in the channel, noted in a form and in the thread, accepted with one press."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.desk import people
from bot.desk.audit import at_the_server
from bot.desk.opening import Opening
from bot.desk.people import Actor
from bot.sandbox.slack import Message
from storage.database import session
from storage.models import Handover, Ticket
from storage.queries import notices
from tests.handlers.slack.house import CHANNEL, House, open_house

AT_SERVER = at_the_server()


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """Bob is on call until a moment ago, Carol from then on; one of Bob's two tickets is late."""
    async with open_house(tmp_path) as running:
        now, office = running.office.clock.now(), running.office
        with session():
            bob, carol = (people.agent(f"{name}@example.org") for name in ("bob", "carol"))
            for subject, due_at in (("Late", now - timedelta(hours=1)), ("Promised", now + timedelta(hours=1))):
                ticket = office.desk.tickets.open(Opening(subject, assignee=bob.email), Actor.of(bob, "slack"))
                Ticket.update(due_at=due_at).where(Ticket.id == ticket.id).execute()
            office.desk.rotas.add("NIGHTS", AT_SERVER, name="Nights", zone="UTC")
            office.desk.rotas.set_layer("NIGHTS", {"members": bob.email, "starts": "2020-01-01"}, AT_SERVER)
            office.desk.handovers.look()
            office.desk.swaps.take_over("NIGHTS", now, now + timedelta(days=2), Actor.of(carol, "slack"))
        await running.until(lambda: post(running) and hangs())
        yield running


def hangs() -> bool:
    """Whether the desk knows by now that the post hangs."""
    with session():
        return bool(notices.spots("handover", 1))


def post(house: House) -> Message | None:
    """The hand-over in the channel."""
    return next((one for one in house.slack.messages(CHANNEL) if "🔁 Nights: Bob hands over" in one.words), None)


def shown(house: House) -> str:
    """What it says now."""
    found = post(house)
    return found.words if found else ""


def ts(house: House) -> str:
    """The message that it is."""
    found = post(house)
    assert found is not None
    return found.ts


def holders() -> dict[str, str]:
    """Whose the tickets are."""
    with session():
        return {ticket.subject: ticket.assignee.name for ticket in Ticket.select()}


async def test_the_notes_are_written_in_a_form_with_the_tickets_that_move(house: House) -> None:
    form = await house.slack.press("U0BOB", CHANNEL, ts(house), "verb:handover_notes")
    view = await form.until_view()
    (block,) = [one for one in view.blocks if one.get("block_id") == "tickets"]
    promised = block["element"]["options"][0]["text"]["text"]
    done = await house.slack.submit("U0BOB", view.id, {"notes": "The disk is full.", "tickets": [promised]})
    await house.until(lambda: "The disk is full." in shown(house))

    await house.slack.press("U0CAROL", CHANNEL, ts(house), "verb:handover_accept")
    await house.until(lambda: "Accepted by Carol" in shown(house))

    assert done.closed
    assert holders() == {"Late": "Carol", "Promised": "Carol"}


async def test_an_answer_in_the_thread_is_a_line_of_the_notes_and_a_reminder_calls_there(house: House) -> None:
    await house.slack.say("U0BOB", CHANNEL, "ACME calls at nine.", thread_ts=ts(house))
    await house.slack.say("U0CAROL", CHANNEL, "Thanks!", thread_ts=ts(house))

    await house.until(lambda: "ACME calls at nine." in shown(house))
    assert "Thanks!" not in shown(house)
    with session():
        Handover.update(remind_at=house.office.clock.now()).execute()
    await house.until(lambda: any("<@U0CAROL> ⏰ Carol" in line for line in house.lines(ts(house))))


async def test_whoever_comes_accepts_with_one_press_and_nobody_else_does(house: House) -> None:
    refused = await house.slack.press("U0EVE", CHANNEL, ts(house), "verb:handover_accept")
    assert "Accepted" not in shown(house)

    for _ in range(2):
        await house.slack.press("U0CAROL", CHANNEL, ts(house), "verb:handover_accept")

    await house.until(lambda: "Accepted by Carol" in shown(house))
    found = post(house)
    assert found is not None
    assert [block["type"] for block in found.blocks] == ["rich_text"]
    assert holders() == {"Late": "Carol", "Promised": "Bob"}
    assert "I do not know you" in refused.text
