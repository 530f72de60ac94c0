"""What `deskbell check` looks at in Telegram, and what the running bot leaves for it. Never asks for updates.

A second program that polls cannot be seen from outside: the running bot notes each 409, and the note lives two minutes.
"""

import asyncio
import ssl
from collections.abc import Awaitable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from urllib.parse import urlsplit

from telegram import Bot, ChatFullInfo, ChatMember, User, WebhookInfo
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, TelegramError

from bot.config import TelegramConfig
from bot.desk.outbox import EACH
from bot.errors import AdapterError
from bot.ports import Finding, Notebook
from handlers.telegram.polling import CONFLICT, TOKEN_REFUSED, WEBHOOK_SET, conflict
from handlers.telegram.webhook import SECRET_TOLD, TAKEN_AWAY

T = TypeVar("T")
TROUBLE, TROUBLE_MINUTES = "telegram-conflict", 2
CONFLICTS = (CONFLICT, WEBHOOK_SET, TAKEN_AWAY)
RECENT = timedelta(minutes=10)
CERTIFICATE_DAYS = 14
CONNECT_SECONDS = 5.0
WHY = {
    "401": "webhook_secret is not the one that Telegram was told: restart the bot",
    "404": "the proxy in front does not lead to /telegram of [web] listen",
    "502": "the proxy in front does not reach [web] listen",
    "503": "the bot is not running there, or its database is away",
    "504": "the proxy in front does not reach [web] listen",
    "SSL": "its certificate must be complete (with all of its chain) and valid",
    "certificate": "its certificate must be complete (with all of its chain) and valid",
    "refused": "nothing listens there",
    "timed out": "nothing answers there",
    "resolve": "its name is not known in the DNS",
}


class Inspector:
    """Looks at one bot: its token, its chat, the way its updates come."""

    def __init__(self, config: TelegramConfig, bot: Bot, notebook: Notebook) -> None:
        self._config = config
        self._bot = bot
        self._notebook = notebook

    async def answered(self, call: Awaitable[T]) -> T:
        """What Telegram answers; AdapterError in words where it does not."""
        try:
            return await call
        except InvalidToken:
            raise AdapterError(TOKEN_REFUSED, permanent=True) from None
        except Conflict as fault:
            raise AdapterError(conflict(fault)) from None
        except TelegramError as fault:
            raise AdapterError(f"telegram: {self._config.api_url} does not answer ({type(fault).__name__})") from None

    async def note(self, fault: AdapterError) -> None:
        """Leave it for `deskbell check`, which may run in another process, where only the running bot can see it."""
        if str(fault) in CONFLICTS:
            with suppress(Exception):  # without the database the log has to do
                await self._notebook.keep(TROUBLE, {"sentence": str(fault)}, minutes=TROUBLE_MINUTES)

    async def findings(self, me: User) -> list[Finding]:
        """The chat, the way updates come, a second program that takes them; AdapterError where nothing is answered."""
        found = [await self._chat(me, self._config.chat)] if self._config.chat else []
        info = await self.answered(self._bot.get_webhook_info())
        noted = await self._notebook.recall(TROUBLE)
        if noted:
            found.append(Finding("telegram conflict", False, str(noted["sentence"]).removeprefix("telegram: ")))
        if self._config.mode == "polling":
            return [*found, _polling(info)]
        found.append(await self._webhook(info))
        if urlsplit(self._config.webhook_url).scheme == "https":
            found.append(await _certificate(self._config.webhook_url))
        return found

    async def _chat(self, me: User, number: int) -> Finding:
        """The chat of this number, or the one that it has become."""
        try:
            chat = await self._bot.get_chat(number)
            member = await self._bot.get_chat_member(number, me.id)
        except ChatMigrated as fault:
            return await self._chat(me, fault.new_chat_id)
        except (BadRequest, Forbidden) as fault:
            return Finding("telegram chat", False, f"chat {number}: {fault.message}: add the bot to it")
        except TelegramError as fault:
            return Finding("telegram chat", False, f"could not be looked at ({type(fault).__name__})")
        return self._standing(chat, member)

    def _standing(self, chat: ChatFullInfo, member: ChatMember) -> Finding:
        if member.status in (member.LEFT, member.BANNED):
            return Finding("telegram chat", False, f"the bot is not in {chat.title}: add it")
        if self._config.topic and not chat.is_forum:
            return Finding("telegram chat", False, f"{chat.title} has no topics: set topic = 0")
        if self._config.topic == EACH and not getattr(member, "can_manage_topics", False):
            return Finding("telegram chat", False, f"the bot may not manage topics in {chat.title}: make it an admin")
        return Finding("telegram chat", True, chat.title or chat.effective_name or str(chat.id))

    async def _webhook(self, info: WebhookInfo) -> Finding:
        waiting = _waiting(info)
        if info.url != self._config.webhook_url:
            return await self._elsewhere(info)
        if info.has_custom_certificate:
            return Finding("telegram webhook", False, "Telegram was given a certificate of its own: restart the bot")
        if info.pending_update_count and _is_recent(info):
            return Finding("telegram webhook", False, f"{waiting}{_last_error(info)}")
        return Finding("telegram webhook", True, f"posted to {_host(info.url)}, {waiting}")

    async def _elsewhere(self, info: WebhookInfo) -> Finding:
        if info.url:
            text = f"Telegram posts to {_host(info.url)}, not to webhook_url: another program uses this token"
            return Finding("telegram webhook", False, f"{text}, or the bot was not started since webhook_url changed")
        if await self._notebook.recall(SECRET_TOLD):
            return Finding("telegram webhook", False, "was removed by another program, which may poll with this token")
        return Finding("telegram webhook", True, "not set yet: the bot sets it when it starts")


