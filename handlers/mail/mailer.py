"""Letters over SMTP (aiosmtplib). One connection is kept for a few seconds, so that a row of letters needs one login.

Nothing leaves in clear where encryption was asked for; the server's answer for each recipient is handed back. After
anything that went wrong the connection is cut: a server's late answer is never taken for that to the next letter.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress

import aiosmtplib

from bot.cleaning import clean_line
from bot.config import SmtpConfig
from bot.errors import DeliveryError
from bot.outgoing.mime import deliverable
from bot.ports import DeliveryRefusal, Finding
from handlers.mail.connection import NoEncryption, verifying
from handlers.mail.delivery_faults import explained
from handlers.mail.oauth import TokenSource

TIMEOUT = 30.0
KEPT = 5.0
SLOWEST = 100 * 1024  # bytes a second that a server must take


class SmtpMailer:
    """The way letters leave (`bot.ports.Mailer`). Letters leave one after the other."""

    def __init__(self, config: SmtpConfig, *, timeout: float = TIMEOUT, tokens: TokenSource | None = None) -> None:
        """`timeout`: seconds for connecting and logging in together, and for each answer of the server.

        `tokens`: where those come from that are logged in with instead of the password.
        """
        self._config = config
        self._tokens = tokens
        self._timeout = timeout
        self._client: aiosmtplib.SMTP | None = None
        self._lock = asyncio.Lock()
        self._farewell: asyncio.TimerHandle | None = None

    async def send(self, message: bytes, *, sender: str, recipients: Sequence[str]) -> dict[str, DeliveryRefusal]:
        """Send one message. The recipients that were refused, each with its answer; {} when all were taken.

        DeliveryError when nobody was served: permanent if trying again is of no use, `too_large` if a smaller one is.
        """
        if not recipients:
            raise DeliveryError("a letter to nobody", permanent=True)
        known = {deliverable(address): address for address in recipients}
        sender = sender and deliverable(sender)
        async with self._connection() as client:
            options = _options(client, message, (sender, *known))
            patience = self._timeout + len(message) / SLOWEST
            refused, _ = await client.sendmail(sender, list(known), message, mail_options=options, timeout=patience)
        return {
            known[address]: DeliveryRefusal(code, clean_line(said)[:300]) for address, (code, said) in refused.items()
        }

    async def check(self) -> list[Finding]:
        """Connect and log in, sending nothing."""
        try:
            async with self._connection():
                return [Finding("smtp", True, f"{self._config.host}:{self._config.port} is ready for letters")]
        except DeliveryError as fault:
            return [Finding("smtp", False, str(fault))]

    async def close(self) -> None:
        """Say goodbye to the server."""
        async with self._lock:
            self._keep()
            client, self._client = self._client, None
            if client is not None:
                with suppress(aiosmtplib.SMTPException, OSError):
                    await client.quit(timeout=2)
                client.close()

    # the connection --------------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[aiosmtplib.SMTP]:
        """A connection for one letter; whatever goes wrong becomes a DeliveryError."""
        async with self._lock:
            self._keep()
            try:
                client = self._client if await self._stands() else await self._connect()
                assert client is not None
                yield client
            except Exception as fault:
                self._cut()
                raise explained(fault, self._config) from fault
            except BaseException:
                self._cut()
                raise
            self._farewell = asyncio.get_running_loop().call_later(KEPT, self._close_unless_used)

    async def _stands(self) -> bool:
        """Whether the kept connection still does; the server may have hung up."""
        if self._client is None or not self._client.is_connected:
            return False
        try:
            await self._client.rset(timeout=5)
        except (aiosmtplib.SMTPException, OSError):
            self._cut()
            return False
        return True

    async def _connect(self) -> aiosmtplib.SMTP:
        """A connection that is logged in. A token that ran out on its way is renewed, once."""
        if self._tokens is None:
            return await self._connect_with("")
        try:
            return await self._connect_with(await asyncio.to_thread(self._tokens.token))
        except aiosmtplib.SMTPAuthenticationError:
            self._cut()
            return await self._connect_with(await asyncio.to_thread(self._tokens.token))

    async def _connect_with(self, token: str) -> aiosmtplib.SMTP:
        config = self._config
        self._client = client = aiosmtplib.SMTP(
            hostname=config.host,
            port=config.port,
            timeout=self._timeout,
            use_tls=config.security == "tls",
            start_tls=False,
            tls_context=None if config.security == "none" else await asyncio.to_thread(verifying, config.ca_file),
        )
        async with asyncio.timeout(self._timeout):
            await client.connect()
            _hear_one_answer_each(client)
            if config.security == "starttls":
                await _encrypt(client)
            if token:
                await client.auth_xoauth2(config.username, token)
            elif config.username:
                await client.login(config.username, config.password.get_secret_value())
        return client

    def _keep(self) -> None:
        if self._farewell is not None:
            self._farewell.cancel()
            self._farewell = None

    def _close_unless_used(self) -> None:
        if not self._lock.locked():
            self._cut()

    def _cut(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()


def _hear_one_answer_each(client: aiosmtplib.SMTP) -> None:
    """What a server says without being asked is no answer, and above all not that to the next command."""
    protocol = client.protocol
    assert protocol is not None
    read, said = protocol.read_response, protocol._buffer

    async def read_one(**patience: float | None) -> aiosmtplib.SMTPResponse:
        answer = await read(**patience)
        said.clear()
        return answer

    said.clear()
    protocol.read_response = read_one  # type: ignore[method-assign, assignment]


async def _encrypt(client: aiosmtplib.SMTP) -> None:
    await client.ehlo()
    if not client.supports_extension("starttls"):
        raise NoEncryption("the server offers no STARTTLS")
    await client.starttls()


def _options(client: aiosmtplib.SMTP, message: bytes, addresses: Iterable[str]) -> list[str]:
    """What the server has to know: letters beyond ASCII in addresses (RFC 6531) or in the message (RFC 6152)."""
    options = []
    if not ("".join(addresses).isascii() and message.partition(b"\r\n\r\n")[0].isascii()):
        options.append("SMTPUTF8")
    if not message.isascii() and client.supports_extension("8bitmime"):
        options.append("BODY=8BITMIME")
    return options
