"""What `deskbell check` looks at in Slack, and the look at the tokens that comes before every start."""

import time
from collections.abc import Awaitable, Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.config import SlackConfig
from bot.errors import AdapterError
from bot.ports import Finding
from handlers.slack.channels import find_channel
from handlers.slack.faults import Reaction, error_of, reaction_to
from handlers.slack.scopes import SCOPES

CLOCK_SKEW = 60.0
FIX = {
    "bot_token": "copy the Bot User OAuth Token from OAuth & Permissions",
    "app_token": "make an App-Level Token with connections:write under Basic Information",
}


class Inspector:
    """Looks at one app's tokens, rights and channel, changing nothing."""

    def __init__(self, config: SlackConfig, client: AsyncWebClient) -> None:
        self._config = config
        self._client = client

    async def tokens(self) -> Mapping[str, Any]:
        """What auth.test says of the bot; AdapterError where a token is refused or Slack does not answer."""
        answer = await self._try("bot_token", self._client.auth_test())
        if self._config.mode == "socket":
            app_token = self._config.app_token.get_secret_value()
            await self._try("app_token", self._client.apps_connections_open(app_token=app_token))
        return answer

    async def findings(self) -> list[Finding]:
        """Tokens, scopes, the clock, the channel; AdapterError where already the tokens fail."""
        answer = await self._try("bot_token", self._client.auth_test())
        found = [Finding("slack", True, f"connected to {answer.get('team')} as {answer.get('user')}")]
        if self._config.mode == "socket":
            found.append(await self._app_token())
        found += [_scopes(answer), _clock(answer)]
        return [*found, await self._channel()] if self._config.channel else found

    async def _app_token(self) -> Finding:
        try:
            await self.tokens()
        except AdapterError as fault:
            return Finding("slack app token", False, str(fault).removeprefix("slack: "))
        return Finding("slack app token", True, "Socket Mode may connect")

    async def _channel(self) -> Finding:
        wanted = self._config.channel
        try:
            channel = await find_channel(self._client, wanted)
        except SlackApiError as fault:
            return Finding("slack channel", False, f"{wanted} could not be looked for ({error_of(fault)})")
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as fault:
            return Finding("slack channel", False, f"{wanted} could not be looked for ({type(fault).__name__})")
        return _membership(wanted, channel)

    async def _try(self, setting: str, call: Awaitable[Any]) -> Any:
        try:
            return await call
        except SlackApiError as fault:
            error = error_of(fault)
            if reaction_to(error) is Reaction.RETRY:
                raise AdapterError(f"slack: Slack cannot answer now ({error})") from None
            raise AdapterError(f"slack: {setting} was refused ({error}): {FIX[setting]}", permanent=True) from None
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as fault:
            raise AdapterError(f"slack: {self._config.api_url} does not answer ({type(fault).__name__})") from None


def _membership(wanted: str, channel: Mapping[str, Any] | None) -> Finding:
    if channel is None:
        return Finding("slack channel", False, f"there is no channel {wanted} that the bot can see: /invite it there")
    name = f"#{channel.get('name')}"
    if channel.get("is_archived"):
        return Finding("slack channel", False, f"{name} is archived: name another one as slack.channel")
    if not channel.get("is_member"):
        return Finding("slack channel", False, f"the bot is not in {name}: /invite @Deskbell there")
    return Finding("slack channel", True, name)


def lacking(answer: Any, scopes: Sequence[str]) -> list[str]:
    """Those of these scopes that an answer of Slack's says are not granted."""
    granted = {scope.strip() for scope in _header(answer, "x-oauth-scopes").split(",")}
    return [scope for scope in scopes if scope not in granted]


def _scopes(answer: Any) -> Finding:
    missing = lacking(answer, SCOPES)
    if missing:
        return Finding("slack scopes", False, f"missing: {', '.join(missing)}: add them and reinstall the app")
    return Finding("slack scopes", True, "all granted")


def _clock(answer: Any) -> Finding:
    said = _header(answer, "date")
    skew = abs(time.time() - parsedate_to_datetime(said).timestamp()) if said else 0.0
    well = skew < CLOCK_SKEW
    return Finding("clock", well, "right" if well else f"{skew:.0f} s off Slack's: switch on time synchronisation")


def _header(answer: Any, name: str) -> str:
    headers = getattr(answer, "headers", None) or {}
    return next((str(value) for key, value in headers.items() if key.lower() == name), "")
