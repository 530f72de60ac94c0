"""Replies kept ready: checked when saved, filled once, and no value is ever taken for Markdown or a place."""

from dataclasses import replace

import pytest

from bot.backoffice import Backoffice
from bot.desk import canned
from bot.desk.canned import Ready
from bot.desk.people import Actor
from bot.desk.placeholders import as_plain
from bot.desk.views import TicketView
from bot.errors import NotFound, Refusal
from bot.outgoing import markup

HELLO = Ready("hello", {"en": "Greeting"}, {"en": "Dear {client},\n\n{reference} is in good hands. {agent}"})
MARKED = [
    "# a",
    "* a",
    "- a",
    "1. a",
    "> a",
    "*a*",
    "_a_",
    "`a`",
    "[a](http://b.example)",
    "a\n===",
    "a\n---",
    "|a|b|\n|-|-|",
]


@pytest.mark.row("F15")
def test_one_is_saved_found_by_its_code_and_filled_with_the_tickets_values(
    office: Backoffice, ticket: TicketView, bob: Actor
) -> None:
    canned.save(HELLO)
    assert bob.agent

    text = canned.text_for("Hello", ticket, bob.agent, "en")

    assert text == f"Dear Ann,\n\n{ticket.reference} is in good hands. Bob"


@pytest.mark.row("F15")
def test_a_place_that_nothing_would_fill_is_refused_when_it_is_saved(office: Backoffice) -> None:
    with pytest.raises(Refusal, match=r"\{password\} is not known here"):
        canned.save(replace(HELLO, texts={"en": "Your {password}"}))

    assert canned.every() == []


@pytest.mark.row("F15")
def test_values_are_neither_markdown_nor_places(office: Backoffice, ticket: TicketView, bob: Actor) -> None:
    canned.save(replace(HELLO, texts={"en": "{client} {subject}"}))
    hostile = replace(ticket, requester_name="{agent} **Ann**", subject="<b>[x](http://evil.example)</b> {client}")
    assert bob.agent

    shown = markup.to_html(canned.text_for("HELLO", hostile, bob.agent, "en"))

    assert shown == "<p>{agent} **Ann** &lt;b&gt;[x](http://evil.example)&lt;/b&gt; {client}</p>"


@pytest.mark.row("F15")
def test_the_clients_language_comes_before_the_desks(office: Backoffice, ticket: TicketView, bob: Actor) -> None:
    canned.save(replace(HELLO, texts={"en": "Hello", "fr": "Bonjour"}))
    assert bob.agent

    said = [canned.text_for("HELLO", replace(ticket, language=language), bob.agent, "en") for language in ("fr", "de")]

    assert said == ["Bonjour", "Hello"]


@pytest.mark.parametrize(("code", "texts"), [("a b", {"en": "x"}), ("OK", {"en": "  "}), ("OK", {"xx": "x"})])
def test_a_bad_code_or_no_text_is_refused(office: Backoffice, code: str, texts: dict[str, str]) -> None:
    with pytest.raises(Refusal):
        canned.save(Ready(code, {}, texts))


def test_one_that_is_not_there_is_answered_with_those_there_are(office: Backoffice) -> None:
    canned.save(HELLO)

    with pytest.raises(NotFound, match="There are: HELLO"):
        canned.find("nope")


@pytest.mark.parametrize("text", MARKED)
def test_foreign_text_is_shown_by_markdown_as_it_stands(text: str) -> None:
    shown = markup.to_html(as_plain(text))

    assert shown.replace("<br>", "").removeprefix("<p>").removesuffix("</p>").replace("&gt;", ">") == text
