"""Dictionaries as administrators change them: always one default, nothing orphaned, every change an event."""

import pytest

from bot.backoffice import Backoffice
from bot.clock import SetClock
from bot.desk import custom_fields, people
from bot.desk.audit import at_the_server
from bot.desk.dictionaries import Group
from bot.desk.opening import Opening
from bot.desk.outbox import EACH
from bot.desk.people import Actor, Client
from bot.desk.views import TicketView
from bot.errors import FieldErrors, NotAllowed, NotFound, Refusal
from bot.outgoing.recipients import Audience, Channels
from storage.database import is_sqlite
from storage.models import Delivery, Event, GroupAgent, Posting, Ticket
from storage.queries import deliveries
from storage.queries import dictionaries as rows
from storage.rows import db

KINDS = ("type", "group", "severity")
DEFAULTS = {"type": "OTHER", "group": "OTHER", "severity": "NORMAL"}


def add(office: Backoffice, kind: str, code: str, /, **values: str) -> None:
    """A new entry, by the one at the server."""
    office.desk.dictionaries.add(kind, code, values, at_the_server())


def change(office: Backoffice, kind: str, code: str, values: dict[str, str]) -> dict[str, str]:
    """Change an entry; its properties afterwards."""
    return dict(office.desk.dictionaries.change(kind, code, values, at_the_server()).values)


def defaults(kind: str) -> list[str]:
    """The codes of the default entries."""
    return [row.code for row in rows.entries(kind) if row.is_default]


def last_event() -> Event:
    """What was written down last."""
    return Event.select().order_by(Event.id.desc()).get()


# entries -------------------------------------------------------------------------------------------------------------


@pytest.mark.row("D3", "D4", "D5", "C9")
@pytest.mark.parametrize("kind", KINDS)
def test_a_new_entry_files_tickets_under_it(office: Backoffice, bob: Actor, kind: str) -> None:
    add(office, kind, "fresh", **{"label:en": "Fresh", "label:fr": "Frais"})

    ticket = office.desk.tickets.open(Opening("Printer", **{kind: "FRESH"}), bob)

    entry = getattr(ticket, kind)
    assert (entry.code, entry.labels) == ("FRESH", {"en": "Fresh", "fr": "Frais"})
    assert defaults(kind) == [DEFAULTS[kind]]


@pytest.mark.row("D3", "D4", "D5")
@pytest.mark.parametrize("kind", KINDS)
def test_making_one_the_default_takes_it_from_the_other(office: Backoffice, kind: str) -> None:
    add(office, kind, "FRESH")

    change(office, kind, "FRESH", {"default": "yes"})

    assert defaults(kind) == ["FRESH"]


@pytest.mark.row("D3", "D4", "D5")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("values", [{"active": "no"}, {"default": "no"}])
def test_the_default_stays_the_default_and_in_use(office: Backoffice, kind: str, values: dict[str, str]) -> None:
    with pytest.raises(Refusal, match="is the default"):
        change(office, kind, DEFAULTS[kind], values)

    assert defaults(kind) == [DEFAULTS[kind]]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_out_of_use_cannot_become_the_default(office: Backoffice, kind: str) -> None:
    with pytest.raises(Refusal, match="out of use"):
        add(office, kind, "FRESH", default="yes", active="no")

    assert defaults(kind) == [DEFAULTS[kind]]


@pytest.mark.row("D5")
def test_a_severity_has_looks_sound_and_delays(office: Backoffice) -> None:
    told = {"emoji": "🔥", "colour": "#ff0000", "rings": "no", "response_delay": "1.5", "action_delay": "0"}

    changed = change(office, "severity", "HIGH", told)

    assert told.items() <= changed.items()
    assert change(office, "severity", "HIGH", {"action_delay": "-"})["action_delay"] == ""


