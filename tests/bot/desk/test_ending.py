"""Who is told at the end: the usual people, those chosen one by one, or nobody, by the setting or by what was said."""

from typing import Any

import pytest

from bot.backoffice import Backoffice
from bot.desk.opening import Opening
from bot.desk.people import Actor, client_of
from bot.desk.tickets import TicketService
from bot.desk.views import TicketView
from bot.desk.workflow import Status
from storage.models import Delivery


@pytest.fixture
def tickets(office: Backoffice) -> TicketService:
    """The desk's ticket service."""
    return office.desk.tickets


def told() -> list[str]:
    """Who gets a closing letter."""
    return [row.channel for row in Delivery.select() if row.payload.get("letter") == "closing"]


@pytest.mark.row("C5", "F8")
@pytest.mark.parametrize(("preset", "letter"), [("always", 1), ("ask_yes", 1), ("ask_no", 0), ("never", 0)])
def test_where_nothing_is_said_the_setting_decides(
    office: Backoffice, tickets: TicketService, ticket: TicketView, bob: Actor, preset: str, letter: int
) -> None:
    office.desk.settings.set("notify_on_close", preset, "Bob")

    tickets.close(ticket.reference, bob, text="Put out")

    assert told() == ["ann@acme.example"] * letter


@pytest.mark.row("F8")
@pytest.mark.parametrize(
    ("notify", "letters"),
    [
        (True, ["ann@acme.example", "zoe@acme.example"]),
        (False, []),
        (["zoe@acme.example"], ["zoe@acme.example"]),
        (["Zoe@acme.example", "zoe@ACME.example", "kim@acme.example"], ["zoe@acme.example", "kim@acme.example"]),
        (["support@example.org"], []),
        ([], []),
    ],
)
def test_who_gets_the_closing_letter_is_chosen_person_by_person(
    tickets: TicketService, ticket: TicketView, bob: Actor, notify: Any, letters: list[str]
) -> None:
    tickets.editor.edit(ticket.reference, {"cc": "zoe@acme.example"}, bob)

    tickets.close(ticket.reference, bob, notify=notify)

    assert sorted(told()) == sorted(letters)


@pytest.mark.row("R:notify all no contact", "F8")
@pytest.mark.parametrize("notify", [None, True, []])
def test_a_ticket_of_nobody_is_closed_whoever_was_to_be_told(tickets: TicketService, bob: Actor, notify: Any) -> None:
    internal = tickets.open(Opening("Clean up", notify="all"), bob)

    closed = tickets.close(internal.reference, bob, notify=notify)

    assert (closed.status, told()) == (Status.CLOSED, [])


@pytest.mark.row("D11", "F8")
@pytest.mark.parametrize(
    ("of_ticket", "notify", "letter"),
    [("none", True, 0), ("none", ["ann@acme.example"], 1), ("milestones", True, 1), ("all", True, 1)],
)
def test_a_letter_goes_when_ticket_and_desk_say_so_or_when_somebody_was_picked(
    tickets: TicketService, bob: Actor, of_ticket: str, notify: Any, letter: int
) -> None:
    made = tickets.open(Opening("Fire", client=client_of("ann@acme.example"), notify=of_ticket), bob)

    tickets.close(made.reference, bob, notify=notify)

    assert len(told()) == letter


@pytest.mark.row("S9", "F8")
@pytest.mark.parametrize(("notify", "letter"), [(None, 0), (False, 0), (True, 1), (["ann@acme.example"], 1)])
def test_of_an_abandoned_ticket_nobody_outside_is_told_unless_that_is_said(
    tickets: TicketService, ticket: TicketView, bob: Actor, notify: Any, letter: int
) -> None:
    ended = tickets.abandon(ticket.reference, "A joke", bob, notify=notify)

    assert (ended.status, ended.resolution, len(told())) == (Status.ABANDONED, "A joke", letter)
