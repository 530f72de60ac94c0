"""The live connection to Slack: preflight of the tokens, Bolt in Socket Mode, and what `deskbell check` looks at."""

import asyncio
import re
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.config import SlackConfig
from bot.errors import AdapterError
from bot.ports import Commands, Finding
from bot.texts import Words
from handlers.slack import actions, commands, events, views
from handlers.slack.asking import Asking
from handlers.slack.chat import SlackChat

log = structlog.get_logger("deskbell.slack")

SCOPES = (
    "app_mentions:read",
    "channels:history",
    "channels:read",
    "chat:write",
    "commands",
    "files:read",
    "groups:history",
    "groups:read",
    "users:read",
    "users:read.email",
)
ANYTHING = re.compile(".*")
PING, LOST_AFTER, CLOCK_SKEW = 1.0, 60.0, 60.0
FIX = {
    "bot_token": "copy the Bot User OAuth Token from OAuth & Permissions",
    "app_token": "make an App-Level Token with connections:write under Basic Information",
}


class SlackAdapter:
    """One workspace (`bot.ports.Adapter`)."""

    name = "slack"
    username = ""

    def __init__(self, config: SlackConfig, commands: Commands, words: Words) -> None:
        self._config = config
        self._client = AsyncWebClient(
            token=config.bot_token.get_secret_value(), base_url=config.api_url, timeout=15, retry_handlers=[]
        )
        self._asking = Asking(commands, self._client, words)
        self._chat = SlackChat(self._client, words)
        self._tasks: set[asyncio.Task[None]] = set()
        self._revoked = asyncio.Event()

    @property
    def chat(self) -> SlackChat:
        """Where cards are sent; needs no live connection."""
        return self._chat

    async def serve(self, up: Callable[[], None]) -> None:
        """Connect and work until cancelled. AdapterError when a token is refused or the connection stays lost."""
        if self._config.mode == "http":
            raise AdapterError('slack: mode "http" is not built yet: use mode = "socket"', permanent=True)
        await self._preflight()
        app_token = self._config.app_token.get_secret_value()
        handler = AsyncSocketModeHandler(self._app(), app_token, web_client=self._client, ping_interval=PING)
        try:
            await handler.connect_async()
            await self._watch(handler, up)
        finally:
            await handler.close_async()

    def _app(self) -> AsyncApp:
        app = AsyncApp(
            client=self._client,
            process_before_response=True,
            raise_error_for_unhandled_request=False,
        )
        app.middleware(self._only_ours)
        commands.register(app, self._asking, self._tasks)
        actions.register(app, self._asking, self._tasks)
        views.register(app, self._asking, self._tasks)
        events.register(app, self._asking)
        app.event("tokens_revoked")(self._uninstalled)
        app.event("app_uninstalled")(self._uninstalled)
        app.error(_failed)
        for rest in (app.action, app.command):
            rest(ANYTHING)(_acknowledged)
        return app

    async def _only_ours(self, body: dict[str, Any], ack: AsyncAck, next: Any) -> None:  # noqa: A002  # Bolt's name
        """A request of another workspace, or of somebody else's people, is acknowledged and dropped."""
        if self._asking.is_ours(body):
            await next()
            return
        log.warning("foreign request dropped", team=str(body.get("team_id") or body.get("team"))[:80])
        await ack()

    async def _uninstalled(self) -> None:
        self._revoked.set()

    async def _watch(self, handler: AsyncSocketModeHandler, up: Callable[[], None]) -> None:
        connected_at = time.monotonic()
        while not self._revoked.is_set():
            if await handler.client.is_connected():
                connected_at = time.monotonic()
                up()
            elif time.monotonic() - connected_at > LOST_AFTER:
                raise AdapterError("slack: the connection was lost and does not come back")
            await asyncio.sleep(1)
        self._revoked.clear()
        raise AdapterError("slack: the app was uninstalled or its tokens revoked: install it again", permanent=True)

    # looking at it ---------------------------------------------------------------------------------------------------

    async def _preflight(self) -> dict[str, Any]:
        answer = await self._try("bot_token", self._client.auth_test())
        self._asking.team, self._asking.bot_user = str(answer["team_id"]), str(answer["user_id"])
        app_token = self._config.app_token.get_secret_value()
        await self._try("app_token", self._client.apps_connections_open(app_token=app_token))
        return answer

    async def _try(self, setting: str, call: Any) -> Any:
        try:
            return await call
        except SlackApiError as fault:
            error = str(fault.response.get("error") or fault.response.status_code)
            raise AdapterError(f"slack: {setting} was refused ({error}): {FIX[setting]}", permanent=True) from None
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as fault:
            raise AdapterError(f"slack: {self._config.api_url} does not answer ({type(fault).__name__})") from None

    async def check(self) -> list[Finding]:
        """Tokens, scopes, the clock, the channel."""
        answer = await self._preflight()
        team = f"{answer.get('team')} as {answer.get('user')}"
        findings = [Finding("slack", True, f"connected to {team}"), self._scopes(answer), self._clock(answer)]
        if self._config.channel:
            findings.append(await self._channel())
        return findings

    def _scopes(self, answer: Any) -> Finding:
        granted = {scope.strip() for scope in _header(answer, "x-oauth-scopes").split(",")}
        missing = [scope for scope in SCOPES if scope not in granted]
        if missing:
            return Finding("slack scopes", False, f"missing: {', '.join(missing)}: add them and reinstall the app")
        return Finding("slack scopes", True, "all granted")

    def _clock(self, answer: Any) -> Finding:
        said = _header(answer, "date")
        skew = abs(time.time() - parsedate_to_datetime(said).timestamp()) if said else 0.0
        well = skew < CLOCK_SKEW
        return Finding("clock", well, "right" if well else f"{skew:.0f} s off Slack's: switch on time synchronisation")

    async def _channel(self) -> Finding:
        wanted = self._config.channel.removeprefix("#")
        cursor = ""
        while True:
            answer = await self._client.conversations_list(
                types="public_channel,private_channel", limit=200, cursor=cursor, exclude_archived=True
            )
            for channel in answer.get("channels") or []:
                if wanted in (channel["id"], channel["name"]):
                    return _membership(channel)
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return Finding(
                    "slack channel", False, f"there is no channel {self._config.channel} that the bot can see"
                )


def _membership(channel: dict[str, Any]) -> Finding:
    if channel.get("is_member"):
        return Finding("slack channel", True, f"#{channel['name']}")
    return Finding("slack channel", False, f"the bot is not in #{channel['name']}: /invite @Deskbell there")


def _header(answer: Any, name: str) -> str:
    headers = getattr(answer, "headers", {}) or {}
    return next((str(value) for key, value in headers.items() if key.lower() == name), "")


async def _acknowledged(ack: AsyncAck) -> None:
    """What nobody listens to is acknowledged, so that Slack shows no error."""
    await ack()


async def _failed(error: Exception) -> None:
    """What Bolt's listeners let escape: logged, acknowledged by Slack's own timeout."""
    log.error("listener failed", exc_info=error)
