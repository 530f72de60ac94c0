"""Letters that come back: shown where they belong, never answered, and a dead address is flagged until it lives."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.backoffice import Backoffice
from bot.clock import SetClock
from bot.commands.requests import Caller, Request
from bot.desk import clients
from bot.desk.changes import Writing
from bot.desk.opening import Opening
from bot.desk.people import Actor, client_of
from bot.desk.views import TicketView
from bot.intake.filing import Filed
from bot.outgoing import drawing, telling
from bot.outgoing.letters import LetterWriter
from bot.outgoing.packing import Packer
from storage.models import Delivery, Event, Ticket
from storage.queries import deliveries
from tests.faults.test_loops import mail, take

ANN = "ann@acme.example"
Back = Callable[..., Filed]

REPORTS = {
    "delivery-status": """Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

Your message could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.acme.example

Final-Recipient: rfc822; {recipient}
Action: {action}
Status: {status}

--b--
""",
    "words": """Content-Type: text/plain

The following addresses had {action} delivery:

<{recipient}>: {status} user unknown
""",
}


@pytest.fixture
def known(office: Backoffice, bob: Actor) -> TicketView:
    """Ann is a contact of ACME, and Bob has answered her; the letter has left."""
    clients.add("ACME", office.clock, code="ACME")
    clients.add_contact([ANN], office.clock, name="Ann", client="ACME")
    opening = Opening("Fire", "Please help", client=client_of(ANN), reply_address=ANN)
    ticket = office.desk.tickets.open(opening, Actor("client", "Ann", "mail"))
    office.desk.tickets.reply(ticket.reference, Writing("We come."), bob, to=[ANN])
    for letter in Delivery.select().where(Delivery.kind == "letter"):
        deliveries.sent(letter.id, office.clock.now(), "<x@y>")
    return ticket


@pytest.fixture
def back(office: Backoffice, known: TicketView) -> Back:
    """A report about a letter comes to the address that it came from."""

    def returned(
        status: str = "5.1.1", action: str = "failed", recipient: str = ANN, form: str = "delivery-status", to: str = ""
    ) -> Filed:
        to = to or office.desk.signer.reply_address("support@example.org", known.token)
        body = REPORTS[form].format(status=status, action=action, recipient=recipient)
        head = f"From: MAILER-DAEMON@mx.acme.example\nTo: {to}\nReturn-Path: <>\nSubject: Undelivered Mail\n"
        return take(office, f"{head}MIME-Version: 1.0\n{body}".replace("\n", "\r\n").encode())

    return returned


def failing() -> tuple[str, ...]:
    """Ann's addresses that letters do not reach."""
    return clients.record("ACME").people[0].failing


def card(office: Backoffice, ticket_id: int) -> str:
    """All words of a ticket's card."""
    pen = telling.Pen(office.desk.words(), office.clock.now(), ())
    return str(drawing.draw(office.desk.tickets.view(ticket_id), pen))


@pytest.mark.row("MI-38", "MO-13")
@pytest.mark.parametrize("form", REPORTS)
def test_a_bounce_is_on_its_ticket_with_recipient_and_code_and_is_not_answered(
    office: Backoffice, back: Back, known: TicketView, form: str
) -> None:
    letters = Delivery.select().where(Delivery.kind == "letter").count()

    filed = back(form=form)

    event = Event.select().order_by(Event.id.desc()).get()
    assert (filed.state, filed.ticket, Ticket.select().count()) == ("bounce", known.id, 1)
    assert (event.kind, event.data["recipients"], event.data["status"]) == ("bounced", [ANN], "5.1.1")
    assert f"the letter to {ANN} could not be delivered: 5.1.1" in card(office, known.id)
    assert Delivery.select().where(Delivery.kind == "letter").count() == letters


