"""A real SMTP server for tests (aiosmtpd), in the test's own loop, on a free port, that misbehaves as it is told to."""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = "desk", "correct-horse-battery"


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail that was taken: its envelope and its bytes."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes


@dataclass
class Manners:
    """How the server behaves. Answers are whole lines such as "550 5.1.1 no such user"."""

    refused: Mapping[str, str] = field(default_factory=dict)
    refused_senders: Mapping[str, str] = field(default_factory=dict)
    answer_to_data: str = "250 taken"
    greylist: int = 0
    drops_after_data: bool = False
    silent_on: str = ""


class PostOffice:
    """Takes letters into `letters`; `logins` counts those who logged in, `connections` those who came."""

    def __init__(self, **options: Any) -> None:
        """`options` go to aiosmtpd: tls_context, auth_required, data_size_limit, …; `ssl`: TLS from the first byte."""
        self.manners = Manners()
        self.letters: list[Letter] = []
        self.connections = self.logins = 0
        self._tls: ssl.SSLContext | None = options.pop("ssl", None)
        self._options = {"authenticator": self._log_in, "auth_require_tls": False, **options}
        self._server: asyncio.Server | None = None
        self._protocols: list[SMTP] = []

    @property
    def port(self) -> int:
        """Where it listens on 127.0.0.1."""
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def is_visited(self) -> bool:
        """Whether somebody is connected now."""
        return any(one.transport is not None and not one.transport.is_closing() for one in self._protocols)

    async def start(self) -> None:
        """Listen."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._greet, "127.0.0.1", 0, ssl=self._tls)

    async def stop(self) -> None:
        """Listen no more, and hang up."""
        assert self._server is not None
        self._server.close()
        self.hang_up()

    def hang_up(self) -> None:
        """Cut all connections."""
        for protocol in self._protocols:
            if protocol.transport is not None:
                protocol.transport.abort()
        self._protocols.clear()

    def _greet(self) -> SMTP:
        self.connections += 1
        protocol = SMTP(self, hostname="localhost", enable_SMTPUTF8=True, **self._options)
        self._protocols.append(protocol)
        return protocol

    def _log_in(self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:
        good = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        self.logins += good
        return AuthResult(success=good, handled=False)

    # what aiosmtpd asks ----------------------------------------------------------------------------------------------

    async def handle_MAIL(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        await self._pause("MAIL")
        if _bare(address) in self.manners.refused_senders:
            return self.manners.refused_senders[_bare(address)]
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        await self._pause("RCPT")
        if self.manners.greylist > 0:
            self.manners.greylist -= 1
            return "450 4.2.0 greylisted, come back later"
        if address in self.manners.refused:
            return self.manners.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:
        await self._pause("DATA")
        if self.manners.answer_to_data.startswith("2"):
            content = envelope.content if isinstance(envelope.content, bytes) else b""
            self.letters.append(Letter(_bare(envelope.mail_from or ""), tuple(envelope.rcpt_tos), content))
        if self.manners.drops_after_data:
            server.transport.abort()
        return self.manners.answer_to_data

    async def _pause(self, command: str) -> None:
        if self.manners.silent_on == command:
            await asyncio.Event().wait()


def _bare(sender: str) -> str:
    """aiosmtpd calls the empty sender "<>"."""
    return sender.removeprefix("<>")
