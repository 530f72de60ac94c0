"""“Link client”: offered for unknown senders only, asks which client, and may make one where the role allows it."""

import pytest

from bot.backoffice import Backoffice
from bot.clock import SetClock
from bot.commands.requests import Caller, Request
from bot.desk import clients
from bot.desk.people import Actor, client_of
from bot.desk.views import TicketView
from bot.outgoing.cards import Answer


def pressed(office: Backoffice, who: Actor, ticket: TicketView, **fields: str) -> Answer:
    caller = Caller("slack", f"U-{who.name}", who.name, who.agent.email if who.agent else "")
    fields = {"reference": ticket.reference, **fields}
    return office.runner.run(
        Request(caller, "linkclient", fields=fields, pressed=True, submitted=len(fields) > 1, can_ask=True)
    )


@pytest.mark.row("D10")
def test_the_form_offers_the_known_clients(office: Backoffice, clock: SetClock, ticket: TicketView, bob: Actor) -> None:
    clients.add("ACME", clock)

    answer = pressed(office, bob, ticket)

    assert answer.form is not None
    fields = {field.key: field for field in answer.form.fields}
    assert fields["name"].value == "Ann"
    assert [option.value for option in fields["client"].options] == ["+alone", "ACME", "+new"]
    assert [option.label for option in fields["domain"].options][1] == "everybody at acme.example"


@pytest.mark.row("D10")
def test_the_sender_becomes_a_person_of_the_client(
    office: Backoffice, clock: SetClock, ticket: TicketView, carol: Actor
) -> None:
    clients.add("ACME", clock)

    answer = pressed(office, carol, ticket, client="ACME", name="Ann Archer", domain="yes")

    assert answer.text == f"Ann Archer asks on {ticket.reference}."
    assert client_of("ann@acme.example").contact_id == clients.record("ACME").people[0].id
    assert clients.record("ACME").domains == ("acme.example",)


@pytest.mark.row("D9")
def test_an_admin_makes_a_new_client_on_the_way(office: Backoffice, ticket: TicketView, bob: Actor) -> None:
    pressed(office, bob, ticket, client="+new", new_client="ACME Corp", name="Ann")

    assert [person.name for person in clients.record("ACME Corp").people] == ["Ann"]


@pytest.mark.row("C10")
def test_an_agent_cannot_make_a_client_and_nothing_is_half_done(
    office: Backoffice, ticket: TicketView, carol: Actor
) -> None:
    answer = pressed(office, carol, ticket, client="+new", new_client="ACME Corp", name="Ann")

    assert answer.refused
    assert "you need the role manager" in answer.text
    assert clients.everyone() == []
    assert client_of("ann@acme.example").contact_id is None


def test_who_is_known_is_not_linked_again(office: Backoffice, ticket: TicketView, bob: Actor) -> None:
    pressed(office, bob, ticket, client="+alone", name="Ann")

    answer = pressed(office, bob, ticket)

    assert answer.refused
    assert answer.text == "Ann is known already."