@pytest.mark.row("D4")
def test_a_group_s_forced_severity_is_given_to_its_tickets(office: Backoffice, bob: Actor) -> None:
    add(office, "group", "NIGHT", forced_severity="blocking", default_assignee="carol@example.org", parent="other")

    ticket = office.desk.tickets.open(Opening("Printer", group="NIGHT", severity="LOW"), bob)

    assert ticket.severity.code == "BLOCKING"
    assert ticket.assignee is not None and ticket.assignee.name == "Carol"


@pytest.mark.row("D4")
def test_groups_are_a_tree(office: Backoffice) -> None:
    add(office, "group", "ABOVE")
    add(office, "group", "MIDDLE", parent="ABOVE")
    add(office, "group", "BELOW", parent="MIDDLE")

    with pytest.raises(FieldErrors, match="BELOW cannot be above ABOVE"):
        change(office, "group", "ABOVE", {"parent": "BELOW"})
    with pytest.raises(FieldErrors, match="ABOVE cannot be above ABOVE"):
        change(office, "group", "ABOVE", {"parent": "ABOVE"})


@pytest.mark.row("D20")
def test_an_own_field_is_defined_with_its_choices(office: Backoffice, bob: Actor) -> None:
    add(office, "field", "Floor", kind="choice", choices="ground, first", **{"label:fr": "Étage"})

    ticket = office.desk.tickets.open(Opening("Printer", more={"floor": "FIRST"}), bob)

    assert ticket.custom == {"floor": "first"}
    with pytest.raises(FieldErrors, match="its kind stays"):
        change(office, "field", "floor", {"kind": "date"})


@pytest.mark.row("D20")
def test_own_fields_in_use_are_found_by_their_codes(office: Backoffice) -> None:
    with pytest.raises(NotFound, match=r"There is no field floor\. There are: –\."):
        custom_fields.find("floor")
    add(office, "field", "floor", kind="choice", choices="ground, first", **{"label:fr": "Étage"})
    add(office, "field", "room", kind="number")
    add(office, "field", "old", kind="text", active="no")

    floor = custom_fields.find("FLOOR")

    assert (floor.code, floor.kind, floor.choices, floor.labels["fr"]) == (
        "floor",
        "choice",
        ("ground", "first"),
        "Étage",
    )
    assert [(field.code, field.kind, field.choices) for field in custom_fields.defined()] == [
        ("floor", "choice", ("ground", "first")),
        ("room", "number", ()),
    ]
    assert len({field.id for field in custom_fields.defined()} - {0, None}) == 2
    with pytest.raises(NotFound, match=r"There is no field Old\. There are: floor, room\."):
        custom_fields.find("Old")


