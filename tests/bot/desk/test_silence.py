"""Silent clients: reminded once while a ticket waits for them, closed in the end, whatever the clock does."""

from datetime import timedelta

import pytest

from bot.backoffice import Backoffice
from bot.clock import SetClock
from bot.desk.changes import Writing
from bot.desk.opening import Opening
from bot.desk.people import Actor, Client
from bot.desk.views import TicketView
from bot.desk.waiting import Patience
from bot.desk.workflow import Status
from storage.models import Delivery
from storage.queries import tickets as rows
from tests.conftest import NOON

ANN = "ann@acme.example"


def patient(office: Backoffice, *, remind: float = 0, close: float = 0, **more: object) -> None:
    """Set after how many days clients are reminded and tickets closed, and what else is given."""
    for name, value in {"remind_client_days": remind, "autoclose_days": close, **more}.items():
        office.desk.settings.set(name, value, "Bob")


def waiting(office: Backoffice, ticket: TicketView, bob: Actor) -> TicketView:
    """Bob has answered and waits."""
    return office.desk.tickets.reply(ticket.reference, Writing("Which one?"), bob, to=[ANN], step="wait")


def after(office: Backoffice, clock: SetClock, **span: float) -> int:
    """How many tickets change so much later."""
    clock.move(**span)
    return office.desk.silence.look()


def letters(ticket: TicketView) -> list[str]:
    """The automatic letters after the confirmation, in order."""
    found = Delivery.select().where((Delivery.kind == "letter") & (Delivery.ticket == ticket.id)).order_by(Delivery.id)
    kinds = [delivery.payload["letter"] for delivery in found]
    return [kind for kind in kinds if kind not in ("confirmation", "reply")]


def told(ticket: TicketView) -> list[str]:
    """What the desk did by itself, in order."""
    return [event.kind for event in rows.events(ticket.id) if event.actor == "desk"]


# reminding -----------------------------------------------------------------------------------------------------------


@pytest.mark.database
@pytest.mark.row("N9")
def test_a_silent_client_is_reminded_once_in_each_time_of_waiting(
    office: Backoffice, clock: SetClock, ticket: TicketView, bob: Actor, ann: Client
) -> None:
    patient(office, remind=3)
    waiting(office, ticket, bob)

    first = [after(office, clock, days=2.9), after(office, clock, days=0.2), after(office, clock, days=30)]
    office.desk.tickets.client_writes(ticket.id, Writing("The red one"), ann)
    office.desk.tickets.wait(ticket.reference, bob)
    second = [after(office, clock, days=2.9), after(office, clock, days=0.2), after(office, clock, days=30)]

    assert (first, second) == ([0, 1, 0], [0, 1, 0])
    assert letters(ticket) == ["reminder", "reminder"]


@pytest.mark.row("N9")
def test_the_card_says_that_the_client_was_reminded_and_the_thread_does_not(
    office: Backoffice, clock: SetClock, ticket: TicketView, bob: Actor
) -> None:
    patient(office, remind=3)
    waiting(office, ticket, bob)
    Delivery.update(state="sent", sent_at=clock.now()).execute()

    after(office, clock, days=4)

    pending = Delivery.select().where(Delivery.state == "pending").order_by(Delivery.id)
    last = office.desk.tickets.view(ticket.id).last
    assert last is not None and last.kind == "client_reminded"
    assert {delivery.kind for delivery in pending} == {"card", "letter"}


@pytest.mark.row("N9", "D11", "N6")
@pytest.mark.parametrize(
    ("notify", "letters_are", "sent"),
    [
        ("all", "on", ["reminder"]),
        ("all", "dry_run", ["reminder"]),
        ("all", "off", []),
        ("milestones", "on", []),
        ("none", "on", []),
    ],
)
def test_a_reminder_goes_where_ticket_and_settings_both_say_yes(
    office: Backoffice, clock: SetClock, ann: Client, bob: Actor, notify: str, letters_are: str, sent: list[str]
) -> None:
    opening = Opening("Fire", client=ann, reply_address=ann.address, notify=notify)
    ticket = office.desk.tickets.open(opening, Actor("client", "Ann", "mail"))
    office.desk.tickets.wait(ticket.reference, bob)
    patient(office, remind=3, letters=letters_are)

    changed = after(office, clock, days=4)

    assert (letters(ticket), changed, len(told(ticket))) == (sent, len(sent), len(sent))


@pytest.mark.row("N9")
def test_a_ticket_of_nobody_reminds_nobody(office: Backoffice, clock: SetClock, bob: Actor) -> None:
    inner = office.desk.tickets.open(Opening("Our own"), bob)
    office.desk.tickets.wait(inner.reference, bob)
    patient(office, remind=3)

    assert after(office, clock, days=4) == 0
    assert told(inner) == []


# closing -------------------------------------------------------------------------------------------------------------


