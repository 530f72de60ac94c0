"""A mailbox over IMAP (imap-tools): connection, UIDs, raw bytes, flags, moving, IDLE. Raw mails are not parsed here.

One connection, one thread. Certificates are verified, every wait has an end, and what goes wrong is a MailboxError
with a sentence that says what to do.
"""

import imaplib
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

import imap_tools
from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted

from bot.config import MailboxConfig
from bot.errors import MailboxError
from bot.ports import Waiting
from handlers.mail import oauth

P = ParamSpec("P")
T = TypeVar("T")

TIMEOUT = 30.0
IDLE_RENEWED, SLICE = 20 * 60.0, 0.5
BULK_BYTES, BULK_MAILS = 4 * 1024 * 1024, 50
_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")
_DATE = re.compile(rb'\bINTERNALDATE "([^"]+)"')
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_DATE_FORMAT = "%d-%b-%Y %H:%M:%S %z"


def _told(method: "Callable[Concatenate[ImapMailbox, P], T]") -> "Callable[Concatenate[ImapMailbox, P], T]":
    """Turn whatever a connection can raise into a MailboxError, and let the broken connection go."""

    @wraps(method)
    def wrapped(self: "ImapMailbox", /, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return method(self, *args, **kwargs)
        except MailboxError:
            self.close()
            raise
        except Exception as fault:
            self.close()
            raise self.explained(fault) from fault

    return wrapped


class ImapMailbox:
    """One folder of one mailbox (`bot.ports.Mailbox`)."""

    def __init__(self, config: MailboxConfig, *, timeout: float = TIMEOUT) -> None:
        self.name = config.name
        self._config = config
        self._timeout = timeout
        self._box: BaseMailBox | None = None
        self._uidvalidity = 0
        self._woken = threading.Event()

    # connecting ------------------------------------------------------------------------------------------------------

    @_told
    def open(self) -> int:
        """Connect, log in and select, unless that stands; the folder's UIDVALIDITY."""
        if self._box is None or not self._alive(self._box):
            self.close()
            self._box = self._connected()
            self._log_in(self._box)
            _refresh_capabilities(self._box)
            self._box.folder.set(_clean(self._config.folder))
        status = self._box.folder.status(self._config.folder, ["UIDVALIDITY"])
        self._uidvalidity = int(status["UIDVALIDITY"])
        return self._uidvalidity

    def close(self) -> None:
        """Log out; never raises."""
        box, self._box = self._box, None
        if box is None:
            return
        try:
            box.client.sock.settimeout(2)
            box.client.logout()
        except Exception:
            _shut(box)

    def wake(self) -> None:
        """End a `wait` of another thread within a moment."""
        self._woken.set()

    def _connected(self) -> BaseMailBox:
        host, port = self._config.host, self._config.port
        if self._config.security == "none":
            return MailBoxUnencrypted(host, port, timeout=self._timeout)
        kind = MailBox if self._config.security == "tls" else MailBoxStartTls
        return kind(host, port, timeout=self._timeout, ssl_context=_verifying(self._config.ca_file))

    def _log_in(self, box: BaseMailBox) -> None:
        username = _clean(self._config.username)
        if self._config.oauth is not None:
            box.xoauth2(username, oauth.access_token(self._config.oauth), initial_folder=None)
        else:
            box.login(username, _clean(self._config.password.get_secret_value()), initial_folder=None)

    def _alive(self, box: BaseMailBox) -> bool:
        try:
            box.client.noop()
        except (OSError, imaplib.IMAP4.error):
            return False
        return True

    def explained(self, fault: Exception) -> MailboxError:
        """What went wrong, in a sentence that says what to do; never with a secret in it."""
        where = f'mailbox "{self.name}"'
        host = f"{self._config.host}:{self._config.port}"
        if isinstance(fault, imap_tools.MailboxLoginError):
            return MailboxError(f"{where}: login refused by {host}: check username and password", permanent=True)
        if isinstance(fault, ssl.SSLCertVerificationError):
            why = f"the certificate of {host} is not trusted ({fault.verify_message}): set ca_file or mend the server"
            return MailboxError(f"{where}: {why}", permanent=True)
        if isinstance(fault, imap_tools.MailboxFolderSelectError):
            return MailboxError(f'{where}: there is no folder "{self._config.folder}": check folder', permanent=True)
        if isinstance(fault, socket.gaierror):
            return MailboxError(f"{where}: there is no host {self._config.host}: check host")
        if isinstance(fault, TimeoutError):
            return MailboxError(f"{where}: {host} does not answer (waited {self._timeout:g} s)")
        if isinstance(fault, ConnectionRefusedError):
            return MailboxError(f"{where}: nothing listens on {host}: check host and port, or wait for the server")
        return MailboxError(f"{where}: {host}: {_one_line(fault)}")

    # mails -----------------------------------------------------------------------------------------------------------

    @_told
    def waiting(self, *, after: int, since: datetime | None = None) -> list[Waiting]:
        """Mails with a UID above `after`, lowest first; with `since` only those received after that moment."""
        answer = self._uid("FETCH", f"{after + 1}:*", "(UID RFC822.SIZE INTERNALDATE)")
        found = {mail.uid: mail for line in answer if (mail := _waiting(line)) is not None and mail.uid > after}
        return [found[uid] for uid in sorted(found) if since is None or found[uid].received_at > since]

    def fetch(self, uids: Sequence[int]) -> Iterator[tuple[int, bytes]]:
        """The raw bytes of these mails, unmarked, at most 50 in one trip. A UID that is gone is left out."""
        for start in range(0, len(uids), BULK_MAILS):
            yield from self._fetch(uids[start : start + BULK_MAILS])

    @_told
    def _fetch(self, uids: Sequence[int]) -> list[tuple[int, bytes]]:
        answer = self._uid("FETCH", _set(uids), "(UID BODY.PEEK[])")
        return [pair for line in _with_tails(answer) if (pair := _body(*line)) is not None]

    @_told
    def mark_seen(self, uids: Sequence[int]) -> None:
        """Set \\Seen, in one command, without expunging anything."""
        if uids:
            self._uid("STORE", _set(uids), "+FLAGS.SILENT", r"(\Seen)")

    @_told
    def move(self, uids: Sequence[int], folder: str) -> None:
        """Move to a folder, which is made if it is missing; where nothing can be moved, mails are marked seen."""
        if not uids:
            return
        box = self._opened()
        target = _clean(folder)
        if not box.folder.exists(target):
            box.folder.create(target)
        encoded = imap_tools.utils.encode_folder(target).decode("ascii")
        if "MOVE" in box.client.capabilities:
            self._uid("MOVE", _set(uids), encoded)
            return
        self._uid("COPY", _set(uids), encoded)
        self._uid("STORE", _set(uids), "+FLAGS.SILENT", r"(\Seen \Deleted)")
        if "UIDPLUS" in box.client.capabilities:
            self._uid("EXPUNGE", _set(uids))

    @_told
    def wait(self, seconds: float) -> bool:
        """Wait in IDLE; True as soon as something new may have come, at once False where there is no IDLE."""
        box = self._opened()
        if "IDLE" not in box.client.capabilities:
            return False
        until = time.monotonic() + min(seconds, IDLE_RENEWED)
        with box.idle as idle:
            while (left := until - time.monotonic()) > 0:
                if idle.poll(timeout=min(left, SLICE)):
                    return True
                if self._woken.is_set():
                    break
        self._woken.clear()
        return False

    def _opened(self) -> BaseMailBox:
        if self._box is None:
            raise MailboxError(f'mailbox "{self.name}": not connected')
        return self._box

    def _uid(self, command: str, *arguments: str) -> list[Any]:
        box = self._opened()
        kind, answer = box.client.uid(command, *arguments)
        if kind != "OK":
            said = b" ".join(part for part in answer if isinstance(part, bytes)).decode("utf-8", "replace")
            raise MailboxError(f'mailbox "{self.name}": {command} refused by the server: {said[:200]}')
        if command == "FETCH":
            return [part for part in answer if part is not None]
        return answer


def _verifying(ca_file: Any) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if ca_file:
        context.load_verify_locations(str(ca_file))
    return context


def _refresh_capabilities(box: BaseMailBox) -> None:
    """Servers announce MOVE and others only after login."""
    kind, answer = box.client.capability()
    if kind == "OK" and answer and isinstance(answer[-1], bytes):
        box.client.capabilities = tuple(answer[-1].decode("ascii", "replace").upper().split())


def _shut(box: BaseMailBox) -> None:
    try:
        box.client.shutdown()
    except (OSError, imaplib.IMAP4.error):
        return


def _clean(text: str) -> str:
    """Nothing with a control character reaches the socket."""
    if _CONTROL.search(text):
        raise MailboxError(
            "a control character stands in a name or password: correct the configuration", permanent=True
        )
    return text


def _set(uids: Sequence[int]) -> str:
    return ",".join(str(int(uid)) for uid in uids)


def _waiting(line: bytes | tuple[bytes, bytes]) -> Waiting | None:
    head = line[0] if isinstance(line, tuple) else line
    uid, size, date = _UID.search(head), _SIZE.search(head), _DATE.search(head)
    if not (uid and size and date):
        return None
    return Waiting(int(uid[1]), int(size[1]), _moment(date[1].decode("ascii", "replace").strip()))


def _moment(text: str) -> datetime:
    try:
        return datetime.strptime(text, _DATE_FORMAT).astimezone(UTC)
    except ValueError:
        return datetime.now(UTC)


def _with_tails(answer: Sequence[Any]) -> Iterator[tuple[bytes, bytes, bytes]]:
    """imaplib gives (head, literal) followed by what closes the line; UID may stand on either side of the literal."""
    for number, line in enumerate(answer):
        if isinstance(line, tuple):
            tail = answer[number + 1] if number + 1 < len(answer) else b""
            yield line[0], line[1], tail if isinstance(tail, bytes) else b""


def _body(head: bytes, literal: bytes, tail: bytes) -> tuple[int, bytes] | None:
    found = _UID.search(head) or _UID.search(tail)
    return (int(found[1]), bytes(literal)) if found else None


def _one_line(fault: Exception) -> str:
    return " ".join(str(fault).split())[:200] or type(fault).__name__