@pytest.mark.parametrize(
    ("kind", "code", "values", "sentence"),
    [
        ("type", "HELP", {}, "There is already a type HELP"),
        ("type", "two words", {}, "A code has from 1 to 24"),
        ("type", "X" * 25, {}, "A code has from 1 to 24"),
        ("kind", "X", {}, "There is no dictionary kind"),
        ("type", "X", {"emoji": "🔥"}, "A type has no emoji"),
        ("severity", "X", {"colour": "red"}, "colour: It must be a colour"),
        ("severity", "X", {"rings": "perhaps"}, "rings: It must be yes or no"),
        ("severity", "X", {"response_delay": "soon"}, "response_delay: It must be hours"),
        ("severity", "X", {"response_delay": "9999"}, "response_delay: It must be hours"),
        ("severity", "X", {"position": "9" * 30}, "position: It must be a whole number"),
        ("group", "X", {"forced_severity": "AWFUL"}, "There is no severity AWFUL"),
        ("group", "X", {"parent": "NOWHERE"}, "There is no group NOWHERE"),
        ("group", "X", {"default_assignee": "eve@evil.example"}, "There is no agent eve@evil.example"),
        ("group", "X", {"telegram_chat": "the chat"}, "It must be a chat's number"),
        ("group", "X", {"notify_address": "nobody"}, "nobody is not an address"),
        ("field", "severity", {}, "severity means something else"),
        ("field", "floor", {"kind": "choice"}, "needs its choices"),
        ("field", "floor", {"kind": "picture"}, "It must be one of text, number"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(
    office: Backoffice, kind: str, code: str, values: dict[str, str], sentence: str
) -> None:
    before = Event.select().count()

    with pytest.raises(Refusal, match=sentence):
        add(office, kind, code, **values)

    assert Event.select().count() == before


# out of use ----------------------------------------------------------------------------------------------------------


@pytest.mark.row("CF-05", "DB-09")
@pytest.mark.parametrize("kind", KINDS)
def test_removing_an_entry_in_use_puts_it_out_of_use_and_orphans_nothing(
    office: Backoffice, bob: Actor, kind: str
) -> None:
    add(office, kind, "FRESH")
    ticket = office.desk.tickets.open(Opening("Printer", **{kind: "FRESH"}), bob)

    gone = office.desk.dictionaries.remove(kind, "FRESH", bob)

    assert gone is False
    assert getattr(office.desk.tickets.view(ticket.id), kind).code == "FRESH"
    assert office.desk.dictionaries.find(kind, "FRESH").active is False
    with pytest.raises(NotFound):
        office.desk.tickets.open(Opening("Another", **{kind: "FRESH"}), bob)
    if is_sqlite():
        assert db.execute_sql("PRAGMA foreign_key_check").fetchall() == []


@pytest.mark.row("CF-05")
@pytest.mark.parametrize("kind", KINDS)
def test_an_entry_that_nothing_points_to_is_gone(office: Backoffice, bob: Actor, kind: str) -> None:
    add(office, kind, "FRESH")

    gone = office.desk.dictionaries.remove(kind, "FRESH", bob)

    assert gone is True
    assert "FRESH" not in [row.code for row in rows.entries(kind)]
    assert (last_event().kind, last_event().data, last_event().new) == (
        "dictionary_changed",
        {"about": f"{kind} FRESH"},
        {},
    )


@pytest.mark.row("CF-05")
@pytest.mark.parametrize("kind", KINDS)
def test_the_default_is_not_removed(office: Backoffice, bob: Actor, kind: str) -> None:
    with pytest.raises(Refusal, match="is the default"):
        office.desk.dictionaries.remove(kind, DEFAULTS[kind], bob)


@pytest.mark.row("CF-05")
def test_a_severity_that_a_group_gives_stays_in_use(office: Backoffice) -> None:
    add(office, "group", "NIGHT", forced_severity="BLOCKING")

    with pytest.raises(Refusal, match="BLOCKING is the severity of the group NIGHT"):
        change(office, "severity", "BLOCKING", {"active": "no"})


@pytest.mark.row("DB-09")
def test_a_group_that_is_removed_takes_its_list_of_agents_along(office: Backoffice, bob: Actor) -> None:
    add(office, "group", "SECRET", agents="bob@example.org")

    office.desk.dictionaries.remove("group", "SECRET", bob)

    assert GroupAgent.select().count() == 0


# events and rights ---------------------------------------------------------------------------------------------------


@pytest.mark.row("C9")
def test_a_change_is_an_event_with_who_where_old_and_new(office: Backoffice, bob: Actor) -> None:
    office.desk.dictionaries.change("severity", "HIGH", {"label:en": "Very high", "rings": "yes"}, bob)

    event = last_event()
    assert (event.kind, event.actor_name, event.role, event.platform) == ("dictionary_changed", "Bob", "admin", "slack")
    assert (event.old, event.new) == ({"label:en": "High"}, {"label:en": "Very high"})
    assert (event.ticket_id, event.data) == (None, {"about": "severity HIGH"})


def test_what_changes_nothing_is_no_event(office: Backoffice, bob: Actor) -> None:
    before = Event.select().count()

    office.desk.dictionaries.change("severity", "HIGH", {"label:en": "High"}, bob)

    assert Event.select().count() == before


@pytest.mark.row("C10")
def test_an_agent_changes_no_dictionary(office: Backoffice, carol: Actor) -> None:
    with pytest.raises(NotAllowed):
        office.desk.dictionaries.add("type", "FRESH", {}, carol)
    with pytest.raises(NotAllowed):
        office.desk.dictionaries.change("type", "HELP", {"active": "no"}, carol)
    with pytest.raises(NotAllowed):
        office.desk.dictionaries.remove("type", "HELP", carol)


# cards ---------------------------------------------------------------------------------------------------------------


@pytest.mark.row("D4")
def test_the_cards_of_a_group_move_with_its_channel(
    office: Backoffice, clock: SetClock, ticket: TicketView, ann: Client
) -> None:
    deliveries.hang(ticket.id, "slack:#support", version=0, at=clock.now(), platform="slack", channel="C1", message="1")
    Delivery.update(state="sent", sent_at=clock.now()).execute()

    moved = office.desk.dictionaries.change("group", "OTHER", {"slack_channel": "#printers"}, at_the_server()).moved

    waiting = {(row.kind, row.place) for row in Delivery.select().where(Delivery.state == "pending")}
    assert moved == 1
    assert waiting == {("card", "slack:#printers"), ("card", "slack:#support")}
    assert Posting.get().drawn_version == -1


def test_cards_of_closed_tickets_stay_where_they_are(
    office: Backoffice, clock: SetClock, ticket: TicketView, bob: Actor
) -> None:
    deliveries.hang(ticket.id, "slack:#support", version=0, at=clock.now(), platform="slack", channel="C1", message="1")
    office.desk.tickets.abandon(ticket.reference, "no ticket", bob)
    Delivery.update(state="sent", sent_at=clock.now()).execute()

    moved = office.desk.dictionaries.change("group", "OTHER", {"slack_channel": "#printers"}, at_the_server()).moved

    assert (moved, Delivery.select().where(Delivery.state == "pending").count()) == (0, 0)


@pytest.mark.row("C11")
def test_a_group_is_limited_to_named_agents_and_opened_again(office: Backoffice, ticket: TicketView) -> None:
    carol = people.agent("carol@example.org")

    change(office, "group", "OTHER", {"agents": "bob@example.org"})
    with pytest.raises(NotFound):
        office.desk.tickets.find(ticket.reference, carol)
    change(office, "group", "OTHER", {"agents": "-"})

    assert office.desk.tickets.find(ticket.reference, carol).id == Ticket.get().id


@pytest.mark.row("C11")
def test_nobody_is_given_a_ticket_they_may_not_see(office: Backoffice, ticket: TicketView, bob: Actor) -> None:
    change(office, "group", "OTHER", {"agents": "bob@example.org"})
    carol = people.agent("carol@example.org")

    with pytest.raises(Refusal, match=f"Carol may not see {ticket.reference}"):
        office.desk.tickets.assign(ticket.reference, carol, bob)
    with pytest.raises(FieldErrors, match="Carol may not see the tickets of OTHER"):
        change(office, "group", "OTHER", {"default_assignee": "carol@example.org"})

    assert office.desk.dictionaries.find("group", "OTHER").values["default_assignee"] == ""


def test_a_group_may_have_a_topic_for_each_ticket(office: Backoffice, bob: Actor) -> None:
    dictionaries = office.desk.dictionaries
    dictionaries.add("group", "BILLING", {"telegram_chat": "-1009", "telegram_topic": "each"}, bob)
    group = Group.of(rows.by_code("group", "BILLING"))
    (spot,) = Audience(Channels(telegram="-100"), office.desk.settings).spots(group)
    shown = dictionaries.find("group", "BILLING").values["telegram_topic"]

    with pytest.raises(FieldErrors, match="or “each”"):
        dictionaries.change("group", "BILLING", {"telegram_topic": "-1"}, bob)
    dictionaries.change("group", "BILLING", {"telegram_topic": "7"}, bob)

    assert (spot, shown) == (("telegram", "-1009", EACH), "each")
    assert dictionaries.find("group", "BILLING").values["telegram_topic"] == "7"
