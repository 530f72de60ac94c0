"""A mail in an agent's name that waits as a note: shown on the card, sent by a colleague, and by nobody else."""

from typing import Any

import pytest

from bot.backoffice import Backoffice
from bot.commands.requests import Caller, Request
from bot.desk.changes import Writing
from bot.desk.files import StoredFile
from bot.desk.people import Client
from bot.desk.views import TicketView
from bot.outgoing.cards import Answer
from bot.outgoing.drawing import draw
from bot.outgoing.telling import Pen
from storage.models import Delivery, Message

CAROL = Caller("cli", "carol@example.org")
CHAT = Caller("slack", "U0CAROL", "Carol", "carol@example.org")


@pytest.fixture
def waiting(office: Backoffice, ticket: TicketView) -> TicketView:
    """A mail that says it is Bob's was kept on Ann's ticket, with a file."""
    file = office.desk.files.keep(b"plan", "plan.txt", "text/plain")
    return kept(office, ticket, (file,), waits=True)


def kept(office: Backoffice, ticket: TicketView, files: tuple[StoredFile, ...] = (), **how: bool) -> TicketView:
    """Keep a mail of bob@example.org on the ticket."""
    writing = Writing("Pull the plug.", files=files, mark="unverified", verdict="unknown")
    return office.desk.tickets.answer_to_note(ticket.id, writing, Client("bob@example.org"), **how)


def typed(office: Backoffice, words: str, caller: Caller = CAROL, **request: Any) -> Answer:
    """What the desk answers."""
    return office.runner.run(Request(caller, words=words, **request))


def letters() -> list[tuple[str, str]]:
    """Kind and reader of each reply that is to leave."""
    rows = Delivery.select().where(Delivery.kind == "letter")
    return [(row.payload["letter"], row.channel) for row in rows if row.payload["letter"] == "reply"]


def card_of(office: Backoffice, ticket: TicketView) -> Any:
    """Its card, drawn in English."""
    verbs = {"take", "reply", "note", "send", "close", "log"}
    return draw(ticket, Pen(office.desk.words(), office.clock.now(), verbs))


def test_sending_makes_it_a_reply_of_whoever_sends_it(office: Backoffice, waiting: TicketView) -> None:
    answer = typed(office, f"send {waiting.reference}")

    reply = Message.get(Message.kind == "reply")
    assert not answer.refused
    assert (reply.text, reply.agent.email, letters()) == (
        "Pull the plug.", "carol@example.org", [("reply", "ann@acme.example")],
    )  # fmt: skip
    assert [row.name for row in reply.attachments] == ["plan.txt"]
    assert office.desk.tickets.view(waiting.id).unsent_id is None


def test_in_a_chat_the_letter_is_shown_before_it_leaves(office: Backoffice, waiting: TicketView) -> None:
    shown = typed(office, f"send {waiting.reference}", CHAT, can_ask=True)

    assert shown.form is not None and letters() == []
    typed(
        office,
        "",
        CHAT,
        verb=shown.form.verb,
        fields={"reference": waiting.reference, "draft": shown.form.draft},
        submitted=True,
    )
    assert letters() == [("reply", "ann@acme.example")]


@pytest.mark.parametrize("before", ["reply {} Hello", "send {}", "show {}"])
def test_there_is_nothing_to_send_when_none_waits(office: Backoffice, ticket: TicketView, before: str) -> None:
    kept(office, ticket, waits=not before.startswith("show"))
    typed(office, before.format(ticket.reference))

    answer = typed(office, f"send {ticket.reference}")

    assert answer.refused and answer.text == f"No mail of {ticket.reference} waits to be sent."


@pytest.mark.row("INV-04")
def test_who_may_not_reply_may_not_send(office: Backoffice, waiting: TicketView) -> None:
    answer = typed(office, f"send {waiting.reference}", Caller("cli", "vic@example.org"))

    assert answer.refused and letters() == []


def test_where_letters_are_off_nothing_is_sent(office: Backoffice, waiting: TicketView) -> None:
    office.desk.settings.set("letters", "off", "test")

    assert typed(office, f"send {waiting.reference}").refused
    assert Message.select().where(Message.kind == "reply").count() == 0


def test_the_card_offers_it_while_it_waits(office: Backoffice, waiting: TicketView) -> None:
    card = card_of(office, waiting)

    assert [button.verb for button in card.buttons][:2] == ["take", "send"]
    assert "✉️ a mail in a colleague’s name was kept as a note, and not sent" in card.notes


@pytest.mark.row("INV-11")
def test_a_note_that_is_only_for_the_team_is_not_offered(office: Backoffice, ticket: TicketView) -> None:
    card = card_of(office, kept(office, ticket))

    assert "send" not in [button.verb for button in (*card.buttons, *card.menu)]


@pytest.mark.parametrize(("verdict", "lines"), [("", 0), ("pass", 0), ("unknown", 1), ("fail", 1)])
def test_the_card_says_whom_nobody_vouches_for(
    office: Backoffice, ticket: TicketView, verdict: str, lines: int
) -> None:
    client = Client("ann@acme.example", "Ann")

    told = office.desk.tickets.client_writes(ticket.id, Writing("Hello?", verdict=verdict), client)

    assert len([line for line in card_of(office, told).notes if "⚠️" in line]) == lines


def test_the_timeline_says_what_is_odd_about_a_mail(office: Backoffice, waiting: TicketView) -> None:
    answer = typed(office, f"log {waiting.reference}")

    assert any("[unverified] [authentication: unknown]" in line for line in answer.lines)
