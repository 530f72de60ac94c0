"""How a kept mail comes to its end: read in the child process, then filed and finished in one transaction.

A mail that fails is tried three times and then put into quarantine with its bytes; it never stops the next one.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from bot.config import MailboxConfig
from bot.desk.desk import Desk
from bot.desk.files import StoredFile, size_in_words
from bot.errors import FilesUnwritable, MailUnreadable, ReaderUnavailable
from bot.failpoints import reach
from bot.intake import pace
from bot.intake.filing import Filed, Filing
from bot.intake.reader import Reader
from bot.intake.reading import ParsedMail
from storage.database import DatabaseBusy, DatabaseUnavailable, session, transaction
from storage.models import Mail
from storage.queries import mails as rows

log = structlog.get_logger("deskbell.intake")

HELD = "held"
TRIES = 3
AHEAD, AHEAD_BYTES = 4, 8 * 1024 * 1024
"""How many mails, and bytes of mails, are read while one is filed."""
PATIENCE = 60.0


class AlreadyFinished(Exception):
    """Somebody else was faster."""


@dataclass(frozen=True, slots=True)
class Read:
    """A mail that was read, and those of its attachments that are kept; `head_only` where it was too large."""

    parsed: ParsedMail
    files: tuple[StoredFile, ...]
    head_only: bool


@dataclass(frozen=True, slots=True)
class Begun:
    """A mail that is being read."""

    mail: Mail
    reading: Future[Read]


class Finisher:
    """Finishes the kept mails of one mailbox."""

    def __init__(self, desk: Desk, config: MailboxConfig, reader: Reader) -> None:
        self._desk = desk
        self._config = config
        self._reader = reader
        self._filing = Filing(desk, config)

    def finish(self, mail_ids: Iterable[int]) -> Iterator[str]:
        """The states of these mails afterwards, in their order; "new" for one that failed and will be tried again.

        "held" for one that has to wait, because too many come from its sender. While one is filed, those that follow
        are read.
        """
        with session(patience=PATIENCE), ThreadPoolExecutor(1, "reading") as pool:
            begun: deque[Begun] = deque()
            for mail in map(rows.mail, mail_ids):
                while begun and _is_enough([one.mail for one in begun], mail):
                    yield self._end(begun.popleft())
                begun.append(Begun(mail, pool.submit(self._read, mail)))
            while begun:
                yield self._end(begun.popleft())

    def _read(self, mail: Mail) -> Read:
        """What is in the mail; its attachments are kept as files before any row names them."""
        if mail.state != "new":
            raise AlreadyFinished
        file = self._bytes(mail)
        parsed = self._reader.read(file)
        head_only = file.stat().st_size < mail.size
        if head_only:
            parsed = replace(parsed, left_out=(*parsed.left_out, self._too_large(mail)))
        return Read(parsed, () if parsed.ignore else self._filing.keep(parsed), head_only)

    def _bytes(self, mail: Mail) -> Path:
        """The file with the mail's bytes; of one that an earlier version took they stand in its row."""
        if mail.content is not None:
            self._desk.files.store({mail.sha256: bytes(mail.content)})
        return self._desk.files.path(mail.sha256)

    def _too_large(self, mail: Mail) -> str:
        """Why there is nothing of a mail but its head."""
        return self._desk.words()(
            "The mail is too large ({size}, setting max_mail_mb): only its head was read, it lies in {folder}.",
            size=size_in_words(mail.size),
            folder=self._config.done_folder or self._config.folder,
        )

    def _end(self, begun: Begun) -> str:
        try:
            return self._file(begun.mail, begun.reading.result())
        except AlreadyFinished:
            return begun.mail.state
        except DatabaseBusy:
            return "new"
        except (DatabaseUnavailable, FilesUnwritable, ReaderUnavailable):
            raise
        except Exception as fault:
            return self._failed(begun.mail, fault)

    def _file(self, mail: Mail, read: Read) -> str:
        reach("intake.before_finish")
        with transaction():
            state = rows.state_of(mail.id)
            if state != "new":
                return state
            now = self._desk.clock.now()
            wait = None if mail.silent else pace.held_until(read.parsed, now)
            if wait is not None:
                rows.hold(mail.id, wait)
                return HELD
            filed = self._filed(mail, read)
            rows.finish(
                mail.id,
                now,
                state=filed.state,
                reason=filed.reason[:500],
                ticket=filed.ticket,
                rule=filed.rule,
                sender=pace.sender_of(read.parsed) if filed.state in pace.COUNTED and not mail.silent else "",
            )
            self._settle(mail, filed)
        reach("intake.after_finish")
        log.info("mail filed", mailbox=mail.mailbox, uid=mail.uid, state=filed.state, ticket=filed.ticket)
        return filed.state

    def _settle(self, mail: Mail, filed: Filed) -> None:
        """The notice about the mail says what became of it; one that a rule puts aside gets its notice now."""
        if filed.state != "quarantined":
            self._desk.alarms.mail_settled(mail.id)
            return
        self._desk.alarms.about_mail(
            mail.id,
            "📮 A mail in {mailbox} was put aside and lies in {folder}: {reason}. "
            "`deskbell quarantine` shows what can be done.",
            mailbox=mail.mailbox,
            folder=self._config.quarantine_folder,
            reason=filed.reason,
        )

    def _filed(self, mail: Mail, read: Read) -> Filed:
        before = rows.earlier(mail.mailbox, mail.identity, mail.id)
        if before is not None:
            return Filed("duplicate", f"the same mail as UID {before.uid}", before.ticket_id)
        return self._filing.file(
            read.parsed,
            mail.size,
            mail.received_at,
            files=read.files,
            silent=mail.silent,
            head_only=read.head_only,
        )

    def _failed(self, mail: Mail, fault: Exception) -> str:
        tries = rows.try_once_more(mail.id)
        reason = str(fault) if isinstance(fault, MailUnreadable) else f"{type(fault).__name__} while filing"
        log.warning(
            "mail failed", mailbox=mail.mailbox, uid=mail.uid, tries=tries, reason=reason, exc_info=_unless_known(fault)
        )
        if tries < TRIES:
            return "new"
        with transaction():
            rows.finish(mail.id, self._desk.clock.now(), state="quarantined", reason=reason[:500])
            self._desk.alarms.about_mail(
                mail.id,
                "📮 A mail in {mailbox} could not be read and lies in {folder}: {reason}. "
                "`deskbell quarantine` shows what can be done.",
                mailbox=mail.mailbox,
                folder=self._config.quarantine_folder,
                reason=reason,
            )
        return "quarantined"


def _is_enough(begun: Sequence[Mail], mail: Mail) -> bool:
    """Whether so many are being read that the next one has to wait."""
    return len(begun) >= AHEAD or sum(one.size for one in begun) + mail.size > AHEAD_BYTES


def _unless_known(fault: Exception) -> Exception | None:
    return None if isinstance(fault, MailUnreadable) else fault
