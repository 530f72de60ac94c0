"""The collector on a real mailbox: each mail comes to its end once, threads are found, and a bad mail stops nobody."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.backoffice import Backoffice
from bot.config import MailboxConfig
from bot.desk.views import TicketView
from bot.errors import MailUnreadable
from bot.intake.collector import Collector
from bot.intake.reader import Reader
from bot.intake.reading import ParsedMail
from handlers.mail.mailbox import ImapMailbox
from storage.models import Delivery, Mail, Ticket
from storage.queries import tickets as rows
from tests.dovecot import Dovecot, dovecot, mail_user

pytestmark = pytest.mark.database

__all__ = ["dovecot", "mail_user"]

REAL_MAILS = Path(__file__).parents[3].parent / "shared" / "mails"
FINAL = {"ticket", "followup", "duplicate", "ignored", "bounce", "quarantined"}


def letter(
    subject: str = "Printer", *headers: str, sender: str = "Ann <ann@acme.example>", ident: str = "", body: str = "Help"
) -> bytes:
    """A mail to support."""
    lines = [
        f"From: {sender}",
        f"Subject: {subject}",
        f"Message-ID: <{ident or subject.replace(' ', '-').lower()}@acme.example>",
        *headers,
    ]
    if not any(header.startswith("To:") for header in headers):
        lines.insert(1, "To: support@example.org")
    return "\r\n".join([*lines, "", body, ""]).encode()


class PickyReader(Reader):
    """A reader that cannot read mails about poison."""

    def read(self, raw: bytes | Path) -> ParsedMail:
        if isinstance(raw, Path) and b"Subject: Poison" in raw.read_bytes():
            raise MailUnreadable("it is poison")
        return super().read(raw)


@pytest.fixture
def mailbox_config(dovecot: Dovecot, mail_user: str) -> MailboxConfig:
    """Support's mailbox."""
    return MailboxConfig(
        name="support",
        address="support@example.org",
        host="127.0.0.1",
        port=dovecot.port,
        security="none",
        username=mail_user,
        password=SecretStr(dovecot.password),
        first_contact="all",
        rule=(),
    )


@pytest.fixture
def reader() -> Iterator[Reader]:
    """The child process that reads."""
    made = PickyReader(seconds=20)
    yield made
    made.close()


@pytest.fixture
def collector(office: Backoffice, mailbox_config: MailboxConfig, reader: Reader) -> Iterator[Collector]:
    """The collector of support's mailbox."""
    mailbox = ImapMailbox(mailbox_config)
    yield Collector(office.desk, mailbox_config, mailbox, reader)
    mailbox.close()


def states() -> list[str]:
    """What became of every mail, in the order of their UIDs."""
    return [mail.state for mail in Mail.select().order_by(Mail.uid)]


def first_ticket(office: Backoffice) -> TicketView:
    """The first ticket that was made."""
    return office.desk.tickets.view(1)


def test_a_mail_becomes_a_ticket_once(
    office: Backoffice, collector: Collector, dovecot: Dovecot, mail_user: str
) -> None:
    dovecot.deliver(mail_user, letter("The printer is on fire"))

    rounds = [collector.round() for _ in range(3)]

    assert [(done.seen, done.created) for done in rounds] == [(1, 1), (0, 0), (0, 0)]
    made = first_ticket(office)
    assert (made.subject, made.requester_address, made.mailbox) == (
        "The printer is on fire",
        "ann@acme.example",
        "support",
    )
    assert Ticket.select().count() == 1
    assert dovecot.flags(mail_user) == ["S"]


def test_the_bytes_of_a_finished_mail_are_kept_as_a_file_not_in_the_ledger(
    office: Backoffice, collector: Collector, dovecot: Dovecot, mail_user: str
) -> None:
    raw = letter()
    dovecot.deliver(mail_user, raw)

    collector.round()

    assert Mail.get().content is None
    assert raw in [path.read_bytes() for path in office.config.data_dir.rglob("*") if path.is_file()]


def test_a_reply_to_one_of_our_letters_goes_to_its_ticket(
    office: Backoffice, collector: Collector, dovecot: Dovecot, mail_user: str
) -> None:
    dovecot.deliver(mail_user, letter())
    collector.round()
    ours = office.desk.signer.message_id(first_ticket(office).token, "7", "example.org")

    dovecot.deliver(mail_user, letter("Something else", f"In-Reply-To: {ours}", body="It still burns"))
    done = collector.round()

    assert (done.replied, done.created) == (1, 0)
    assert [message.text for message in rows.messages(1)] == ["Help", "It still burns"]


def test_a_mail_to_the_signed_address_goes_to_its_ticket(
    office: Backoffice, collector: Collector, dovecot: Dovecot, mail_user: str
) -> None:
    dovecot.deliver(mail_user, letter())
    collector.round()
    address = office.desk.signer.reply_address("support@example.org", first_ticket(office).token)

    dovecot.deliver(mail_user, letter("Something else", f"To: {address}", body="It still burns"))
    done = collector.round()

    assert (done.replied, done.created) == (1, 0)
    assert [message.text for message in rows.messages(1)] == ["Help", "It still burns"]


def test_a_forged_signed_address_is_a_new_ticket(
    office: Backoffice, collector: Collector, dovecot: Dovecot, mail_user: str
) -> None:
    dovecot.deliver(mail_user, letter())
    collector.round()
    forged = f"support+{first_ticket(office).token}aaaaaaaaaa@example.org"

    dovecot.deliver(mail_user, letter("Let me in", f"To: {forged}", sender="eve@evil.example"))
    done = collector.round()

    assert (done.replied, done.created) == (0, 1)
    assert len(rows.messages(1)) == 1


