"""Tickets that belong together: merged, split, linked. What was said, and what will be answered, lands in one place."""

from collections.abc import Callable

import pytest

from bot.backoffice import Backoffice
from bot.clock import SetClock
from bot.desk.changes import Writing
from bot.desk.opening import Opening
from bot.desk.people import Actor, Client, client_of
from bot.desk.tickets import TicketService
from bot.desk.views import TicketView
from bot.desk.workflow import Status
from bot.errors import NotAllowed, NotFound, Refusal
from storage.models import GroupAgent, TicketGroup
from storage.queries import joining as joined
from storage.queries import tickets as rows
from storage.queries import timeline

PAUL = "paul@acme.example"


@pytest.fixture
def tickets(office: Backoffice) -> TicketService:
    """The desk's ticket service."""
    return office.desk.tickets


@pytest.fixture
def other(tickets: TicketService, clock: SetClock) -> TicketView:
    """Paul has the same fire, an hour later."""
    clock.move(hours=1)
    opening = Opening("Fire", "It burns here too", client=client_of(PAUL, "Paul"), message_id="<paul@acme.example>")
    return tickets.open(opening, Actor("client", "Paul", "mail"))


def said(ticket: TicketView) -> list[tuple[int, str]]:
    """Numbers and texts of a ticket's messages."""
    return [(message.number, message.text) for message in rows.messages(ticket.id)]


def kinds(ticket: TicketView) -> list[str]:
    """What happened to a ticket, in order."""
    return [event.kind for event in rows.events(ticket.id)]


# merging -------------------------------------------------------------------------------------------------------------


@pytest.mark.row("F16")
def test_a_merged_ticket_ends_and_all_that_was_said_stands_in_the_other_in_order(
    tickets: TicketService, ticket: TicketView, other: TicketView, bob: Actor, ann: Client, clock: SetClock
) -> None:
    clock.move(hours=1)
    tickets.client_writes(ticket.id, Writing("Still burning"), ann)

    target = tickets.joiner.merge(other.reference, ticket.reference, bob)

    source = tickets.view(other.id)
    assert target.id == ticket.id
    assert (source.status, source.merged_into, source.closed_at) == (Status.CLOSED, ticket.reference, clock.now())
    assert said(target) == [(1, "Please help"), (2, "It burns here too"), (3, "Still burning")]
    assert said(source) == []
    assert (kinds(source)[-1], kinds(target)[-1]) == ("merged", "merged_in")


@pytest.mark.row("F16", "F12")
def test_the_timeline_of_the_one_that_stays_tells_both_stories(
    tickets: TicketService, ticket: TicketView, other: TicketView, bob: Actor
) -> None:
    tickets.joiner.merge(other.reference, ticket.reference, bob)

    told = [event.kind for event in timeline.part(ticket.id, 0, 100)]

    assert told == ["opened", "opened", "merged", "merged_in"]
    assert timeline.count(ticket.id) == 4


@pytest.mark.row("F16")
def test_whoever_asked_or_read_along_there_reads_along_here(
    tickets: TicketService, ticket: TicketView, other: TicketView, bob: Actor
) -> None:
    tickets.editor.edit(other.reference, {"cc": "zoe@acme.example, ann@acme.example"}, bob)

    target = tickets.joiner.merge(other.reference, ticket.reference, bob)

    assert [reader.address for reader in target.watchers] == [PAUL, "zoe@acme.example"]
    assert rows.is_participant(target.id, PAUL)


@pytest.mark.row("F16")
def test_an_internal_ticket_takes_over_who_asks(tickets: TicketService, other: TicketView, bob: Actor) -> None:
    internal = tickets.open(Opening("Look at the fires"), bob)

    target = tickets.joiner.merge(other.reference, internal.reference, bob)

    assert (target.requester_address, target.requester_name, target.watchers) == (PAUL, "Paul", ())


@pytest.mark.row("F16", "D18")
def test_time_spent_goes_along(tickets: TicketService, ticket: TicketView, other: TicketView, bob: Actor) -> None:
    tickets.time.spend(ticket.reference, 30, bob)
    tickets.time.spend(other.reference, 60, bob)

    assert tickets.joiner.merge(other.reference, ticket.reference, bob).minutes == 90


@pytest.mark.row("F16")
def test_mails_of_a_merged_ticket_belong_to_the_one_that_stays_also_after_another_merge(
    tickets: TicketService, ticket: TicketView, other: TicketView, bob: Actor
) -> None:
    last = tickets.open(Opening("All fires"), bob)
    tickets.joiner.merge(other.reference, ticket.reference, bob)
    tickets.joiner.merge(ticket.reference, last.reference, bob)

    found = [joined.current(one.id) for one in (other, ticket, last)]

    assert found == [last.id] * 3
    assert joined.current(rows.id_of_message_id(["<paul@acme.example>"])) == last.id


@pytest.mark.row("F16")
def test_a_merged_ticket_neither_reopens_nor_merges_again(
    tickets: TicketService, ticket: TicketView, other: TicketView, bob: Actor
) -> None:
    tickets.joiner.merge(other.reference, ticket.reference, bob)

    for again in (
        lambda: tickets.reopen(other.reference, bob),
        lambda: tickets.joiner.merge(other.reference, ticket.reference, bob),
        lambda: tickets.joiner.merge(ticket.reference, other.reference, bob),
    ):
        with pytest.raises(Refusal, match=f"{other.reference} was merged into {ticket.reference}"):
            again()


