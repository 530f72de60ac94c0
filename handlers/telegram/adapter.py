"""The live connection to Telegram: polling that loses nothing, and what `deskbell check` looks at."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

import structlog
from telegram import Bot, Update
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, TelegramError
from telegram.ext import ApplicationBuilder, ChatMemberHandler, ExtBot
from telegram.request import HTTPXRequest

from bot.config import TelegramConfig
from bot.errors import AdapterError
from bot.ports import Commands, Finding, Notebook, UpdateStore
from bot.texts import Words
from handlers.telegram import callbacks, commands, linking, menus, messages
from handlers.telegram.asking import Asking
from handlers.telegram.chat import TelegramChat
from handlers.telegram.dialogue import Dialogue
from handlers.telegram.polling import ALLOWED, CONFLICT, TOKEN_REFUSED, PollingBot
from handlers.telegram.updates import DurableApplication, DurableQueue, Lanes

log = structlog.get_logger("deskbell.telegram")

T = TypeVar("T")
LONG_POLL = timedelta(seconds=10)
GRACE = 1.2


class TelegramAdapter:
    """One bot (`bot.ports.Adapter`). `username` is known once it has connected."""

    name = "telegram"

    def __init__(
        self,
        config: TelegramConfig,
        commands: Commands,
        notebook: Notebook,
        updates: UpdateStore,
        words: Words,
        verbs: Sequence[tuple[str, str]],
    ) -> None:
        logging.getLogger("httpx").setLevel(logging.WARNING)  # it writes the token at INFO
        self.username = ""
        self._config = config
        self._updates = updates
        self._verbs = verbs
        self._sender: Bot = ExtBot(**self._address(), request=_request(16), get_updates_request=_request(1))
        self._chat = TelegramChat(self._sender, notebook, (config.chat,))
        self._asking = Asking(commands, notebook, self._chat, words)
        self._words = words

    @property
    def chat(self) -> TelegramChat:
        """Where cards are sent; needs no live connection."""
        return self._chat

    async def serve(self, up: Callable[[], None]) -> None:
        """Connect and work until cancelled. AdapterError when the token is refused or polling cannot go on."""
        if self._config.mode == "webhook":
            raise AdapterError('telegram: mode "webhook" is not built yet; use "polling"', permanent=True)
        trouble: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        queue, lanes = DurableQueue(self._updates), Lanes()
        app = self._application(queue, lanes, self._polling_bot(up, trouble))
        menus_task: asyncio.Task[None] | None = None
        try:
            await self._start(app, queue)
            menus_task = asyncio.create_task(self._publish_menus(app.bot))
            up()
            await trouble
        finally:
            if menus_task is not None:
                menus_task.cancel()
            await _stop(app, queue, lanes)

    def _polling_bot(self, up: Callable[[], None], trouble: "asyncio.Future[None]") -> PollingBot:
        def on_well() -> None:
            if not trouble.done():
                up()

        def on_trouble(fault: AdapterError) -> None:
            if not trouble.done():
                trouble.set_exception(fault)

        requests = {"request": _request(16), "get_updates_request": _request(1)}
        return PollingBot(**self._address(), **requests, on_well=on_well, on_trouble=on_trouble)

    def _address(self) -> dict[str, Any]:
        url = self._config.api_url.rstrip("/")
        return {
            "token": self._config.token.get_secret_value(),
            "base_url": f"{url}/bot",
            "base_file_url": f"{url}/file/bot",
        }

    def _application(self, queue: DurableQueue, lanes: Lanes, bot: PollingBot) -> DurableApplication:
        async def given_up(update: Update, ident: str) -> None:
            await self._asking.apologise(bot, update, ident)

        builder = ApplicationBuilder().application_class(DurableApplication, {"queue": queue, "given_up": given_up})
        app = builder.bot(bot).update_queue(queue).concurrent_updates(lanes).job_queue(None).build()
        assert isinstance(app, DurableApplication)
        return app

    async def _start(self, app: DurableApplication, queue: DurableQueue) -> None:
        await self._try(app.initialize())
        self.username = app.bot.username
        self._register(app)
        waiting = await queue.restore(app.bot)
        if waiting:
            log.info("updates of an earlier run are carried out", count=waiting)
        await app.start()
        assert app.updater is not None
        polling = app.updater.start_polling(
            timeout=LONG_POLL, allowed_updates=ALLOWED, drop_pending_updates=False, error_callback=_noted
        )
        await self._try(polling)

    def _register(self, app: DurableApplication) -> None:
        dialogue = Dialogue(self._asking)
        linking.register(app, self._asking)
        commands.register(app, self._asking, dialogue, [name for name, _ in self._verbs])
        callbacks.register(app, self._asking, dialogue)
        messages.register(app, self._asking, dialogue)
        app.add_handler(ChatMemberHandler(_standing_changed, ChatMemberHandler.MY_CHAT_MEMBER))

    async def _publish_menus(self, bot: Bot) -> None:
        try:
            changed = await menus.publish(bot, self._verbs, self._words)
        except (TelegramError, OSError) as fault:  # OSError: a language's catalogue cannot be read
            log.warning("command menus not set", error=type(fault).__name__)
        else:
            log.info("command menus", changed=changed)

    async def _try(self, call: Awaitable[T]) -> T:
        try:
            return await call
        except InvalidToken:
            raise AdapterError(TOKEN_REFUSED, permanent=True) from None
        except Conflict:
            raise AdapterError(CONFLICT) from None
        except TelegramError as fault:
            raise AdapterError(f"telegram: {self._config.api_url} does not answer ({type(fault).__name__})") from None

    # looking at it ---------------------------------------------------------------------------------------------------

    async def check(self) -> list[Finding]:
        """The token, the on-call chat, a webhook that is in the way. Never asks for updates."""
        me = await self._try(self._sender.get_me())
        self.username = me.username or ""
        findings = [Finding("telegram", True, f"connected as @{me.username}")]
        if self._config.chat:
            findings.append(await self._check_chat(me.id))
        findings.append(await self._check_webhook())
        return findings

    async def _check_chat(self, bot_id: int) -> Finding:
        try:
            chat = await self._sender.get_chat(self._config.chat)
            member = await self._sender.get_chat_member(self._config.chat, bot_id)
        except (BadRequest, Forbidden) as fault:
            return Finding("telegram chat", False, f"chat {self._config.chat}: {fault.message}: add the bot to it")
        except TelegramError as fault:
            return Finding("telegram chat", False, f"could not be looked at ({type(fault).__name__})")
        if member.status in (member.LEFT, member.BANNED):
            return Finding("telegram chat", False, f"the bot is not in {chat.title}: add it")
        if self._config.topic and not chat.is_forum:
            return Finding("telegram chat", False, f"{chat.title} has no topics: set topic = 0")
        return Finding("telegram chat", True, chat.title or chat.full_name or str(chat.id))

    async def _check_webhook(self) -> Finding:
        info = await self._try(self._sender.get_webhook_info())
        waiting = f"{info.pending_update_count} updates wait"
        if info.url:
            error = f"; its last error: {info.last_error_message}" if info.last_error_message else ""
            host = urlsplit(info.url).hostname
            text = f"a webhook to {host} is set{error}: another program uses this token, or polling will remove it"
            return Finding("telegram updates", False, text)
        return Finding("telegram updates", True, waiting)


async def _stop(app: DurableApplication, queue: DurableQueue, lanes: Lanes) -> None:
    """Take nothing more, let what runs finish for a moment; what is left is stored. Under three seconds in all."""
    if app.updater is not None and app.updater.running:
        await _within(0.8, app.updater.stop())
    queue.drop_waiting()
    await lanes.finish(GRACE)
    if app.running:
        await _within(0.4, app.stop())
    await _within(0.4, app.shutdown())


async def _within(seconds: float, work: Awaitable[None]) -> None:
    try:
        await asyncio.wait_for(work, seconds)
    except Exception as fault:
        log.info("stopped the hard way", error=type(fault).__name__)


async def _standing_changed(update: Update, context: Any) -> None:
    """The bot was let in, made admin or thrown out: only written down, and nothing is said there."""
    change = update.my_chat_member
    if change is not None:
        log.info("standing in a chat changed", chat=change.chat.id, status=change.new_chat_member.status)


def _noted(fault: TelegramError) -> None:
    log.warning("polling failed", error=type(fault).__name__)


def _request(connections: int) -> HTTPXRequest:
    return HTTPXRequest(
        connection_pool_size=connections, connect_timeout=5, read_timeout=10, write_timeout=20, pool_timeout=10
    )
