"""The mailbox against a real Dovecot."""

import imaplib
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from handlers.mail.mailbox import ImapMailbox
from tests.dovecot import Dovecot
from tests.handlers.mail.conftest import MakeMailbox


def _mail(subject: str, size: int = 100) -> bytes:
    return f"From: ann@acme.example\r\nSubject: {subject}\r\n\r\n".encode() + b"x" * size + b"\r\n"


def _uids(mailbox: ImapMailbox, after: int = 0) -> list[int]:
    mailbox.open()
    return [mail.uid for mail in mailbox.waiting(after=after)]


@pytest.fixture
def other(dovecot: Dovecot, mail_user: str) -> Iterator[imaplib.IMAP4]:
    """Somebody else's mail program in the same mailbox."""
    client = imaplib.IMAP4("127.0.0.1", dovecot.port, timeout=5)
    client.login(mail_user, dovecot.password)
    client.select()
    yield client
    client.logout()


def test_waiting_mails_have_their_size_and_the_servers_date(
    dovecot: Dovecot, mailbox: ImapMailbox, mail_user: str
) -> None:
    mail = _mail("Printer")
    dovecot.deliver(mail_user, mail)

    mailbox.open()
    (waiting,) = mailbox.waiting(after=0)

    assert (waiting.uid, waiting.size) == (1, len(mail))
    assert abs(datetime.now(UTC) - waiting.received_at) < timedelta(minutes=1)


def test_the_last_mail_is_not_waiting_again(dovecot: Dovecot, mailbox: ImapMailbox, mail_user: str) -> None:
    dovecot.deliver(mail_user, _mail("1"), _mail("2"), _mail("3"))

    mailbox.open()

    assert mailbox.waiting(after=3) == []
    assert mailbox.waiting(after=98) == []


def test_only_mails_after_a_moment_are_asked_for(dovecot: Dovecot, mailbox: ImapMailbox, mail_user: str) -> None:
    dovecot.deliver(mail_user, _mail("1"))
    mailbox.open()
    now = datetime.now(UTC)

    recent = mailbox.waiting(after=0, since=now - timedelta(hours=24))
    later = mailbox.waiting(after=0, since=now + timedelta(hours=1))

    assert [mail.uid for mail in recent] == [1]
    assert later == []


def test_300_mails_come_whole_and_unmarked(dovecot: Dovecot, mailbox: ImapMailbox, mail_user: str) -> None:
    mails = [_mail(str(number), size=number * 100) for number in range(300)]
    dovecot.deliver(mail_user, *mails)

    fetched = list(mailbox.fetch(_uids(mailbox)))

    assert [uid for uid, _ in fetched] == list(range(1, 301))
    assert sorted(raw for _, raw in fetched) == sorted(mails)
    assert set(dovecot.flags(mail_user)) == {""}


def test_a_mail_larger_than_a_bulk_comes(dovecot: Dovecot, mailbox: ImapMailbox, mail_user: str) -> None:
    large = _mail("large", size=6_000_000)
    dovecot.deliver(mail_user, _mail("small"), large, _mail("small"))

    fetched = dict(mailbox.fetch(_uids(mailbox)))

    assert large in fetched.values()
    assert len(fetched) == 3


def test_a_mail_with_bytes_of_every_kind_comes_as_it_is(dovecot: Dovecot, mailbox: ImapMailbox, mail_user: str) -> None:
    raw = b"Subject: caf\xe9\r\n\r\n" + bytes(range(1, 256)).replace(b"\n", b"").replace(b"\r", b"") + b"\r\n"
    dovecot.deliver(mail_user, raw)

    fetched = list(mailbox.fetch(_uids(mailbox)))

    assert fetched == [(1, raw)]


def test_mails_that_are_gone_are_left_out(
    dovecot: Dovecot, mailbox: ImapMailbox, mail_user: str, other: imaplib.IMAP4
) -> None:
    dovecot.deliver(mail_user, _mail("1"), _mail("2"), _mail("3"))
    uids = _uids(mailbox)
    other.noop()
    other.store("2", "+FLAGS", r"(\Deleted)")
    other.expunge()

    fetched = [uid for uid, _ in mailbox.fetch([*uids, 99])]

    assert fetched == [1, 3]


