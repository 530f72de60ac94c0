"""Tickets that look alike, and one problem made of them: linked, parted, taken back."""

import pytest

from bot.backoffice import Backoffice
from bot.clock import SetClock
from bot.desk.changes import Writing
from bot.desk.opening import Opening
from bot.desk.people import Actor, client_of
from bot.desk.tickets import TicketService
from bot.desk.views import TicketView
from bot.errors import NotAllowed, NotFound, Refusal
from storage.models import Delivery, Problem, TicketGroup, TicketSign
from storage.queries import deliveries
from storage.queries import tickets as rows

ROW = pytest.mark.row("SP")
pytestmark = [ROW, pytest.mark.database]


@pytest.fixture
def tickets(office: Backoffice) -> TicketService:
    """The desk's ticket service."""
    return office.desk.tickets


def write(
    office: Backoffice, subject: str, address: str = "ann@acme.example", text: str = "", **more: str
) -> TicketView:
    """A client's mail becomes a ticket."""
    client = client_of(address, address.partition("@")[0].title())
    opening = Opening(subject, text or "Please help", client=client, reply_address=address, **more)
    return office.desk.tickets.open(opening, Actor("client", client.name, "mail"))


def now(office: Backoffice, ticket: TicketView) -> TicketView:
    """The ticket as it is."""
    return office.desk.tickets.view(ticket.id)


def others(office: Backoffice, ticket: TicketView) -> list[str]:
    """The references of the tickets that are one problem with it."""
    return [one.reference for one in office.desk.tickets.problems.others(now(office, ticket))]


@pytest.fixture
def three(office: Backoffice) -> list[TicketView]:
    """Three clients whose portal is down."""
    return [write(office, "The portal is down", f"{who}@{who}s.example") for who in ("ann", "paul", "zoe")]


# looking alike -------------------------------------------------------------------------------------------------------


def test_of_tickets_that_look_alike_only_the_newest_offers_it(office: Backoffice, three: list[TicketView]) -> None:
    assert [now(office, ticket).alike for ticket in three] == [0, 0, 2]


def test_an_error_from_one_mail_domain_makes_different_subjects_alike(office: Backoffice) -> None:
    write(office, "Nothing works", text="It says ERR_SSL_PROTOCOL_ERROR")
    write(office, "Elsewhere too", "paul@other.example", "ERR_SSL_PROTOCOL_ERROR")

    second = write(office, "Since this morning", "kim@acme.example", "got err: ERR_SSL_PROTOCOL_ERROR!")

    assert second.alike == 1


@pytest.mark.parametrize(("minutes", "alike"), [(15, 1), (16, 0)])
def test_tickets_a_quarter_of_an_hour_apart_are_the_last_to_look_alike(
    office: Backoffice, clock: SetClock, minutes: int, alike: int
) -> None:
    write(office, "The portal is down")
    clock.move(seconds=60 * minutes)

    assert write(office, "Portal down").alike == alike


def test_what_has_ended_or_was_deleted_looks_like_nothing(
    office: Backoffice, three: list[TicketView], bob: Actor
) -> None:
    office.desk.tickets.close(three[0].reference, bob)
    office.desk.tickets.bin.delete(three[1].reference, bob)

    assert now(office, three[2]).alike == 0


def test_a_ticket_in_a_restricted_group_is_counted_only_from_within(office: Backoffice) -> None:
    TicketGroup.create(code="SECRET", labels={"en": "Secret"}, position=9, active=True, restricted=True)
    write(office, "The portal is down", group="SECRET")

    from_without = write(office, "The portal is down", "paul@other.example")
    from_within = write(office, "The portal is down", "zoe@other.example", group="SECRET")

    assert (from_without.alike, from_within.alike) == (0, 2)


def test_the_card_that_offered_it_before_is_drawn_without(office: Backoffice, three: list[TicketView]) -> None:
    kinds = [event.kind for event in rows.events(three[1].id)]

    assert kinds == ["opened", "alike"]
    assert now(office, three[1]).last == three[1].last


def test_an_archive_that_is_imported_looks_like_nothing(office: Backoffice) -> None:
    write(office, "The portal is down", silent=True)  # type: ignore[arg-type]

    assert TicketSign.select().count() == 0


def test_two_hundred_alike_make_one_offer_that_counts_up(office: Backoffice) -> None:
    made = [write(office, "The portal is down", f"ann{n}@acme.example") for n in range(60)]

    offers = [now(office, ticket).alike for ticket in made]

    assert offers == [0] * 59 + [59]
    assert Delivery.select().where(Delivery.kind == "card").count() == 60


# one problem ---------------------------------------------------------------------------------------------------------


