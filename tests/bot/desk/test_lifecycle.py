"""The table of statuses: what each step makes of each status, and how a ticket's dates and people follow."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.backoffice import Backoffice
from bot.clock import SetClock
from bot.desk.changes import Writing
from bot.desk.opening import Opening
from bot.desk.people import Actor, Client
from bot.desk.tickets import TicketService
from bot.desk.views import TicketView
from bot.desk.workflow import LABELS, Status
from bot.errors import Refusal
from storage.queries import tickets as rows
from tests.conftest import NOON

Step = Callable[[TicketService, str, Actor], TicketView]

U, R, A, P, W, H, C, X = Status
STEPS: dict[str, Step] = {
    "read": lambda tickets, reference, by: tickets.read(reference, by),
    "assign": lambda tickets, reference, by: tickets.assign(reference, by.agent, by),  # type: ignore[arg-type]
    "unassign": lambda tickets, reference, by: tickets.unassign(reference, by),
    "take": lambda tickets, reference, by: tickets.take(reference, by, over=True),
    "note": lambda tickets, reference, by: tickets.note(reference, Writing("Hm"), by),
    "reply": lambda tickets, reference, by: tickets.reply(reference, Writing("Hello"), by, to=["ann@acme.example"]),
    "reply and wait": lambda tickets, reference, by: tickets.reply(
        reference, Writing("Hello"), by, to=["ann@acme.example"], step="wait"
    ),
    "wait": lambda tickets, reference, by: tickets.wait(reference, by),
    "hold": lambda tickets, reference, by: tickets.hold(reference, by),
    "resume": lambda tickets, reference, by: tickets.resume(reference, by),
    "snooze": lambda tickets, reference, by: tickets.snooze(reference, NOON + timedelta(hours=4), by),
    "escalate": lambda tickets, reference, by: tickets.escalate(reference, by),
    "close": lambda tickets, reference, by: tickets.close(reference, by),
    "abandon": lambda tickets, reference, by: tickets.abandon(reference, "spam", by),
    "reopen": lambda tickets, reference, by: tickets.reopen(reference, by),
}
NO = None
TABLE: dict[str, tuple[str, tuple[Status | None, ...]]] = {
    # from:           0  1  2  3  5  7   8   9
    "read": ("S3", (R, R, A, P, W, H, NO, NO)),
    "assign": ("S4", (A, A, A, P, W, H, NO, NO)),
    "unassign": ("S4", (U, R, R, P, W, H, NO, NO)),
    "take": ("S5", (P, P, P, P, W, H, NO, NO)),
    "note": ("S3", (R, R, A, P, W, H, C, X)),
    "reply": ("S6", (P, P, P, P, W, H, NO, NO)),
    "reply and wait": ("S6", (W, W, W, W, W, W, NO, NO)),
    "wait": ("S7", (W, W, W, W, W, W, NO, NO)),
    "hold": ("S7", (H, H, H, H, H, H, NO, NO)),
    "resume": ("S7", (NO, NO, NO, NO, P, P, NO, NO)),
    "snooze": ("S3", (R, R, A, P, W, H, NO, NO)),
    "escalate": ("S3", (R, R, A, P, W, H, NO, NO)),
    "close": ("S9", (C, C, C, C, C, C, NO, NO)),
    "abandon": ("S9", (X, X, X, X, X, X, NO, NO)),
    "reopen": ("S10", (NO, NO, NO, NO, NO, NO, A, A)),
}
CASES = [
    pytest.param(step, before, after, marks=pytest.mark.row(row), id=f"{step}-{before.code}")
    for step, (row, afters) in TABLE.items()
    for before, after in zip(Status, afters, strict=True)
]


@pytest.fixture
def tickets(office: Backoffice) -> TicketService:
    """The desk's ticket service, where tickets may be put on hold."""
    office.desk.settings.set("on_hold", "on", "Bob")
    return office.desk.tickets


PATHS: dict[Status, list[str]] = {
    U: [],
    R: ["read"],
    A: ["assign"],
    P: ["take"],
    W: ["wait"],
    H: ["hold"],
    C: ["close"],
    X: ["abandon"],
}


