"""Text into and out of Slack's mark-up."""

import pytest

from bot.sandbox.slack.mrkdwn import bare_characters, tokens_of, unsafe_characters
from handlers.slack.mrkdwn import cut, decode, escape, mentions, paragraphs, plain
from tests.handlers.slack.stage import HOSTILE


def test_nothing_foreign_is_live_after_escaping() -> None:
    escaped = escape(HOSTILE)

    assert tokens_of(escaped) == []
    assert bare_characters(escaped) == []
    assert unsafe_characters(escaped) == []


@pytest.mark.parametrize("limit", range(1, 40))
def test_a_text_is_cut_visibly_and_never_inside_an_entity(limit: int) -> None:
    drawn = cut("<&>" * 10, limit)

    assert len(drawn) <= limit
    assert drawn.endswith("…")
    assert bare_characters(drawn) == []


def test_a_text_that_fits_is_left_whole() -> None:
    assert cut("a < b", 8) == "a &lt; b"
    assert plain("a  <\nb", 10) == "a < b"


@pytest.mark.parametrize("limit", [12, 40, 200])
def test_all_of_a_text_stands_in_its_paragraphs_each_within_the_limit(limit: int) -> None:
    text = "one & two\n" * 30 + "three" * 50

    pieces = paragraphs(text, limit)

    assert all(len(piece) <= limit for piece in pieces)
    assert "".join(pieces).replace("\n", "") == text.replace("\n", "")


@pytest.mark.parametrize(
    ("sent", "typed"),
    [
        ("a &amp; b &lt;c&gt;", "a & b <c>"),
        ("&amp;lt;", "&lt;"),
        ("<mailto:ann@acme.example|ann@acme.example>", "ann@acme.example"),
        ("<https://acme.example/a?b=1&amp;c=2>", "https://acme.example/a?b=1&c=2"),
        ("<http://acme.example|acme.example>", "http://acme.example"),
        ("<https://acme.example|the page>", "the page (https://acme.example)"),
        ("<tel:+331|+331>", "+331"),
        ("<@U0CAROL|carol>", "@carol"),
        ("<@U0CAROL>", "@U0CAROL"),
        ("<#C0SUPPORT|support>", "#support"),
        ("<!here>", "@here"),
        ("<!subteam^S1|@team>", "@team"),
        ("<!subteam^S1>", "@subteam"),
        ("1 &lt; 2 and 3 &gt; 2", "1 < 2 and 3 > 2"),
    ],
)
def test_what_was_typed_is_read_back(sent: str, typed: str) -> None:
    assert decode(sent) == typed


def test_mentions_are_found_as_they_stand_in_the_decoded_text() -> None:
    sent = "assign 42 <@U0CAROL|carol> <@U0BOB> <!here> <#C0SUPPORT|support> @dave"

    assert mentions(sent) == {"@carol": "U0CAROL", "@U0BOB": "U0BOB"}
    assert all(shown in decode(sent) for shown in mentions(sent))
