"""What a new ticket is filed under: projects and contracts that fit its client, and nobody who may not see it."""

import pytest

from bot.backoffice import Backoffice
from bot.clock import SetClock
from bot.commands.requests import Caller, Request
from bot.desk import clients, engagements, people
from bot.desk.audit import at_the_server
from bot.desk.opening import Opening
from bot.desk.people import Actor
from bot.outgoing.cards import Answer


def said(office: Backoffice, *words: str) -> Answer:
    return office.runner.run(Request(Caller("cli", "bob@example.org"), words=words))


@pytest.fixture
def acme(office: Backoffice, clock: SetClock) -> None:
    """ACME with its project and a contract that ended on the day before."""
    clients.add("ACME", clock, domains=["acme.example"])
    engagements.add("project", "P-1", "New roof", clock, client="ACME")
    engagements.add("contract", "C-1", "Gold", clock, client="ACME", ends_on="2026-03-03")


@pytest.mark.row("D13", "D14")
def test_a_ticket_is_filed_under_project_and_contract(office: Backoffice, acme: None) -> None:
    opened = said(office, "new", "client:ACME", "project:p-1", "contract:C-1", "Leak")

    assert isinstance(opened.data, dict)
    assert (opened.data["project"], opened.data["contract"]) == ("P-1", "C-1")


@pytest.mark.row("D14")
def test_the_card_says_that_the_contract_has_ended(office: Backoffice, acme: None) -> None:
    opened = said(office, "new", "client:ACME", "contract:C-1", "Leak")

    card = said(office, "show", opened.reference).card

    assert card is not None
    assert "⚠️ contract C-1 ended on 2026-03-03" in card.notes
    assert ("Contract", "C-1") in card.facts


@pytest.mark.row("D13")
def test_another_client_s_project_opens_nothing(office: Backoffice, acme: None, clock: SetClock) -> None:
    clients.add("Globex", clock)

    refused = said(office, "new", "client:GLOBEX", "project:P-1", "Leak")

    assert refused.text == "P-1 belongs to ACME, another client."
    assert said(office, "list", "all").data == []


@pytest.fixture
def secret(office: Backoffice) -> None:
    """A group that only Bob sees."""
    office.desk.dictionaries.add("group", "SECRET", {"agents": "bob@example.org"}, at_the_server())


@pytest.mark.row("C11", "D12")
def test_a_new_ticket_cannot_be_given_to_whoever_may_not_see_its_group(office: Backoffice, secret: None) -> None:
    refused = said(office, "new", "group:SECRET", "assignee:carol@example.org", "Hush")
    given = said(office, "new", "group:SECRET", "assignee:bob@example.org", "Hush")

    assert refused.text == "carol@example.org may not see the tickets of SECRET."
    assert isinstance(given.data, dict)
    assert given.data["assignee"] == "bob@example.org"


@pytest.mark.row("C11", "C4")
def test_a_creator_who_may_not_see_the_group_gets_no_ticket_by_itself(office: Backoffice, secret: None) -> None:
    office.desk.settings.set("auto_assign", "always", "bob@example.org")

    carol = Actor.of(people.agent("carol@example.org"), "cli")
    opened = office.desk.tickets.open(Opening("Hush", group="SECRET"), carol)

    assert opened.assignee is None
