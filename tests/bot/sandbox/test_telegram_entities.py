"""The two parsers of formatted text, against Telegram's own answers where they are at hand."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.telegram import html, markdown
from bot.sandbox.telegram.entities import ParseError, detected, trimmed

VECTORS = Path(__file__).parents[4] / "shared" / "specs" / "telegram-entity-vectors.json"
PARSERS = {"html": html.parse, "markdown": markdown.parse}


def vectors() -> list[Any]:
    if not VECTORS.exists():
        reason = "Telegram's own cases (../shared/specs/telegram-entity-vectors.json) are not here"
        return [pytest.param("", "", {}, marks=pytest.mark.skip(reason=reason))]
    return [pytest.param(*case) for case in json.loads(VECTORS.read_text("utf-8"))]


def outcome(mode: str, source: str) -> dict[str, Any]:
    try:
        formatted = PARSERS[mode](source)
    except ParseError as error:
        return {"error": str(error)}
    entities = [[one.type, one.offset, one.length, one.url or one.language or None] for one in formatted.entities]
    return {"text": formatted.text, "entities": entities}


@pytest.mark.parametrize(("mode", "source", "expected"), vectors())
def test_a_text_is_parsed_as_telegram_parses_it(mode: str, source: str, expected: dict[str, Any]) -> None:
    assert outcome(mode, source) == expected


@pytest.mark.parametrize(
    ("mode", "source", "error"),
    [
        ("html", "from <ann@acme.example>", 'Unsupported start tag "ann@acme.example" at byte offset 5'),
        ("html", "é <b>bold", 'Can\'t find end tag corresponding to start tag "b"'),
        ("html", "é</b>", "Unexpected end tag at byte offset 2"),
        ("html", '<span class="x">a</span>', 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("markdown", "T-1", "Character '-' is reserved and must be escaped with the preceding '\\'"),
        ("markdown", "*a", "Can't find end of Bold entity at byte offset 0"),
    ],
)
def test_a_text_that_telegram_refuses_is_refused_in_its_words(mode: str, source: str, error: str) -> None:
    assert outcome(mode, source) == {"error": error}


def test_an_emoji_counts_as_two_units() -> None:
    formatted = html.parse("🎫 <b>TS2611-0042</b>")

    assert [(one.type, one.offset, one.length) for one in formatted.entities] == [("bold", 3, 11)]
    assert formatted.length == 14


def test_white_space_around_a_text_is_trimmed_and_its_entities_move() -> None:
    formatted = trimmed(html.parse("\r\n  <b> a </b>\n"))

    assert formatted.text == "a"
    assert [(one.offset, one.length) for one in formatted.entities] == [(0, 1)]


def test_commands_mentions_and_addresses_are_found_but_not_in_code() -> None:
    formatted = detected(html.parse("/take@deskbell_bot 42 @sam_oncall https://acme.example/a. <code>/x</code> #vpn"))

    kinds = [one.type for one in formatted.entities]
    assert kinds == ["bot_command", "mention", "url", "code", "hashtag"]
