"""What the team is told of deadlines, and how often: once each, whatever the clock does, many at once in one notice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest

from bot.app import letter_writer
from bot.backoffice import Backoffice
from bot.clock import SetClock
from bot.commands.verbs import VERBS
from bot.desk.alerts import Alerts
from bot.desk.changes import Writing
from bot.desk.opening import Opening
from bot.desk.outbox import Happened
from bot.desk.people import DESK, Actor, Client
from bot.desk.views import TicketView
from bot.outgoing.packing import Packer
from bot.outgoing.recipients import Audience, Channels
from storage.database import session
from storage.models import Alert, Delivery
from storage.queries import dictionaries
from storage.queries import tickets as rows

Open = Callable[..., TicketView]


@pytest.fixture
def alerts(office: Backoffice) -> Alerts:
    """The desk's alerts, which have looked once."""
    office.desk.alerts.look()
    return office.desk.alerts


@pytest.fixture
def open_one(office: Backoffice, ann: Client) -> Open:
    """Opens tickets of Ann's, now."""

    def open_it(subject: str = "Printer", **values: object) -> TicketView:
        opening = Opening(subject, client=ann, reply_address=ann.address, **values)  # type: ignore[arg-type]
        return office.desk.tickets.open(opening, Actor("client", ann.name, "mail"))

    return open_it


def delays(office: Backoffice, **hours: float) -> None:
    """Set the desk's delays: response=, action=."""
    for name, value in hours.items():
        office.desk.settings.set(f"{name}_delay", value, "Bob")
    office.desk.alerts.look()


def told(ticket: TicketView) -> list[str]:
    """What the team was told of a ticket's deadlines, in order."""
    return [event.kind for event in rows.events(ticket.id) if event.kind in ("warned", "overdue")]


def notices() -> list[str]:
    """What was said of deadlines outside of tickets' threads, in order: texts, or "overdue" for one ticket's."""
    of_deadlines = (Delivery.kind == "notice") & ~Delivery.key.startswith("notice:budget")
    found = Delivery.select().where(of_deadlines).order_by(Delivery.id)
    return [delivery.payload.get("text") or delivery.event.kind for delivery in found]


def after(clock: SetClock, alerts: Alerts, **span: float) -> int:
    """Of how many tickets the team is told so much later."""
    clock.move(**span)
    return alerts.look()


# one ticket ----------------------------------------------------------------------------------------------------------


@pytest.mark.database
def test_a_ticket_is_warned_of_then_overdue_then_overdue_again_each_once(
    office: Backoffice, alerts: Alerts, open_one: Open, clock: SetClock
) -> None:
    delays(office, response=4)
    ticket = open_one()

    steps = {minutes: after(clock, alerts, minutes=30) for minutes in range(30, 13 * 60, 30)}

    assert [minutes / 60 for minutes, number in steps.items() if number] == [3, 4, 5, 6, 8, 12]
    assert told(ticket) == ["warned", *["overdue"] * 5]
    assert notices() == ["overdue"] * 5


@pytest.mark.row("C6")
@pytest.mark.row("R:confirmation and clock")
def test_an_automatic_confirmation_does_not_stop_the_response_clock(
    office: Backoffice, alerts: Alerts, open_one: Open, clock: SetClock
) -> None:
    delays(office, response=4)
    ticket = open_one()
    packer = Packer(office.desk, letter_writer(office), VERBS)

    letters = packer.claim("mail", [], 5)
    for letter in letters:
        packer.outcomes.sent(letter)
    number = after(clock, alerts, hours=4)

    assert len(letters) == 1
    assert (office.desk.tickets.view(ticket.id).first_response_at, number) == (None, 1)


@pytest.mark.row("C6")
def test_only_a_public_answer_stops_the_response_clock(
    office: Backoffice, alerts: Alerts, open_one: Open, bob: Actor
) -> None:
    delays(office, response=4)
    ticket, tickets = open_one(), office.desk.tickets

    noted = tickets.note(ticket.reference, Writing("Hm"), bob)
    waiting = tickets.wait(ticket.reference, bob)
    answered = tickets.reply(ticket.reference, Writing("Hello"), bob, to=["ann@acme.example"])

    assert noted.response_due_at == waiting.response_due_at == ticket.response_due_at
    assert answered.response_due_at is None


