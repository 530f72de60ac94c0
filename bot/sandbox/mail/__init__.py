"""A pretend mail server on loopback: IMAP and SMTP for the desk, letters for everybody it writes to."""

import asyncio
import contextlib
import time
import weakref
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, getaddresses
from typing import Any

from aiosmtpd.smtp import SMTP

from bot.sandbox.mail.folders import Account
from bot.sandbox.mail.imap import LINE_BYTES, serve
from bot.sandbox.mail.letters import Attached, Attachment, Letter, compose, read
from bot.sandbox.mail.smtp import Handover, server

__all__ = ["Account", "Attachment", "Letter", "PretendMail"]

HOST = "127.0.0.1"
AUTHSERV_ID = "sandbox.example"
Listener = Callable[[dict[str, Any]], None]


class PretendMail:
    """`imap_port` and `smtp_port` once started, both plain; one account from the start (`user`, `password`, `address`).

    Mail to an account's address, or to it with a +tag, lands in its INBOX; everything else in `letters(address)`.
    """

    def __init__(
        self,
        *,
        user: str = "support",
        password: str = "sandbox",
        address: str = "support@example.org",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.user, self.password, self.address = user, password, address
        self.imap_port = self.smtp_port = 0
        self.mailboxes: dict[str, Account] = {}
        self._clock = clock
        self._letters: dict[str, list[Letter]] = defaultdict(list)
        self._listeners: list[Listener] = []
        self._handover = Handover(self._hand_over)
        self._servers: list[asyncio.Server] = []
        self._sessions: set[asyncio.Task[None]] = set()
        self._deliverers: weakref.WeakSet[SMTP] = weakref.WeakSet()
        self.add_mailbox(user, password, address)

    async def start(self, *, imap_port: int = 0, smtp_port: int = 0) -> None:
        """Listen on 127.0.0.1, on free ports or on these."""
        imap = await asyncio.start_server(self._imap_session, HOST, imap_port, limit=LINE_BYTES)
        smtp = await asyncio.get_running_loop().create_server(self._smtp_session, HOST, smtp_port)
        self._servers = [imap, smtp]
        self.imap_port, self.smtp_port = (one.sockets[0].getsockname()[1] for one in self._servers)

    async def stop(self) -> None:
        """Be unreachable; mails and letters stay, and `start` with the old ports brings it back."""
        for one in self._servers:
            one.close()
        self.drop_connections()
        await asyncio.gather(*self._sessions, return_exceptions=True)

    def add_mailbox(self, user: str, password: str, address: str) -> Account:
        """One more account."""
        account = self.mailboxes[user] = Account(user, password, address)
        return account

    def now(self) -> float:
        """The server's time, in seconds."""
        return self._clock()

    def subscribe(self, callback: Listener) -> None:
        """Call it with a small dict ("what": letter or mail) whenever something is delivered."""
        self._listeners.append(callback)

    def letters(self, address: str) -> list[Letter]:
        """What was written to this address, oldest first."""
        return list(self._letters[address.lower()])

    def deliver(
        self, user: str, message: EmailMessage | bytes, *, at: float | None = None, folder: str = "INBOX"
    ) -> int:
        """Put a mail into an account's folder as it stands; returns its UID. `at`: when the server got it."""
        raw = message if isinstance(message, bytes) else message.as_bytes()
        account = self.mailboxes[user]
        target = account.folder(folder) or account.create(folder)
        uid = target.add(raw, self._clock() if at is None else at).uid
        self._tell(what="mail", user=user, folder=folder, uid=uid)
        return uid

    async def write(
        self,
        from_: str,
        to: str,
        subject: str,
        text: str,
        *,
        html: str | None = None,
        attachments: Iterable[Attached] = (),
        in_reply_to: Letter | None = None,
        verdict: str = "pass",
    ) -> EmailMessage:
        """Write a client's mail and deliver it; attachments are `(name, bytes)` or `(name, bytes, type)`.

        With `in_reply_to` it goes where that letter wants its answers, in its thread, with its text quoted.
        `verdict` ("pass", "fail", "" for none) is what our own server says of the sender (`AUTHSERV_ID`).
        """
        written = datetime.fromtimestamp(self._clock(), UTC)
        message = compose(
            from_, to, subject, text, written=written, html=html, attachments=attachments, in_reply_to=in_reply_to
        )
        sender = getaddresses([str(message["From"])])[0][1]
        seal = f"Authentication-Results: {AUTHSERV_ID};\r\n dmarc={verdict} header.from={sender.rpartition('@')[2]}\r\n"
        raw = message.as_bytes()
        for _, address in getaddresses([str(message["To"])]):
            self._hand_over(sender, address, (seal.encode() if verdict else b"") + raw)
        return message

    def refuse(self, address: str, reply: str = "550 5.1.1 No such mailbox") -> None:
        """Refuse this recipient from now on, with a whole SMTP reply; "" takes it again."""
        self._handover.refusals[address.lower()] = reply

    def refuse_mails(self, reply: str = "451 4.3.0 Try again later", *, n: int = 1) -> None:
        """Refuse the next n mails after their content came."""
        self._handover.replies.extend([reply] * n)

    def drop_connections(self) -> None:
        """Cut every IMAP and SMTP connection; new ones are served."""
        for session in self._sessions:
            session.cancel()
        for deliverer in list(self._deliverers):
            if deliverer.transport:
                deliverer.transport.close()

    def _hand_over(self, sender: str, address: str, content: bytes) -> None:
        """Deliver to an account, or to the letters of somebody outside."""
        account = next((one for one in self.mailboxes.values() if one.owns(address)), None)
        at = self._clock()
        trace = (
            f"Return-Path: <{sender}>\r\nDelivered-To: {address}\r\n"
            f"Received: by sandbox; {format_datetime(datetime.fromtimestamp(at, UTC))}\r\n"
        )
        raw = trace.encode() + content
        if account:
            self.deliver(account.user, raw)
            return
        letter = read(raw, at=at, envelope_sender=sender, recipient=address)
        self._letters[address.lower()].append(letter)
        self._tell(what="letter", address=address.lower(), subject=letter.subject)

    def _tell(self, **change: Any) -> None:
        for listener in self._listeners:
            listener(change)

    def _knows(self, user: str, password: str) -> bool:
        return self._log_in(user, password) is not None

    def _log_in(self, user: str, password: str) -> Account | None:
        account = self.mailboxes.get(user)
        return account if account and account.password == password else None

    async def _imap_session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._sessions.add(task)
        try:
            with contextlib.suppress(asyncio.CancelledError):
                await serve(reader, writer, self._log_in)
        finally:
            self._sessions.discard(task)

    def _smtp_session(self) -> asyncio.BaseProtocol:
        deliverer = server(self._handover, self._knows)
        self._deliverers.add(deliverer)
        return deliverer
