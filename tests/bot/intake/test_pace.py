"""Many mails of one address at once are held back, not lost; those of others pass, and so does an archive."""

from collections import Counter
from collections.abc import Iterator

import pytest

from bot.backoffice import Backoffice
from bot.clock import SetClock
from bot.config import MailboxConfig
from bot.intake import pace
from bot.intake.collector import Collector
from bot.intake.reader import Reader
from handlers.mail.mailbox import ImapMailbox
from storage.models import Mail, Ticket
from tests.bot.intake.test_collector import letter, mailbox_config
from tests.dovecot import Dovecot, dovecot, mail_user

__all__ = ["dovecot", "mail_user", "mailbox_config"]

MOST = 4


@pytest.fixture
def collector(
    office: Backoffice, mailbox_config: MailboxConfig, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Collector]:
    """The collector of support's mailbox, which has a short patience with those who write much."""
    monkeypatch.setattr(pace, "MOST", MOST)
    mailbox, reader = ImapMailbox(mailbox_config), Reader(seconds=20)
    yield Collector(office.desk, mailbox_config, mailbox, reader)
    mailbox.close()
    reader.close()


@pytest.fixture
def flood(dovecot: Dovecot, mail_user: str) -> None:
    """Eve writes eleven mails at once, and Ann one after them."""
    for number in range(11):
        dovecot.deliver(mail_user, letter(f"Bomb {number}", sender="Eve <eve@evil.example>"))
    dovecot.deliver(mail_user, letter("Printer"))


def states() -> Counter[str]:
    """How many mails are in which state."""
    return Counter(mail.state for mail in Mail.select())


@pytest.mark.row("MI-40", "INV-01")
def test_what_comes_too_fast_is_held_back_and_none_is_lost(
    flood: None, office: Backoffice, collector: Collector, clock: SetClock
) -> None:
    rounds = [collector.round()]
    first = states()
    for _ in range(2):
        clock.move(seconds=61)
        rounds.append(collector.round())

    assert first == {"ticket": MOST + 1, "new": 11 - MOST}
    assert [(done.created, done.failed) for done in rounds] == [(5, 0), (4, 0), (3, 0)]
    assert states() == {"ticket": 12}
    assert sorted(ticket.subject for ticket in Ticket.select()) == sorted(
        [*(f"Bomb {n}" for n in range(11)), "Printer"]
    )


@pytest.mark.row("MI-40")
def test_what_is_held_back_waits_for_its_minute_and_uses_up_no_try(
    flood: None, collector: Collector, clock: SetClock
) -> None:
    for _ in range(5):
        collector.round()
        clock.move(seconds=10)

    held = [mail for mail in Mail.select() if mail.state == "new"]
    assert len(held) == 11 - MOST
    assert {mail.attempts for mail in held} == {0}
    for _ in range(2):
        clock.move(seconds=61)
        collector.round()


def test_an_archive_that_is_imported_is_not_held_back(flood: None, collector: Collector) -> None:
    collector.round(import_all=True)

    assert states() == {"ticket": 12}


def test_the_pace_is_a_hundred_and_twenty_a_minute() -> None:
    assert (pace.MOST, pace.SPAN.total_seconds()) == (120, 60)