def put(tickets: TicketService, ticket: TicketView, status: Status, holder: Actor, *, held: bool = True) -> int:
    """The ticket stands there now, from Assigned on with an assignee unless not `held`; the number of its events."""
    first = ["take"] if held and status > P else []
    for step in [*first, *PATHS[status]]:
        STEPS[step](tickets, ticket.reference, holder)
    return len(kinds(ticket))


def kinds(ticket: TicketView) -> list[str]:
    """What happened to a ticket, in order."""
    return [event.kind for event in rows.events(ticket.id)]


@pytest.mark.parametrize(("step", "before", "after"), CASES)
def test_a_step_leads_where_the_table_says_or_is_refused_with_a_sentence(
    tickets: TicketService, ticket: TicketView, bob: Actor, step: str, before: Status, after: Status | None
) -> None:
    events = put(tickets, ticket, before, bob)

    if after is None:
        with pytest.raises(Refusal, match=f"{ticket.reference} is .*{LABELS[before]}") as refusal:
            STEPS[step](tickets, ticket.reference, bob)
        assert str(refusal.value).endswith(".")
        assert len(kinds(ticket)) == events
        return

    changed = STEPS[step](tickets, ticket.reference, bob)
    assert changed.status is after
    assert (changed.closed_at is not None) == (after in (C, X))


@pytest.mark.row("S10")
def test_a_ticket_of_nobody_is_everyones_again_when_it_is_reopened(
    tickets: TicketService, ticket: TicketView, bob: Actor
) -> None:
    tickets.close(ticket.reference, bob)

    assert tickets.reopen(ticket.reference, bob).status is Status.UNREAD


@pytest.mark.row("R:reopening clears", "D16")
def test_reopening_clears_the_closing_date_and_keeps_the_history(
    tickets: TicketService, ticket: TicketView, bob: Actor
) -> None:
    closed = tickets.close(ticket.reference, bob, text="Put out")

    reopened = tickets.reopen(ticket.reference, bob)

    assert (closed.closed_at, reopened.closed_at, reopened.reopened) == (NOON, None, 1)
    closing = next(event for event in rows.events(ticket.id) if event.kind == "closed")
    assert closing.new["closed_at"] == NOON.isoformat()


@pytest.mark.row("R:status writes event")
@pytest.mark.parametrize("step", [step for step in STEPS if step not in ("reopen", "resume", "unassign")])
def test_a_change_of_status_is_an_event_with_who_where_old_and_new(
    tickets: TicketService, ticket: TicketView, bob: Actor, step: str
) -> None:
    changed = STEPS[step](tickets, ticket.reference, bob)

    event = rows.events(ticket.id)[-1]
    assert (event.actor_name, event.platform) == ("Bob", "slack")
    assert (event.old["status"], event.new["status"]) == (Status.UNREAD, changed.status)


@pytest.mark.row("R:reassign keeps progress", "S4")
def test_reassigning_keeps_in_progress(tickets: TicketService, ticket: TicketView, bob: Actor, carol: Actor) -> None:
    tickets.take(ticket.reference, bob)
    assert carol.agent is not None

    changed = tickets.assign(ticket.reference, carol.agent, bob)

    assert (changed.status, changed.assignee) == (Status.IN_PROGRESS, carol.agent)


@pytest.mark.row("S6")
def test_who_answers_a_ticket_of_nobody_becomes_its_assignee(
    tickets: TicketService, ticket: TicketView, bob: Actor
) -> None:
    changed = tickets.reply(ticket.reference, Writing("Hello"), bob, to=["ann@acme.example"])

    assert changed.assignee == bob.agent


# the client writes ---------------------------------------------------------------------------------------------------

CLIENT_WRITES = [
    (U, False, U), (R, False, R), (A, True, A), (P, True, P), (W, True, P), (W, False, U), (H, True, P), (H, False, U),
    (C, True, A), (C, False, U), (X, True, A), (X, False, U),
]  # fmt: skip


@pytest.mark.row("S8")
@pytest.mark.parametrize(("before", "assigned", "after"), CLIENT_WRITES)
def test_a_client_who_writes_wakes_what_waits_and_what_is_closed(
    tickets: TicketService,
    ticket: TicketView,
    ann: Client,
    bob: Actor,
    before: Status,
    assigned: bool,
    after: Status,
) -> None:
    put(tickets, ticket, before, bob, held=assigned)

    changed = tickets.client_writes(ticket.id, Writing("Still burning"), ann)

    assert changed.status is after
    assert changed.client_wrote_at == NOON
    assert changed.reopened == (0 if before.is_open else 1)