@pytest.mark.row("MI-38")
def test_a_dead_address_is_flagged_and_seen_on_the_next_ticket_and_before_the_next_reply(
    office: Backoffice, back: Back, bob: Actor
) -> None:
    back()

    assert failing() == (ANN,)
    other = office.desk.tickets.open(Opening("Phone", "Dead", client=client_of(ANN), reply_address=ANN), bob)
    caller = Caller("slack", "U0BOB", "Bob", "bob@example.org")
    form = office.runner.run(Request(caller, "reply", fields={"reference": other.reference}, pressed=True)).form
    assert f"letters to {ANN} come back: 5.1.1" in card(office, other.id)
    assert form is not None
    assert f"letters to {ANN} come back: 5.1.1" in str(form.fields[0].hint)


@pytest.mark.row("MI-38")
@pytest.mark.parametrize("alive", ["mail", "edit"])
def test_the_flag_goes_when_the_owner_writes_or_the_addresses_are_edited(
    office: Backoffice, back: Back, alive: str
) -> None:
    back()

    if alive == "mail":
        take(office, mail(f"Ann <{ANN}>", "I am here"))
    else:
        clients.change_contact(ANN, written_to=[ANN])

    assert failing() == ()


@pytest.mark.row("MI-38")
def test_an_absence_note_or_a_forged_report_changes_no_flag(office: Backoffice, back: Back) -> None:
    clients.add_contact(["dan@acme.example"], office.clock, name="Dan", client="ACME")

    back(recipient="dan@acme.example")

    assert [person.failing for person in clients.record("ACME").people] == [(), ()]
    back()
    take(office, mail(f"Ann <{ANN}>", "Out of office: Fire"))
    assert failing() == (ANN,)


@pytest.mark.row("MI-38")
def test_a_full_mailbox_is_not_a_dead_address(office: Backoffice, back: Back, known: TicketView) -> None:
    back(status="4.2.2")

    assert failing() == ()
    assert [one.address for one in office.desk.tickets.view(known.id).undelivered] == [ANN]


@pytest.mark.row("MI-38")
@pytest.mark.parametrize(
    ("error", "flagged"), [("550 5.1.1 no such user", True), ("554 5.7.1 spam", False), ("552 5.2.2 full", False)]
)
def test_a_server_that_refuses_the_recipient_at_once_flags_the_address(
    office: Backoffice, known: TicketView, bob: Actor, clock: SetClock, error: str, flagged: bool
) -> None:
    office.desk.tickets.reply(known.reference, Writing("Soon."), bob, to=[ANN])
    clock.move(minutes=1)
    packer = Packer(office.desk, LetterWriter(office.desk, "support@example.org", {}), ())
    (letter,) = packer.claim("mail", (), 10)

    packer.outcomes.failed(letter, error)

    assert bool(failing()) == flagged


@pytest.mark.row("MI-38")
def test_a_delay_is_only_noted(office: Backoffice, back: Back, known: TicketView) -> None:
    before = Delivery.select().where(Delivery.kind == "line").count()

    back(status="4.4.1", action="delayed")

    assert Event.select().where(Event.kind == "bounced").count() == 1
    assert office.desk.tickets.view(known.id).undelivered == ()
    assert failing() == ()
    assert Delivery.select().where(Delivery.kind == "line").count() == before


@pytest.mark.row("MI-38", "MO-13")
def test_a_bounce_of_an_unknown_letter_makes_nothing_at_all(office: Backoffice, back: Back) -> None:
    events, sent = Event.select().count(), Delivery.select().count()

    filed = back(to="support@example.org")

    assert (filed.state, filed.reason) == ("ignored", "bounce")
    assert (Event.select().count(), Delivery.select().count(), Ticket.select().count()) == (events, sent, 1)
    assert failing() == ()


@pytest.mark.row("MI-38")
@pytest.mark.parametrize(("status", "closed"), [("5.1.1", True), ("5.1.1", False)])
def test_a_bounce_neither_reopens_nor_counts_as_an_answer(
    office: Backoffice, back: Back, known: TicketView, bob: Actor, status: str, closed: bool
) -> None:
    step = office.desk.tickets.close if closed else office.desk.tickets.wait
    before = step(known.reference, bob)

    back(status=status)

    after = office.desk.tickets.view(known.id)
    assert (after.status, after.client_wrote_at, after.last_activity_at) == (
        before.status,
        before.client_wrote_at,
        before.last_activity_at,
    )
