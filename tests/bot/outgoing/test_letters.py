"""Letters as they leave: who they come from, where they are answered, what stands around them, what they never say."""

import re
import socket
from collections.abc import Callable
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest

from bot.app import letter_writer
from bot.backoffice import Backoffice
from bot.desk.opening import Opening
from bot.desk.outbox import Happened
from bot.desk.people import DESK, Actor, Client, client_of
from bot.desk.views import Reader, TicketView
from bot.errors import Refusal
from bot.outgoing import letters
from bot.outgoing.letters import Draft, LetterWriter
from bot.outgoing.mailing import Mailing
from storage.models import Delivery

Write = Callable[..., EmailMessage]
KINDS = "confirmation reply reply_closing closing closing_silent assignment reminder notice note".split()


@pytest.fixture
def write(office: Backoffice, ticket: TicketView) -> Write:
    """Writes a letter to Ann and reads it as her program does."""
    writer = letter_writer(office)
    assert writer is not None

    def written(kind: str, about: TicketView = ticket, **more: object) -> EmailMessage:
        values = {"recipients": ("ann@acme.example",), "serial": "m1", "agent": "Bob", **more}
        envelope = writer.write(Draft(kind, about, **values))  # type: ignore[arg-type]
        return message_from_bytes(envelope.message, policy=default)

    return written


def text_of(letter: EmailMessage) -> str:
    """Its plain text."""
    part = letter.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


@pytest.mark.row("N3", "N4")
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "note"])
def test_header_and_footer_stand_on_every_client_letter_and_on_the_notice(
    office: Backoffice, write: Write, kind: str
) -> None:
    office.desk.settings.set("letter_header", "**Example** support on {reference}", "test")
    office.desk.settings.set("letter_footer", "Your {group} team", "test")

    letter = write(kind, text="Hello")

    said = text_of(letter)
    html = letter.get_body(("html",))
    assert "Example support on TS2603-0001" in said and said.rstrip().endswith("Your Other team")
    assert html is not None and "<strong>Example</strong>" in html.get_content()


TEMPLATES = (
    "{{7*7}}",
    "{{client}}",
    "{% for x in ().__class__.__base__.__subclasses__() %}{{x}}{% endfor %}",
    "${7*7} #{7*7} <%= 7*7 %> [[7*7]]",
    "{client.__class__} {client!r} {0} {}",
    "%(client)s %s",
    "<script>alert(7*7)</script>",
    "<img src='file:///etc/passwd'><iframe src='http://evil.example/'></iframe>",
    "![x](http://evil.example/x.png) [y](javascript:alert(49))",
    "<style>@import 'http://evil.example/x.css';</style>",
)


@pytest.mark.row("CF-06", "SE-05")
@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("setting", ["letter_header", "letter_footer"])
def test_a_template_runs_nothing_and_fetches_nothing(
    office: Backoffice, write: Write, monkeypatch: pytest.MonkeyPatch, setting: str, template: str
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *wanted, **_: asked.append(wanted))
    try:
        office.desk.settings.set(setting, template, "test")
    except Refusal as fault:
        assert "is not known here" in str(fault) or "must have no {" in str(fault)

    letter = write("reply", text="Hello")

    html = letter.get_body(("html",))
    assert html is not None
    said = html.get_content()
    assert "49" not in text_of(letter).replace("alert(49)", "")
    assert not re.search(r"<(script|iframe|style|img)|<[^>]+(src|href)=.(file|javascript)", said, re.IGNORECASE)
    assert asked == []


@pytest.mark.row("N3")
def test_a_note_carries_neither(office: Backoffice, write: Write) -> None:
    office.desk.settings.set("letter_header", "Example support", "test")

    assert "Example support" not in text_of(write("note", text="Between us"))


@pytest.mark.row("SE-13", "N7", "MO-11")
def test_a_confirmation_says_nothing_that_its_sender_chose(office: Backoffice, write: Write) -> None:
    office.desk.settings.set("letter_header", "Dear {client}: {subject} {third_party}", "test")
    hostile = Opening("BUY-NOW", "BUY-NOW", client=Client("victim@x.example", "BUY-NOW"), reply_address="v@x.example")
    ticket = office.desk.tickets.open(hostile, Actor("client", "BUY-NOW", "mail"))

    letter = write("confirmation", about=ticket)

    assert "BUY-NOW" not in letter.as_string()
    assert letter["Subject"] == f"[{ticket.reference}] We have received your message"


