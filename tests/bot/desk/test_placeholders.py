"""Texts with named places: filled once, checked when they are saved, and values that Markdown shows as they stand."""

import pytest

from bot.desk.placeholders import LETTER, as_plain, check, filled, unknown
from bot.errors import Refusal

EVERY = "{reference} {subject} {client} {agent} {group} {third_party}"


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("Dear {client}, {client}", "Dear Ann, Ann"),
        ("{client} {unknown}", "Ann {unknown}"),
        ("{Client} {} { client } {client", "{Client} {} { client } {client"),
        ("{subject}", "{client}"),
        ("", ""),
    ],
)
def test_known_places_are_filled_once(template: str, text: str) -> None:
    assert filled(template, {"client": "Ann", "subject": "{client}"}) == text


@pytest.mark.row("N3", "N4", "F15")
def test_a_text_whose_places_are_all_known_may_be_saved() -> None:
    assert check(EVERY) == EVERY
    assert check("no place", ()) == "no place"


@pytest.mark.row("N3", "N4", "F15")
def test_the_refusal_names_the_first_that_is_not_known_and_those_there_are() -> None:
    with pytest.raises(Refusal) as refusal:
        check("{client} {password} {secret}", ("client", "agent"))

    assert str(refusal.value) == "{password} is not known here. There are: {client}, {agent}."


def test_each_unknown_place_is_named_once() -> None:
    assert unknown("{b} {client} {a} {b}") == ["b", "a"]
    assert unknown(EVERY, LETTER[:4]) == ["group", "third_party"]


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("<b>x</b>", "&lt;b>x&lt;/b>"),
        ("1 < 2 & so", "1 < 2 & so"),
        ("&amp; &#65; &x", "&amp;amp; &amp;#65; &x"),
        ("`x` *y* _z_ [l](u) a|b \\", r"\`x\` \*y\* \_z\_ \[l\](u) a\|b \\"),
        ("     deep\n\t\t\t\tdeep\n   not", "   deep\n   deep\n   not"),
        ("# a\n + b\n> c\n- d\n-5", "\\# a\n \\+ b\n\\> c\n\\- d\n\\-5"),
        ("1. a\n  12) b\n1.5\n2026", "1\\. a\n  12\\) b\n1.5\n2026"),
        ("a\n===\n = \na = b\n= b", "a\n&#61;==\n &#61; \na = b\n= b"),
    ],
)
def test_marks_of_markdown_are_kept_from_meaning_anything(text: str, markdown: str) -> None:
    assert as_plain(text) == markdown
