"""References as people type them: whole, short, or somewhere in a subject."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.desk.references import MOST, full, is_simple, mentioned, short


@pytest.mark.parametrize(
    ("typed", "whole"),
    [
        ("ts2611-0042", "TS2611-0042"),
        (" [TS2611-0042] ", "TS2611-0042"),
        ("#TS2611-0042", "TS2611-0042"),
        ("acme-2026/0042", "ACME-2026/0042"),
        ("#0042", "#0042"),
        ("[X-42X]", "X-42X"),
        ("ts2611-0042x", "TS2611-0042X"),
        ("TS2611-0042 and more", None),
        ("0042", "0042"),
        ("42", None),
        ("printer", None),
        ("v 42", None),
        ("T%0042", None),
        ("x" * 40 + "1", None),
        ("", None),
    ],
)
def test_what_may_be_a_whole_reference(typed: str, whole: str | None) -> None:
    assert full(typed) == whole


@pytest.mark.parametrize(
    ("typed", "simple"),
    [
        ("TS2611-0042", True),
        ("ts-42", True),
        ("[TS-42]", True),
        (" #ts-42 ", True),
        ("XTS-42", False),
        ("TS2611-0042/1", False),
        ("acme-2026/0042", False),
        ("0042", False),
        ("42", False),
    ],
)
def test_a_reference_of_the_simple_model_is_told_by_its_shape(typed: str, simple: bool) -> None:
    assert is_simple(typed) is simple


@pytest.mark.parametrize(
    ("typed", "parts"),
    [
        ("TS-42", ("TS", 42)),
        ("ts-0042", ("TS", 42)),
        ("42", ("", 42)),
        ("#42", ("", 42)),
        (" [42] ", ("", 42)),
        ("X42", ("X", 42)),
        ("acme-7", ("ACME", 7)),
        ("forty", None),
        ("4.2", None),
        ("1" * 13, None),
        ("", None),
    ],
)
def test_a_short_form_is_letters_and_a_number(typed: str, parts: tuple[str, int] | None) -> None:
    assert short(typed) == parts


@pytest.mark.parametrize(
    ("subject", "found"),
    [
        ("Re: Printer [TS2611-0042]", ["TS2611-0042"]),
        ("Re:ts2611-0042!", ["TS2611-0042"]),
        ("AW: v2 of x [ACME-2026/0042] TS2611-0001", ["ACME-2026/0042", "TS2611-0001"]),
        ("see acme-2026/0042, please.", ["ACME-2026/0042"]),
        ("[123456] order 123456", ["123456"]),
        ("It is acme-2026/0042.", ["ACME-2026/0042"]),
        ("#acme-42x again", ["#ACME-42X"]),
        ("A1" + "x" * 39, []),
        ("-".join(f"[A{n}A]" for n in range(12)), [f"A{n}A" for n in range(8)]),
        ("invoice 123456", []),
        ("Printer on fire [urgent]", []),
        ("", []),
    ],
)
def test_what_a_subject_may_mention(subject: str, found: list[str]) -> None:
    assert mentioned(subject) == found


@given(st.text(max_size=2000) | st.text("[]A1-/ ", max_size=2000))
def test_a_subject_never_leads_to_more_than_a_few_lookups(subject: str) -> None:
    found = mentioned(subject)

    assert len(found) <= MOST
    assert all(one == one.upper() and len(one) <= 40 for one in found)
