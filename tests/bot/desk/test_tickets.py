"""The ticket service: who gets a ticket, where it goes from each status, and what time does to it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from bot.backoffice import Backoffice
from bot.clock import SetClock
from bot.desk.changes import Writing
from bot.desk.opening import Opening
from bot.desk.people import Actor, Client
from bot.desk.tickets import TicketService
from bot.desk.views import TicketView
from bot.desk.workflow import Status
from bot.errors import HeldByAnother, NotAllowed, Refusal
from storage.database import session
from storage.queries import tickets as rows

pytestmark = pytest.mark.database

Step = Callable[[TicketService, str, Actor], TicketView]

STEPS: dict[str, Step] = {
    "read": lambda tickets, reference, by: tickets.read(reference, by),
    "take": lambda tickets, reference, by: tickets.take(reference, by),
    "takeover": lambda tickets, reference, by: tickets.take(reference, by, over=True),
    "assign": lambda tickets, reference, by: tickets.assign(reference, by.agent, by),  # type: ignore[arg-type]
    "unassign": lambda tickets, reference, by: tickets.unassign(reference, by),
    "note": lambda tickets, reference, by: tickets.note(reference, Writing("Hm"), by),
    "reply": lambda tickets, reference, by: tickets.reply(reference, Writing("Hello"), by, to=["ann@acme.example"]),
    "wait": lambda tickets, reference, by: tickets.wait(reference, by),
    "resume": lambda tickets, reference, by: tickets.resume(reference, by),
    "close": lambda tickets, reference, by: tickets.close(reference, by),
    "abandon": lambda tickets, reference, by: tickets.abandon(reference, "spam", by),
    "reopen": lambda tickets, reference, by: tickets.reopen(reference, by),
}


@pytest.fixture
def tickets(office: Backoffice) -> TicketService:
    """The desk's ticket service."""
    return office.desk.tickets


def kinds(ticket: TicketView) -> list[str]:
    """What happened to a ticket, in order."""
    return [event.kind for event in rows.events(ticket.id)]


def named(value: list[str] | Status) -> str:
    """A path through the workflow, or where it ends, as a part of a test's name."""
    return value.code if isinstance(value, Status) else "-".join(value)


# taking --------------------------------------------------------------------------------------------------------------


def test_who_takes_a_ticket_works_on_it(tickets: TicketService, ticket: TicketView, bob: Actor) -> None:
    taken = tickets.take(ticket.reference, bob)

    assert taken.assignee == bob.agent
    assert taken.status is Status.IN_PROGRESS
    assert kinds(ticket) == ["opened", "taken"]


def test_taking_twice_changes_nothing(tickets: TicketService, ticket: TicketView, bob: Actor) -> None:
    first = tickets.take(ticket.reference, bob)

    again = tickets.take(ticket.reference, bob)

    assert again == first
    assert kinds(ticket) == ["opened", "taken"]


def test_of_two_who_take_at_once_one_gets_it_and_the_other_is_told_by_whom(
    tickets: TicketService, ticket: TicketView, bob: Actor, carol: Actor
) -> None:
    start = Barrier(2)

    def take(by: Actor) -> str:
        with session():
            start.wait(10)
            try:
                tickets.take(ticket.reference, by)
            except HeldByAnother as refusal:
                return str(refusal)
            return ""

    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(take, (bob, carol)))

    holder = tickets.view(ticket.id).assignee
    assert holder is not None
    assert sorted(answers)[0] == ""
    assert sorted(answers)[1].startswith(f"Already taken by {holder.name}")
    assert kinds(ticket) == ["opened", "taken"]


def test_somebody_elses_ticket_is_taken_over_only_when_that_is_said(
    tickets: TicketService, ticket: TicketView, bob: Actor, carol: Actor
) -> None:
    tickets.take(ticket.reference, bob)
    with pytest.raises(HeldByAnother, match="Already taken by Bob"):
        tickets.take(ticket.reference, carol)

    taken = tickets.take(ticket.reference, carol, over=True)

    assert taken.assignee == carol.agent
    assert kinds(ticket) == ["opened", "taken", "taken_over"]


@pytest.mark.parametrize("step", STEPS)
def test_a_viewer_changes_nothing(tickets: TicketService, ticket: TicketView, vic: Actor, step: str) -> None:
    with pytest.raises(NotAllowed, match="you need the role agent; yours is viewer"):
        STEPS[step](tickets, ticket.reference, vic)

    assert tickets.view(ticket.id) == ticket


