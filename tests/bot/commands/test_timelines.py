"""Timelines and whole messages as people ask for them."""

import pytest

from bot.backoffice import Backoffice
from bot.commands.requests import Caller, Request
from bot.commands.timelines import in_pages
from bot.commands.verbs import VERBS
from bot.desk.opening import Opening
from bot.desk.people import Actor, Client
from bot.desk.views import TicketView
from bot.outgoing import drawing
from bot.outgoing.cards import Answer
from bot.outgoing.telling import Pen

BOB = Caller("slack", "U1", "Bob", "bob@example.org")
LONG = "\n".join(["The printer burns. " * 20] * 20 + ["x" * 4000, "The end."])


def ask(office: Backoffice, words: str) -> Answer:
    """What Bob is answered in Slack."""
    return office.runner.run(Request(BOB, words=words))


def told(answer: Answer, beginning: str) -> str:
    """The line of the answer that begins so."""
    (line,) = (line for line in answer.lines if line.startswith(beginning))
    return line


@pytest.mark.row("F12")
def test_a_timeline_tells_to_whom_and_with_what(office: Backoffice, ticket: TicketView) -> None:
    ask(office, "show 1")
    ask(office, "assign 1 carol@example.org")

    timeline = ask(office, "log 1")

    assert told(timeline, "Read by Bob")
    assert told(timeline, "Assigned by Bob").endswith("→ Carol")


@pytest.mark.row("F15")
def test_the_timeline_of_a_merged_ticket_names_both(office: Backoffice, ticket: TicketView, ann: Client) -> None:
    other = office.desk.tickets.open(Opening("Again", "Still burning", client=ann), Actor("client", "Ann", "mail"))
    ask(office, "merge 2 1")

    timeline = ask(office, "log 1")

    assert told(timeline, "Merged by Bob").endswith(f"→ {ticket.reference}")
    assert told(timeline, "Another ticket merged").endswith(f"← {other.reference}")


@pytest.mark.row("D7")
def test_a_long_text_is_offered_whole_on_its_card_and_shown_page_by_page(office: Backoffice, ann: Client) -> None:
    opened = office.desk.tickets.open(Opening("Printer", LONG, client=ann), Actor("client", "Ann", "mail"))
    card = drawing.draw(opened, Pen(office.desk.words(), office.desk.clock.now(), VERBS))

    pages = [ask(office, f"text 1 page:{number}") for number in range(1, ask(office, "text 1").pages + 1)]

    assert card.label_of("text") == "Show all"
    assert "".join("".join(page.lines) for page in pages).replace("\n", "") == LONG.replace("\n", "")
    assert pages[0].again == f"text {card.reference} 1 page:{{page}}"


def test_a_message_that_is_not_there_is_refused(office: Backoffice, ticket: TicketView) -> None:
    assert ask(office, "text 1 9").text == f"{ticket.reference} has no message 9."
    assert ask(office, "text 1 x").refused


@pytest.mark.parametrize("text", ["", "short", "a\n\nb", "x" * 700, "y\n" * 9000])
def test_pages_lose_nothing_and_no_piece_is_too_long(text: str) -> None:
    pages = in_pages(text)

    assert all(len(piece) <= 500 for page in pages for piece in page)
    assert "".join("".join(page) for page in pages).replace("\n", "") == text.replace("\n", "")
