"""One IMAP connection that is bounded: verified TLS, no command without a deadline, no answer larger than expected.

imaplib believes any size that a server announces and waits as long as bytes trickle in; `begin` sets how much time
and how many bytes the commands until the next `begin` may take together. Bytes that come swiftly earn more time.
"""

import imaplib
import re
import ssl
import time
from pathlib import Path
from typing import Any, Protocol

from imap_tools import BaseMailBox

ANSWER_BYTES = 8 * 1024 * 1024
LONGEST_LINE = 1024 * 1024
SLOWEST = 100 * 1024  # bytes a second
_CHUNK = 64 * 1024
_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")


class ConnectionConfig(Protocol):
    """What of a mailbox's configuration a connection needs."""

    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def security(self) -> str: ...
    @property
    def ca_file(self) -> Path | None: ...


class NoEncryption(imaplib.IMAP4.error):
    """STARTTLS was asked for and is not to be had; nothing is said in clear instead."""


class ControlCharacter(Exception):
    """A line break or the like in something that was to be sent: it would begin a command of its own."""


class _Bounded(imaplib.IMAP4):
    """What imaplib reads and writes, with limits. `patience`: seconds of silence that are borne."""

    def __init__(self, *arguments: Any, patience: float, **named: Any) -> None:
        self._buffer = bytearray()
        self.patience = patience
        self.begin()
        super().__init__(*arguments, **named)

    def begin(self, *, seconds: float | None = None, size: int = ANSWER_BYTES) -> None:
        """From here on commands have this much time and their answers this many bytes, all together."""
        self._until = time.monotonic() + (self.patience if seconds is None else seconds)
        self._allowed = size

    def read(self, size: int) -> bytes:
        """A literal. One that is larger than what is still allowed is not even begun."""
        if size > self._allowed:
            raise self.abort(f"the server announces {size} bytes where at most {self._allowed} were expected")
        while len(self._buffer) < size:
            self._receive()
        return self._taken(size)

    def readline(self) -> bytes:
        """A line with its end."""
        start = 0
        while (end := self._buffer.find(b"\n", start)) < 0:
            start = len(self._buffer)
            if start > LONGEST_LINE:
                raise self.abort("the server sends a line without an end")
            self._receive()
        return self._taken(end + 1)

    def has_buffered(self) -> bool:
        """Whether something was received that was not read yet (a socket would not tell)."""
        pending = isinstance(self.sock, ssl.SSLSocket) and self.sock.pending() > 0
        return bool(self._buffer) or pending

    def upgrade(self, context: ssl.SSLContext) -> None:
        """STARTTLS, or nothing; what somebody slipped in before it is not taken for the server's words."""
        if "STARTTLS" not in self.capabilities:
            raise NoEncryption("the server offers no STARTTLS")
        kind, _ = self._simple_command("STARTTLS")
        if kind != "OK" or self._buffer:
            raise NoEncryption("the server refused STARTTLS")
        self.sock = context.wrap_socket(self.sock, server_hostname=self.host)
        self.untagged_responses = {}
        self._get_capabilities()

    def send(self, data: Any) -> None:
        """Write; a server that does not take it is given up on as one that does not answer."""
        self.sock.settimeout(self.patience)
        super().send(data)

    def _receive(self) -> None:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer took too long")
        self.sock.settimeout(min(left, self.patience))
        received = self.sock.recv(_CHUNK)
        if not received:
            raise self.abort("the server closed the connection")
        self._until += len(received) / SLOWEST
        self._buffer += received

    def _taken(self, size: int) -> bytes:
        taken = bytes(memoryview(self._buffer)[:size])
        del self._buffer[:size]
        self._allowed -= size
        if self._allowed < 0:
            raise self.abort("the server sends more than was asked for")
        return taken

    def _command(self, name: str, *args: Any) -> bytes:
        """Nothing with a control character reaches the socket."""
        for argument in args:
            raw = argument.encode("utf-8", "surrogateescape") if isinstance(argument, str) else argument
            if raw is not None and _CONTROL.search(raw):
                raise ControlCharacter("a control character in a name or password")
        return super()._command(name, *args)  # type: ignore[misc]


class _BoundedTls(_Bounded, imaplib.IMAP4_SSL):
    """The same over TLS from the first byte."""


class Box(BaseMailBox):
    """imap_tools' mailbox over a bounded connection; TLS as the configuration says, never less."""

    client: _Bounded

    def __init__(self, config: ConnectionConfig, patience: float) -> None:
        self._config = config
        self._patience = patience
        super().__init__()

    def _get_mailbox_client(self) -> _Bounded:
        place = (self._config.host, self._config.port)
        limits: dict[str, Any] = {"timeout": self._patience, "patience": self._patience}
        if self._config.security == "tls":
            return _BoundedTls(*place, ssl_context=verifying(self._config.ca_file), **limits)
        client = _Bounded(*place, **limits)
        try:
            if self._config.security == "starttls":
                client.upgrade(verifying(self._config.ca_file))
        except BaseException:
            client.sock.close()
            raise
        return client

    def refresh_capabilities(self) -> None:
        """Servers announce MOVE and others only after login."""
        kind, answer = self.client.capability()
        if kind == "OK" and answer and isinstance(answer[-1], bytes):
            self.client.capabilities = tuple(answer[-1].decode("ascii", "replace").upper().split())

    def can(self, capability: str) -> bool:
        """Whether the server announced it."""
        return capability in self.client.capabilities


def verifying(ca_file: Path | None) -> ssl.SSLContext:
    """A context that verifies certificates and names; `ca_file` is one more authority."""
    context = ssl.create_default_context()
    if ca_file:
        context.load_verify_locations(str(ca_file))
    return context
