"""Editing: every field, its faults, its event; forced severities, closed tickets, cards that move with the group."""

from typing import Any

import pytest

from bot.backoffice import Backoffice
from bot.desk import clients, engagements
from bot.desk.editing import Editor
from bot.desk.fields import Difference
from bot.desk.opening import Opening
from bot.desk.people import Actor, Client
from bot.desk.views import TicketView
from bot.desk.workflow import Status
from bot.errors import FieldErrors, NotAllowed
from storage.models import CustomField, Delivery, Severity, TicketGroup
from storage.queries import deliveries
from storage.queries import tickets as rows
from tests.conftest import NOON


@pytest.fixture
def editor(office: Backoffice) -> Editor:
    """Edits the desk's tickets."""
    return office.desk.tickets.editor


def add_group(code: str, **values: Any) -> TicketGroup:
    """One more group."""
    return TicketGroup.create(code=code, labels={"en": code.title()}, **values)


def last_event(ticket: TicketView) -> Any:
    """What happened last."""
    return rows.events(ticket.id)[-1]


@pytest.mark.row("F2", "D6", "D11", "D17", "D20")
def test_fields_change_together_and_their_difference_is_one_event(
    editor: Editor, ticket: TicketView, bob: Actor
) -> None:
    wanted = {
        "severity": "high",
        "subject": " The printer\tburns ",
        "progress": "40%",
        "notify": "None",
        "tag": "VIP, Fire",
    }

    edited = editor.edit(ticket.reference, wanted, bob)

    assert (edited.severity.code, edited.subject, edited.progress) == ("HIGH", "The printer burns", 40)
    assert (edited.notify, edited.tags) == ("none", ("fire", "vip"))
    event = last_event(ticket)
    assert (event.kind, event.actor_name, event.platform) == ("edited", "Bob", "slack")
    assert sorted(event.data["diff"]) == [
        ["notify", "all", "none"],
        ["progress", "0", "40"],
        ["severity", "NORMAL", "HIGH"],
        ["subject", "The printer is on fire", "The printer burns"],
        ["tag", "", "fire, vip"],
    ]


@pytest.mark.row("F2")
def test_what_stands_there_already_is_no_change(editor: Editor, ticket: TicketView, bob: Actor) -> None:
    edited = editor.edit(ticket.reference, {"severity": "normal", "progress": "0"}, bob)

    assert edited == ticket
    assert last_event(ticket).kind == "opened"


@pytest.mark.row("F2")
def test_of_several_fields_each_fault_is_said_and_nothing_changes(
    editor: Editor, office: Backoffice, ticket: TicketView, bob: Actor
) -> None:
    wanted = {"severity": "HIHG", "progress": "101", "contact": "nobody@", "subject": "x" * 256, "tag": "fine"}

    with pytest.raises(FieldErrors) as refusal:
        editor.edit(ticket.reference, wanted, bob)

    assert set(refusal.value.faults) == {"severity", "progress", "contact", "subject"}
    assert "Did you mean HIGH?" in str(refusal.value.faults["severity"])
    assert office.desk.tickets.view(ticket.id) == ticket


@pytest.mark.row("F2")
def test_a_viewer_edits_nothing(editor: Editor, ticket: TicketView, vic: Actor) -> None:
    with pytest.raises(NotAllowed):
        editor.edit(ticket.reference, {"severity": "HIGH"}, vic)


@pytest.mark.row("F2", "S3")
def test_the_first_thing_an_agent_does_makes_a_ticket_read(editor: Editor, ticket: TicketView, bob: Actor) -> None:
    assert editor.edit(ticket.reference, {"tag": "vip"}, bob).status is Status.READ


# tags ----------------------------------------------------------------------------------------------------------------


@pytest.mark.row("D20")
@pytest.mark.parametrize(
    ("typed", "tags"),
    [("+hot", ("hot", "vip")), ("-VIP", ()), ("+hot,-vip", ("hot",)), ("a, b", ("a", "b")), ("-", ()), ("", ())],
)
def test_tags_are_replaced_added_and_taken_away(
    editor: Editor, ticket: TicketView, bob: Actor, typed: str, tags: tuple[str, ...]
) -> None:
    editor.edit(ticket.reference, {"tag": "vip"}, bob)

    assert editor.edit(ticket.reference, {"tag": typed}, bob).tags == tags


# severities and groups -----------------------------------------------------------------------------------------------


@pytest.mark.row("R:forced severity", "D5")
def test_a_group_that_forces_a_severity_gets_it(editor: Editor, ticket: TicketView, bob: Actor) -> None:
    add_group("VIP", forced_severity=Severity.get(Severity.code == "BLOCKING"))

    edited = editor.edit(ticket.reference, {"group": "VIP"}, bob)

    assert edited.severity.code == "BLOCKING"
    assert ["severity", "NORMAL", "BLOCKING"] in last_event(ticket).data["diff"]


