"""Who is told of what happens to a ticket: lines in the thread, letters to the client, and never whoever did it."""

from collections.abc import Callable

import pytest

from bot.app import letter_writer
from bot.backoffice import Backoffice
from bot.commands.verbs import VERBS
from bot.desk.changes import Writing
from bot.desk.opening import Opening
from bot.desk.outbox import Happened
from bot.desk.people import Actor, Agent, Client, client_of
from bot.desk.tickets import TicketService
from bot.desk.views import TicketView
from bot.outgoing.packed import Packed
from bot.outgoing.packing import Packer
from bot.outgoing.recipients import Audience, Channels
from storage.models import Delivery
from storage.queries import people as people_rows
from tests.conftest import NOON

Act = Callable[[TicketService, str, Actor, Actor], object]

TO = ("ann@acme.example",)
SAID: dict[str, Act] = {
    "assigned": lambda tickets, ref, bob, carol: tickets.assign(ref, agent_of(carol), bob),
    "taken_over": lambda tickets, ref, bob, carol: (tickets.take(ref, carol), tickets.take(ref, bob, over=True)),
    "closed": lambda tickets, ref, bob, carol: tickets.close(ref, bob),
    "abandoned": lambda tickets, ref, bob, carol: tickets.abandon(ref, "Spam", bob),
    "reopened": lambda tickets, ref, bob, carol: (tickets.close(ref, bob), tickets.reopen(ref, bob)),
    "escalated": lambda tickets, ref, bob, carol: tickets.escalate(ref, bob),
}
UNSAID: dict[str, Act] = {
    "read": lambda tickets, ref, bob, carol: tickets.read(ref, bob),
    "taken": lambda tickets, ref, bob, carol: tickets.take(ref, bob),
    "noted": lambda tickets, ref, bob, carol: tickets.note(ref, Writing("Hm"), bob),
    "replied": lambda tickets, ref, bob, carol: tickets.reply(ref, Writing("Yes"), bob, to=TO),
    "waiting": lambda tickets, ref, bob, carol: tickets.wait(ref, bob),
    "resumed": lambda tickets, ref, bob, carol: (tickets.wait(ref, bob), tickets.resume(ref, bob)),
    "snoozed": lambda tickets, ref, bob, carol: tickets.snooze(ref, NOON.replace(hour=15), bob),
    "edited": lambda tickets, ref, bob, carol: tickets.editor.edit(ref, {"severity": "HIGH"}, bob),
    "time_spent": lambda tickets, ref, bob, carol: tickets.time.spend(ref, 30, bob),
}


def agent_of(actor: Actor) -> Agent:
    """The agent who acts."""
    assert actor.agent is not None
    return actor.agent


def lines() -> list[str]:
    """The kinds of events that the thread got a line for."""
    found = Delivery.select().where(Delivery.kind == "line").order_by(Delivery.id)
    return [row.event.kind for row in found if row.event]


def letters(kind: str) -> list[str]:
    """Who gets letters of a kind."""
    found = Delivery.select().where(Delivery.kind == "letter").order_by(Delivery.id)
    return [row.channel for row in found if row.payload["letter"] == kind]


def packed(office: Backoffice, platform: str) -> list[Packed]:
    """What leaves now."""
    return Packer(office.desk, letter_writer(office), VERBS).claim(platform, [], 50)


# the thread ----------------------------------------------------------------------------------------------------------


@pytest.mark.row("W2")
@pytest.mark.parametrize("kind", SAID)
def test_the_thread_tells_of_what_matters(
    office: Backoffice, ticket: TicketView, bob: Actor, carol: Actor, kind: str
) -> None:
    SAID[kind](office.desk.tickets, ticket.reference, bob, carol)

    assert lines()[-1:] == [kind]


@pytest.mark.row("W2")
@pytest.mark.parametrize("kind", UNSAID)
def test_all_else_is_on_the_card_alone(
    office: Backoffice, ticket: TicketView, bob: Actor, carol: Actor, kind: str
) -> None:
    UNSAID[kind](office.desk.tickets, ticket.reference, bob, carol)

    assert lines() == []
    assert Delivery.select().where(Delivery.kind == "card").count() == 1


# the client ----------------------------------------------------------------------------------------------------------