def test_linked_tickets_are_one_problem_and_show_each_other(
    office: Backoffice, tickets: TicketService, three: list[TicketView], carol: Actor
) -> None:
    linked = tickets.problems.link(three[2].reference, [three[0].reference, three[1].reference], carol, "Portal down")

    assert (linked.problem, linked.alike) == ("Portal down", 0)
    assert others(office, three[2]) == ["TS2603-0001", "TS2603-0002"]
    assert others(office, three[0]) == ["TS2603-0002", "TS2603-0003"]
    assert {now(office, ticket).requester_address for ticket in three} == {
        f"{w}@{w}s.example" for w in ("ann", "paul", "zoe")
    }


def test_one_that_comes_later_joins_the_problem_there_is(
    office: Backoffice, tickets: TicketService, three: list[TicketView], bob: Actor
) -> None:
    tickets.problems.link(three[2].reference, [three[0].reference], bob, "Portal down")
    late = write(office, "Portal down", "kim@kims.example")

    linked = tickets.problems.link(late.reference, [three[0].reference, three[1].reference], bob)

    assert late.alike == 3
    assert (linked.problem, len(others(office, linked)), Problem.select().count()) == ("Portal down", 3, 1)


def test_what_cannot_be_one_problem_is_refused_and_nothing_is_linked(
    office: Backoffice, tickets: TicketService, three: list[TicketView], bob: Actor, vic: Actor
) -> None:
    one, two, three_ = (ticket.reference for ticket in three)
    four = write(office, "Something else").reference
    problems = tickets.problems
    with pytest.raises(Refusal, match="One ticket alone"):
        problems.link(one, [one], bob)
    with pytest.raises(NotFound):
        problems.link(one, ["TS2603-0099"], bob)
    with pytest.raises(NotAllowed):
        problems.link(one, [two], vic)
    problems.link(one, [two], bob)
    problems.link(three_, [four], bob)
    with pytest.raises(Refusal, match="different problems"):
        problems.link(one, [three_], bob)
    with pytest.raises(Refusal, match="one problem already"):
        problems.link(one, [two], bob)

    assert Problem.select().count() == 2


def test_undo_takes_back_the_link_of_all_of_them(
    office: Backoffice, tickets: TicketService, three: list[TicketView], bob: Actor
) -> None:
    tickets.problems.link(three[2].reference, [three[0].reference, three[1].reference], bob)

    kind, parted = tickets.undoer.undo(bob)

    assert (kind, len(parted)) == ("problem_linked", 3)
    assert [now(office, ticket).problem_id for ticket in three] == [None] * 3
    assert Problem.get().dissolved_at is not None
    assert now(office, three[2]).alike == 2


def test_undo_takes_out_only_what_the_last_link_brought_in(
    office: Backoffice, tickets: TicketService, three: list[TicketView], bob: Actor, carol: Actor
) -> None:
    tickets.problems.link(three[0].reference, [three[1].reference], carol)
    tickets.problems.link(three[2].reference, [three[0].reference], bob)

    tickets.undoer.undo(bob)

    assert [bool(now(office, ticket).problem_id) for ticket in three] == [True, True, False]
    with pytest.raises(Refusal):
        tickets.undoer.undo(bob)


def test_undo_does_not_reach_a_link_behind_a_reply_that_stands(
    office: Backoffice, tickets: TicketService, three: list[TicketView], bob: Actor, clock: SetClock
) -> None:
    tickets.problems.link(three[0].reference, [three[1].reference], bob)
    tickets.reply(three[0].reference, Writing("It works again."), bob, to=["ann@anns.example"])
    letter = next(row for row in Delivery.select() if row.payload.get("letter") == "reply")
    deliveries.sent(letter.id, clock.now(), "1")

    with pytest.raises(Refusal, match="nothing of yours"):
        tickets.undoer.undo(bob)

    assert now(office, three[0]).problem_id is not None


def test_a_problem_with_one_ticket_left_is_none(
    office: Backoffice, tickets: TicketService, three: list[TicketView], bob: Actor
) -> None:
    tickets.problems.link(three[0].reference, [three[1].reference], bob)

    tickets.problems.leave(three[0].reference, bob)

    assert now(office, three[1]).problem_id is None
    with pytest.raises(Refusal, match="not a part of any problem"):
        tickets.problems.leave(three[1].reference, bob)


def test_a_clients_answer_lands_in_their_own_ticket(
    office: Backoffice, tickets: TicketService, three: list[TicketView], bob: Actor
) -> None:
    tickets.problems.link(three[2].reference, [three[0].reference, three[1].reference], bob)

    tickets.client_writes(three[1].id, Writing("Still down"), client_of("paul@pauls.example"))

    assert [message.text for message in rows.messages(three[1].id)][-1] == "Still down"
    assert len(rows.messages(three[0].id)) == 1
