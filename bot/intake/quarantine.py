"""Mails that could not be read, or that a rule put aside: looked at, read again, or given up for good.

Their bytes lie in the data folder; a mail that was never taken out of its mailbox has none. One that the server did not
give out is asked for again; one that was too large is read again when somebody moves it back to where it came from.
"""

from collections.abc import Iterable
from contextlib import closing
from typing import Any

from bot.cleaning import clean_text
from bot.config import MailboxConfig
from bot.desk.desk import Desk
from bot.errors import NotFound, Refusal
from bot.intake.finishing import TRIES, Finisher
from bot.intake.glimpse import head_of
from bot.intake.reader import Reader
from storage.models import Mail
from storage.queries import mails as rows

HEAD_LINES = 40


class Quarantine:
    """The quarantined mails of all mailboxes; `mailboxes` are those that are configured."""

    def __init__(self, desk: Desk, mailboxes: Iterable[MailboxConfig]) -> None:
        self._desk = desk
        self._mailboxes = {mailbox.name: mailbox for mailbox in mailboxes}

    def listed(self) -> list[dict[str, Any]]:
        """Each as plain values, oldest first: id, mailbox, size in bytes, reason, when it came."""
        return [_values(mail) for mail in rows.quarantined()]

    def shown(self, mail_id: int) -> dict[str, Any]:
        """One, with the beginning of its headers and the file that holds its bytes (None where there is none)."""
        mail = find(mail_id)
        if not mail.sha256:
            return {**_values(mail), "file": None, "head": ""}
        head = head_of(self.content(mail_id))
        lines = clean_text(head.decode("utf-8", "replace")).splitlines()[:HEAD_LINES]
        return {**_values(mail), "file": str(self._desk.files.path(mail.sha256)), "head": "\n".join(lines)}

    def content(self, mail_id: int) -> bytes:
        """The mail as it came. Refusal where its bytes are not here."""
        mail = find(mail_id)
        if not mail.sha256:
            raise Refusal(
                "Mail {number} was never taken out of its mailbox: it lies in {folder}. "
                "Move it back to {inbox} there and it is read again.",
                number=mail_id,
                **self._folders(mail),
            )
        try:
            return self._desk.files.read(mail.sha256)
        except OSError:
            raise Refusal("The bytes of mail {number} are not in the data folder any more.", number=mail_id) from None

    def retry(self, mail_id: int) -> Mail:
        """Read it again now; the row afterwards says what became of it ("quarantined" if it failed again).

        "new": it is asked for again when its mailbox is read the next time.
        """
        mail = find(mail_id)
        if not mail.sha256 and mail.attempts:
            rows.retry(mail_id)
            self._desk.alarms.mail_settled(mail_id)
            return rows.mail(mail_id)
        self.content(mail_id)
        if mail.mailbox not in self._mailboxes:
            raise Refusal("There is no mailbox {name} in the configuration any more.", name=mail.mailbox)
        rows.retry(mail_id, attempts=TRIES - 1)
        with closing(Reader()) as reader:
            list(Finisher(self._desk, self._mailboxes[mail.mailbox], reader).finish([mail_id]))
        return rows.mail(mail_id)

    def drop(self, mail_id: int) -> None:
        """Give it up: it is not listed or counted any more."""
        find(mail_id)
        rows.drop(mail_id)
        self._desk.alarms.mail_settled(mail_id)

    def _folders(self, mail: Mail) -> dict[str, str]:
        config = self._mailboxes.get(mail.mailbox)
        if config is None:
            return {"folder": "the quarantine folder", "inbox": "the folder that was read"}
        return {"folder": config.quarantine_folder, "inbox": config.folder}


def find(mail_id: int) -> Mail:
    """One that lies in quarantine. NotFound otherwise."""
    mail = rows.mail_or_none(mail_id)
    if mail is None or mail.state != "quarantined":
        raise NotFound("There is no mail {number} in quarantine.", number=mail_id)
    return mail


def _values(mail: Mail) -> dict[str, Any]:
    return {
        "id": mail.id,
        "mailbox": mail.mailbox,
        "size": mail.size,
        "reason": mail.reason,
        "rule": mail.rule or None,
        "sha256": mail.sha256 or None,
        "received_at": mail.received_at.isoformat(),
        "finished_at": mail.finished_at.isoformat() if mail.finished_at else None,
    }
