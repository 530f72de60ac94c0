"""Letters over SMTP (aiosmtplib). One connection is kept for a few seconds, so that a row of letters needs one login.

Nothing leaves in clear where encryption was asked for; the server's answer for each recipient is handed back.
"""

import asyncio
import ssl
from collections.abc import Sequence
from contextlib import suppress

import aiosmtplib

from bot.config import SmtpConfig
from bot.errors import DeliveryError, MailboxError
from bot.ports import DeliveryRefusal, Finding
from handlers.mail import oauth

TIMEOUT = 30.0
KEPT = 5.0


class SmtpMailer:
    """The way letters leave (`bot.ports.Mailer`)."""

    def __init__(self, config: SmtpConfig, *, timeout: float = TIMEOUT) -> None:
        self._config = config
        self._timeout = timeout
        self._client: aiosmtplib.SMTP | None = None
        self._lock = asyncio.Lock()
        self._closing: asyncio.TimerHandle | None = None

    async def send(self, message: bytes, *, sender: str, recipients: Sequence[str]) -> dict[str, DeliveryRefusal]:
        """Send one message. The recipients that were refused, each with its answer; {} when all were taken."""
        async with self._lock:
            try:
                client = await self._connected()
                refused, _ = await client.sendmail(sender, list(recipients), message)
            except aiosmtplib.SMTPRecipientsRefused as fault:
                return {one.recipient: DeliveryRefusal(one.code, one.message) for one in fault.recipients}
            except MailboxError as fault:
                raise DeliveryError(str(fault), permanent=False) from fault
            except Exception as fault:
                await self._drop()
                raise self._explained(fault) from fault
            self._close_later()
        return {address: DeliveryRefusal(code, text) for address, (code, text) in refused.items()}

    async def check(self) -> list[Finding]:
        """Connect and log in, sending nothing."""
        try:
            async with self._lock:
                await self._connected()
                await self._drop()
        except Exception as fault:
            return [Finding("smtp", False, str(self._explained(fault)))]
        return [Finding("smtp", True, f"logged in to {self._where}")]

    async def close(self) -> None:
        """Say goodbye to the server."""
        async with self._lock:
            await self._drop()

    @property
    def _where(self) -> str:
        return f"{self._config.host}:{self._config.port}"

    async def _connected(self) -> aiosmtplib.SMTP:
        if self._closing is not None:
            self._closing.cancel()
        if self._client is not None and self._client.is_connected:
            try:
                await self._client.rset()
                return self._client
            except (aiosmtplib.SMTPException, OSError):
                await self._drop()
        client = aiosmtplib.SMTP(
            hostname=self._config.host,
            port=self._config.port,
            timeout=self._timeout,
            use_tls=self._config.security == "tls",
            start_tls=self._config.security == "starttls",
            tls_context=_verifying(self._config),
        )
        await client.connect()
        await self._log_in(client)
        self._client = client
        return client

    async def _log_in(self, client: aiosmtplib.SMTP) -> None:
        if not self._config.username:
            return
        if self._config.oauth is not None:
            token = await asyncio.to_thread(oauth.access_token, self._config.oauth)
            await client.auth_xoauth2(self._config.username, token)
        else:
            await client.login(self._config.username, self._config.password.get_secret_value())

    def _close_later(self) -> None:
        loop = asyncio.get_running_loop()
        self._closing = loop.call_later(KEPT, lambda: loop.create_task(self.close()))

    async def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with suppress(aiosmtplib.SMTPException, OSError, TimeoutError):
                await asyncio.wait_for(client.quit(), 2)
            client.close()

    def _explained(self, fault: Exception) -> DeliveryError:
        if isinstance(fault, aiosmtplib.SMTPAuthenticationError):
            return DeliveryError(f"smtp: login refused by {self._where}: check username and password ({fault.code})")
        if isinstance(fault, aiosmtplib.SMTPResponseException):
            text = " ".join(str(fault.message).split())[:300]
            return DeliveryError(f"{fault.code} {text}", permanent=fault.code >= 500)
        if isinstance(fault, ssl.SSLCertVerificationError):
            return DeliveryError(f"smtp: the certificate of {self._where} is not trusted: set ca_file")
        if isinstance(fault, aiosmtplib.SMTPNotSupported):
            return DeliveryError(
                f"smtp: {self._where} lacks what was asked for ({fault}): check security", permanent=True
            )
        if isinstance(fault, aiosmtplib.SMTPConnectError | aiosmtplib.SMTPTimeoutError | TimeoutError):
            return DeliveryError(f"smtp: {self._where} does not answer: check host and port ({fault})")
        return DeliveryError(f"smtp: {self._where}: {' '.join(str(fault).split())[:200] or type(fault).__name__}")


def _verifying(config: SmtpConfig) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if config.ca_file:
        context.load_verify_locations(str(config.ca_file))
    return context