@pytest.mark.row("N1")
def test_the_settings_name_the_sender_and_where_answers_go(office: Backoffice, write: Write) -> None:
    before = write("reply", text="Hello")
    office.desk.settings.set("sender", "Example Desk <desk@example.org>", "test")
    office.desk.settings.set("reply_to", "answers@example.org", "test")

    after = write("reply", text="Hello")

    assert before["From"] == "support@example.org"
    assert office.desk.signer.token_of_address(before["Reply-To"])
    assert (after["From"], after["Reply-To"]) == ("Example Desk <desk@example.org>", "answers@example.org")


@pytest.mark.row("D15")
def test_no_address_or_id_tells_which_ticket_it_is_about(office: Backoffice, ticket: TicketView) -> None:
    writer = LetterWriter(office.desk, "support@example.org", {"support": ("support@example.org", True)})

    letter = writer.write(Draft("reply", ticket, ("ann@acme.example",), "m1", text="Hello"))

    assert ticket.token in letter.sender and ticket.token in letter.message_id
    assert ticket.reference.lower() not in (letter.sender + letter.message_id).lower()
    assert len(letter.sender.partition("@")[0]) <= 64


@pytest.mark.row("F3")
def test_a_note_is_answered_at_an_address_of_its_own_and_is_in_no_thread(
    office: Backoffice, ticket: TicketView
) -> None:
    writer = LetterWriter(office.desk, "support@example.org", {"support": ("support@example.org", True)})
    draft = Draft("note", ticket, ("paul@partner.example",), "n7", text="Hm", thread=("<a@b>",), answers="<a@b>")

    letter = message_from_bytes(writer.write(draft).message, policy=default)

    signer = office.desk.signer
    assert signer.token_of_note_address(letter["Reply-To"]) == ticket.token
    assert signer.token_of_address(letter["Reply-To"]) is None
    assert signer.token_of_note_id(letter["Message-ID"]) == ticket.token
    assert (letter["References"], letter["In-Reply-To"]) == (None, None)
    assert letter["Subject"] == "Re: The printer is on fire [TS2603-0001]"


def test_the_id_of_a_reply_is_no_notes(office: Backoffice, write: Write) -> None:
    letter = write("reply", text="Hello")

    assert office.desk.signer.token_of_note_id(letter["Message-ID"]) is None


@pytest.mark.row("MO-11")
@pytest.mark.parametrize("kind", KINDS)
def test_automatic_letters_say_so_to_other_robots_and_what_people_wrote_does_not(write: Write, kind: str) -> None:
    letter = write(kind, text="Hello")

    marks = letter["Auto-Submitted"], letter["X-Auto-Response-Suppress"], letter["Precedence"]
    by_people = kind in ("reply", "reply_closing", "note")
    answers = "auto-replied" if kind == "confirmation" else "auto-generated"
    assert marks == ((None, None, None) if by_people else (answers, "All", "bulk"))


@pytest.mark.row("MO-11")
@pytest.mark.parametrize("kind", KINDS)
def test_only_the_confirmation_leaves_without_a_sender_and_every_id_is_signed(
    office: Backoffice, ticket: TicketView, kind: str
) -> None:
    writer = letter_writer(office)
    assert writer is not None

    envelope = writer.write(Draft(kind, ticket, ("ann@acme.example",), "n7" if kind == "note" else "m1", text="Hello"))

    signer = office.desk.signer
    token_of = signer.token_of_note_address if kind == "note" else signer.token_of_address
    assert (envelope.sender == "") is (kind == "confirmation")
    assert token_of(envelope.otherwise) == signer.token_of_message_id(envelope.message_id) == ticket.token