def test_the_size_is_asked_for_where_it_is_not_known(dovecot: Dovecot, mailbox: ImapMailbox, mail_user: str) -> None:
    dovecot.deliver(mail_user, _mail("1"))
    mailbox.open()

    fetched = list(mailbox.fetch([1, 1]))

    assert fetched == [(1, _mail("1"))]


def test_marking_seen_expunges_nothing_of_others(
    dovecot: Dovecot, mailbox: ImapMailbox, mail_user: str, other: imaplib.IMAP4
) -> None:
    dovecot.deliver(mail_user, _mail("1"), _mail("2"), _mail("3"))
    uids = _uids(mailbox)
    other.noop()
    other.store("3", "+FLAGS", r"(\Deleted)")

    mailbox.mark_seen(uids[:2])

    assert dovecot.flags(mail_user) == ["S", "S", "T"]


def test_moving_makes_the_folder_and_leaves_what_others_deleted(
    dovecot: Dovecot, mailbox: ImapMailbox, mail_user: str, other: imaplib.IMAP4
) -> None:
    dovecot.deliver(mail_user, _mail("1"), _mail("2"), _mail("3"))
    uids = _uids(mailbox)
    other.noop()
    other.store("3", "+FLAGS", r"(\Deleted)")

    mailbox.move(uids[:1], "Erledigt & gelöscht")

    assert dovecot.folders(mail_user) == ["Erledigt & gelöscht"]
    assert dovecot.mails(mail_user, "Erledigt & gelöscht") == [_mail("1")]
    assert dovecot.mails(mail_user) == [_mail("2"), _mail("3")]


def test_moving_nothing_makes_no_folder(dovecot: Dovecot, mailbox: ImapMailbox, mail_user: str) -> None:
    mailbox.move([], "Done")

    assert dovecot.folders(mail_user) == []


def test_a_folder_with_accents_is_read(dovecot: Dovecot, make_mailbox: MakeMailbox, mail_user: str) -> None:
    dovecot.deliver(mail_user, _mail("1"), folder="Anfragen Büro/日本")
    mailbox = make_mailbox(folder="Anfragen Büro/日本")

    fetched = list(mailbox.fetch(_uids(mailbox)))

    assert fetched == [(1, _mail("1"))]


def test_a_push_ends_the_wait(dovecot: Dovecot, mailbox: ImapMailbox, mail_user: str) -> None:
    mailbox.waiting(after=0)
    posting = threading.Timer(0.3, dovecot.deliver, (mail_user, _mail("1")))
    posting.start()
    begun = time.monotonic()

    pushed = mailbox.wait(30)

    assert pushed
    assert time.monotonic() - begun < 10
    assert _uids(mailbox) == [1]


def test_a_mail_that_came_before_the_wait_ends_it_at_once(
    dovecot: Dovecot, mailbox: ImapMailbox, mail_user: str
) -> None:
    dovecot.deliver(mail_user, _mail("1"))
    uids = _uids(mailbox)
    dovecot.deliver(mail_user, _mail("2"))
    mailbox.mark_seen(uids)
    begun = time.monotonic()

    pushed = mailbox.wait(30)

    assert pushed
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize("end", ["wake", "close"])
def test_another_thread_ends_the_wait_at_once(mailbox: ImapMailbox, end: str) -> None:
    mailbox.waiting(after=0)
    begun = time.monotonic()
    threading.Timer(0.2, getattr(mailbox, end)).start()

    pushed = mailbox.wait(30)

    assert not pushed
    assert time.monotonic() - begun < 5


def test_the_wait_ends_when_the_time_is_up(mailbox: ImapMailbox) -> None:
    mailbox.waiting(after=0)

    pushed = mailbox.wait(0.3)

    assert not pushed
    assert _uids(mailbox) == []


def test_open_connects_again_after_close(dovecot: Dovecot, mailbox: ImapMailbox, mail_user: str) -> None:
    dovecot.deliver(mail_user, _mail("1"))
    validity = mailbox.open()
    mailbox.close()

    assert mailbox.open() == validity
    assert [mail.uid for mail in mailbox.waiting(after=0)] == [1]
