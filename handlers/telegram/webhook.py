"""Webhook mode: Telegram posts each update to /telegram, and only what bears our secret is read at all.

An update is answered with 200 once it is stored; what cannot be stored is a 503, and Telegram posts it again.
"""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from aiohttp import web
from telegram import Bot, Update, WebhookInfo
from telegram.error import BadRequest, InvalidToken, NetworkError, TelegramError
from telegram.ext import ExtBot

from bot.config import TelegramConfig
from bot.errors import AdapterError
from bot.ports import Notebook
from handlers.telegram.polling import ALLOWED, LOST_AFTER, TOKEN_REFUSED
from handlers.telegram.unreadable import is_readable, shallow

log = structlog.get_logger("deskbell.telegram")

PATH = "/telegram"
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
READ_SECONDS = 3.0
AWAY = {"Retry-After": "5"}
CONNECTIONS = 40
LOOK_EVERY, RECENT = 30.0, 60.0
KEPT_MINUTES = 10 * 365 * 24 * 60
SECRET_TOLD = "telegram-webhook"
TAKEN_AWAY = "telegram: another program has changed the webhook of this bot: stop it, or give it a token of its own"

Put = Callable[[Update], Awaitable[None]]


class Webhook:
    """The route of one bot; 503 while nothing is behind it."""

    def __init__(self, config: TelegramConfig, notebook: Notebook) -> None:
        self._config = config
        self._notebook = notebook
        self._secret = config.webhook_secret.get_secret_value()
        self._behind: tuple[ExtBot[None], Put] | None = None
        self.is_mounted = False

    def mount(self, server: web.Application) -> None:
        """Add the route to the bot's web server."""
        server.router.add_post(PATH, self.serve)
        self.is_mounted = True

    def use(self, bot: "ExtBot[None] | None", put: Put | None = None) -> None:
        """Where updates go from now on; None: nowhere."""
        self._behind = (bot, put) if bot is not None and put is not None else None

    async def serve(self, request: web.Request) -> web.Response:
        """One update of Telegram's; 413 by the server itself where it is too large."""
        if not self._bears_secret(request):
            return web.Response(status=401)
        try:
            async with asyncio.timeout(READ_SECONDS):
                raw = await request.read()
        except TimeoutError:
            return web.Response(status=408)
        found = _object(raw)
        if found is None:
            return web.Response(status=400)
        return await self._take(found)

    def _bears_secret(self, request: web.Request) -> bool:
        given = request.headers.get(SECRET_HEADER, "")
        return hmac.compare_digest(self._secret.encode(), given.encode("utf-8", "replace"))

    async def _take(self, found: dict[str, Any]) -> web.Response:
        if self._behind is None:
            return web.Response(status=503, headers=AWAY)
        bot, put = self._behind
        if not is_readable(found):  # the same again would be of no use: it is taken, and forgotten
            return web.Response()
        try:
            await put(Update.de_json(found, bot))
        except NetworkError:
            return web.Response(status=503, headers=AWAY)
        return web.Response()

    # what Telegram knows ---------------------------------------------------------------------------------------------

    async def point(self, bot: Bot) -> None:
        """Have Telegram post here, unless it does. AdapterError where it will not; TelegramError."""
        info = await bot.get_webhook_info()
        told = await self._notebook.recall(SECRET_TOLD)
        if not self._differs(info) and told == self._fingerprint:
            return
        try:
            await bot.set_webhook(
                self._config.webhook_url,
                secret_token=self._secret,
                allowed_updates=ALLOWED,
                max_connections=CONNECTIONS,
                drop_pending_updates=False,
            )
        except BadRequest as fault:
            raise AdapterError(f"telegram: webhook_url was refused: {fault.message}", permanent=True) from None
        await self._notebook.keep(SECRET_TOLD, self._fingerprint, minutes=KEPT_MINUTES)
        log.info("webhook set", waiting=info.pending_update_count)

    async def watch(self, bot: Bot, up: Callable[[], None]) -> None:
        """Until cancelled: see that Telegram still posts here. AdapterError where it does not, or cannot be asked."""
        well_at = time.monotonic()
        while True:
            await asyncio.sleep(LOOK_EVERY)
            try:
                info = await bot.get_webhook_info()
            except InvalidToken:
                raise AdapterError(TOKEN_REFUSED, permanent=True) from None
            except TelegramError as fault:
                if time.monotonic() - well_at > LOST_AFTER:
                    raise AdapterError(f"telegram: does not answer ({type(fault).__name__})") from None
                continue
            if self._differs(info):
                raise AdapterError(TAKEN_AWAY)
            well_at = time.monotonic()
            _tell_trouble(info)
            up()

    def _differs(self, info: WebhookInfo) -> bool:
        """Whether Telegram posts elsewhere, or other things. Its secret is not told: see `_fingerprint`."""
        elsewhere = info.url != self._config.webhook_url or info.max_connections != CONNECTIONS
        return elsewhere or set(info.allowed_updates) != set(ALLOWED)

    @property
    def _fingerprint(self) -> dict[str, object]:
        """What is remembered of the secret that Telegram was told; only who has the token can make it."""
        token = self._config.token.get_secret_value().encode()
        return {"secret": hmac.new(token, self._secret.encode(), hashlib.sha256).hexdigest()}


def _object(raw: bytes) -> dict[str, Any] | None:
    """The update in these bytes, without what is nested too deeply in it; None where it is none."""
    try:
        try:
            found = json.loads(raw)
        except RecursionError:
            found = json.loads(shallow(raw.decode("utf-8", "replace")))
    except ValueError:
        return None
    number = found.get("update_id") if isinstance(found, dict) else None
    return found if type(number) is int and 0 <= number < 2**53 else None


def _tell_trouble(info: WebhookInfo) -> None:
    at = info.last_error_date
    if info.pending_update_count and at is not None and time.time() - at.timestamp() < RECENT:
        log.error("updates do not arrive", error=info.last_error_message, waiting=info.pending_update_count)
