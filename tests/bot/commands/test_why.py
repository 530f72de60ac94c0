"""`why`: where a ticket stands, who is responsible, what is due when and by which rule, and what happens next."""

import json

import pytest

from bot.backoffice import Backoffice
from bot.clock import SetClock
from bot.commands.requests import Caller, Request
from bot.desk.people import Actor
from bot.desk.views import TicketView
from bot.outgoing.cards import Answer
from storage.queries import dictionaries


def why(office: Backoffice, ticket: TicketView) -> Answer:
    """Bob asks on the command line."""
    return office.runner.run(Request(Caller("cli", "bob@example.org"), words=("why", ticket.reference)))


@pytest.fixture
def bound(office: Backoffice) -> Backoffice:
    """A desk with delays: an answer in 4 h, the group's next step in 8 h."""
    office.desk.settings.set("response_delay", 4, "Bob")
    dictionaries.change("group", dictionaries.default("group").id, action_delay=8)
    return office


@pytest.mark.row("F12")
def test_a_new_ticket_is_nobodys_and_both_deadlines_are_said_with_their_rules(
    bound: Backoffice, ticket: TicketView
) -> None:
    told = why(bound, ticket)

    assert told.lines == (
        "Unread: nobody has it; whoever is in the group Other may take it.",
        "⏳ The first answer is due 16:00, in 4 h: 4 h by the desk's settings, round the clock, since 12:00.",
        "⏳ The next step is due 20:00, in 8 h: 8 h by the group OTHER, round the clock, since 12:00.",
        "Next: 15:00 the team is warned.",
    )


def test_what_is_overdue_is_said_with_the_next_alert(bound: Backoffice, ticket: TicketView, clock: SetClock) -> None:
    clock.move(hours=4.5)
    bound.desk.alerts.look()

    told = why(bound, ticket)

    assert told.lines[1].startswith("⏰ The first answer was due 16:00, 30 min ago: 4 h by")
    assert told.lines[-1] == "Next: 17:00 the team is alerted."


def test_a_waiting_ticket_says_that_its_clock_stands_still(bound: Backoffice, ticket: TicketView, bob: Actor) -> None:
    bound.desk.tickets.take(ticket.reference, bob)
    bound.desk.tickets.wait(ticket.reference, bob)

    told = why(bound, ticket)

    assert told.lines[0] == "Waiting for feedback: Bob is responsible."
    assert told.lines[2] == "The time for the next step stands still."
    assert "the clock stands still until the client answers" in told.lines[-1]


def test_without_delays_nothing_is_planned(office: Backoffice, ticket: TicketView) -> None:
    told = why(office, ticket)

    assert told.lines[1:] == (
        "There is no limit for the first answer.",
        "There is no limit for the next step.",
        "Nothing else is planned.",
    )


def test_a_closed_ticket_has_nothing_due(bound: Backoffice, ticket: TicketView, bob: Actor) -> None:
    bound.desk.tickets.close(ticket.reference, bob)

    assert why(bound, ticket).lines[1:] == ("Nothing else is planned.",)


def test_programs_get_the_same_as_values(bound: Backoffice, ticket: TicketView) -> None:
    bound.desk.settings.set("delays_count", "business_hours", "Bob")
    bound.desk.alerts.look()

    data = json.loads(json.dumps(why(bound, ticket).data))

    assert (data["status"], data["responsible"], data["paused"]) == ("unread", None, False)
    assert data["deadlines"][1] == {
        "kind": "action",
        "since": "2026-03-04T12:00:00+00:00",
        "warn_at": "2026-03-04T18:00:00+00:00",
        "due_at": "2026-03-05T11:00:00+00:00",
        "overdue": False,
        "hours": 8,
        "from": "group",
        "code": "OTHER",
        "counted": "business_hours",
    }


def test_nobody_is_asked_to_take_what_is_closed(office: Backoffice, ticket: TicketView, bob: Actor) -> None:
    office.desk.tickets.close(ticket.reference, bob)

    assert why(office, ticket).lines == ("Closed: nobody had it.", "Nothing else is planned.")