@pytest.mark.row("F16")
def test_a_ticket_is_merged_neither_into_itself_nor_into_a_closed_one(
    tickets: TicketService, ticket: TicketView, other: TicketView, bob: Actor
) -> None:
    with pytest.raises(Refusal, match="one and the same"):
        tickets.joiner.merge(ticket.reference, "1", bob)
    tickets.close(other.reference, bob)

    with pytest.raises(Refusal, match=r"is Closed\. Reopen it first"):
        tickets.joiner.merge(ticket.reference, other.reference, bob)


# splitting -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def second(tickets: TicketService, ticket: TicketView, clock: SetClock) -> TicketView:
    """Paul wrote into Ann's ticket."""
    clock.move(hours=1)
    writing = Writing("My screen is black", message_id="<screen@acme.example>")
    return tickets.client_writes(ticket.id, writing, client_of(PAUL, "Paul"))


@pytest.mark.row("F17")
def test_a_message_becomes_a_ticket_of_whoever_wrote_it(
    tickets: TicketService, second: TicketView, bob: Actor, clock: SetClock
) -> None:
    made = tickets.joiner.split(second.reference, 2, bob, subject="Black screen")

    assert (made.subject, made.description) == ("Black screen", "My screen is black")
    assert (made.requester_address, made.group, made.created_at) == (PAUL, second.group, clock.now())
    assert said(made) == [(1, "My screen is black")]
    assert said(second) == [(1, "Please help")]


@pytest.mark.row("F17")
def test_the_two_halves_are_linked_and_answers_find_the_new_one(
    tickets: TicketService, second: TicketView, bob: Actor
) -> None:
    made = tickets.joiner.split(second.reference, 2, bob)

    assert made.subject == second.subject
    assert (made.links, tickets.view(second.id).links) == ((second.reference,), (made.reference,))
    assert joined.current(rows.id_of_message_id(["<screen@acme.example>"])) == made.id
    assert kinds(second)[-1] == "split"


@pytest.mark.row("F17")
def test_only_a_later_message_of_a_client_is_split_off(tickets: TicketService, second: TicketView, bob: Actor) -> None:
    tickets.note(second.reference, Writing("Secret"), bob)

    with pytest.raises(Refusal, match="Only what a client wrote"):
        tickets.joiner.split(second.reference, 3, bob)
    with pytest.raises(Refusal, match="itself would go"):
        tickets.joiner.split(second.reference, 1, bob)
    with pytest.raises(NotFound, match="has no message 9"):
        tickets.joiner.split(second.reference, 9, bob)


# linking -------------------------------------------------------------------------------------------------------------


@pytest.mark.row("F16")
def test_linked_tickets_name_each_other_until_they_are_unlinked(
    tickets: TicketService, ticket: TicketView, other: TicketView, bob: Actor
) -> None:
    linked = tickets.joiner.link(other.reference, ticket.reference, bob)
    assert (linked.links, tickets.view(ticket.id).links) == ((ticket.reference,), (other.reference,))
    with pytest.raises(Refusal, match="are linked already"):
        tickets.joiner.link(ticket.reference, other.reference, bob)

    unlinked = tickets.joiner.unlink(ticket.reference, other.reference, bob)

    assert (unlinked.links, tickets.view(other.id).links) == ((), ())
    with pytest.raises(Refusal, match="are not linked"):
        tickets.joiner.unlink(ticket.reference, other.reference, bob)


Join = Callable[[TicketService, str, str, Actor], TicketView]
JOINS: dict[str, Join] = {
    "merge": lambda tickets, one, two, by: tickets.joiner.merge(one, two, by),
    "link": lambda tickets, one, two, by: tickets.joiner.link(one, two, by),
    "unlink": lambda tickets, one, two, by: tickets.joiner.unlink(one, two, by),
}


@pytest.fixture
def hidden(tickets: TicketService, bob: Actor) -> TicketView:
    """A ticket of a group that only Bob sees."""
    assert bob.agent is not None
    group = TicketGroup.create(code="SECRET", labels={}, restricted=True)
    GroupAgent.create(group=group, agent=bob.agent.id)
    return tickets.open(Opening("Salaries", group="SECRET"), bob)


@pytest.mark.row("SE-15", "C11")
@pytest.mark.parametrize("join", JOINS)
def test_a_ticket_that_one_may_not_see_is_joined_with_nothing(
    tickets: TicketService, ticket: TicketView, hidden: TicketView, carol: Actor, join: str
) -> None:
    for one, two in ((ticket, hidden), (hidden, ticket)):
        with pytest.raises(NotFound, match=f"There is no ticket {hidden.reference} that you can see"):
            JOINS[join](tickets, one.reference, two.reference, carol)


@pytest.mark.row("SE-15", "C11")
def test_a_card_does_not_name_a_linked_ticket_of_a_restricted_group(
    tickets: TicketService, ticket: TicketView, hidden: TicketView, bob: Actor
) -> None:
    tickets.joiner.link(ticket.reference, hidden.reference, bob)

    assert tickets.view(ticket.id).links == ()
    assert tickets.view(hidden.id).links == (ticket.reference,)


@pytest.mark.row("C10")
@pytest.mark.parametrize("join", JOINS)
def test_a_viewer_joins_nothing(
    tickets: TicketService, ticket: TicketView, other: TicketView, vic: Actor, join: str
) -> None:
    with pytest.raises(NotAllowed):
        JOINS[join](tickets, ticket.reference, other.reference, vic)