def test_a_client_is_no_agent(tickets: TicketService, ticket: TicketView) -> None:
    with pytest.raises(NotAllowed, match="Only an agent can do this"):
        tickets.take(ticket.reference, Actor("client", "Ann", "mail"))

    assert tickets.view(ticket.id) == ticket


# the workflow --------------------------------------------------------------------------------------------------------

PATHS = [
    (["read"], Status.READ),
    (["read", "assign"], Status.ASSIGNED),
    (["assign", "unassign"], Status.READ),
    (["assign", "take"], Status.IN_PROGRESS),
    (["note"], Status.READ),
    (["reply"], Status.IN_PROGRESS),
    (["wait"], Status.WAITING),
    (["wait", "take"], Status.WAITING),
    (["wait", "resume"], Status.IN_PROGRESS),
    (["close"], Status.CLOSED),
    (["close", "note"], Status.CLOSED),
    (["abandon"], Status.ABANDONED),
    (["close", "reopen"], Status.UNREAD),
    (["take", "abandon", "reopen"], Status.ASSIGNED),
]


@pytest.mark.parametrize(("steps", "status"), PATHS, ids=named)
def test_steps_lead_where_the_workflow_says(
    tickets: TicketService, ticket: TicketView, bob: Actor, steps: list[str], status: Status
) -> None:
    for step in steps:
        STEPS[step](tickets, ticket.reference, bob)

    assert tickets.view(ticket.id).status is status


@pytest.mark.parametrize("step", ["take", "takeover", "assign", "unassign", "reply", "wait", "close", "abandon"])
def test_a_closed_ticket_must_be_reopened_first(
    tickets: TicketService, ticket: TicketView, bob: Actor, step: str
) -> None:
    closed = tickets.close(ticket.reference, bob)

    with pytest.raises(Refusal, match="Reopen it first"):
        STEPS[step](tickets, ticket.reference, bob)

    assert tickets.view(ticket.id) == closed


@pytest.mark.parametrize(("step", "sentence"), [("resume", "nothing to resume"), ("reopen", "is open already")])
def test_what_leads_nowhere_is_refused_with_the_reason(
    tickets: TicketService, ticket: TicketView, bob: Actor, step: str, sentence: str
) -> None:
    with pytest.raises(Refusal, match=sentence):
        STEPS[step](tickets, ticket.reference, bob)

    assert tickets.view(ticket.id) == ticket


def test_abandoning_needs_a_reason(tickets: TicketService, ticket: TicketView, bob: Actor) -> None:
    with pytest.raises(Refusal, match="say why"):
        tickets.abandon(ticket.reference, "  ", bob)

    assert tickets.view(ticket.id) == ticket


def test_a_reply_to_a_ticket_of_nobody_makes_it_the_writers(
    tickets: TicketService, ticket: TicketView, bob: Actor, clock: SetClock
) -> None:
    replied = tickets.reply(ticket.reference, Writing("Hello"), bob, to=["Ann@acme.example", "ann@acme.example"])

    assert (replied.assignee, replied.first_response_at) == (bob.agent, clock.now())
    assert rows.messages(ticket.id)[-1].recipients == ["ann@acme.example"]


def test_closing_and_reopening_clears_the_date_and_keeps_the_history(
    tickets: TicketService, ticket: TicketView, bob: Actor, clock: SetClock
) -> None:
    closed = tickets.close(ticket.reference, bob, text="New printer")
    clock.move(hours=1)

    reopened = tickets.reopen(ticket.reference, bob)

    assert closed.resolution == "New printer"
    assert (closed.closed_at, reopened.closed_at, reopened.reopened) == (clock.now().replace(hour=12), None, 1)
    event = rows.events(ticket.id)[-1]
    assert (event.kind, event.old["closed_at"], event.new["closed_at"]) == (
        "reopened",
        "2026-03-04T12:00:00+00:00",
        None,
    )


# deadlines -----------------------------------------------------------------------------------------------------------


