"""What people type for fields: lists, progress, own fields, spans of time."""

from dataclasses import replace

import pytest

from bot.desk import fields, spans
from bot.desk.custom_fields import CustomField, parse
from bot.desk.people import Agent
from bot.desk.views import Agreement, Reader, TicketView
from bot.errors import Refusal, WrongUsage


@pytest.mark.row("D20")
@pytest.mark.parametrize(
    ("now", "typed", "after"),
    [
        (["a"], "B, c;d", ["b", "c", "d"]),
        (["a"], "+b", ["a", "b"]),
        (["a", "b"], "-A", ["b"]),
        (["a"], "+b, -a, +b", ["b"]),
        (["a"], "+ b", ["a", "b"]),
        (["a", "b"], "- a", ["b"]),
        (["x"], "a, ,b", ["a", "b"]),
        (["a"], " - ", []),
        (["a"], "b, +c", ["b", "c"]),
        (["a"], "b, b", ["b"]),
        (["a"], "-", []),
        (["a"], "–", []),
        (["a"], " ", []),
        (["a"], "+", ["a"]),
        ([], ",,", []),
    ],
)
def test_a_list_is_replaced_or_changed_by_signs(now: list[str], typed: str, after: list[str]) -> None:
    assert fields.changed_list(now, typed) == after


@pytest.mark.row("D20")
def test_tags_stand_in_order_and_are_short() -> None:
    assert fields.tags(["z"], "+a") == ["a", "z"]
    assert fields.tags([], "x" * 40) == ["x" * 40]
    with pytest.raises(Refusal, match=r"A tag has at most 40 characters: x{40}…"):
        fields.tags([], "x" * 41)


@pytest.mark.row("D17")
@pytest.mark.parametrize(("typed", "value"), [("0", 0), ("100", 100), (" 40 % ", 40), ("007", 7), ("-", 0)])
def test_progress_is_a_percentage(typed: str, value: int) -> None:
    assert fields.progress(typed) == value


@pytest.mark.row("D17")
@pytest.mark.parametrize("typed", ["101", "-1", "4.5", "half", "²", "1000", "0100", "40 %%"])
def test_other_progress_is_refused(typed: str) -> None:
    with pytest.raises(Refusal) as refusal:
        fields.progress(f" {typed} ")

    assert str(refusal.value) == f"Progress is a whole number from 0 to 100, not “{typed}”."


@pytest.mark.row("D11")
def test_what_the_client_hears_is_one_of_three() -> None:
    assert fields.notify(" Milestones ") == "milestones"
    with pytest.raises(Refusal, match=r"none, milestones, all, not “x{20}”"):
        fields.notify(" " + "x" * 21)


@pytest.mark.row("F2")
def test_every_field_is_said_as_one_would_type_it(ticket: TicketView) -> None:
    full = replace(
        ticket,
        assignee=Agent(2, "carol@example.org", "Carol", "agent"),
        third_party_code="ACME",
        project="P-1",
        contract=Agreement("C-1", "Gold", None, None, ""),
        tags=("fire", "vip"),
        notify="all",
        progress=40,
        watchers=(Reader("dan@acme.example", "Dan"), Reader("eve@example.net", "")),
        custom={"floor": "first"},
    )

    assert fields.values(full) == {
        "subject": "The printer is on fire",
        "group": ticket.group.code,
        "type": ticket.type.code,
        "severity": ticket.severity.code,
        "assignee": "carol@example.org",
        "client": "ACME",
        "contact": "ann@acme.example",
        "project": "P-1",
        "contract": "C-1",
        "tag": "fire, vip",
        "notify": "all",
        "progress": "40",
        "cc": "dan@acme.example, eve@example.net",
        "floor": "first",
    }
    assert set(fields.KEYS) == {*fields.values(full)} - {"floor"}


@pytest.mark.row("F2")
def test_a_field_in_which_nothing_stands_is_said_to_be_empty(ticket: TicketView) -> None:
    said = fields.values(ticket)

    assert said["assignee"] == fields.NOBODY == "nobody"
    assert {key for key, value in said.items() if not value} == {"client", "project", "contract", "tag", "cc"}
    assert all(fields.is_empty(sign) for sign in ("", " ", "-", " – ", "—"))
    assert not fields.is_empty("nobody")


# own fields ----------------------------------------------------------------------------------------------------------


def own(kind: str, *choices: str) -> CustomField:
    """A field of a kind."""
    return CustomField(1, "own", {}, kind, choices)


