"""`settings` in chats: by sections in a form, one question at a time on the phone, in words when typed."""

from typing import Any

import pytest

from bot.backoffice import Backoffice
from bot.commands.requests import Caller, Request
from bot.outgoing.cards import Answer, Field
from storage.models import Event

BOB = Caller("slack", "U0BOB", "Bob", "bob@example.org")
CAROL = Caller("slack", "U0CAROL", "Carol", "carol@example.org")
PHONE = Caller("telegram", "7001", "Bob")


def ask(office: Backoffice, words: str = "", caller: Caller = BOB, **request: Any) -> Answer:
    """What the desk answers."""
    return office.runner.run(Request(caller, words=words, **request))


def fill(office: Backoffice, fields: dict[str, str], caller: Caller = BOB, *, changed: str = "") -> Answer:
    """What the desk answers to a form, submitted or chosen in."""
    return ask(office, caller=caller, verb="settings", fields=fields, submitted=not changed, changed=changed)


def fields(answer: Answer) -> dict[str, Field]:
    """The fields of the form by key."""
    assert answer.form is not None, answer.text
    return {field.key: field for field in answer.form.fields}


def opened(office: Backoffice, section: str, **chosen: str) -> dict[str, str]:
    """What a form of a section holds when it is opened, with its draft."""
    answer = fill(office, {"section": section, **chosen}, changed="section")
    assert answer.form is not None, answer.text
    return {field.key: field.value for field in answer.form.fields} | {"draft": answer.form.draft}


@pytest.fixture
def phone(office: Backoffice) -> Caller:
    """Bob's phone, paired."""
    from storage.queries.people import agent_by_email, link_account

    bob = agent_by_email("bob@example.org")
    assert bob is not None
    link_account(bob.id, "telegram", "7001", "Bob", office.clock.now())
    return PHONE


# typed ---------------------------------------------------------------------------------------------------------------


@pytest.mark.row("C6")
def test_a_typed_setting_is_set_and_said(office: Backoffice) -> None:
    answer = ask(office, "settings response_delay 4")

    assert (answer.text, office.desk.settings.get("response_delay")) == ("response_delay = 4", 4.0)
    assert ask(office, "settings reset response_delay").text == "response_delay = 0"


@pytest.mark.row("C1")
def test_whoever_sets_a_mask_in_chat_sees_the_next_references(office: Backoffice) -> None:
    answer = ask(office, "settings set numbering_mask T{000}")

    assert answer.lines[0] == "The next references would be: T001, T002, T003"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("settings response_delai 4", "There is no setting response_delai. Did you mean response_delay?"),
        ("settings response_delay soon", "response_delay must be a number from 0 to 8760"),
        ("settings set", "Missing: SETTING"),
    ],
)
def test_what_cannot_be_set_is_said(office: Backoffice, words: str, sentence: str) -> None:
    answer = ask(office, words)

    assert answer.refused
    assert answer.text.startswith(sentence)


def test_a_refusal_is_said_in_the_reader_s_language(office: Backoffice) -> None:
    office.desk.settings.set("language", "fr", "test")

    answer = ask(office, "settings business_hours lundi")

    assert (
        answer.text
        == "business_hours doit donner des jours et des heures, comme « mon-fri 09:00-18:00 », et non « lundi »"
    )


# a form --------------------------------------------------------------------------------------------------------------


def test_the_form_asks_for_a_section_and_shows_its_settings_as_they_are(office: Backoffice) -> None:
    office.desk.settings.set("auto_read", "on", "test")

    first = fields(ask(office, "settings"))
    section = opened(office, "tickets")

    assert list(first) == ["section"]
    assert first["section"].asks
    assert (section["auto_read"], section["auto_assign"], section["reopen_days"]) == ("on", "never", "14")


@pytest.mark.row("C3", "C4")
def test_submitting_changes_what_differs_and_nothing_else(office: Backoffice) -> None:
    form = opened(office, "tickets")
    before = Event.select().count()

    answer = fill(office, {**form, "auto_read": "on", "auto_assign": "always"})

    assert answer.text == "auto_read = on\nauto_assign = always"
    assert list(office.desk.settings.chosen()) == ["auto_read", "auto_assign"]
    assert Event.select().count() == before + 2


def test_a_text_that_is_emptied_is_empty_afterwards(office: Backoffice) -> None:
    office.desk.settings.set("letter_footer", "Your team", "test")
    form = opened(office, "letters")
    del form["letter_footer"]

    fill(office, form)

    assert office.desk.settings.get("letter_footer") == ""


def test_each_fault_stands_at_its_field_and_nothing_is_set(office: Backoffice) -> None:
    form = opened(office, "deadlines")

    answer = fill(office, {**form, "response_delay": "soon", "warn_at": "0", "action_delay": "4"})

    assert answer.refused
    assert set(answer.faults) == {"response_delay", "warn_at"}
    assert answer.faults["warn_at"] == "warn_at must be a whole number from 1 to 100"
    assert office.desk.settings.chosen() == {}


def test_nobody_overwrites_what_somebody_else_has_set_meanwhile(office: Backoffice) -> None:
    form = opened(office, "deadlines")
    office.desk.settings.set("response_delay", 8, "somebody")

    answer = fill(office, {**form, "warn_at": "50"})

    assert answer.refused
    assert "changed this meanwhile" in answer.text
    assert office.desk.settings.get("response_delay") == 8