def test_a_stranger_with_the_signed_address_is_marked_and_takes_nothing_over(
    office: Backoffice, collector: Collector, dovecot: Dovecot, mail_user: str
) -> None:
    dovecot.deliver(mail_user, letter())
    collector.round()
    address = office.desk.signer.reply_address("support@example.org", first_ticket(office).token)

    dovecot.deliver(mail_user, letter("Hello", f"To: {address}", sender="eve@evil.example"))
    collector.round()

    assert [message.mark for message in rows.messages(1)] == ["", "stranger"]
    after = first_ticket(office)
    assert (after.requester_address, after.reply_address) == ("ann@acme.example", "ann@acme.example")


def test_a_reference_in_the_subject_counts_only_for_who_takes_part(
    office: Backoffice, collector: Collector, dovecot: Dovecot, mail_user: str
) -> None:
    dovecot.deliver(mail_user, letter())
    collector.round()
    reference = first_ticket(office).reference

    dovecot.deliver(
        mail_user, letter(f"Re: [{reference}] one"), letter(f"[{reference}] two", sender="eve@evil.example")
    )
    done = collector.round()

    assert (done.replied, done.created) == (1, 1)
    assert office.desk.tickets.view(2).previous_id == 1


@pytest.mark.row("R:one failing mail")
def test_a_mail_that_fails_is_tried_three_times_and_the_others_are_handled(
    office: Backoffice, collector: Collector, dovecot: Dovecot, mail_user: str
) -> None:
    dovecot.deliver(mail_user, letter("One"), letter("Poison"), letter("Two"))

    seen = []
    for _ in range(4):
        collector.round()
        seen.append(states())

    assert seen == [["ticket", "new", "ticket"]] * 2 + [["ticket", "quarantined", "ticket"]] * 2
    failed = Mail.get(Mail.state == "quarantined")
    assert (failed.attempts, failed.reason) == (3, "it is poison")
    assert [b"Subject: Poison" in mail for mail in dovecot.mails(mail_user, "Deskbell-Quarantine")] == [True]
    assert len(dovecot.mails(mail_user)) == 2


def test_the_team_is_told_once_of_a_mail_in_quarantine(collector: Collector, dovecot: Dovecot, mail_user: str) -> None:
    dovecot.deliver(mail_user, letter("Poison"))

    for _ in range(5):
        collector.round()

    notices = [delivery.payload["text"] for delivery in Delivery.select().where(Delivery.kind == "post")]
    assert len(notices) == 1
    assert "could not be read and lies in Deskbell-Quarantine: it is poison" in notices[0]


def test_the_same_mail_twice_is_one_ticket(collector: Collector, dovecot: Dovecot, mail_user: str) -> None:
    dovecot.deliver(mail_user, letter(), letter())

    done = collector.round()
    dovecot.deliver(mail_user, letter())
    later = collector.round()

    assert (done.created, done.ignored, later.ignored) == (1, 1, 1)
    assert states() == ["ticket", "duplicate", "duplicate"]
    assert Ticket.select().count() == 1


@pytest.mark.row("R:no message-id")
def test_a_mail_without_a_message_id_is_one_ticket_however_often_it_comes(
    collector: Collector, dovecot: Dovecot, mail_user: str
) -> None:
    nameless = letter().replace(b"Message-ID: <printer@acme.example>\r\n", b"")
    other = nameless.replace(b"Help", b"Another one")

    dovecot.deliver(mail_user, nameless, other)
    first = collector.round()
    dovecot.deliver(mail_user, b"Received: from elsewhere\r\n" + nameless)
    later = collector.round()

    assert b"Message-ID" not in nameless
    assert (first.created, later.created, later.ignored) == (2, 0, 1)


@pytest.mark.row("R:more than a batch")
def test_more_mails_than_a_batch_are_all_taken_each_once(
    office: Backoffice, mailbox_config: MailboxConfig, reader: Reader, dovecot: Dovecot, mail_user: str
) -> None:
    small = mailbox_config.model_copy(update={"batch": 3})
    mailbox = ImapMailbox(small)
    dovecot.deliver(mail_user, *(letter(f"Printer {number}") for number in range(10)))

    done = Collector(office.desk, small, mailbox, reader).round()
    mailbox.close()

    assert (done.seen, done.created) == (10, 10)
    assert {ticket.subject for ticket in Ticket.select()} == {f"Printer {number}" for number in range(10)}


def test_our_own_letter_makes_no_ticket(
    office: Backoffice, collector: Collector, dovecot: Dovecot, mail_user: str
) -> None:
    dovecot.deliver(mail_user, letter())
    collector.round()
    ours = office.desk.signer.message_id(first_ticket(office).token, "7", "example.org")

    dovecot.deliver(mail_user, letter("Loop").replace(b"<loop@acme.example>", ours.encode()))
    collector.round()

    assert states() == ["ticket", "ignored"]


@pytest.mark.slow
@pytest.mark.skipif(not REAL_MAILS.exists(), reason="the collection of real mails is not here")
def test_all_real_mails_come_to_an_end(collector: Collector, dovecot: Dovecot, mail_user: str) -> None:
    mails = [path.read_bytes() for path in sorted(REAL_MAILS.glob("*/*.eml"))]
    dovecot.deliver(mail_user, *mails)

    for _ in range(3):
        collector.round()

    ended = Counter(states())
    assert ended.total() == len(mails)
    assert set(ended) <= FINAL
    assert ended["ticket"] > len(mails) / 2
    assert ended["quarantined"] < len(mails) / 20