def _polling(info: WebhookInfo) -> Finding:
    if info.url:
        text = f"a webhook to {_host(info.url)} is set{_last_error(info)}: another program uses this token"
        return Finding("telegram updates", False, f"{text}, or polling will remove it")
    return Finding("telegram updates", True, _waiting(info))


def _waiting(info: WebhookInfo) -> str:
    count = info.pending_update_count
    return "1 update waits" if count == 1 else f"{count} updates wait"


def _host(url: str) -> str:
    return urlsplit(url).hostname or "?"


def _is_recent(info: WebhookInfo) -> bool:
    return info.last_error_date is not None and datetime.now(UTC) - info.last_error_date < RECENT


def _last_error(info: WebhookInfo) -> str:
    """The last error in Telegram's words, with what they mean for whoever runs the bot."""
    if not info.last_error_message or info.last_error_date is None:
        return ""
    why = next((f" ({why})" for part, why in WHY.items() if part in info.last_error_message), "")
    return f"; its last error, at {info.last_error_date:%H:%M} UTC: {info.last_error_message}{why}"


async def _certificate(url: str) -> Finding:
    """Whether the certificate at this address is one that Telegram trusts, as far as it can be seen from here."""
    parts = urlsplit(url)
    host, port = str(parts.hostname), parts.port or 443
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            _, writer = await asyncio.open_connection(host, port, ssl=ssl.create_default_context())
    except ssl.SSLCertVerificationError as fault:
        return Finding("telegram certificate", False, f"{host}: {fault.verify_message}")
    except (OSError, TimeoutError):
        return Finding("telegram certificate", True, f"{host}:{port} cannot be seen from here")
    try:
        left = _days_left(writer.get_extra_info("peercert")["notAfter"])
    finally:
        writer.close()
    return Finding("telegram certificate", left >= CERTIFICATE_DAYS, f"{host}: valid for {left} more days")


def _days_left(until: str) -> int:
    seconds = ssl.cert_time_to_seconds(until) - datetime.now(UTC).timestamp()
    return int(seconds // 86400)
