"""Clients as the desk keeps them: codes, domains and addresses belong to one, and no ticket is lost."""

import pytest

from bot.backoffice import Backoffice
from bot.clock import SetClock
from bot.desk import clients
from bot.desk.opening import Opening
from bot.desk.people import Actor, client_of
from bot.desk.views import TicketView
from bot.errors import NotFound, Refusal

pytestmark = pytest.mark.database


@pytest.mark.row("D9")
def test_a_client_without_a_code_gets_one_of_its_name(office: Backoffice, clock: SetClock) -> None:
    first = clients.add("Café Zoë & Fils", clock)
    second = clients.add("Café Zoë & Fils", clock)

    assert (first.code, second.code) == ("CAFEZOEFILS", "CAFEZOEFILS2")


@pytest.mark.row("D9")
def test_a_mail_from_a_client_s_domain_is_the_client_s(office: Backoffice, clock: SetClock) -> None:
    clients.add("ACME", clock, domains=["@Acme.example"], language="fr")

    found = client_of("somebody@ACME.example", "Some Body")

    assert found.third_party_id == clients.find("acme").id
    assert found.language == "fr"


@pytest.mark.row("D9")
@pytest.mark.parametrize(
    ("domain", "reason"),
    [
        ("acme.example", "ACME's domain already"),
        ("gmail.com", "Anybody may have an address"),
        ("acme", "is not a mail domain"),
        ("a b.example", "is not a mail domain"),
    ],
)
def test_a_domain_stands_for_one_client_only(office: Backoffice, clock: SetClock, domain: str, reason: str) -> None:
    clients.add("ACME", clock, domains=["acme.example"])

    with pytest.raises(Refusal, match=reason):
        clients.add("Other", clock, domains=[domain])

    assert [known.name for known in clients.everyone()] == ["ACME"]


@pytest.mark.row("D9")
def test_a_client_s_details_are_changed_one_by_one(office: Backoffice, clock: SetClock) -> None:
    clients.add("ACME", clock, code="acme", domains=["acme.example"], notes="Ring first")

    changed = clients.change("ACME", name="Acme Corp", code="corp", domains=["acme.example", "acme.test"])

    assert (changed.code, changed.name, changed.notes) == ("CORP", "Acme Corp", "Ring first")
    assert changed.domains == ("acme.example", "acme.test")


@pytest.mark.row("D10")
def test_a_contact_has_several_addresses_and_letters_go_to_the_first(office: Backoffice, clock: SetClock) -> None:
    clients.add("ACME", clock)
    clients.add_contact(["Ann@acme.example", "ann@home.example"], clock, name="Ann", client="ACME", phone="+33 1")

    (ann,) = clients.record("ACME").people

    assert ann.addresses == ("ann@acme.example", "ann@home.example")
    assert client_of("ANN@home.example").contact_id == ann.id


@pytest.mark.row("D10")
@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("ann@acme.example", "Ann's address already"),
        ("bob@example.org", "an agent's"),
        ("no address", "not an address"),
    ],
)
def test_an_address_is_one_person_s_only(office: Backoffice, clock: SetClock, address: str, reason: str) -> None:
    clients.add_contact(["ann@acme.example"], clock, name="Ann")

    with pytest.raises(Refusal, match=reason):
        clients.add_contact(["paul@acme.example", address], clock, name="Paul")

    with pytest.raises(NotFound):
        clients.find_contact("paul@acme.example")


@pytest.mark.row("D10")
def test_an_inactive_contact_is_no_longer_recognised(office: Backoffice, clock: SetClock) -> None:
    clients.add_contact(["ann@acme.example"], clock, name="Ann")

    clients.change_contact("ann@acme.example", active=False)

    assert client_of("ann@acme.example").contact_id is None


@pytest.mark.row("D10")
def test_a_contact_moves_to_another_client_and_to_none(office: Backoffice, clock: SetClock) -> None:
    clients.add("ACME", clock)
    clients.add_contact(["ann@acme.example"], clock, name="Ann")

    moved = clients.change_contact("ann@acme.example", client="ACME", written_to=["ann@new.example"])
    left = clients.change_contact("ann@new.example", client="")

    assert moved.third_party.code == "ACME"
    assert left.third_party is None


def test_an_erased_person_is_nowhere_and_the_ticket_stays(
    office: Backoffice, clock: SetClock, ticket: TicketView, bob: Actor
) -> None:
    ann = clients.add_contact(["ann@acme.example"], clock, name="Ann")
    office.desk.tickets.link_client(ticket.reference, ann, bob)

    clients.erase("ann@acme.example")

    left = office.desk.tickets.view(ticket.id)
    assert (left.requester_name, left.requester_address) == ("(erased)", "")
    assert client_of("ann@acme.example").contact_id is None


@pytest.mark.parametrize("language", ["de", "english"])
def test_a_language_that_nobody_writes_is_refused(office: Backoffice, clock: SetClock, language: str) -> None:
    with pytest.raises(Refusal, match="There are: en, fr"):
        clients.add("ACME", clock, language=language)


@pytest.mark.row("D10")
def test_a_linked_contact_asks_on_the_address_s_other_open_tickets_too(
    office: Backoffice, clock: SetClock, ticket: TicketView, bob: Actor
) -> None:
    ann = Actor("client", "Ann", "mail")
    second = office.desk.tickets.open(Opening("Still burning", client=client_of("ann@acme.example", "Ann")), ann)
    clients.add("ACME", clock, language="fr")
    contact = clients.add_contact(["ann@acme.example"], clock, name="Ann Archer", client="ACME")

    office.desk.tickets.link_client(ticket.reference, contact, bob)

    views = [office.desk.tickets.view(one.id) for one in (ticket, second)]
    assert [(view.requester_name, view.third_party, view.language) for view in views] == [
        ("Ann Archer", "ACME", "fr")
    ] * 2
