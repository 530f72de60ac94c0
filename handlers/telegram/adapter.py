"""The live connection to Telegram, by polling or by webhook: either way an update is stored before it is confirmed."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from aiohttp import web
from telegram import Update
from telegram.error import NetworkError, TelegramError
from telegram.ext import ApplicationBuilder, ExtBot
from telegram.request import HTTPXRequest

from bot.config import TelegramConfig
from bot.errors import AdapterError
from bot.ports import Commands, Finding, Notebook, Standing, UpdateStore
from bot.texts import Words
from handlers.telegram import callbacks, commands, linking, messages, standing, topics
from handlers.telegram.asking import Asking
from handlers.telegram.chat import TelegramChat
from handlers.telegram.dialogue import Dialogue
from handlers.telegram.inspection import Inspector
from handlers.telegram.menus import Menus
from handlers.telegram.polling import ALLOWED, PollingBot
from handlers.telegram.unreadable import UpdatesRequest
from handlers.telegram.updates import DurableApplication, DurableQueue, Lanes
from handlers.telegram.webhook import Webhook

log = structlog.get_logger("deskbell.telegram")

LONG_POLL = timedelta(seconds=10)
GRACE = 1.2
STUCK_AFTER = 3.0
"""Seconds in which no update can be stored, after which health tells of it."""
NOT_STORED = "telegram: the database takes no updates: they wait at Telegram"


class TelegramAdapter:
    """One bot (`bot.ports.Adapter`). `username` is known once it has connected.

    In webhook mode the web server needs its route: `mount`.
    """

    name = "telegram"

    def __init__(
        self,
        config: TelegramConfig,
        commands: Commands,
        notebook: Notebook,
        updates: UpdateStore,
        standing: Standing,
        words: Words,
        verbs: Sequence[tuple[str, str]],
    ) -> None:
        logging.getLogger("httpx").setLevel(logging.WARNING)  # it writes the token at INFO
        self.username = ""
        self._config = config
        self._updates = updates
        self._standing = standing
        self._verbs = verbs
        self._by_webhook = config.mode == "webhook"
        self._webhook = Webhook(config, notebook)
        self._sender = self._bot()
        self._inspector = Inspector(config, self._sender, notebook)
        self._chat = TelegramChat(self._sender, notebook, (config.chat,))
        self._asking = Asking(commands, notebook, self._chat, words)
        self._menus = Menus(verbs, words, notebook, standing)

    @property
    def chat(self) -> TelegramChat:
        """Where cards are sent; needs no live connection."""
        return self._chat

    def mount(self, server: web.Application) -> None:
        """Add `/telegram` to the bot's web server, where updates come by webhook."""
        if self._by_webhook:
            self._webhook.mount(server)

    async def serve(self, up: Callable[[], None]) -> None:
        """Connect and work until cancelled. AdapterError when the token is refused or it cannot go on."""
        trouble: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        queue, lanes = DurableQueue(self._updates), Lanes()
        app = self._application(queue, lanes, self._bot() if self._by_webhook else self._polling_bot(up, trouble))
        beside: list[asyncio.Task[None]] = []
        try:
            await self._start(app, queue, trouble)
            beside += [asyncio.create_task(work) for work in (self._menus.keep(app.bot), queue.mind(app.bot))]
            if self._by_webhook:
                beside.append(asyncio.create_task(_told(trouble, self._webhook.watch(app.bot, up))))
            up()
            await trouble
        except AdapterError as fault:
            await self._inspector.note(fault)
            raise
        finally:
            self._webhook.use(None)
            for task in beside:
                task.cancel()
            await _stop(app, queue, lanes)

    def _bot(self) -> ExtBot[None]:
        return ExtBot(**self._address(), request=_request(16), get_updates_request=_request(1))

    def _polling_bot(self, up: Callable[[], None], trouble: "asyncio.Future[None]") -> PollingBot:
        def on_well() -> None:
            if not trouble.done():
                up()

        requests = {"request": _request(16), "get_updates_request": _request(1, UpdatesRequest)}
        return PollingBot(**self._address(), **requests, on_well=on_well, on_trouble=partial(_tell, trouble))

    def _address(self) -> dict[str, Any]:
        url = self._config.api_url.rstrip("/")
        return {
            "token": self._config.token.get_secret_value(),
            "base_url": f"{url}/bot",
            "base_file_url": f"{url}/file/bot",
        }

    def _application(self, queue: DurableQueue, lanes: Lanes, bot: ExtBot[None]) -> DurableApplication:
        async def given_up(update: Update, ident: str) -> None:
            await self._asking.apologise(bot, update, ident)

        builder = ApplicationBuilder().application_class(DurableApplication, {"queue": queue, "given_up": given_up})
        app = builder.bot(bot).update_queue(queue).concurrent_updates(lanes).job_queue(None).build()
        assert isinstance(app, DurableApplication)
        return app

    async def _start(self, app: DurableApplication, queue: DurableQueue, trouble: "asyncio.Future[None]") -> None:
        await self._inspector.answered(app.initialize())
        self.username = app.bot.username
        self._chat.known |= await self._standing.chats()
        self._register(app)
        waiting = await self._restored(app, queue)
        if waiting:
            log.info("updates of an earlier run are carried out", count=waiting)
        await app.start()
        await self._inspector.answered(self._receive(app, queue, trouble))

    async def _restored(self, app: DurableApplication, queue: DurableQueue) -> int:
        try:
            return await queue.restore(app.bot)
        except Exception as fault:
            log.warning("stored updates could not be looked at", error=type(fault).__name__)
            raise AdapterError(NOT_STORED) from None

    async def _receive(self, app: DurableApplication, queue: DurableQueue, trouble: "asyncio.Future[None]") -> None:
        """Have updates come. What waits at Telegram is never dropped."""
        if self._by_webhook:
            if not self._webhook.is_mounted:
                raise AdapterError(
                    'telegram: mode "webhook" needs the web server: use mode = "polling"', permanent=True
                )
            self._webhook.use(app.bot, partial(_put, queue, trouble))
            await self._webhook.point(app.bot)
            return
        assert app.updater is not None

        def noted(fault: TelegramError) -> None:
            log.warning("polling failed", error=type(fault).__name__)
            _tell_if_stuck(queue, trouble)

        await app.updater.start_polling(
            timeout=LONG_POLL, allowed_updates=ALLOWED, drop_pending_updates=False, error_callback=noted
        )

    def _register(self, app: DurableApplication) -> None:
        dialogue = Dialogue(self._asking)
        standing.register(app, self._asking, self._standing)
        linking.register(app, self._asking)
        commands.register(app, self._asking, dialogue, [name for name, _ in self._verbs])
        callbacks.register(app, self._asking, dialogue)
        topics.register(app, self._asking)
        messages.register(app, self._asking, dialogue)

    async def check(self) -> list[Finding]:
        """The token, the on-call chat, how updates come. Never asks for updates."""
        me = await self._inspector.answered(self._sender.get_me())
        self.username = me.username or ""
        return [Finding("telegram", True, f"connected as @{me.username}"), *await self._inspector.findings(me)]