@pytest.mark.row("R:no addresses leak")
@pytest.mark.parametrize("kind", KINDS)
def test_no_letter_names_an_agents_address_or_lists_its_readers(write: Write, kind: str) -> None:
    letter = write(kind, cc=("dan@acme.example",), text="Hello")

    said = [text_of(letter), str(letter.get_body(("html",)).get_content())]  # type: ignore[union-attr]
    assert not any("bob@example.org" in part or "@acme.example" in part for part in said if kind != "notice")
    assert (letter["To"], letter["Cc"]) == ("ann@acme.example", "dan@acme.example")


@pytest.mark.row("N2")
def test_a_new_ticket_is_told_to_the_address_of_the_setting_beside_the_client(office: Backoffice) -> None:
    office.desk.settings.set("notify_address", "boss@example.org", "test")

    office.desk.tickets.open(
        Opening("Fire", "Help", client=client_of("ann@acme.example", "Ann")), Actor("client", "Ann", "mail")
    )

    told = {row.payload["letter"]: row.channel for row in Delivery.select().where(Delivery.kind == "letter")}
    assert told == {"confirmation": "ann@acme.example", "notice": "boss@example.org"}


@pytest.mark.row("D11")
@pytest.mark.parametrize(
    ("notify", "told"),
    [("none", []), ("milestones", ["confirmation", "closing"]), ("all", ["confirmation", "assignment", "closing"])],
)
def test_the_tickets_own_choice_switches_its_automatic_letters(
    office: Backoffice, ann: Client, bob: Actor, carol: Actor, notify: str, told: list[str]
) -> None:
    office.desk.settings.set("assignment_notice", "on", "test")
    opening = Opening("Fire", "Help", client=ann, notify=notify)
    ticket = office.desk.tickets.open(opening, Actor("client", "Ann", "mail"))
    assert carol.agent

    office.desk.tickets.assign(ticket.reference, carol.agent, bob)
    office.desk.tickets.close(ticket.reference, bob, text="Put out", notify=True)

    sent = [row.payload["letter"] for row in Delivery.select().where(Delivery.kind == "letter").order_by(Delivery.id)]
    assert sent == told


@pytest.mark.row("R:notify all no contact", "N6")
def test_closing_with_all_told_where_there_is_nobody_is_no_error(office: Backoffice, bob: Actor) -> None:
    ticket = office.desk.tickets.open(Opening("Order toner"), bob)

    closed = office.desk.tickets.close(ticket.reference, bob, notify=True)

    assert closed.status.code == "closed"
    assert Delivery.select().where(Delivery.kind == "letter").count() == 0


@pytest.mark.row("N3", "N4")
def test_the_preview_shows_header_and_footer_as_they_are_set(office: Backoffice) -> None:
    office.desk.settings.set("letter_header", "**Example** {reference}", "test")
    office.desk.settings.set("letter_footer", "Yours, {agent}", "test")

    assert letters.preview(office.desk) == "Example TS2611-0042\n\n…\n\nYours, ‹agent›\n"


@pytest.mark.row("D7", "R:200 kB body")
def test_a_reply_of_two_hundred_kilobytes_is_a_letter_whole(write: Write) -> None:
    long = "word " * 40_000

    letter = write("reply", text=long)

    assert text_of(letter).count("word") == 40_000


def test_watchers_get_the_closing_letter_as_well(office: Backoffice, ticket: TicketView) -> None:
    watched = replace(ticket, watchers=(Reader("dan@acme.example", "Dan"),))
    happened = Happened(1, "closed", DESK, office.clock.now(), data={"notify": True})

    parcels = list(Mailing(office.desk.settings, ())(happened, watched))

    assert [parcel.channel for parcel in parcels] == ["ann@acme.example", "dan@acme.example"]
    assert parcels[0].payload == {"letter": "closing", "to": ["ann@acme.example"], "cc": ["dan@acme.example"]}


@pytest.mark.parametrize("text", ["Water is on its way.\n\nBob", "Water is on its way.\n\n-- \nBob.\n"])
def test_an_agent_who_signs_is_not_signed_for_again(write: Write, text: str) -> None:
    letter = text_of(write("reply", text=text))

    assert letter.count("Bob") == 1
