"""The live connection to Slack, over Socket Mode or HTTP: the tokens are looked at first, then Bolt works."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import structlog
from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from bot.config import SlackConfig
from bot.errors import AdapterError
from bot.ports import Commands, Finding
from bot.texts import Words
from handlers.slack.app import make_app
from handlers.slack.asking import Asking
from handlers.slack.chat import SlackChat
from handlers.slack.http_mode import HttpMode
from handlers.slack.inspection import Inspector
from handlers.slack.socket_mode import SocketMode

log = structlog.get_logger("deskbell.slack")

CALL_SECONDS = 15
LOOK_EVERY = 60.0


class SlackAdapter:
    """One workspace (`bot.ports.Adapter`). In HTTP mode the web server needs its route: `mount`."""

    name = "slack"
    username = ""

    def __init__(self, config: SlackConfig, commands: Commands, words: Words) -> None:
        self._config = config
        self._client = AsyncWebClient(
            token=config.bot_token.get_secret_value(),
            base_url=config.api_url,
            timeout=CALL_SECONDS,
            retry_handlers=[],
        )
        self._asking = Asking(commands, self._client, words)
        self._chat = SlackChat(self._client, words)
        self._inspector = Inspector(config, self._client)
        self._http = HttpMode(config.signing_secret.get_secret_value())
        self._mounted = False

    @property
    def chat(self) -> SlackChat:
        """Where cards are sent; needs no live connection."""
        return self._chat

    def mount(self, server: web.Application) -> None:
        """Add `/slack/events` to the bot's web server, where requests come by HTTP."""
        if self._config.mode == "http":
            self._http.mount(server)
            self._mounted = True

    async def serve(self, up: Callable[[], None]) -> None:
        """Connect and work until cancelled. AdapterError when a token is refused or the connection stays lost."""
        await self._introduce()
        try:
            await (self._over_http(up) if self._config.mode == "http" else self._over_socket(up))
        finally:
            await self._asking.finish()

    async def check(self) -> list[Finding]:
        """Tokens, scopes, the clock, the channel."""
        return await self._inspector.findings()

    async def _introduce(self) -> Any:
        answer = await self._inspector.tokens()
        self._asking.team, self._asking.bot_user = str(answer["team_id"]), str(answer["user_id"])
        self._asking.enterprise = str(answer.get("enterprise_id") or "")
        return answer

    async def _over_socket(self, up: Callable[[], None]) -> None:
        def doubt() -> None:
            socket.doubt()

        app = make_app(self._asking, on_revoked=doubt)
        socket = SocketMode(app, self._config.app_token.get_secret_value(), self._introduce)
        await socket.run(up)

    async def _over_http(self, up: Callable[[], None]) -> None:
        if not self._mounted:
            raise AdapterError('slack: mode "http" needs the web server: use mode = "socket"', permanent=True)
        doubted = asyncio.Event()
        self._http.use(make_app(self._asking, on_revoked=doubted.set))
        try:
            while True:
                up()
                await _passed(doubted, LOOK_EVERY)
                doubted.clear()
                await self._introduce()
        finally:
            self._http.use(None)


async def _passed(event: asyncio.Event, seconds: float) -> None:
    """Until the event is set, or so many seconds have passed. Unlike `wait_for` it never loses a cancellation."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