@pytest.mark.row("R:forced severity")
@pytest.mark.parametrize("wanted", [{"severity": "LOW"}, {"group": "VIP", "severity": "LOW"}])
def test_another_severity_than_the_forced_one_is_refused(
    editor: Editor, ticket: TicketView, bob: Actor, wanted: dict[str, str]
) -> None:
    add_group("VIP", forced_severity=Severity.get(Severity.code == "BLOCKING"))
    if "group" not in wanted:
        editor.edit(ticket.reference, {"group": "VIP"}, bob)

    with pytest.raises(FieldErrors, match="Tickets of VIP always have the severity BLOCKING"):
        editor.edit(ticket.reference, wanted, bob)


@pytest.mark.row("C8")
@pytest.mark.parametrize("key", ["type", "group", "severity"])
def test_closed_tickets_are_reclassified_only_where_that_is_set(
    editor: Editor, office: Backoffice, ticket: TicketView, bob: Actor, key: str
) -> None:
    add_group("BILLING")
    wanted = {key: {"type": "HELP", "group": "BILLING", "severity": "HIGH"}[key]}
    office.desk.tickets.close(ticket.reference, bob)
    with pytest.raises(FieldErrors, match="is closed and keeps its type, group and severity"):
        editor.edit(ticket.reference, wanted, bob)

    office.desk.settings.set("reclassify_closed", "on", "Bob")

    assert getattr(editor.edit(ticket.reference, wanted, bob), key).code == wanted[key]


@pytest.mark.row("C8")
def test_waiting_is_not_closed(editor: Editor, office: Backoffice, ticket: TicketView, bob: Actor) -> None:
    office.desk.tickets.wait(ticket.reference, bob)

    assert editor.edit(ticket.reference, {"severity": "HIGH"}, bob).severity.code == "HIGH"


@pytest.mark.row("F2")
def test_other_fields_of_closed_tickets_change_at_any_time(
    editor: Editor, office: Backoffice, ticket: TicketView, bob: Actor
) -> None:
    office.desk.tickets.close(ticket.reference, bob)

    assert editor.edit(ticket.reference, {"tag": "lesson"}, bob).tags == ("lesson",)


@pytest.mark.row("F2", "W1")
def test_with_its_group_a_ticket_gets_a_card_there_and_the_old_one_is_told(
    editor: Editor, ticket: TicketView, bob: Actor
) -> None:
    add_group("BILLING", slack_channel="#billing")
    deliveries.hang(
        ticket.id, "slack:#support", version=1, at=NOON, platform="slack", channel="C1", topic=0, message="1.1"
    )
    Delivery.delete().execute()

    editor.edit(ticket.reference, {"group": "BILLING"}, bob)

    cards = {row.place for row in Delivery.select().where(Delivery.kind == "card")}
    assert cards == {"slack:#support", "slack:#billing"}


@pytest.mark.row("F2", "W1")
def test_a_card_that_was_left_behind_says_where_its_ticket_went(
    editor: Editor, office: Backoffice, ticket: TicketView, bob: Actor
) -> None:
    add_group("BILLING", slack_channel="#billing")

    moved = editor.edit(ticket.reference, {"group": "BILLING"}, bob)

    here = {place: office.desk.tickets.hangs_here(moved, place) for place in ("slack:#support", "slack:#billing")}
    assert here == {"slack:#support": False, "slack:#billing": True}


# people --------------------------------------------------------------------------------------------------------------


@pytest.mark.row("F2", "D10")
def test_another_contact_brings_its_client_its_language_and_where_it_reads_answers(
    editor: Editor, office: Backoffice, ticket: TicketView, bob: Actor
) -> None:
    clients.add("Globex", office.clock, code="GLOBEX", language="fr")
    clients.add_contact(["paul@globex.example"], office.clock, name="Paul", client="GLOBEX")

    edited = editor.edit(ticket.reference, {"contact": "Paul@globex.example"}, bob)

    assert (edited.requester_name, edited.requester_address) == ("Paul", "paul@globex.example")
    assert (edited.third_party_code, edited.language, edited.reply_address) == ("GLOBEX", "fr", "paul@globex.example")


@pytest.mark.row("F2", "D10")
def test_an_unknown_contact_is_made_under_the_client_of_its_domain(
    editor: Editor, office: Backoffice, ticket: TicketView, bob: Actor
) -> None:
    clients.add("Globex", office.clock, code="GLOBEX", domains=["globex.example"])

    edited = editor.edit(ticket.reference, {"contact": "new@globex.example"}, bob)

    assert edited.third_party_code == "GLOBEX"
    assert clients.find_contact("new@globex.example").id == edited.requester_id


