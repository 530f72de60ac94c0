"""Which chain rings about a ticket that changes: raised, lowered, moved or brought back, it is as a new one."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.backoffice import Backoffice
from bot.clock import SetClock
from bot.desk import people
from bot.desk.changes import Writing
from bot.desk.escalating import Escalating
from bot.desk.people import Actor, Client
from bot.desk.views import TicketView
from storage.models import Escalation, Event, Ring
from tests.bot.desk.ringing import CAROL, SAM, Open, open_one, rings

__all__ = ["open_one", "rings"]

Act = Callable[[Backoffice, str, Actor], object]


@pytest.fixture
def office(office: Backoffice, clock: SetClock, bob: Actor) -> Backoffice:
    """Blocking tickets ring Sam; those of the group NET ring Carol, whatever their severity, when they are new."""
    people.add_agent("sam@example.org", "Sam", "agent", clock)
    office.desk.dictionaries.add("group", "NET", {"label:en": "Network"}, bob)
    chains = office.desk.escalating.chains
    chains.set("", "BLOCKING", [SAM], clock.now())
    chains.set("NET", "", [CAROL], clock.now(), causes=["new"])
    return office


def edit(office: Backoffice, ticket: TicketView, by: Actor, **wanted: str) -> None:
    """Change fields of a ticket."""
    office.desk.tickets.editor.edit(ticket.reference, wanted, by)


def rung() -> list[str]:
    """Who was rung, in order."""
    return [event.data.get("to", "") for event in Event.select().where(Event.kind == "rang").order_by(Event.id)]


def after(clock: SetClock, rings: Escalating, minutes: float) -> int:
    """How many rings there are so much later."""
    clock.move(minutes=minutes)
    return rings.look()


# another severity ----------------------------------------------------------------------------------------------------


@pytest.mark.database
def test_a_ticket_raised_to_blocking_rings_at_once_as_a_new_one_would(
    office: Backoffice, rings: Escalating, open_one: Open, clock: SetClock, bob: Actor
) -> None:
    ticket = open_one("LOW")
    before = after(clock, rings, 60)

    edit(office, ticket, bob, severity="BLOCKING")

    assert [before, rings.look(), after(clock, rings, 4), after(clock, rings, 1)] == [0, 1, 0, 1]
    assert Escalation.get().cause == "new"


def test_a_ticket_that_is_lowered_rings_no_more(
    office: Backoffice, rings: Escalating, open_one: Open, clock: SetClock, bob: Actor
) -> None:
    ticket = open_one("BLOCKING")
    rings.look()

    edit(office, ticket, bob, severity="LOW")

    assert after(clock, rings, 60) == 0
    assert rings.planned(office.desk.tickets.view(ticket.id)) is None


def test_what_somebody_is_at_rings_nobody_when_it_is_raised(
    office: Backoffice, rings: Escalating, open_one: Open, clock: SetClock, bob: Actor, carol: Actor
) -> None:
    ticket = open_one("LOW")
    office.desk.tickets.take(ticket.reference, carol)

    edit(office, ticket, bob, severity="BLOCKING")

    assert after(clock, rings, 60) == 0


def test_raised_while_it_is_snoozed_it_rings_when_the_snooze_ends(
    office: Backoffice, rings: Escalating, open_one: Open, clock: SetClock, bob: Actor
) -> None:
    ticket = open_one("LOW")
    office.desk.tickets.snooze(ticket.reference, clock.now() + timedelta(hours=1), bob)

    edit(office, ticket, bob, severity="BLOCKING")

    assert [after(clock, rings, 59), after(clock, rings, 1)] == [0, 1]


@pytest.mark.row("INV-13")
@pytest.mark.database
def test_raised_lowered_and_raised_again_it_begins_anew_and_each_ring_is_one(
    office: Backoffice, rings: Escalating, open_one: Open, clock: SetClock, bob: Actor
) -> None:
    ticket = open_one("LOW")
    for severity in ("BLOCKING", "LOW", "BLOCKING", "HIGH", "BLOCKING"):
        edit(office, ticket, bob, severity=severity)

    numbers = [rings.look(), rings.look(), after(clock, rings, 5)]

    assert numbers == [1, 0, 1]
    assert rung() == ["Sam", "Sam"]
    assert Ring.select().count() == 2


def test_any_other_edit_leaves_the_ringing_as_it_is(
    office: Backoffice, rings: Escalating, open_one: Open, clock: SetClock, bob: Actor
) -> None:
    ticket = open_one("BLOCKING")
    rings.look()

    edit(office, ticket, bob, subject="Fire and smoke", type="ISSUE")

    assert [after(clock, rings, 4), after(clock, rings, 1)] == [0, 1]


# another group -------------------------------------------------------------------------------------------------------


def test_a_ticket_that_moves_rings_by_the_chain_of_its_new_group(
    office: Backoffice, rings: Escalating, open_one: Open, clock: SetClock, bob: Actor
) -> None:
    ticket = open_one("LOW")

    edit(office, ticket, bob, group="NET")
    rings.look()
    edit(office, ticket, bob, group="OTHER")

    assert rung() == ["Carol"]
    assert after(clock, rings, 60) == 0


def test_a_chain_that_the_new_group_shares_goes_on_where_it_was(
    office: Backoffice, rings: Escalating, open_one: Open, clock: SetClock, bob: Actor
) -> None:
    rings.chains.set("", "BLOCKING", [SAM, "channel 5m"], clock.now())
    ticket = open_one("BLOCKING")
    rings.look()

    edit(office, ticket, bob, group="NET")
    after(clock, rings, 5)

    assert rung() == ["Sam", ""]


def test_what_was_escalated_by_hand_rings_by_the_new_chain_whatever_that_is_for(
    office: Backoffice, rings: Escalating, open_one: Open, clock: SetClock, bob: Actor
) -> None:
    for group, step in (("OTHER", SAM), ("NET", CAROL)):
        rings.chains.set(group, "", [step], clock.now(), causes=["overdue"])
    ticket = open_one("LOW")
    office.desk.tickets.escalate(ticket.reference, bob)
    rings.look()

    edit(office, ticket, bob, group="NET")
    rings.look()

    assert rung() == ["Sam", "Carol"]


def test_a_move_after_taking_asks_no_second_person(
    office: Backoffice, rings: Escalating, open_one: Open, clock: SetClock, bob: Actor, carol: Actor
) -> None:
    ticket = open_one("BLOCKING")
    rings.look()
    office.desk.tickets.take(ticket.reference, carol)

    edit(office, ticket, bob, group="NET", severity="LOW")

    assert after(clock, rings, 30) == 0
    assert rung() == ["Sam"]


# brought back --------------------------------------------------------------------------------------------------------

BACK: dict[str, Act] = {
    "reopened": lambda office, reference, bob: (
        office.desk.tickets.close(reference, bob),
        office.desk.tickets.reopen(reference, bob),
    ),
    "a closing taken back": lambda office, reference, bob: (
        office.desk.tickets.close(reference, bob),
        office.desk.tickets.undoer.undo(bob, reference),
    ),
    "undeleted": lambda office, reference, bob: (
        office.desk.tickets.bin.delete(reference, bob),
        office.desk.tickets.bin.undelete(reference, bob),
    ),
}


@pytest.mark.parametrize("way", BACK)
def test_what_comes_back_starts_again(
    office: Backoffice, rings: Escalating, open_one: Open, clock: SetClock, bob: Actor, way: str
) -> None:
    ticket = open_one("BLOCKING")
    rings.look()

    BACK[way](office, ticket.reference, bob)

    assert [rings.look(), after(clock, rings, 4), after(clock, rings, 1)] == [1, 0, 1]


def test_a_client_who_opens_a_closed_ticket_again_rings_at_once(
    office: Backoffice, rings: Escalating, open_one: Open, ann: Client, bob: Actor
) -> None:
    ticket = open_one("BLOCKING")
    office.desk.tickets.close(ticket.reference, bob)

    office.desk.tickets.client_writes(ticket.id, Writing("It burns again"), ann)

    assert rings.look() == 1


def test_a_machine_s_mail_to_a_closed_ticket_rings_nobody(
    office: Backoffice, rings: Escalating, open_one: Open, clock: SetClock, ann: Client, bob: Actor
) -> None:
    ticket = open_one("BLOCKING")
    office.desk.tickets.close(ticket.reference, bob)

    office.desk.tickets.client_writes(ticket.id, Writing("I am away", automatic="auto-replied"), ann)

    assert after(clock, rings, 60) == 0


# what stops ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["taken", "assigned"])
def test_an_assignment_is_no_answer_but_taking_is(
    office: Backoffice, rings: Escalating, open_one: Open, clock: SetClock, bob: Actor, step: str
) -> None:
    ticket = open_one("BLOCKING")
    rings.look()
    acts: dict[str, Callable[[], object]] = {
        "taken": lambda: office.desk.tickets.take(ticket.reference, bob),
        "assigned": lambda: office.desk.tickets.assign(ticket.reference, people.agent("carol@example.org"), bob),
    }

    acts[step]()

    assert after(clock, rings, 5) == (0 if step == "taken" else 1)