@pytest.mark.row("S8")
@pytest.mark.parametrize(("days", "is_new"), [(14, False), (14.01, True)])
def test_after_the_window_a_client_gets_a_new_ticket_linked_to_the_old(
    tickets: TicketService,
    ticket: TicketView,
    ann: Client,
    bob: Actor,
    clock: SetClock,
    days: float,
    is_new: bool,
) -> None:
    tickets.close(ticket.reference, bob)
    clock.move(days=days)

    answered = tickets.client_writes(ticket.id, Writing("Again"), ann)

    assert (answered.id != ticket.id) == is_new
    assert answered.previous_id == (ticket.id if is_new else None)


# how it begins -------------------------------------------------------------------------------------------------------


@pytest.mark.row("S1")
def test_what_a_client_sends_is_unread(ticket: TicketView) -> None:
    assert (ticket.status, ticket.assignee) == (Status.UNREAD, None)


@pytest.mark.row("S1")
def test_what_a_client_sends_to_a_named_assignee_is_assigned(tickets: TicketService, ann: Client) -> None:
    opening = Opening("Fire", client=ann, assignee="carol@example.org")

    made = tickets.open(opening, Actor("client", "Ann", "mail"))

    assert made.status is Status.ASSIGNED


@pytest.mark.row("S2", "C3", "R:auto read keeps assignee")
@pytest.mark.parametrize(
    ("auto_read", "assignee", "status"),
    [("off", "", U), ("on", "", R), ("off", "carol@example.org", A), ("on", "carol@example.org", A)],
)
def test_what_staff_opens_is_read_by_itself_where_that_is_set_and_keeps_its_assignee(
    office: Backoffice, tickets: TicketService, bob: Actor, auto_read: str, assignee: str, status: Status
) -> None:
    office.desk.settings.set("auto_read", auto_read, "Bob")

    made = tickets.open(Opening("Fire", assignee=assignee), bob)

    assert made.status is status
    assert (made.assignee.email if made.assignee else "") == assignee


@pytest.mark.row("C3")
def test_automatic_read_is_only_for_staff(office: Backoffice, tickets: TicketService, ann: Client) -> None:
    office.desk.settings.set("auto_read", "on", "Bob")

    assert tickets.open(Opening("Fire", client=ann), Actor("client", "Ann", "mail")).status is Status.UNREAD


@pytest.mark.row("C4", "S2")
@pytest.mark.parametrize(
    ("auto_assign", "chosen", "assignee"),
    [
        ("never", "", None),
        ("never", "carol@example.org", "carol@example.org"),
        ("if_nobody", "", "bob@example.org"),
        ("if_nobody", "carol@example.org", "carol@example.org"),
        ("always", "", "bob@example.org"),
        ("always", "carol@example.org", "bob@example.org"),
    ],
)
def test_a_creator_is_assigned_as_the_setting_says(
    office: Backoffice, tickets: TicketService, bob: Actor, auto_assign: str, chosen: str, assignee: str | None
) -> None:
    office.desk.settings.set("auto_assign", auto_assign, "Bob")

    made = tickets.open(Opening("Fire", assignee=chosen), bob)

    assert (made.assignee.email if made.assignee else None) == assignee


@pytest.mark.row("C4")
def test_a_client_is_never_an_assignee(office: Backoffice, tickets: TicketService, ann: Client) -> None:
    office.desk.settings.set("auto_assign", "always", "Bob")

    assert tickets.open(Opening("Fire", client=ann), Actor("client", "Ann", "mail")).assignee is None


@pytest.mark.row("S7")
def test_on_hold_is_refused_where_it_is_switched_off(office: Backoffice, ticket: TicketView, bob: Actor) -> None:
    with pytest.raises(Refusal, match="switched off"):
        office.desk.tickets.hold(ticket.reference, bob)


@pytest.mark.row("S9")
def test_abandoning_needs_a_reason(tickets: TicketService, ticket: TicketView, bob: Actor) -> None:
    with pytest.raises(Refusal, match="Please say why"):
        tickets.abandon(ticket.reference, "  ", bob)