def test_the_action_delay_stands_still_while_the_client_is_waited_for(
    office: Backoffice, tickets: TicketService, ann: Client, bob: Actor, clock: SetClock
) -> None:
    office.desk.settings.set("action_delay", 4, "Bob")
    made = tickets.open(Opening("Printer", client=ann), bob)

    waiting = tickets.wait(made.reference, bob)
    clock.move(hours=10)
    overdue = office.desk.alerts.look()
    resumed = tickets.resume(made.reference, bob)

    assert made.action_due_at == clock.now().replace(hour=16)
    assert (waiting.action_due_at, overdue) == (None, 0)
    assert (resumed.action_due_at - clock.now()).total_seconds() == 4 * 3600  # type: ignore[operator]


def test_the_first_answer_ends_the_response_delay(
    office: Backoffice, tickets: TicketService, ann: Client, bob: Actor, clock: SetClock
) -> None:
    office.desk.settings.set("response_delay", 2, "Bob")
    made = tickets.open(Opening("Printer", client=ann), bob)

    replied = tickets.reply(made.reference, Writing("Hello"), bob, to=[ann.address])

    assert made.response_due_at == clock.now().replace(hour=14)
    assert (replied.response_due_at, replied.due_at) == (None, None)


def test_an_overdue_ticket_is_told_once_and_again_after_a_new_deadline(
    office: Backoffice, tickets: TicketService, ann: Client, bob: Actor, clock: SetClock
) -> None:
    office.desk.settings.set("action_delay", 1, "Bob")
    made = tickets.open(Opening("Printer", client=ann), bob)

    told = []
    for hours in (0.5, 0.5, 0.5):
        clock.move(hours=hours)
        told.append(office.desk.alerts.look())
    tickets.note(made.reference, Writing("Looking"), bob)
    clock.move(hours=2)
    told.append(office.desk.alerts.look())

    assert told == [0, 1, 0, 1]
    assert kinds(made).count("overdue") == 2


# clients -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "status"),
    [
        (["wait"], Status.UNREAD),
        (["take", "wait"], Status.IN_PROGRESS),
        (["take"], Status.IN_PROGRESS),
        (["close"], Status.UNREAD),
        (["take", "close"], Status.ASSIGNED),
        (["take", "abandon"], Status.ASSIGNED),
    ],
    ids=named,
)
def test_a_clients_reply_wakes_what_waits_and_reopens_what_is_closed(
    tickets: TicketService, ticket: TicketView, bob: Actor, ann: Client, steps: list[str], status: Status
) -> None:
    for step in steps:
        STEPS[step](tickets, ticket.reference, bob)

    after = tickets.client_writes(ticket.id, Writing("It still burns"), ann)

    assert (after.id, after.status, after.closed_at) == (ticket.id, status, None)
    assert after.reopened == (steps[-1] in ("close", "abandon"))


def test_a_reply_to_a_ticket_closed_long_ago_is_a_new_one_that_names_it(
    tickets: TicketService, ticket: TicketView, bob: Actor, ann: Client, clock: SetClock
) -> None:
    closed = tickets.close(ticket.reference, bob)
    clock.move(days=15)

    after = tickets.client_writes(ticket.id, Writing("It burns again"), ann)

    assert (after.previous_id, after.status, after.description) == (ticket.id, Status.UNREAD, "It burns again")
    assert tickets.view(ticket.id) == closed


def test_a_strangers_mail_is_marked_and_changes_neither_requester_nor_who_may_write(
    tickets: TicketService, ticket: TicketView
) -> None:
    writing = Writing("Send it to me", mark="stranger", reply_address="eve@evil.example")

    after = tickets.client_writes(ticket.id, writing, Client("eve@evil.example", "Eve"), stranger=True)

    assert (after.requester_address, after.reply_address) == ("ann@acme.example", "ann@acme.example")
    assert rows.messages(ticket.id)[-1].mark == "stranger"
    assert not rows.is_participant(ticket.id, "eve@evil.example")


# references ----------------------------------------------------------------------------------------------------------


def test_references_have_no_gaps_though_many_open_at_once_and_some_fail(
    tickets: TicketService, ann: Client, bob: Actor
) -> None:
    def make(number: int) -> None:
        with session():
            if number % 3 == 0:
                with pytest.raises(Refusal):
                    tickets.open(Opening("Printer", client=ann, third_party="NOBODY"), bob)
            else:
                tickets.open(Opening(f"Printer {number}", client=ann), bob)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(make, range(24)))

    references = [tickets.view(number).reference for number in range(1, 17)]
    assert sorted(references) == [f"TS2603-{number:04d}" for number in range(1, 17)]