@pytest.mark.row("C7")
def test_a_clients_reply_starts_a_new_wait_for_us(
    office: Backoffice, alerts: Alerts, open_one: Open, ann: Client, clock: SetClock
) -> None:
    delays(office, action=4)
    ticket = open_one()
    clock.move(hours=3)

    replied = office.desk.tickets.client_writes(ticket.id, Writing("Hello?"), ann)

    assert replied.action_due_at == clock.now() + timedelta(hours=4)


@pytest.mark.row("C7")
def test_neither_a_snooze_nor_a_doubtful_mail_restarts_the_action_clock(
    office: Backoffice, alerts: Alerts, open_one: Open, bob: Actor, clock: SetClock
) -> None:
    delays(office, action=4)
    ticket, tickets = open_one(), office.desk.tickets
    clock.move(hours=1)

    snoozed = tickets.snooze(ticket.reference, clock.now() + timedelta(hours=1), bob)
    doubted = tickets.answer_to_note(ticket.id, Writing("I am Bob"), Client("eve@evil.example", "Eve"))

    assert snoozed.action_due_at == doubted.action_due_at == ticket.action_due_at


def test_a_snoozed_ticket_is_told_of_when_its_snooze_ends(
    office: Backoffice, alerts: Alerts, open_one: Open, bob: Actor, clock: SetClock
) -> None:
    delays(office, response=4)
    ticket = open_one()
    office.desk.tickets.snooze(ticket.reference, clock.now() + timedelta(hours=6), bob)

    numbers = [after(clock, alerts, hours=1) for _ in range(6)]

    assert numbers == [0, 0, 0, 0, 0, 1]
    assert told(ticket) == ["overdue"]


def test_a_breach_is_told_again_until_somebody_acts(
    office: Backoffice, alerts: Alerts, open_one: Open, bob: Actor, clock: SetClock
) -> None:
    delays(office, response=4)
    ticket = open_one()
    before = [after(clock, alerts, hours=4), after(clock, alerts, hours=1)]

    office.desk.tickets.take(ticket.reference, bob)
    afterwards = [after(clock, alerts, hours=1) for _ in range(24)]

    assert (before, sum(afterwards)) == ([1, 1], 0)


def test_what_was_acted_upon_is_not_told_again_beside_something_else(
    office: Backoffice, alerts: Alerts, open_one: Open, bob: Actor, clock: SetClock
) -> None:
    delays(office, response=4, action=8)
    ticket = open_one()
    after(clock, alerts, hours=4)
    office.desk.tickets.take(ticket.reference, bob)

    after(clock, alerts, hours=8)

    assert {alert.step for alert in Alert.select().where(Alert.kind == "response")} == {1}
    assert rows.events(ticket.id)[-1].data["wait"] == "action"


def test_what_both_delays_have_to_say_at_once_is_said_once(
    office: Backoffice, alerts: Alerts, open_one: Open, clock: SetClock
) -> None:
    delays(office, response=4, action=4)
    ticket = open_one()

    after(clock, alerts, hours=4)

    assert told(ticket) == ["overdue"]
    assert [(alert.kind, alert.step) for alert in Alert.select().order_by(Alert.kind)] == [
        ("action", 1),
        ("response", 1),
    ]


@pytest.mark.row("R:response 0 action on")
def test_a_new_ticket_is_not_late_without_a_response_delay(
    office: Backoffice, alerts: Alerts, open_one: Open, clock: SetClock
) -> None:
    delays(office, response=0, action=4)
    ticket = open_one()

    now = after(clock, alerts, seconds=1)

    assert (now, ticket.is_overdue(clock.now())) == (0, False)
    assert ticket.due_at == ticket.created_at + timedelta(hours=4)


def test_an_imported_archive_is_told_to_nobody(
    office: Backoffice, alerts: Alerts, open_one: Open, clock: SetClock
) -> None:
    delays(office, response=4)

    open_one(created_at=clock.now() - timedelta(days=30), silent=True)

    assert (after(clock, alerts, hours=1), notices()) == (0, [])


# clocks --------------------------------------------------------------------------------------------------------------


