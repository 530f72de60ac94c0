"""An intervention as a value: its number, its lines in their order, what it weighs, and how programs see it."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from bot.desk import worksheet
from bot.desk.numbering import Occasion
from bot.desk.people import Agent
from bot.desk.worksheet import InterventionView, Line
from bot.errors import Refusal

pytestmark = pytest.mark.row("F6")
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
NINE = datetime(2026, 3, 4, 9, tzinfo=UTC)
BARE = {
    "id": 3, "number": "FI2603-0001", "version": 2, "state": "draft", "ticket_id": 7, "subject": "Roof",
    "description": "", "client": "", "contact": "", "planned_at": None, "created_at": NOON, "validated_at": None,
    "done_at": None, "ticket": SimpleNamespace(reference="TS2603-0007"), "project": None, "contract": None,
    "technician": None,
}  # fmt: skip
CAROL = SimpleNamespace(
    quiet_hours="", id=2, email="carol@example.org", name="Carol", role="agent", active=True, language="", timezone=""
)
FULL = BARE | {
    "state": "done", "description": "It leaks", "client": "ACME", "contact": "Ann", "planned_at": NINE,
    "validated_at": NOON.replace(day=5), "done_at": NOON.replace(day=6), "technician": CAROL,
    "project": SimpleNamespace(reference="P-1"), "contract": SimpleNamespace(reference="C-1"),
}  # fmt: skip
LINES = [
    SimpleNamespace(at=NINE, minutes=60, text="Looked"),
    SimpleNamespace(at=NOON, minutes=30, text="Mended"),
]


def view(row: dict[str, Any], lines: Any = ()) -> InterventionView:
    """From a row of these values."""
    return InterventionView.of(SimpleNamespace(**row), lines)


def test_its_lines_are_numbered_from_one_and_add_up() -> None:
    one = view(FULL, LINES)

    assert one.lines == (Line(1, NINE, 60, "Looked"), Line(2, NOON, 30, "Mended"))
    assert one.minutes == 90


def test_without_lines_it_took_no_time() -> None:
    assert (view(BARE).lines, view(BARE).minutes) == ((), 0)


def test_it_may_be_nobodys_yet() -> None:
    assert view(BARE).technician is None
    assert view(FULL).technician == Agent(2, "carol@example.org", "Carol", "agent")


@pytest.mark.parametrize(("state", "is_open"), [("draft", True), ("validated", True), ("done", False)])
def test_it_is_open_until_it_is_done(state: str, is_open: bool) -> None:
    assert view(BARE | {"state": state}).is_open is is_open


def test_programs_see_everything() -> None:
    assert worksheet.as_json(view(FULL, LINES)) == {
        "number": "FI2603-0001",
        "ticket": "TS2603-0007",
        "state": "done",
        "subject": "Roof",
        "description": "It leaks",
        "client": "ACME",
        "contact": "Ann",
        "project": "P-1",
        "contract": "C-1",
        "technician": "carol@example.org",
        "planned_at": "2026-03-04T09:00:00+00:00",
        "created_at": "2026-03-04T12:00:00+00:00",
        "validated_at": "2026-03-05T12:00:00+00:00",
        "done_at": "2026-03-06T12:00:00+00:00",
        "minutes": 90,
        "lines": [
            {"number": 1, "at": "2026-03-04T09:00:00+00:00", "minutes": 60, "text": "Looked"},
            {"number": 2, "at": "2026-03-04T12:00:00+00:00", "minutes": 30, "text": "Mended"},
        ],
        "version": 2,
    }


def test_what_is_not_known_is_null_for_programs() -> None:
    told = worksheet.as_json(view(BARE))

    assert {name for name, value in told.items() if value is None} == {
        *("description", "client", "contact", "project", "contract", "technician"),
        *("planned_at", "validated_at", "done_at"),
    }
    assert (told["minutes"], told["lines"]) == (0, [])


@pytest.mark.parametrize(("count", "number"), [(1, "FI2603-0001"), (9999, "FI2603-9999"), (10_000, "FI2603-10000")])
def test_numbers_are_counted_within_their_month(count: int, number: str) -> None:
    assert worksheet.number_of(count, Occasion(NOON)) == number
    assert worksheet.is_number(number)


@pytest.mark.parametrize(
    ("word", "is_number"),
    [
        (" fi2603-0001 ", True),
        ("FI2603-000", False),
        ("FI2603-0000000001", False),
        ("xFI2603-0001", False),
        ("FI2603-0001x", False),
        ("TS2603-0001", False),
        ("", False),
    ],
)
def test_a_number_is_told_by_its_shape(word: str, is_number: bool) -> None:
    assert worksheet.is_number(word) is is_number


@pytest.mark.parametrize(
    ("step", "state", "sentence"),
    [
        ("validate", "validated", "FI2603-0001 is already: validated."),
        ("done", "done", "FI2603-0001 is already: done."),
        ("draft", "draft", "FI2603-0001 is already: draft."),
        ("done", "draft", "FI2603-0001 is a draft. Validate it first."),
        ("validate", "done", "FI2603-0001 is done. Make it a draft again first."),
    ],
)
def test_a_step_that_leads_nowhere_says_what_comes_first(step: str, state: str, sentence: str) -> None:
    with pytest.raises(Refusal) as refusal:
        worksheet.after(step, state, "FI2603-0001")

    assert str(refusal.value) == sentence


def test_only_a_draft_passes_where_it_is_changed() -> None:
    worksheet.check_draft("draft", "FI2603-0001")

    for state in ("validated", "done"):
        with pytest.raises(Refusal, match=f"FI2603-0001 is {state}. Make it a draft again first."):
            worksheet.check_draft(state, "FI2603-0001")
