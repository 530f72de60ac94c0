"""A ticket is the same whatever door it came in by: a mail, a form in Slack, Telegram, the command line."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.backoffice import Backoffice
from bot.clock import SetClock
from bot.commands.requests import Caller, Request
from bot.desk.people import Actor
from bot.desk.views import TicketView
from bot.desk.workflow import Status
from storage.models import Delivery, Event
from storage.queries import people as people_rows
from tests.bot.intake.test_filing import take

Door = Callable[[Backoffice], object]

MAIL = b"From: ann@acme.example\r\nSubject: The printer burns\r\nMessage-ID: <1@acme.example>\r\n\r\nHelp\r\n"
SLACK, PHONE = Caller("slack", "U0BOB", "Bob", "bob@example.org"), Caller("telegram", "7001", "Bob")
SHELL = Caller("cli", "bob@example.org")
FILLED = {"subject": "The printer burns", "text": "Help", "contact": "ann@acme.example"}
DOORS: dict[str, Door] = {
    "mail": lambda office: take(office, MAIL),
    "slack": lambda office: office.runner.run(Request(SLACK, "new", fields=FILLED, submitted=True)),
    "telegram": lambda office: office.runner.run(Request(PHONE, "new", fields=FILLED, submitted=True)),
    "cli": lambda office: office.runner.run(Request(SHELL, words="new contact:ann@acme.example The printer burns")),
}
OWN = {"token", "version", "origin", "mailbox", "requester_name", "last", "client_wrote_at", "description"}


@pytest.fixture
def phone(office: Backoffice, bob: Actor, clock: SetClock) -> None:
    """Bob's phone is linked."""
    assert bob.agent is not None
    people_rows.link_account(bob.agent.id, "telegram", PHONE.id, "Bob", clock.now())


def opened_by(office: Backoffice, door: str) -> TicketView:
    """The first ticket, which comes in by this door."""
    DOORS[door](office)
    return office.desk.tickets.view(1)


@pytest.mark.row("F1", "D19", "S1", "S2")
@pytest.mark.parametrize("door", DOORS)
def test_a_ticket_is_opened_once_with_its_card_and_its_confirmation(office: Backoffice, phone: None, door: str) -> None:
    ticket = opened_by(office, door)

    event = Event.get(Event.kind == "opened")
    told = sorted((row.kind, row.channel) for row in Delivery.select())
    assert (ticket.reference, ticket.subject, ticket.requester_address) == (
        "TS2603-0001",
        "The printer burns",
        "ann@acme.example",
    )
    assert (ticket.type.code, ticket.group.code, ticket.severity.code) == ("OTHER", "OTHER", "NORMAL")
    assert (ticket.status, ticket.notify, ticket.origin, event.platform) == (Status.UNREAD, "all", door, door)
    assert told == [("card", "#support"), ("letter", "ann@acme.example")]


@pytest.mark.row("F1")
@pytest.mark.parametrize("door", ["telegram", "cli"])
def test_what_staff_opens_differs_in_nothing_but_its_origin(
    office: Backoffice, phone: None, clock: SetClock, door: str
) -> None:
    DOORS["slack"](office)
    DOORS[door](office)

    first, second = office.desk.tickets.view(1), office.desk.tickets.view(2)

    own = {name: getattr(first, name) for name in OWN} | {"id": 1, "reference": first.reference, "alike": first.alike}
    assert replace(second, **own) == first