@pytest.mark.row("TM-06")
@pytest.mark.database
def test_a_clock_set_back_repeats_nothing(office: Backoffice, alerts: Alerts, open_one: Open, clock: SetClock) -> None:
    delays(office, response=4)
    ticket = open_one()
    first = after(clock, alerts, hours=4)

    again = [after(clock, alerts, hours=-2), after(clock, alerts, hours=1), after(clock, alerts, hours=1)]

    assert (first, again) == (1, [0, 0, 0])
    assert told(ticket) == ["overdue"]


@pytest.mark.row("TM-07")
def test_after_a_long_sleep_a_ticket_is_told_of_once(
    office: Backoffice, alerts: Alerts, open_one: Open, clock: SetClock
) -> None:
    delays(office, response=1)
    ticket = open_one()

    numbers = [after(clock, alerts, hours=9), after(clock, alerts, seconds=2)]

    assert (numbers, told(ticket)) == ([1, 0], ["overdue"])


@pytest.mark.row("TM-07")
@pytest.mark.database
def test_after_a_long_sleep_many_tickets_are_told_of_in_one_notice(
    office: Backoffice, alerts: Alerts, open_one: Open, clock: SetClock
) -> None:
    delays(office, response=4)
    tickets = [open_one() for _ in range(30)]
    clock.move(hours=6)
    later = open_one()

    numbers = [after(clock, alerts, hours=3), after(clock, alerts, seconds=2)]

    assert numbers == [31, 0]
    assert notices() == ["⏰ 30 tickets are overdue: `list overdue` shows them. ⏳ 1 ticket is near its deadline."]
    assert {tuple(told(ticket)) for ticket in tickets} == {("overdue",)}
    assert told(later) == ["warned"]


@pytest.mark.row("TM-01")
@pytest.mark.parametrize(
    "night", [datetime(2026, 3, 28, 23, 30, tzinfo=UTC), datetime(2026, 10, 24, 23, 30, tzinfo=UTC)]
)
def test_nothing_is_missed_or_doubled_in_the_night_when_clocks_change(
    office: Backoffice, alerts: Alerts, open_one: Open, clock: SetClock, night: datetime
) -> None:
    office.desk.settings.set("timezone", "Europe/Paris", "Bob")
    clock.move(seconds=(night - clock.now()).total_seconds())
    delays(office, response=4)
    ticket = open_one()

    numbers = [after(clock, alerts, minutes=10) for _ in range(4 * 6)]

    assert told(ticket) == ["warned", "overdue"]
    assert (ticket.response_due_at, numbers.index(1), numbers[-1]) == (night + timedelta(hours=4), 17, 1)


@pytest.mark.row("PR-04")
def test_a_restart_tells_nothing_again(office: Backoffice, alerts: Alerts, open_one: Open, clock: SetClock) -> None:
    delays(office, response=4)
    open_one()
    after(clock, alerts, hours=4)
    audience = Audience(office.channels, office.desk.settings)

    restarted = Alerts(clock, office.desk.settings, audience, office.desk.alarms)

    assert (restarted.look(), notices()) == (0, ["overdue"])


@pytest.mark.row("INV-13")
@pytest.mark.database
def test_of_two_who_look_at_once_one_tells(office: Backoffice, alerts: Alerts, open_one: Open, clock: SetClock) -> None:
    delays(office, response=4)
    tickets = [open_one() for _ in range(5)]
    clock.move(hours=4)
    start = Barrier(2)

    def look() -> int:
        with session():
            start.wait(10)
            return alerts.look()

    with ThreadPoolExecutor(2) as threads:
        numbers = [future.result() for future in [threads.submit(look) for _ in range(2)]]

    assert sum(numbers) == 5
    assert {tuple(told(ticket)) for ticket in tickets} == {("overdue",)}


# rules that change ---------------------------------------------------------------------------------------------------


@pytest.mark.row("TM-08")
@pytest.mark.database
def test_a_shorter_delay_makes_one_notice_however_many_are_late_now(
    office: Backoffice, alerts: Alerts, open_one: Open, clock: SetClock
) -> None:
    delays(office, response=24)
    old = [open_one() for _ in range(40)]
    clock.move(hours=6)
    new = open_one()

    office.desk.settings.set("response_delay", 4, "Bob")
    numbers = [after(clock, alerts, seconds=2), after(clock, alerts, seconds=2)]

    assert numbers == [40, 0]
    (notice,) = notices()
    assert notice.startswith("⏱ Delays have changed: 41 open tickets have new due dates. ⏰ 40 tickets are overdue:")
    assert office.desk.tickets.view(new.id).response_due_at == new.created_at + timedelta(hours=4)
    assert {tuple(told(ticket)) for ticket in old} == {("overdue",)}
    assert rows.events(new.id)[-1].kind == "rescheduled"