@pytest.mark.row("F2", "D9")
def test_a_ticket_may_be_made_internal(editor: Editor, ticket: TicketView, bob: Actor) -> None:
    edited = editor.edit(ticket.reference, {"contact": "-", "client": "-"}, bob)

    assert (edited.who, edited.requester_id, edited.third_party, edited.reply_address) == ("", None, "", "")


@pytest.mark.row("F2", "D13", "D14")
def test_project_and_contract_are_those_of_the_client(
    editor: Editor, office: Backoffice, ticket: TicketView, bob: Actor
) -> None:
    for code in ("ACME", "GLOBEX"):
        clients.add(code.title(), office.clock, code=code)
        engagements.add("project", f"P-{code}", "Project", office.clock, client=code)
    engagements.add("contract", "C-1", "Contract", office.clock, client="ACME")
    with pytest.raises(FieldErrors, match="belongs to Globex, another client"):
        editor.edit(ticket.reference, {"client": "ACME", "project": "P-GLOBEX"}, bob)

    edited = editor.edit(ticket.reference, {"client": "acme", "project": "p-acme", "contract": "C-1"}, bob)

    assert (edited.project, edited.contract and edited.contract.reference) == ("P-ACME", "C-1")
    assert editor.edit(ticket.reference, {"project": "-"}, bob).project == ""


@pytest.mark.row("F2", "D10")
def test_watchers_come_and_go_and_no_agent_is_one(editor: Editor, ticket: TicketView, bob: Actor) -> None:
    editor.edit(ticket.reference, {"cc": "Paul@acme.example, zoe@acme.example"}, bob)

    edited = editor.edit(ticket.reference, {"cc": "-paul@acme.example,+kim@acme.example"}, bob)

    assert [reader.address for reader in edited.watchers] == ["zoe@acme.example", "kim@acme.example"]
    with pytest.raises(FieldErrors, match="is an agent"):
        editor.edit(ticket.reference, {"cc": "+carol@example.org"}, bob)


@pytest.mark.row("F2")
def test_the_event_of_an_edit_names_no_people_and_keeps_no_address(
    editor: Editor, ticket: TicketView, bob: Actor
) -> None:
    editor.edit(ticket.reference, {"contact": "paul@acme.example", "cc": "zoe@acme.example"}, bob)

    event = last_event(ticket)
    assert "@" not in str([event.old, event.new, event.data])


# own fields ----------------------------------------------------------------------------------------------------------


@pytest.mark.row("D20", "F2")
def test_own_fields_are_set_and_emptied(editor: Editor, ticket: TicketView, bob: Actor) -> None:
    CustomField.create(code="order", labels={"en": "Order"}, kind="number", choices=[])

    edited = editor.edit(ticket.reference, {"order": "1,50"}, bob)

    assert edited.custom == {"order": "1.5"}
    assert editor.edit(ticket.reference, {"order": "-"}, bob).custom == {}
    with pytest.raises(FieldErrors, match="order must be a number"):
        editor.edit(ticket.reference, {"order": "many"}, bob)


@pytest.mark.row("D20")
def test_a_new_ticket_has_its_own_fields_tags_and_watchers_at_once(office: Backoffice, bob: Actor) -> None:
    CustomField.create(code="place", labels={}, kind="choice", choices=["Paris", "Lyon"])
    more = {"place": "lyon", "tag": "vip", "cc": "zoe@acme.example"}

    made = office.desk.tickets.open(Opening("Fire", more=more), bob)

    assert (made.custom, made.tags) == ({"place": "Lyon"}, ("vip",))
    assert [reader.address for reader in made.watchers] == ["zoe@acme.example"]
    assert [event.kind for event in rows.events(made.id)] == ["opened"]


# two editors ---------------------------------------------------------------------------------------------------------


@pytest.mark.row("F2")
def test_what_was_edited_since_a_version_is_told_field_by_field(
    editor: Editor, office: Backoffice, ticket: TicketView, bob: Actor, carol: Actor, ann: Client
) -> None:
    seen = ticket.version
    editor.edit(ticket.reference, {"severity": "HIGH"}, carol)
    editor.edit(ticket.reference, {"severity": "BLOCKING", "tag": "vip"}, carol)
    edited = office.desk.tickets.take(ticket.reference, carol)

    told = editor.since(edited, seen)

    assert set(told) == {
        Difference("severity", "NORMAL", "BLOCKING"),
        Difference("tag", "", "vip"),
        Difference("assignee", "nobody", "carol@example.org"),
    }
    assert editor.since(edited, edited.version) == []