def test_a_form_that_came_back_without_its_settings_changes_none(office: Backoffice) -> None:
    office.desk.settings.set("letter_footer", "Your team", "test")

    answer = fill(office, {"section": "letters"})

    assert answer.form is not None
    assert office.desk.settings.get("letter_footer") == "Your team"


# the phone -----------------------------------------------------------------------------------------------------------


def test_the_phone_lists_the_settings_and_asks_for_one(office: Backoffice, phone: Caller) -> None:
    listed = fields(fill(office, {"section": "deadlines"}, phone, changed="section"))
    asked = fields(fill(office, {"section": "deadlines", "name": "warn_at"}, phone, changed="name"))
    done = fill(office, {"section": "deadlines", "name": "warn_at", "value": "50"}, phone)

    assert "warn_at: 75" in [option.label for option in listed["name"].options]
    assert (asked["value"].value, "Now: 75" in asked["value"].hint) == ("", True)
    assert (done.text, office.desk.settings.get("warn_at")) == ("warn_at = 50", 50)


def test_a_minus_empties_a_text_on_the_phone(office: Backoffice, phone: Caller) -> None:
    office.desk.settings.set("notify_address", "team@example.org", "test")

    fill(office, {"section": "letters", "name": "notify_address", "value": "-"}, phone)

    assert office.desk.settings.get("notify_address") == ""


# dictionaries --------------------------------------------------------------------------------------------------------


@pytest.mark.row("C9")
def test_an_entry_s_properties_are_shown_and_changed(office: Backoffice) -> None:
    form = opened(office, "severity", **{"severity.entry": "HIGH"})

    answer = fill(office, {**form, "HIGH.label:en": "Very high", "HIGH.default": "yes"})

    assert answer.text == "HIGH is changed."
    assert answer.lines == ("Label in English: High → Very high", "The default: no → yes")
    assert office.desk.dictionaries.find("severity", "NORMAL").values["default"] == "no"


@pytest.mark.row("C9")
def test_an_entry_is_put_out_of_use(office: Backoffice) -> None:
    form = opened(office, "type", **{"type.entry": "COM"})

    fill(office, {**form, "COM.active": "no"})

    assert office.desk.dictionaries.find("type", "COM").active is False


@pytest.mark.row("C9")
def test_a_new_entry_is_added(office: Backoffice) -> None:
    form = opened(office, "group", **{"group.entry": "+new"})

    answer = fill(office, {**form, "+new.code": "billing", "+new.label:fr": "Facturation", "+new.parent": "OTHER"})

    assert answer.text == "BILLING is added."
    added = office.desk.dictionaries.find("group", "BILLING").values
    assert (added["label:fr"], added["parent"], added["active"]) == ("Facturation", "OTHER", "yes")


def test_a_fault_of_an_entry_stands_at_its_field(office: Backoffice) -> None:
    form = opened(office, "severity", **{"severity.entry": "HIGH"})

    answer = fill(office, {**form, "HIGH.response_delay": "soon"})

    assert list(answer.faults) == ["HIGH.response_delay"]


def test_nothing_typed_changes_nothing(office: Backoffice) -> None:
    form = opened(office, "group", **{"group.entry": "OTHER"})
    before = Event.select().count()

    answer = fill(office, form)

    assert (answer.text, Event.select().count()) == ("Nothing changes.", before)


def test_an_entry_is_changed_on_the_phone(office: Backoffice, phone: Caller) -> None:
    chosen = {"section": "severity", "severity.entry": "HIGH"}

    listed = fields(fill(office, chosen, phone, changed="severity.entry"))
    asked = fields(fill(office, {**chosen, "name": "emoji"}, phone, changed="name"))
    done = fill(office, {**chosen, "name": "emoji", "value": "🔥"}, phone)

    assert "Emoji: 🟠" in [option.label for option in listed["name"].options]
    assert asked["value"].label == "Emoji"
    assert done.lines == ("Emoji: 🟠 → 🔥",)


def test_an_entry_is_added_on_the_phone(office: Backoffice, phone: Caller) -> None:
    chosen = {"section": "type", "type.entry": "+new"}

    asked = fields(fill(office, chosen, phone, changed="type.entry"))
    done = fill(office, {**chosen, "+new.code": "spare", "+new.label:en": "Spare", "+new.label:fr": "Pièce"}, phone)

    assert list(asked) == ["section", "type.entry", "+new.code", "+new.label:en", "+new.label:fr"]
    assert done.text == "SPARE is added."


# who -----------------------------------------------------------------------------------------------------------------


@pytest.mark.row("C10")
def test_only_admins_see_the_settings(office: Backoffice) -> None:
    answer = ask(office, "settings", CAROL)

    assert answer.refused
    assert "you need the role admin" in answer.text


def test_the_command_line_lists_them(office: Backoffice) -> None:
    answer = ask(office, "settings", Caller("cli", "bob@example.org"))

    assert "warn_at = 75 (default) — percent of a delay at which the team is warned" in answer.lines
    assert isinstance(answer.data, list)
