"""How kept mails come to their end, several at a time."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.backoffice import Backoffice
from bot.config import MailboxConfig
from bot.errors import MailUnreadable, ReaderUnavailable
from bot.intake.finishing import Finisher
from bot.intake.reader import Reader
from bot.intake.reading import ParsedMail
from storage.models import Mail
from storage.queries import mails as rows

MAILBOX = MailboxConfig(
    name="support",
    address="support@example.org",
    host="localhost",
    username="support",
    password=SecretStr("correct-horse-battery"),
    rule=(),
)


def raw(number: int, subject: str = "Request") -> bytes:
    """A mail of Ann's."""
    head = f"From: ann@acme.example\r\nSubject: {subject} {number}\r\nMessage-ID: <{number}@acme.example>\r\n"
    return f"{head}\r\nPlease help.\r\n".encode()


class PickyReader(Reader):
    """A reader that cannot read mails about poison."""

    def read(self, raw: bytes | Path) -> ParsedMail:
        if isinstance(raw, Path) and b"Poison" in raw.read_bytes():
            raise MailUnreadable("it is poison")
        return super().read(raw)


@pytest.fixture
def finisher(office: Backoffice) -> Iterator[Finisher]:
    """The finisher of support's mailbox."""
    reader = PickyReader(seconds=20)
    yield Finisher(office.desk, MAILBOX, reader)
    reader.close()


def keep(office: Backoffice, *mails: bytes, in_row: bool = False) -> list[int]:
    """Mails as the collector keeps them, or as it did in earlier versions: in their rows."""
    contents = {hashlib.sha256(mail).hexdigest(): mail for mail in mails}
    if not in_row:
        office.desk.files.store(contents)
    now = office.clock.now()
    place = {"mailbox": "support", "uidvalidity": 1, "received_at": now, "stored_at": now}
    for uid, (sha256, mail) in enumerate(contents.items(), 1):
        content = mail if in_row else None
        rows.store([{**place, "uid": uid, "identity": sha256, "sha256": sha256, "size": len(mail), "content": content}])
    return [mail.id for mail in Mail.select().order_by(Mail.uid)]


def test_mails_end_in_their_order_and_one_that_fails_holds_up_no_other(office: Backoffice, finisher: Finisher) -> None:
    mails = keep(office, *(raw(number, "Poison" if number == 3 else "Request") for number in range(12)))
    Mail.update(attempts=2).execute()

    states = list(finisher.finish(mails))

    assert states == ["ticket"] * 3 + ["quarantined"] + ["ticket"] * 8
    assert [mail.ticket_id for mail in Mail.select().order_by(Mail.uid)] == [1, 2, 3, None, *range(4, 12)]


def test_only_tries_that_failed_are_counted(office: Backoffice, finisher: Finisher) -> None:
    mails = keep(office, raw(1), raw(2, "Poison"))

    states = [list(finisher.finish(mails)) for _ in range(3)]

    assert states == [["ticket", "new"], ["ticket", "new"], ["ticket", "quarantined"]]
    assert [mail.attempts for mail in Mail.select().order_by(Mail.uid)] == [0, 3]


def test_a_mail_that_an_earlier_version_kept_in_its_row_is_filed_as_well(
    office: Backoffice, finisher: Finisher
) -> None:
    mails = keep(office, raw(1), in_row=True)

    states = list(finisher.finish(mails))

    kept = Mail.get()
    assert (states, kept.content, office.desk.files.read(kept.sha256)) == (["ticket"], None, raw(1))


def test_where_mails_cannot_be_read_at_all_none_is_at_fault(
    office: Backoffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = keep(office, raw(1), raw(2))
    with monkeypatch.context() as broken, pytest.raises(ReaderUnavailable):
        broken.setattr("bot.intake.reader.sys.executable", "/bin/false")
        list(Finisher(office.desk, MAILBOX, Reader()).finish(ids))

    assert [(rows.mail(one).state, rows.mail(one).attempts) for one in ids] == [("new", 0)] * 2
    reader = Reader(seconds=20)
    assert list(Finisher(office.desk, MAILBOX, reader).finish(ids)) == ["ticket", "ticket"]
    reader.close()
