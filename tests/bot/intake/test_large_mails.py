"""A mail above max_mail_mb becomes a ticket of its head alone, which says so; the mail itself stays in its folder."""

from collections.abc import Iterator

import pytest

from bot.app import letter_writer
from bot.backoffice import Backoffice
from bot.config import MailboxConfig
from bot.intake.collector import Collector
from bot.intake.reader import Reader
from bot.outgoing.drafting import draft_of
from handlers.mail.mailbox import ImapMailbox
from storage.models import Delivery
from storage.queries import tickets as rows
from tests.bot.intake.test_collector import dovecot, letter, mail_user, mailbox_config, states
from tests.dovecot import Dovecot

pytestmark = pytest.mark.database

__all__ = ["dovecot", "mail_user", "mailbox_config"]


@pytest.fixture
def collector(office: Backoffice, mailbox_config: MailboxConfig) -> Iterator[Collector]:
    """The collector of support's mailbox."""
    mailbox, reader = ImapMailbox(mailbox_config), Reader(seconds=20)
    yield Collector(office.desk, mailbox_config, mailbox, reader)
    mailbox.close()
    reader.close()


@pytest.mark.row("MI-29")
def test_a_mail_that_is_too_large_is_a_ticket_that_says_so(
    office: Backoffice, collector: Collector, dovecot: Dovecot, mail_user: str
) -> None:
    office.desk.settings.set("max_mail_mb", 1, "test")
    dovecot.deliver(mail_user, letter("Big plans", body="x" * 998 + "\r\n" + "y\r\n" * 500_000))
    dovecot.deliver(mail_user, letter("Small plans"))

    rounds = [collector.round() for _ in range(2)]

    assert [(done.seen, done.created, done.quarantined) for done in rounds] == [(2, 2, 0), (0, 0, 0)]
    made = office.desk.tickets.view(1)
    assert (made.subject, made.requester_address) == ("Big plans", "ann@acme.example")
    assert "too large (1.5 MB, setting max_mail_mb)" in rows.messages(1)[0].text
    assert states() == ["ticket", "ticket"]
    assert len(dovecot.flags(mail_user)) == 2


@pytest.mark.row("MI-29")
def test_the_sender_of_a_mail_that_is_too_large_is_told_once_in_the_confirmation(
    office: Backoffice, collector: Collector, dovecot: Dovecot, mail_user: str
) -> None:
    office.desk.settings.set("max_mail_mb", 1, "test")
    office.desk.settings.set("confirm_unverified", "on", "test")
    dovecot.deliver(mail_user, letter("Big plans", body="y\r\n" * 500_000))
    dovecot.deliver(mail_user, letter("Small plans"))

    for _ in range(2):
        collector.round()

    told = [_confirmation(office, one) for one in Delivery.select().where(Delivery.kind == "letter")]
    assert ["larger than 1 MB" in text for text in told] == [True, False]
    assert "plans" not in "".join(told)


def _confirmation(office: Backoffice, delivery: Delivery) -> str:
    writer = letter_writer(office)
    assert writer is not None
    return writer.write(draft_of(delivery, office.desk.tickets.view(delivery.ticket_id or 0), office.desk)).text