@pytest.mark.database
@pytest.mark.row("N9")
def test_a_ticket_whose_client_stays_silent_is_closed_by_the_desk(
    office: Backoffice, clock: SetClock, ticket: TicketView, bob: Actor
) -> None:
    patient(office, remind=3, close=7)
    waiting(office, ticket, bob)

    changed = [after(office, clock, days=day) for day in (3, 3.9, 0.1, 1)]

    closed = office.desk.tickets.view(ticket.id)
    assert changed == [1, 0, 1, 0]
    assert (closed.status, closed.resolution) == (Status.CLOSED, "The client has not answered for 7 d.")
    assert (told(ticket), letters(ticket)) == (["client_reminded", "closed"], ["reminder", "closing_silent"])
    lines = Delivery.select().where(Delivery.kind == "line")
    assert [line.event.kind for line in lines] == ["closed"]


@pytest.mark.row("N9", "C5")
@pytest.mark.parametrize(("setting", "sent"), [("ask_yes", ["closing_silent"]), ("ask_no", []), ("never", [])])
def test_the_closing_letter_goes_as_the_setting_says(
    office: Backoffice, clock: SetClock, ticket: TicketView, bob: Actor, setting: str, sent: list[str]
) -> None:
    patient(office, close=7, notify_on_close=setting)
    waiting(office, ticket, bob)

    after(office, clock, days=8)

    assert letters(ticket) == sent
    assert office.desk.tickets.view(ticket.id).status == Status.CLOSED


@pytest.mark.row("N9", "S8")
def test_the_clients_answer_opens_it_again(
    office: Backoffice, clock: SetClock, ticket: TicketView, bob: Actor, ann: Client
) -> None:
    patient(office, close=7)
    waiting(office, ticket, bob)
    after(office, clock, days=8)

    again = office.desk.tickets.client_writes(ticket.id, Writing("I was away"), ann)

    assert (again.id, again.status, again.reopened) == (ticket.id, Status.ASSIGNED, 1)
    assert after(office, clock, days=30) == 0


@pytest.mark.row("N9")
@pytest.mark.parametrize("state", ["on hold", "in progress", "deleted"])
def test_only_what_waits_for_the_client_is_touched(
    office: Backoffice, clock: SetClock, ticket: TicketView, bob: Actor, state: str
) -> None:
    patient(office, remind=3, close=7, on_hold="on")
    waiting(office, ticket, bob)
    {
        "on hold": office.desk.tickets.hold,
        "in progress": office.desk.tickets.resume,
        "deleted": office.desk.tickets.bin.delete,
    }[state](ticket.reference, bob)

    assert after(office, clock, days=40) == 0


# clocks --------------------------------------------------------------------------------------------------------------


@pytest.mark.row("N9", "TM-07")
def test_after_a_long_sleep_the_client_still_has_the_time_between_reminder_and_closing(
    office: Backoffice, clock: SetClock, ticket: TicketView, bob: Actor
) -> None:
    patient(office, remind=3, close=7)
    waiting(office, ticket, bob)

    changed = [after(office, clock, days=day) for day in (30, 3.9, 0.2)]

    assert changed == [1, 0, 1]
    assert told(ticket) == ["client_reminded", "closed"]


@pytest.mark.row("N9", "TM-06")
def test_a_clock_set_back_reminds_nobody_twice(
    office: Backoffice, clock: SetClock, ticket: TicketView, bob: Actor
) -> None:
    patient(office, remind=3)
    waiting(office, ticket, bob)
    after(office, clock, days=4)

    changed = [after(office, clock, days=-10), after(office, clock, days=14)]

    assert changed == [0, 0]
    assert letters(ticket) == ["reminder"]


@pytest.mark.row("N9")
def test_a_closing_that_was_taken_back_reminds_nobody_again(
    office: Backoffice, clock: SetClock, ticket: TicketView, bob: Actor
) -> None:
    patient(office, remind=3)
    waiting(office, ticket, bob)
    after(office, clock, days=4)
    office.desk.tickets.close(ticket.reference, bob)
    office.desk.tickets.undoer.undo(bob)

    assert office.desk.tickets.view(ticket.id).status == Status.WAITING
    assert after(office, clock, days=4) == 0


# the rule ------------------------------------------------------------------------------------------------------------


@pytest.mark.row("N9")
@pytest.mark.parametrize(
    ("remind", "close", "reminds", "reminded_for"),
    [(3, 7, True, 4), (7, 7, False, None), (9, 7, False, None), (0, 7, False, None)],
)
def test_a_reminder_that_comes_no_earlier_than_the_closing_is_none(
    remind: float, close: float, reminds: bool, reminded_for: float | None
) -> None:
    patience = Patience(remind, close)

    _, reminded_before = patience.close_before(NOON)

    assert patience.reminds is reminds
    assert reminded_before == (None if reminded_for is None else NOON - timedelta(days=reminded_for))