@pytest.mark.row("D20")
@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        ("text", "  any\tthing ", "any thing"),
        ("text", "x" * 500, "x" * 500),
        ("number", "1,50", "1.5"),
        ("number", "-0.25", "-0.25"),
        ("number", "+12 000", "12000"),
        ("number", "100", "100"),
        ("number", "0.0", "0"),
        ("number", "٣,٥", "3.5"),
        ("date", "2026-12-31", "2026-12-31"),
        ("date", "31/12/2026", "2026-12-31"),
        ("date", "31.12.2026", "2026-12-31"),
        ("yes_no", "Oui", "yes"),
        ("yes_no", "NO", "no"),
        ("yes_no", "1", "yes"),
    ],
)
def test_an_own_field_is_kept_in_one_spelling(kind: str, typed: str, kept: str) -> None:
    assert parse(own(kind), typed) == kept


@pytest.mark.row("D20")
@pytest.mark.parametrize(
    ("kind", "typed", "sentence"),
    [
        ("text", "x" * 501, "own takes at most 500 characters."),
        ("number", "x" * 41, f"own must be a number, not “{'x' * 40}”."),
        ("date", "x" * 41, f"own must be a date such as 2026-12-31, not “{'x' * 40}”."),
        ("yes_no", "x" * 41, f"own must be yes or no, not “{'x' * 40}”."),
        ("number", "many", "own must be a number, not “many”."),
        ("number", "1e5", "own must be a number, not “1e5”."),
        ("number", "1" * 16, f"own must be a number, not “{'1' * 16}”."),
        ("date", "2026-02-30", "own must be a date such as 2026-12-31, not “2026-02-30”."),
        ("date", "soon", "own must be a date such as 2026-12-31, not “soon”."),
        ("yes_no", "maybe", "own must be yes or no, not “maybe”."),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_what_it_must_be(kind: str, typed: str, sentence: str) -> None:
    with pytest.raises(Refusal) as refusal:
        parse(own(kind), typed)

    assert str(refusal.value) == sentence


@pytest.mark.row("D20")
@pytest.mark.parametrize(
    ("words", "kept"),
    [("yes y true on 1 oui o vrai", "yes"), ("no n false off 0 non faux", "no")],
)
def test_yes_and_no_are_said_in_many_words(words: str, kept: str) -> None:
    assert {parse(own("yes_no"), word) for word in words.split()} == {kept}


@pytest.mark.row("D20")
def test_a_choice_is_one_of_those_defined() -> None:
    place = own("choice", "Paris", "Lyon")

    assert parse(place, "pARIS") == "Paris"
    with pytest.raises(Refusal, match=r"own has no “Pari”\. Did you mean Paris\?"):
        parse(place, "Pari")
    with pytest.raises(Refusal, match=r"own has no “PARI”\. Did you mean Paris\?"):
        parse(place, "PARI")
    with pytest.raises(Refusal, match=r"own has no “x”\. There are: Paris, Lyon\."):
        parse(place, "x")


# time ----------------------------------------------------------------------------------------------------------------


@pytest.mark.row("D18")
@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        ("30m", 30), ("90 min", 90), ("1h", 60), ("1h30", 90), ("1 h 05 m", 65), ("1.5h", 90), ("1,25h", 75),
        ("0.01h", 1), (" 2 Hours ", 120), ("1m", 1), ("999h", 59940), ("59940m", 59940), ("12minutes", 12),
    ],
)  # fmt: skip
def test_time_spent_is_typed_in_many_ways(typed: str, minutes: int) -> None:
    assert spans.minutes(typed) == minutes


@pytest.mark.row("D18")
@pytest.mark.parametrize("typed", ["", "30", "30mx", "1h60", "an hour", "-5m", "1.555h", "h", "1h 2h", "²m", "x" * 50])
def test_what_is_no_time_is_refused_with_examples(typed: str) -> None:
    with pytest.raises(WrongUsage) as refusal:
        spans.minutes(f" {typed} ")

    assert str(refusal.value) == f"I do not understand the time “{typed[:40]}”. Examples: 30m, 1h30, 1.5h."


@pytest.mark.row("D18")
@pytest.mark.parametrize("typed", ["0m", "0h", "59941m", "999h01"])
def test_no_time_and_too_much_are_refused(typed: str) -> None:
    with pytest.raises(WrongUsage, match="from 1 minute to 999 hours"):
        spans.minutes(typed)
