"""Two desks that write to each other, mail bombs, forged senders and mailbox robots: it ends, and nothing is lost."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from bot.backoffice import Backoffice, open_backoffice
from bot.clock import SetClock
from bot.config import load_config
from bot.desk.budgets import LIMITS
from bot.desk.people import Actor
from bot.desk.views import TicketView
from bot.outgoing.letters import LetterWriter
from bot.outgoing.packing import Packer
from storage.database import session
from storage.models import Delivery, Ticket
from storage.queries import deliveries
from storage.rows import db
from tests.bot.intake.robots_and_people import ROBOTS, Sample
from tests.filed import take

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
CONFIG = """
data_dir = "{folder}/data"
[slack]
bot_token = "xoxb-1-2-abcdefghijkl"
app_token = "xapp-1-A-1-abcdefghijk"
channel = "#support"
[smtp]
host = "localhost"
sender = "{address}"
[[mailbox]]
name = "support"
address = "{address}"
host = "localhost"
username = "support"
password = "correct-horse-battery"
"""
MARKS = ("Auto-Submitted", "X-Auto-Response-Suppress", "Precedence", "Return-Path")
ENDLESS = 500
"""Times that a mail goes there and back: more than two desks can with their budgets."""
TRACES = ("In-Reply-To", "References", "Message-ID", "Reply-To")


class Side:
    """A desk with a database of its own, whose letters are handed over by hand."""

    def __init__(self, folder: Path, address: str, clock: SetClock) -> None:
        folder.mkdir()
        file, self._address = folder / "deskbell.toml", address
        file.write_text(CONFIG.format(folder=folder, address=address), encoding="utf-8")
        file.chmod(0o600)
        self._office = open_backoffice(load_config(file, {}), clock)
        self._database = db.obj

    @contextmanager
    def open(self) -> Iterator[Backoffice]:
        """The desk, with its database."""
        db.initialize(self._database)
        with session():
            yield self._office

    def close(self) -> None:
        """Its database is not wanted any more."""
        self._database.close_all()

    def exchange(self, mails: list[bytes]) -> list[bytes]:
        """Take these mails; the letters that leave."""
        with self.open() as office:
            for raw in mails:
                take(office, raw)
            return letters(office, self._address)

    def answered_at(self) -> list[datetime]:
        """When confirmations were written, the oldest first."""
        with self.open():
            return sorted(row.created_at for row in Delivery.select().where(Delivery.automatic))

    def notices(self) -> int:
        """How often the team was told something that belongs to no ticket."""
        with self.open():
            return Delivery.select().where((Delivery.kind == "notice") & Delivery.ticket.is_null()).count()


def letters(office: Backoffice, address: str) -> list[bytes]:
    """What waits to be sent by mail, sent."""
    packer = Packer(office.desk, LetterWriter(office.desk, address, {"support": (address, True)}), ())
    claimed = packer.claim("mail", (), 100)
    for packed in claimed:
        deliveries.sent(packed.id, office.clock.now(), "<x@y>")
    return [packed.letter.message for packed in claimed if packed.letter]


def mail(sender: str, subject: str = "Hello", text: str = "Please help", to: str = "a@desk-a.example") -> bytes:
    """A mail of somebody."""
    made = EmailMessage(policy=policy.SMTP)
    made["From"], made["To"], made["Subject"] = sender, to, subject
    made.set_content(text)
    return made.as_bytes()


def rude(raw: bytes) -> bytes:
    """A letter behind a gateway that takes every mark and trace away, and puts words of its own."""
    made = message_from_bytes(raw, policy=policy.SMTP)
    subject = re.sub(r"\[[^\]]*\]", "", str(made["Subject"])).replace("We have received your message", "Case news")
    return mail(str(made["From"]), subject, "Somebody will look at your case.", str(made["To"]))


def unmarked(raw: bytes) -> bytes:
    """A letter that lost its headers and kept its words."""
    made = message_from_bytes(raw, policy=policy.SMTP)
    for name in (*MARKS, *TRACES):
        del made[name]
    return made.as_bytes()


@pytest.fixture
def two(tmp_path: Path, clock: SetClock) -> Iterator[tuple[Side, Side]]:
    """Two desks."""
    sides = Side(tmp_path / "a", "a@desk-a.example", clock), Side(tmp_path / "b", "b@desk-b.example", clock)
    yield sides
    for side in sides:
        side.close()


# two desks -----------------------------------------------------------------------------------------------------------


@pytest.mark.row("MI-37")
def test_two_desks_behind_a_rude_gateway_stop_after_the_budget(two: tuple[Side, Side], clock: SetClock) -> None:
    rounds = talk_for_a_day(two, clock, every=4)

    assert 6 * 5 < rounds <= 6 * 11
    check(two)


def talk_for_a_day(two: tuple[Side, Side], clock: SetClock, *, every: float) -> int:
    """Somebody sets them going every few hours; how often mails went there and back."""
    a, b = two
    rounds = 0
    for _ in range(round(24 / every)):
        post = [mail("b@desk-b.example")]
        while post and rounds < ENDLESS:
            post = [rude(raw) for raw in a.exchange(post)]
            post = [rude(raw) for raw in b.exchange(post)]
            rounds += 1
            clock.move(seconds=5)
        clock.move(hours=every)
    return rounds


def check(two: tuple[Side, Side]) -> None:
    """Neither desk wrote more than its budget, and only one had to; its team was told once."""
    for side in two:
        written = side.answered_at()
        for most, minutes in LIMITS:
            span = timedelta(minutes=minutes)
            assert all(written[n + most] - written[n] >= span for n in range(len(written) - most))
    assert sorted(side.notices() for side in two) == [0, 1]


def full(folder: Path) -> str:
    """The same with a spark every ten minutes; a line about it."""
    clock = SetClock(NOON)
    two = Side(folder / "a", "a@desk-a.example", clock), Side(folder / "b", "b@desk-b.example", clock)
    rounds = talk_for_a_day(two, clock, every=1 / 6)
    check(two)
    clock.move(hours=12)
    with two[0].open() as office:
        forged = len(bomb(office, 1000))
    assert forged == 60
    return f"two desks, 24 h, a spark every 10 min: {rounds} rounds; 1,000 forged senders: {forged} confirmations"


@pytest.mark.row("MI-37")
@pytest.mark.parametrize("gateway", [bytes, unmarked])
def test_two_desks_stop_at_once_when_marks_or_words_arrive(
    two: tuple[Side, Side], gateway: Callable[[bytes], bytes]
) -> None:
    a, b = two

    post = [gateway(raw) for raw in a.exchange([mail("b@desk-b.example")])]
    back = b.exchange(post)

    assert len(post) == 1
    assert back == []


# machines that answer without a mark ---------------------------------------------------------------------------------


@pytest.mark.row("MI-37", "MI-39")
@pytest.mark.parametrize("subject", ["Re: [{reference}] Your request has been received", "Re: [{reference}] Printer"])
def test_a_machines_answer_opens_nothing_again(
    office: Backoffice, ticket: TicketView, bob: Actor, subject: str
) -> None:
    closed = office.desk.tickets.close(ticket.reference, bob)
    words = "This is an automated message. Your case is 4711."

    filed = take(office, mail("ann@acme.example", subject.format(reference=ticket.reference), words))

    after = office.desk.tickets.view(ticket.id)
    assert (filed.state, filed.ticket) == ("followup", ticket.id)
    assert (after.status, after.closed_at, after.reopened) == (closed.status, closed.closed_at, 0)
    assert after.client_wrote_at == closed.client_wrote_at


@pytest.mark.row("MI-37", "MI-39")
def test_a_machines_answer_to_what_was_closed_long_ago_is_a_ticket_without_confirmation(
    office: Backoffice, ticket: TicketView, bob: Actor, clock: SetClock
) -> None:
    office.desk.tickets.close(ticket.reference, bob)
    clock.move(days=30)

    filed = take(office, mail("ann@acme.example", f"Re: [{ticket.reference}]", "This is an automated message."))

    assert filed.ticket != ticket.id
    assert not Delivery.select().where(Delivery.automatic & (Delivery.ticket == filed.ticket)).exists()


@pytest.mark.row("MI-39", "R:out of office")
@pytest.mark.parametrize("sample", [one for one in ROBOTS if one.reason == "out-of-office"], ids=lambda one: one.name)
def test_an_absence_does_nothing_to_a_waiting_ticket(
    office: Backoffice, ticket: TicketView, bob: Actor, clock: SetClock, sample: Sample
) -> None:
    before = office.desk.tickets.wait(ticket.reference, bob)
    clock.move(hours=1)
    signed = office.desk.signer.message_id(ticket.token, "e1c", "example.org")

    filed = take(office, replace(sample, headers=(*sample.headers, f"In-Reply-To: {signed}")).raw())

    assert filed.state == "ignored"
    assert office.desk.tickets.view(ticket.id) == before


# many at once --------------------------------------------------------------------------------------------------------


@pytest.mark.row("MI-40", "SE-13")
def test_forged_senders_get_no_more_confirmations_than_the_budget_and_no_word_of_the_attacker(
    office: Backoffice,
) -> None:
    office.desk.settings.set("auto_answers", 10, "test")

    sent = bomb(office, 14)

    assert Ticket.select().count() == 14
    assert len(sent) == 10
    assert not [raw for raw in sent if b"evil.example" in raw or b"Buy" in raw]


def bomb(office: Backoffice, many: int) -> list[bytes]:
    """So many mails of forged senders within a minute; the letters that leave."""
    for number in range(many):
        take(office, mail(f"Buy here <victim{number}@forged.example>", "Buy at evil.example", "Buy at evil.example"))
    return letters(office, "support@example.org")
