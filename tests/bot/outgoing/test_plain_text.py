"""A letter as plain text: nothing of its Markdown is left in it."""

import pytest

from bot.desk.placeholders import as_plain
from bot.outgoing.markup import to_html
from bot.outgoing.plain_text import as_text


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Your ticket **TS1** is *solved*.", "Your ticket TS1 is solved."),
        ("Hello,\nhow are you?\n\nBob", "Hello,\nhow are you?\n\nBob"),
        ("See [our page](https://acme.example/a?b=1&c=2).", "See our page (https://acme.example/a?b=1&c=2)."),
        ("<https://acme.example> and <ann@acme.example>", "https://acme.example and ann@acme.example"),
        ("# Steps\n\n1. Off\n2. **On**\n\nDone", "Steps\n\n1. Off\n2. On\n\nDone"),
        ("- one\n- two\n    - three\n- four", "- one\n- two\n  - three\n- four"),
        ("1. one\n\n    more of it\n\n2. two", "1. one\n\n   more of it\n2. two"),
        ("> they said\n> so\n\nand", "> they said\n> so\n\nand"),
        ("before\n\n> one\n>\n> two", "before\n\n> one\n>\n> two"),
        ("a `b*c` d", "a b*c d"),
        ("    x = 1\n      y\n\n    z\n", "x = 1\n  y\n\nz"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "a | b\n1 | 2"),
        ("above\n\n---\n\nbelow", "above\n\n--------------------\n\nbelow"),
        ("1 < 2 & <b>bold</b>", "1 < 2 & <b>bold</b>"),
        ("", ""),
    ],
)
def test_markdown_becomes_what_a_person_would_have_typed(written: str, read: str) -> None:
    assert as_text(to_html(written)).strip() == read


@pytest.mark.parametrize("text", ["*no* _star_ [x](y) `code`", "a < b > c & d", "C:\\temp\\new", "2 * 3 * 4"])
def test_text_that_is_no_markdown_comes_out_as_it_went_in(text: str) -> None:
    assert as_text(to_html(as_plain(text))) == text + "\n"
