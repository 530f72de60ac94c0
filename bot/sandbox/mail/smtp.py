"""The SMTP side: what is handed over is delivered, unless a refusal was asked for; nobody needs to log in."""

from collections import deque
from collections.abc import Callable
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

BYTES = 50 * 1024 * 1024
Deliver = Callable[[str, str, bytes], None]
Knows = Callable[[str, str], bool]


class Handover:
    """aiosmtpd's handler. `refusals` by address, `replies` for the next DATA commands (both whole SMTP replies)."""

    def __init__(self, deliver: Deliver) -> None:
        self._deliver = deliver
        self.refusals: dict[str, str] = {}
        self.replies: deque[str] = deque()

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take or refuse one recipient."""
        refusal = self.refusals.get(address.lower())
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take the mail for all its recipients."""
        if self.replies:
            return self.replies.popleft()
        content = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content or "").encode()
        for address in envelope.rcpt_tos:
            self._deliver(envelope.mail_from or "", address, content)
        return "250 OK: delivered"


def server(handler: Handover, knows: Knows) -> SMTP:
    """One connection's protocol."""

    def authenticate(_server: SMTP, _session: Session, _envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        login = data if isinstance(data, LoginPassword) else LoginPassword(b"", b"")
        return AuthResult(success=knows(login.login.decode(), login.password.decode()), handled=False)

    return SMTP(
        handler,
        hostname="sandbox",
        data_size_limit=BYTES,
        enable_SMTPUTF8=True,
        auth_require_tls=False,
        authenticator=authenticate,
    )