@pytest.mark.row("N8", "D11")
@pytest.mark.parametrize(
    ("setting", "notify", "told"),
    [("on", "all", list(TO)), ("off", "all", []), ("on", "milestones", []), ("on", "none", [])],
)
def test_the_client_hears_who_was_assigned_where_setting_and_ticket_both_say_yes(
    office: Backoffice, ann: Client, bob: Actor, carol: Actor, setting: str, notify: str, told: list[str]
) -> None:
    office.desk.settings.set("assignment_notice", setting, "Bob")
    opening = Opening("Fire", client=ann, reply_address=ann.address, notify=notify)
    ticket = office.desk.tickets.open(opening, Actor("client", "Ann", "mail"))

    office.desk.tickets.assign(ticket.reference, agent_of(carol), bob)

    assert letters("assignment") == told


@pytest.mark.row("N8")
def test_the_notice_names_the_new_assignee_and_comes_once(
    office: Backoffice, ticket: TicketView, bob: Actor, carol: Actor
) -> None:
    office.desk.settings.set("assignment_notice", "on", "Bob")
    Delivery.delete().execute()

    office.desk.tickets.assign(ticket.reference, agent_of(carol), bob)
    office.desk.tickets.take(ticket.reference, carol)

    (one,) = packed(office, "mail")
    assert one.letter is not None
    assert f"Carol is now looking after your ticket {ticket.reference}" in one.letter.text


@pytest.mark.row("N8")
def test_whoever_takes_a_ticket_is_named_too(office: Backoffice, ticket: TicketView, bob: Actor, carol: Actor) -> None:
    office.desk.settings.set("assignment_notice", "on", "Bob")

    office.desk.tickets.take(ticket.reference, bob)
    office.desk.tickets.take(ticket.reference, carol, over=True)

    assert letters("assignment") == [*TO, *TO]


# who acted -----------------------------------------------------------------------------------------------------------


@pytest.mark.row("W3")
def test_an_agent_gets_no_letter_about_what_they_did_themselves(office: Backoffice, bob: Actor, carol: Actor) -> None:
    asked = client_of("bob@example.org", "Bob")
    ticket = office.desk.tickets.open(Opening("My own", client=asked, reply_address=asked.address), bob)

    office.desk.tickets.close(ticket.reference, bob)
    office.desk.tickets.reopen(ticket.reference, bob)
    office.desk.tickets.close(ticket.reference, carol)

    assert letters("confirmation") == []
    assert letters("closing") == ["bob@example.org"]


@pytest.mark.row("W3", "N2")
def test_whoever_opens_a_ticket_gets_no_notice_of_it(office: Backoffice, bob: Actor, carol: Actor) -> None:
    office.desk.settings.set("notify_address", "bob@example.org", "Bob")

    office.desk.tickets.open(Opening("Mine"), bob)
    office.desk.tickets.open(Opening("Hers"), carol)

    assert letters("notice") == ["bob@example.org"]


@pytest.mark.row("W3", "R:reply reaches assignee")
def test_the_assignee_is_pinged_when_the_client_writes_and_not_when_they_act(
    office: Backoffice, ticket: TicketView, bob: Actor, ann: Client
) -> None:
    people_rows.link_account(agent_of(bob).id, "slack", "U0BOB", "Bob", NOON)
    tickets = office.desk.tickets

    tickets.take(ticket.reference, bob)
    tickets.close(ticket.reference, bob)
    tickets.reopen(ticket.reference, bob)
    tickets.client_writes(ticket.id, Writing("And now?"), ann)

    pinged = [(one.line.splitlines()[0], one.mention.id) for one in packed(office, "slack") if one.mention]
    assert pinged == [("💬 Ann replied:", "U0BOB")]


@pytest.mark.row("W3")
def test_what_was_done_on_the_phone_is_not_said_on_the_phone(
    office: Backoffice, ticket: TicketView, bob: Actor
) -> None:
    told = Audience(Channels(slack="#support", telegram="-100"), office.desk.settings)

    def lines_in(platform: str, by: Actor) -> int:
        parcels = told(Happened(1, "reopened", by, NOON), ticket)
        return sum(parcel.kind == "line" and parcel.platform == platform for parcel in parcels)

    phone = Actor.of(agent_of(bob), "telegram")
    assert [lines_in("telegram", phone), lines_in("telegram", bob), lines_in("slack", phone)] == [0, 1, 1]
