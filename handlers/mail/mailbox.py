"""A mailbox over IMAP (imap-tools): sizes, raw mails, flags, moving, IDLE. Raw mails are not parsed here.

One connection, one command at a time. What goes wrong is a MailboxError with a sentence that says what to do, after
which the connection is closed and `open` makes a new one.
"""

import imaplib
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

import imap_tools
import structlog

from bot.config import MailboxConfig
from bot.errors import MailboxError
from bot.ports import Waiting
from handlers.mail import folders, idling
from handlers.mail.answers import bulks, raw_mails, waiting_mails
from handlers.mail.connection import Box
from handlers.mail.faults import LoginRefused, explained, spoken
from handlers.mail.oauth import TokenSource, sasl

P = ParamSpec("P")
T = TypeVar("T")

log = structlog.get_logger("deskbell.mail")

TIMEOUT = 30.0
IDLE_RENEWED = 20 * 60.0
MARGIN_BYTES = 256 * 1024
LIST_BYTES = 128 * 1024 * 1024
HEAD_BYTES = 256 * 1024


def _told(method: "Callable[Concatenate[ImapMailbox, P], T]") -> "Callable[Concatenate[ImapMailbox, P], T]":
    """One at a time; whatever a connection can raise becomes a MailboxError, and the broken connection is let go."""

    @wraps(method)
    def wrapped(self: "ImapMailbox", /, *args: P.args, **kwargs: P.kwargs) -> T:
        with self._using:
            try:
                return method(self, *args, **kwargs)
            except MailboxError:
                self._drop()
                raise
            except Exception as fault:
                self._drop()
                raise explained(fault, self._config) from fault

    return wrapped


