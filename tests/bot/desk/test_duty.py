"""Tickets for whoever is on call: given by hand, by a group, by a mailbox's rule."""

from dataclasses import replace

import pytest

from bot.backoffice import Backoffice
from bot.clock import SetClock
from bot.desk import duty
from bot.desk.audit import at_the_server
from bot.desk.opening import Opening
from bot.desk.people import Actor, client_of
from bot.errors import FieldErrors, NotFound
from bot.intake import assigned
from tests.conftest import NOON

AT_SERVER = at_the_server()
MAIL = Actor("client", "Ann", "mail")


def rota(office: Backoffice, code: str, who: str, **parts: str) -> None:
    """Somebody is on call by a rota from noon's week on."""
    office.desk.rotas.add(code, AT_SERVER, zone="UTC")
    office.desk.rotas.set_layer(code, {"members": who, "starts": "2026-03-02", **parts}, AT_SERVER)


def opened(office: Backoffice, **values: str) -> str:
    """Whose a new ticket of Ann's is, "" for nobody's."""
    asked = replace(Opening("Printer", client=client_of("ann@acme.example", "Ann")), **values)  # type: ignore[arg-type]
    ticket = office.desk.tickets.open(asked, MAIL)
    return ticket.assignee.name if ticket.assignee else ""


@pytest.fixture
def nights(office: Backoffice) -> Backoffice:
    """Carol is on call by NIGHTS, which gets the new tickets of the group OTHER."""
    rota(office, "NIGHTS", "carol")
    office.desk.dictionaries.change("group", "OTHER", {"default_rota": "nights"}, AT_SERVER)
    return office


@pytest.mark.row("D12")
def test_a_group_s_new_tickets_go_to_whoever_is_on_call(nights: Backoffice) -> None:
    assert opened(nights) == "Carol"
    assert nights.desk.dictionaries.find("group", "OTHER").values["default_rota"] == "NIGHTS"


@pytest.mark.row("D12")
def test_while_nobody_is_on_call_they_go_to_the_group_s_assignee(nights: Backoffice, clock: SetClock) -> None:
    nights.desk.rotas.set_layer("NIGHTS", {"hours": "mon-fri 18:00-20:00"}, AT_SERVER, 1)
    nobody = opened(nights)

    nights.desk.dictionaries.change("group", "OTHER", {"default_assignee": "bob@example.org"}, AT_SERVER)
    instead = opened(nights)
    clock.move(hours=7)

    assert (nobody, instead, opened(nights)) == ("", "Bob", "Carol")


def test_a_rota_out_of_use_gets_no_tickets(nights: Backoffice) -> None:
    nights.desk.rotas.change("NIGHTS", AT_SERVER, active=False)

    assert opened(nights) == ""


def test_a_rota_that_gets_tickets_is_not_removed(nights: Backoffice) -> None:
    with pytest.raises(Exception, match="New tickets of OTHER go to NIGHTS"):
        nights.desk.rotas.remove("NIGHTS", AT_SERVER)


def test_a_rota_that_is_not_there_cannot_get_them(office: Backoffice) -> None:
    with pytest.raises(FieldErrors, match="There is no rota DAYS in use"):
        office.desk.dictionaries.change("group", "OTHER", {"default_rota": "DAYS"}, AT_SERVER)


@pytest.mark.row("D12")
@pytest.mark.parametrize("word", ["oncall", "ONCALL", "oncall:nights"])
def test_a_mailbox_s_rule_gives_a_ticket_to_whoever_is_on_call(office: Backoffice, word: str) -> None:
    rota(office, "NIGHTS", "carol")

    assert opened(office, assignee=word) == "Carol"
    assert assigned.usable({"assignee": word}, None).misfits == ()


def test_a_rule_that_names_a_rota_that_is_not_there_costs_no_mail(office: Backoffice) -> None:
    assert opened(office, assignee="oncall:DAYS") == ""
    assert assigned.usable({"assignee": "oncall:DAYS"}, None).misfits == ("there is no assignee oncall:DAYS",)


def test_the_group_s_rota_is_meant_before_any_other(nights: Backoffice, bob: Actor) -> None:
    rota(nights, "DAYS", "bob")
    nights_id = nights.desk.rotas.find("NIGHTS").id

    assert duty.whoever("oncall", nights_id, NOON).name == "Carol"
    assert duty.whoever("oncall:DAYS", nights_id, NOON).name == "Bob"
    with pytest.raises(NotFound, match="Which rota\\? There are: oncall:DAYS, oncall:NIGHTS"):
        duty.whoever("oncall", None, NOON)
