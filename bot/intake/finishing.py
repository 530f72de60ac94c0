"""How a kept mail comes to its end: read in the child process, then filed and finished in one transaction.

A mail that fails is tried three times and then put into quarantine with its bytes; it never stops the next one.
"""

import structlog

from bot.config import MailboxConfig
from bot.desk.desk import Desk
from bot.errors import MailUnreadable
from bot.failpoints import reach
from bot.intake.filing import Filed, Filing
from bot.intake.reader import Reader
from bot.intake.reading import ParsedMail
from storage.database import DatabaseBusy, session, transaction
from storage.models import Mail
from storage.queries import mails as rows

log = structlog.get_logger("deskbell.intake")

TRIES = 3
PATIENCE = 60.0


class Finisher:
    """Finishes the kept mails of one mailbox."""

    def __init__(self, desk: Desk, config: MailboxConfig, reader: Reader) -> None:
        self._desk = desk
        self._config = config
        self._reader = reader
        self._filing = Filing(desk, config)

    def finish(self, mail_id: int) -> str:
        """The mail's state afterwards; "new" when it failed and will be tried again."""
        with session(patience=PATIENCE):
            tries = rows.try_once_more(mail_id)
            mail = rows.mail(mail_id)
            if mail.state != "new":
                return mail.state
            try:
                return self._file(mail, self._reader.read(_bytes(mail)))
            except DatabaseBusy:
                return "new"
            except Exception as fault:
                return self._failed(mail, tries, fault)

    def _file(self, mail: Mail, parsed: ParsedMail) -> str:
        self._desk.files.keep(_bytes(mail), "mail.eml", "message/rfc822")
        reach("intake.before_finish")
        with transaction():
            state = rows.state_of(mail.id)
            if state != "new":
                return state
            filed = self._filed(mail, parsed)
            rows.finish(
                mail.id,
                self._desk.clock.now(),
                state=filed.state,
                reason=filed.reason[:500],
                ticket=filed.ticket,
                rule=filed.rule,
            )
        reach("intake.after_finish")
        log.info("mail filed", mailbox=mail.mailbox, uid=mail.uid, state=filed.state, ticket=filed.ticket)
        return filed.state

    def _filed(self, mail: Mail, parsed: ParsedMail) -> Filed:
        before = rows.earlier(mail.mailbox, mail.identity, mail.id)
        if before is not None:
            return Filed("duplicate", f"the same mail as UID {before.uid}", before.ticket_id)
        return self._filing.file(parsed, mail.size, mail.received_at, silent=mail.silent)

    def _failed(self, mail: Mail, tries: int, fault: Exception) -> str:
        reason = str(fault) if isinstance(fault, MailUnreadable) else f"{type(fault).__name__} while filing"
        log.warning(
            "mail failed", mailbox=mail.mailbox, uid=mail.uid, tries=tries, reason=reason, exc_info=_unless_known(fault)
        )
        if tries < TRIES:
            return "new"
        self._desk.files.keep(_bytes(mail), "mail.eml", "message/rfc822")
        with transaction():
            rows.finish(mail.id, self._desk.clock.now(), state="quarantined", reason=reason[:500])
            self._desk.alarms.say(
                f"quarantine:{mail.id}",
                "📮 A mail in {mailbox} could not be read and lies in {folder}: {reason}. "
                "`deskbell quarantine` shows what can be done.",
                mailbox=mail.mailbox,
                folder=self._config.quarantine_folder,
                reason=reason,
            )
        return "quarantined"


def _bytes(mail: Mail) -> bytes:
    assert mail.content is not None
    return bytes(mail.content)


def _unless_known(fault: Exception) -> Exception | None:
    return None if isinstance(fault, MailUnreadable) else fault