class ImapMailbox:
    """One folder of one mailbox (`bot.ports.Mailbox`)."""

    def __init__(self, config: MailboxConfig, *, timeout: float = TIMEOUT, tokens: TokenSource | None = None) -> None:
        """`timeout`: seconds that connecting, logging in or any small command may take, however the bytes trickle.

        `tokens`: where those come from that are logged in with instead of the password.
        """
        self.name = config.name
        self._config = config
        self._tokens = tokens
        self._timeout = timeout
        self._box: Box | None = None
        self._sizes: dict[int, int] = {}
        self._warned: set[str] = set()
        self._using = threading.RLock()
        self._woken = threading.Event()

    # connecting ------------------------------------------------------------------------------------------------------

    @_told
    def open(self) -> int:
        """Connect, log in and select, or look at the folder anew where that stands; the folder's UIDVALIDITY."""
        if self._box is not None:
            with suppress(OSError, imaplib.IMAP4.error, imap_tools.MailboxFolderSelectError):
                return self._select(self._box)
            self._drop()
        self._box = self._connected()
        return self._select(self._box)

    def close(self) -> None:
        """Log out; never raises. Also from another thread, whose wait it ends."""
        self._woken.set()
        if self._using.acquire(timeout=2):
            try:
                self._log_out()
                self._woken.clear()
            finally:
                self._using.release()
        elif self._box is not None:
            _shut(self._box)

    def wake(self) -> None:
        """End a `wait` of another thread within a moment."""
        self._woken.set()

    def _connected(self) -> Box:
        """A connection that is logged in. A token that ran out on its way is renewed, once."""
        if self._tokens is None:
            return self._connected_with("")
        try:
            return self._connected_with(self._tokens.token())
        except LoginRefused:
            return self._connected_with(self._tokens.token())

    def _connected_with(self, token: str) -> Box:
        box = Box(self._config, self._timeout)
        try:
            self._log_in(box, token)
            box.refresh_capabilities()
        except BaseException:
            _shut(box)
            raise
        return box

    def _log_in(self, box: Box, token: str) -> None:
        username, password = self._config.username, self._config.password.get_secret_value()
        try:
            if token:
                box.client.authenticate("XOAUTH2", sasl(username, token))
            elif (username + password).isascii():
                box.login(username, password, initial_folder=None)
            else:
                box.login_utf8(username, password, initial_folder=None)
        except imaplib.IMAP4.abort:
            raise
        except imap_tools.MailboxLoginError as refusal:
            raise LoginRefused(spoken(refusal.command_result[1])) from None
        except imaplib.IMAP4.error as refusal:
            raise LoginRefused(str(refusal)) from None

    def _select(self, box: Box) -> int:
        box.client.begin()
        try:
            box.folder.set(self._config.folder)
        except imaplib.IMAP4.readonly:
            self._warn("only lets us read", "mails are not marked")
            box.folder.set(self._config.folder, readonly=True)
        _, (value, *_) = box.client.response("UIDVALIDITY")
        if not value:
            raise MailboxError(f'mailbox "{self.name}": the server gives no UIDVALIDITY for "{self._config.folder}"')
        return int(value)

    def _log_out(self) -> None:
        if self._box is not None:
            self._box.client.begin(seconds=2)
            with suppress(Exception):
                self._box.client.logout()
        self._drop()

    def _drop(self) -> None:
        box, self._box = self._box, None
        if box is not None:
            _shut(box)

    # reading ---------------------------------------------------------------------------------------------------------

    @_told
    def waiting(self, *, after: int, since: datetime | None = None) -> list[Waiting]:
        """Mails with a UID above `after`, lowest first; with `since` only those received after that moment."""
        idling.forget_news(self._opened())
        answer = self._demand("FETCH", f"{after + 1}:*", "(UID RFC822.SIZE INTERNALDATE)", size=LIST_BYTES)
        # "n:*" names the last mail even where its UID is below n
        found = {uid: mail for uid, mail in sorted(waiting_mails(answer).items()) if uid > after}
        self._sizes = {uid: mail.size for uid, mail in found.items()}
        return [mail for mail in found.values() if since is None or mail.received_at > since]

    def fetch(self, uids: Sequence[int]) -> Iterator[tuple[int, bytes]]:
        """The raw bytes of these mails, unmarked, in trips of at most 4 MB and 50 mails. One that is gone is left out.

        Sizes are those that `waiting` told; a server that then sends much more is not listened to.
        """
        unknown = [uid for uid in uids if uid not in self._sizes]
        if unknown:
            self._measure(unknown)
        known = [uid for uid in dict.fromkeys(uids) if uid in self._sizes]
        for bulk in bulks(known, self._sizes):
            yield from self._fetch(bulk)

    @_told
    def _measure(self, uids: Sequence[int]) -> None:
        answer = self._demand("FETCH", _set(uids), "(UID RFC822.SIZE)", size=LIST_BYTES)
        self._sizes |= {uid: mail.size for uid, mail in waiting_mails(answer).items()}

    @_told
    def _fetch(self, uids: Sequence[int]) -> list[tuple[int, bytes]]:
        size = sum(self._sizes[uid] for uid in uids)
        refusal, answer = self._command("FETCH", _set(uids), "(UID BODY.PEEK[])", size=size + size // 8)
        found = raw_mails(answer)
        if refusal and self._are_there([uid for uid in uids if uid not in found]):
            raise MailboxError(f'mailbox "{self.name}": the server does not give out mails that it has: {refusal}')
        return [(uid, found[uid]) for uid in uids if uid in found]

    @_told
    def heads(self, uids: Sequence[int]) -> dict[int, bytes]:
        """The header lines alone, by UID: of mails that are too large to be fetched. One that is gone is left out."""
        refusal, answer = self._command("FETCH", _set(uids), "(UID BODY.PEEK[HEADER])", size=HEAD_BYTES * len(uids))
        return {} if refusal else raw_mails(answer)

    def _are_there(self, uids: Sequence[int]) -> bool:
        """Whether the folder still has one of them: a mail deleted meanwhile is refused, too."""
        return bool(uids) and bool(waiting_mails(self._demand("FETCH", _set(uids), "(UID RFC822.SIZE)")))

    # marking and moving ----------------------------------------------------------------------------------------------

    @_told
    def mark_seen(self, uids: Sequence[int]) -> None:
        """Set \\Seen, in one command, without expunging anything. A server that refuses is warned about, once."""
        if uids:
            self._mark(uids, r"(\Seen)")

    @_told
    def move(self, uids: Sequence[int], folder: str) -> None:
        """Move to a folder, which is made if it is missing. Where that is refused, mails stay and are marked seen."""
        if not uids:
            return
        box = self._opened()
        verb = "MOVE" if box.can("MOVE") else "COPY"
        refusal = folders.bring(box, lambda place: self._command(verb, _set(uids), place)[0], folder)
        if refusal:
            self._warn(f'does not move mails to "{folder}"', refusal)
            self._mark(uids, r"(\Seen)")
        elif verb == "COPY":
            self._mark(uids, r"(\Seen \Deleted)")
            if box.can("UIDPLUS"):
                self._demand("EXPUNGE", _set(uids))

    def _mark(self, uids: Sequence[int], flags: str) -> None:
        refusal, _ = self._command("STORE", _set(uids), "+FLAGS.SILENT", flags)
        if refusal:
            self._warn("does not mark mails", refusal)

    def _warn(self, what: str, said: str) -> None:
        """Once, for it stays so: what became of a mail stands in the ledger, not in its flags."""
        if what not in self._warned:
            self._warned.add(what)
            log.warning(f"the server {what}", mailbox=self.name, said=said)

    # waiting ---------------------------------------------------------------------------------------------------------

    @_told
    def wait(self, seconds: float) -> bool:
        """Wait for news (True), the end of the time, `wake` or `close`. Without IDLE no news come."""
        box = self._opened()
        pushed = idling.idle(box, min(seconds, IDLE_RENEWED), self._woken.is_set) if box.can("IDLE") else None
        if pushed is None:
            self._woken.wait(seconds)
        self._woken.clear()
        return bool(pushed)

    # commands --------------------------------------------------------------------------------------------------------

    def _opened(self) -> Box:
        if self._box is None:
            raise MailboxError(f'mailbox "{self.name}": not connected')
        return self._box

    def _demand(self, command: str, *arguments: str, size: int = 0) -> list[Any]:
        """The answer to a UID command that nothing can go on without."""
        refusal, answer = self._command(command, *arguments, size=size)
        if refusal:
            raise MailboxError(f'mailbox "{self.name}": the server refuses {command}: {refusal}')
        return answer

    def _command(self, command: str, *arguments: str, size: int = 0) -> tuple[str, list[Any]]:
        """Do a UID command whose answer is about `size` bytes: the server's refusal ("" for none) and what it sent."""
        client = self._opened().client
        client.untagged_responses.pop("FETCH", None)
        client.begin(size=MARGIN_BYTES + size)
        kind, answer = client.uid(command, *arguments)
        if kind == "OK":
            return "", [part for part in answer if part is not None]
        return spoken(answer), client.untagged_responses.pop("FETCH", [])


def _shut(box: Box) -> None:
    with suppress(OSError, imaplib.IMAP4.error):
        box.client.shutdown()


def _set(uids: Sequence[int]) -> str:
    return ",".join(str(int(uid)) for uid in uids)