def _tell(trouble: "asyncio.Future[None]", fault: Exception) -> None:
    """It cannot go on."""
    if not trouble.done():
        trouble.set_exception(fault)


async def _told(trouble: "asyncio.Future[None]", watching: Awaitable[None]) -> None:
    try:
        await watching
    except Exception as fault:
        _tell(trouble, fault)


async def _put(queue: DurableQueue, trouble: "asyncio.Future[None]", update: Update) -> None:
    """Store what was posted, and queue it. NetworkError when it cannot be stored."""
    try:
        await queue.put(update)
    except NetworkError:
        _tell_if_stuck(queue, trouble)
        raise


def _tell_if_stuck(queue: DurableQueue, trouble: "asyncio.Future[None]") -> None:
    if queue.refused_for() > STUCK_AFTER:
        _tell(trouble, AdapterError(NOT_STORED))


async def _stop(app: DurableApplication, queue: DurableQueue, lanes: Lanes) -> None:
    """Take nothing more, let what runs finish for a moment; what is left is stored. Under three seconds in all."""
    if app.updater is not None and app.updater.running:
        await _within(0.8, app.updater.stop())
    queue.drop_waiting()
    await lanes.finish(GRACE)
    if app.running:
        await _within(0.4, app.stop())
    await _within(0.4, app.shutdown())
    await _within(0.4, queue.let_go())


async def _within(seconds: float, work: Awaitable[None]) -> None:
    try:
        await asyncio.wait_for(work, seconds)
    except Exception as fault:
        log.info("stopped the hard way", error=type(fault).__name__)


def _request(connections: int, kind: type[HTTPXRequest] = HTTPXRequest) -> HTTPXRequest:
    return kind(connection_pool_size=connections, connect_timeout=5, read_timeout=10, write_timeout=20, pool_timeout=10)
