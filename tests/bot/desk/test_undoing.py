"""Taking back: the last reply, closing or deletion of one's own, while that is possible."""

from datetime import datetime
from functools import partial

import pytest
from pytest import MonkeyPatch

from bot.backoffice import Backoffice
from bot.clock import SetClock
from bot.desk.changes import Writing
from bot.desk.people import Actor, Client
from bot.desk.tickets import TicketService
from bot.desk.views import TicketView
from bot.desk.workflow import Status
from bot.errors import NotAllowed, Refusal
from storage.models import Delivery
from storage.queries import deliveries
from storage.queries import tickets as rows

NOTHING = "There is nothing of yours that could still be taken back"


@pytest.fixture
def tickets(office: Backoffice) -> TicketService:
    """The desk's ticket service."""
    return office.desk.tickets


def letters(kind: str) -> list[str]:
    """The states of the letters of a kind."""
    return [row.state for row in Delivery.select() if row.payload.get("letter") == kind]


@pytest.mark.row("F8")
def test_a_closing_is_taken_back_with_its_letter_and_the_ticket_stands_where_it_stood(
    tickets: TicketService, ticket: TicketView, bob: Actor, clock: SetClock
) -> None:
    tickets.wait(ticket.reference, bob)
    before = tickets.view(ticket.id)
    tickets.close(ticket.reference, bob, text="Put out")
    assert letters("closing") == ["pending"]
    clock.move(seconds=29)

    kind, (back,) = tickets.undoer.undo(bob)

    assert (kind, back.status, back.closed_at, back.resolution) == ("closed", Status.WAITING, None, "")
    assert (back.assignee, back.reopened) == (before.assignee, 0)
    assert letters("closing") == ["withdrawn"]
    assert rows.events(ticket.id)[-1].kind == "closing_withdrawn"


@pytest.mark.row("F8")
def test_after_undo_seconds_a_closing_stands(
    tickets: TicketService, ticket: TicketView, bob: Actor, clock: SetClock
) -> None:
    tickets.close(ticket.reference, bob)
    clock.move(seconds=30)

    with pytest.raises(Refusal, match=NOTHING):
        tickets.undoer.undo(bob)


@pytest.mark.row("F8")
def test_a_closing_whose_letter_has_left_stands(
    tickets: TicketService, ticket: TicketView, bob: Actor, clock: SetClock
) -> None:
    tickets.close(ticket.reference, bob)
    letter = next(row for row in Delivery.select() if row.payload.get("letter") == "closing")
    deliveries.sent(letter.id, clock.now(), "1")

    with pytest.raises(Refusal, match=NOTHING):
        tickets.undoer.undo(bob)

    assert tickets.view(ticket.id).status is Status.CLOSED


@pytest.mark.row("F8")
def test_a_closing_that_does_not_stand_any_more_is_not_taken_back(
    tickets: TicketService, ticket: TicketView, bob: Actor, ann: Client
) -> None:
    tickets.close(ticket.reference, bob)
    tickets.client_writes(ticket.id, Writing("Again"), ann)

    with pytest.raises(Refusal, match=NOTHING):
        tickets.undoer.undo(bob)


@pytest.mark.row("F8")
def test_a_reply_that_closed_is_taken_back_with_its_closing(
    tickets: TicketService, ticket: TicketView, bob: Actor
) -> None:
    tickets.reply(ticket.reference, Writing("Done"), bob, to=["ann@acme.example"], closes=True)
    tickets.close(ticket.reference, bob, notify=False)

    _, (back,) = tickets.undoer.undo(bob)

    assert back.status is Status.IN_PROGRESS
    assert [row.state for row in Delivery.select() if row.payload.get("letter") == "reply_closing"] == ["withdrawn"]


@pytest.mark.row("F4")
def test_a_reply_is_taken_back_before_it_leaves(tickets: TicketService, ticket: TicketView, bob: Actor) -> None:
    tickets.reply(ticket.reference, Writing("Hello"), bob, to=["ann@acme.example"])

    kind, _ = tickets.undoer.undo(bob)

    assert kind == "replied"
    assert letters("reply") == ["withdrawn"]
    with pytest.raises(Refusal, match=NOTHING):
        tickets.undoer.undo(bob)


@pytest.mark.row("F10")
def test_a_deletion_is_taken_back_within_a_quarter_of_an_hour(
    tickets: TicketService, ticket: TicketView, bob: Actor, clock: SetClock
) -> None:
    tickets.bin.delete(ticket.reference, bob)
    clock.move(minutes=14)

    assert tickets.undoer.undo(bob)[0] == "deleted"
    assert tickets.view(ticket.id).deleted_at is None


@pytest.mark.row("F10")
def test_the_newest_that_is_still_possible_is_taken_back_first(
    tickets: TicketService, ticket: TicketView, bob: Actor, clock: SetClock
) -> None:
    tickets.close(ticket.reference, bob)
    tickets.bin.delete(ticket.reference, bob)

    assert [tickets.undoer.undo(bob)[0] for _ in range(2)] == ["deleted", "closed"]


def test_what_somebody_else_did_is_not_taken_back(
    tickets: TicketService, ticket: TicketView, bob: Actor, carol: Actor
) -> None:
    tickets.close(ticket.reference, carol)

    with pytest.raises(Refusal, match=NOTHING):
        tickets.undoer.undo(bob)


@pytest.mark.row("C10")
def test_a_viewer_takes_nothing_back(tickets: TicketService, vic: Actor) -> None:
    with pytest.raises(NotAllowed):
        tickets.undoer.undo(vic)


@pytest.mark.row("C6")
def test_a_reply_taken_back_was_no_answer_and_the_next_one_is_the_first(
    tickets: TicketService, ticket: TicketView, bob: Actor, carol: Actor, clock: SetClock, monkeypatch: MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", partial(_passing, clock))
    tickets.reply(ticket.reference, Writing("Water"), bob, to=["ann@acme.example"])
    second = tickets.reply(ticket.reference, Writing("Foam"), carol, to=["ann@acme.example"])

    _, (after_bob,) = tickets.undoer.undo(bob)
    _, (after_carol,) = tickets.undoer.undo(carol)

    assert second.first_response_at is not None and after_bob.first_response_at is not None
    assert after_bob.first_response_at > second.first_response_at
    assert after_carol.first_response_at is None


def _passing(clock: SetClock) -> datetime:
    """A moment later whenever it is looked at, as real time is."""
    clock.move(microseconds=1)
    return SetClock.now(clock)
