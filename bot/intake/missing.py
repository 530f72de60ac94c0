"""Mails that the server has and does not give out: noted in the ledger, asked for again, put aside at the third try.

They never hold up the others: what is noted here is asked for last, each by itself.
"""

from collections.abc import Collection, Mapping

import structlog

from bot.config import MailboxConfig
from bot.desk.desk import Desk
from bot.errors import MailboxError
from bot.intake.finishing import TRIES
from bot.ports import Waiting
from storage.database import session, transaction
from storage.queries import mails as rows

log = structlog.get_logger("deskbell.intake")

PATIENCE = 60.0
GONE = "it was gone from the mailbox before it could be fetched"


class Missing:
    """The missing mails of one mailbox."""

    def __init__(self, desk: Desk, config: MailboxConfig) -> None:
        self._desk = desk
        self._config = config

    def wanted(self, uidvalidity: int) -> list[Waiting]:
        """What is to be asked for again, lowest UID first."""
        with session(patience=PATIENCE), transaction():
            found = rows.unfetched(self._config.name)
            for mail in found:
                if mail.uidvalidity != uidvalidity:
                    rows.finish(mail.id, self._desk.clock.now(), state="ignored", reason=GONE)
        return [Waiting(one.uid, one.size, one.received_at) for one in found if one.uidvalidity == uidvalidity]

    def note(self, place: Mapping[str, object], mail: Waiting, fault: MailboxError, *, silent: bool) -> str:
        """One more try was in vain: "new" while there will be another, else "quarantined", and the team is told.

        "" where its bytes were kept before the connection broke.
        """
        identity = f"{place['uidvalidity']}/{mail.uid}"
        with session(patience=PATIENCE), transaction():
            row = rows.missed({**place, "identity": identity, "sha256": "", "size": mail.size, "silent": silent})
            if row.state != "new" or row.sha256:
                return ""
            log.warning("mail not fetched", mailbox=row.mailbox, uid=row.uid, tries=row.attempts, reason=str(fault))
            if row.attempts < TRIES:
                return "new"
            self._put_aside(row.id, str(fault))
            return "quarantined"

    def gone(self, uidvalidity: int, uids: Collection[int]) -> None:
        """The server has these no more: those that were missing end so (inside a transaction)."""
        for mail in rows.unfetched(self._config.name) if uids else ():
            if mail.uidvalidity == uidvalidity and mail.uid in uids:
                rows.finish(mail.id, self._desk.clock.now(), state="ignored", reason=GONE, tidied=True)

    def _put_aside(self, mail_id: int, reason: str) -> None:
        """It stays where it is: a server that does not give it out may not bear moving it either."""
        now = self._desk.clock.now()
        rows.finish(mail_id, now, state="quarantined", reason=f"the server does not give it out: {reason}", tidied=True)
        self._desk.alarms.about_mail(
            mail_id,
            "📮 A mail in {mailbox} is not given out by the server and stays in {folder}: {reason}. "
            "`deskbell quarantine` shows what can be done.",
            mailbox=self._config.name,
            folder=self._config.folder,
            reason=reason,
        )
