"""The first time a folder is read, and archives that are imported: which mails are taken, and who hears of them."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest

from bot.backoffice import Backoffice
from bot.clock import SetClock
from bot.config import MailboxConfig
from bot.intake.collector import Collector
from bot.intake.reader import Reader
from handlers.mail.mailbox import ImapMailbox
from storage.models import Delivery, Ticket
from tests.bot.intake.test_collector import dovecot, letter, mail_user, mailbox_config
from tests.dovecot import Dovecot

__all__ = ["dovecot", "mail_user", "mailbox_config"]

Collect = Callable[..., Collector]


@pytest.fixture
def collect(office: Backoffice, mailbox_config: MailboxConfig, clock: SetClock) -> Iterator[Collect]:
    """A function that makes the collector of support's mailbox, changed, two days after the mails came."""
    clock.move(seconds=time.time() - clock.now().timestamp() + 2 * 86_400)
    with ExitStack() as stack:

        def made(**changed: object) -> Collector:
            config = mailbox_config.model_copy(update=changed)
            mailbox, reader = ImapMailbox(config), Reader(seconds=20)
            stack.callback(mailbox.close)
            stack.callback(reader.close)
            return Collector(office.desk, config, mailbox, reader)

        yield made


@pytest.mark.parametrize(("first_contact", "age", "taken"), [("all", 2, 1), ("recent", 2, 0), ("recent", 0, 1)])
def test_what_lay_there_is_taken_as_the_mailbox_says(
    collect: Collect, dovecot: Dovecot, mail_user: str, clock: SetClock, first_contact: str, age: int, taken: int
) -> None:
    clock.move(days=age - 2)
    dovecot.deliver(mail_user, letter("Old plans"))

    done = collect(first_contact=first_contact).round()

    assert done.seen == taken


def test_with_none_only_what_comes_later_is_taken(
    collect: Collect, dovecot: Dovecot, mail_user: str, clock: SetClock
) -> None:
    collector = collect(first_contact="none")
    dovecot.deliver(mail_user, letter("Old plans"))

    first = collector.round()
    dovecot.deliver(mail_user, letter("New plans"))
    second = collector.round()

    assert (first.seen, second.seen) == (0, 1)


def test_an_imported_archive_keeps_its_dates_and_tells_nobody(
    collect: Collect, dovecot: Dovecot, mail_user: str, office: Backoffice, clock: SetClock
) -> None:
    office.desk.settings.set("confirm_unverified", "on", "test")
    dovecot.deliver(mail_user, letter("Old plans"))

    done = collect(first_contact="none").round(import_all=True)

    (ticket,) = Ticket.select()
    came = ticket.created_at if ticket.created_at.tzinfo else ticket.created_at.replace(tzinfo=UTC)
    assert done.created == 1
    assert abs((came - datetime.now(UTC)).total_seconds()) < 600
    assert (clock.now() - came).days >= 1
    assert Delivery.select().count() == 0


def test_a_folder_with_spaces_and_accents_is_read_and_emptied_into_another(
    collect: Collect, dovecot: Dovecot, mail_user: str
) -> None:
    folder, done_folder = "Demandes reçues", "Déjà traité & rangé"
    dovecot.deliver(mail_user, letter("Plans"), folder=folder)

    done = collect(folder=folder, done_folder=done_folder).round()

    assert done.created == 1
    assert [len(dovecot.mails(mail_user, place)) for place in (folder, done_folder)] == [0, 1]