@pytest.mark.row("TM-08")
@pytest.mark.parametrize(
    ("setting", "value", "hours"),
    [
        ("response_delay", 2, 2),
        ("delays_count", "business_hours", 22),
        ("response_delay", 0, None),
    ],
)
def test_a_changed_setting_moves_the_due_dates_of_open_tickets(
    office: Backoffice, alerts: Alerts, open_one: Open, setting: str, value: object, hours: float | None
) -> None:
    delays(office, response=7)
    ticket = open_one()

    office.desk.settings.set(setting, value, "Bob")
    alerts.look()

    due = office.desk.tickets.view(ticket.id).response_due_at
    assert due == (None if hours is None else ticket.created_at + timedelta(hours=hours))
    assert notices() == ["⏱ Delays have changed: 1 open ticket has a new due date."]


@pytest.mark.parametrize("kind", ["severity", "group"])
def test_a_changed_dictionary_moves_the_due_dates_of_open_tickets(
    office: Backoffice, alerts: Alerts, open_one: Open, kind: str
) -> None:
    delays(office, response=7)
    ticket = open_one()

    dictionaries.change(kind, dictionaries.default(kind).id, response_delay=1)
    alerts.look()

    assert office.desk.tickets.view(ticket.id).response_due_at == ticket.created_at + timedelta(hours=1)


def test_what_did_not_change_is_not_worked_out_again(office: Backoffice, alerts: Alerts, open_one: Open) -> None:
    delays(office, response=7)
    ticket = open_one()

    alerts.look()

    assert [event.kind for event in rows.events(ticket.id)] == ["opened"]


def test_a_warning_that_moves_changes_nothing_that_people_see(
    office: Backoffice, alerts: Alerts, open_one: Open, clock: SetClock
) -> None:
    delays(office, response=4)
    ticket = open_one()

    office.desk.settings.set("warn_at", 50, "Bob")
    alerts.look()
    number = after(clock, alerts, hours=2)

    assert (number, told(ticket), notices()) == (1, ["warned"], [])


# where it is told ----------------------------------------------------------------------------------------------------


def test_each_teams_notice_counts_its_own_tickets(
    office: Backoffice, alerts: Alerts, open_one: Open, clock: SetClock
) -> None:
    dictionaries.add("group", code="BILLING", labels={"en": "Billing"}, slack_channel="#billing")
    delays(office, response=4)
    for group in ["BILLING"] * 4 + ["OTHER"] * 3:
        open_one(group=group)

    after(clock, alerts, hours=4)

    found = Delivery.select().where(Delivery.kind == "notice").order_by(Delivery.channel)
    assert [(delivery.channel, delivery.payload["text"][:24]) for delivery in found] == [
        ("#billing", "⏰ 4 tickets are overdue:"[:24]),
        ("#support", "⏰ 3 tickets are overdue:"[:24]),
    ]


WARNED_QUIETLY = [("slack", "card"), ("slack", "line"), ("telegram", "card")]
TOLD_ALOUD = [("slack", "card"), ("slack", "notice"), ("telegram", "card"), ("telegram", "line")]


@pytest.mark.parametrize(
    ("kind", "together", "places"),
    [
        ("warned", False, WARNED_QUIETLY),
        ("overdue", False, TOLD_ALOUD),
        ("warned", True, [("slack", "card"), ("telegram", "card")]),
        ("overdue", True, [("slack", "card"), ("telegram", "card")]),
        ("rescheduled", False, [("slack", "card"), ("telegram", "card")]),
    ],
)
def test_a_warning_stands_in_the_thread_and_a_breach_is_said_in_the_channel_and_on_the_phone(
    office: Backoffice, ticket: TicketView, kind: str, together: bool, places: list[tuple[str, str]]
) -> None:
    audience = Audience(Channels("#support", "-100"), office.desk.settings)
    happened = Happened(1, kind, DESK, ticket.created_at, None, {"together": together})

    parcels = list(audience(happened, ticket))

    assert [(parcel.platform, parcel.kind) for parcel in parcels] == places
