"""Socket Mode: one WebSocket to Slack that is back within five seconds of its loss, or else says that it is not.

slack-sdk's client mends its connection by itself, but slowly; it is looked after here, four times a second.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp

from bot.errors import AdapterError

log = structlog.get_logger("deskbell.slack")

PING = 2.0  # a pong may take half of it: shorter ones would cut slow lines
LOOK_EVERY, UP_EVERY = 0.25, 1.0
MENDING, LOST_AFTER = 6.0, 12.0
QUIET = logging.getLogger("deskbell.slack.socket")
QUIET.setLevel(logging.CRITICAL)  # its messages hold the address with which anybody could connect

Check = Callable[[], Awaitable[object]]


class SocketMode:
    """Runs an app over Socket Mode; `check` raises AdapterError when the tokens are no longer taken."""

    def __init__(self, app: AsyncApp, app_token: str, check: Check) -> None:
        self._handler = AsyncSocketModeHandler(app, app_token, logger=QUIET, web_client=app.client, ping_interval=PING)
        self._check = check
        self._doubted = asyncio.Event()
        self._well_at = time.monotonic()

    def doubt(self) -> None:
        """The tokens may be dead: look before going on."""
        self._doubted.set()

    async def run(self, up: Callable[[], None]) -> None:
        """Connect and work until cancelled. AdapterError when the connection cannot be had again."""
        try:
            await self._connect()
            while True:
                await self._look(up)
                await asyncio.sleep(LOOK_EVERY)
        finally:
            await self._handler.close_async()

    async def _connect(self) -> None:
        try:
            async with asyncio.timeout(LOST_AFTER):
                await self._handler.connect_async()
        except TimeoutError:
            raise AdapterError("slack: no connection over Socket Mode: look whether it is switched on") from None
        self._well_at = time.monotonic()

    async def _look(self, up: Callable[[], None]) -> None:
        if self._doubted.is_set():
            self._doubted.clear()
            await self._check()
        if await self._handler.client.is_connected():
            self._well_at = time.monotonic()
            up()
        elif time.monotonic() - self._well_at > LOST_AFTER:
            raise AdapterError("slack: the connection was lost and does not come back")
        else:
            await self._mend()

    async def _mend(self) -> None:
        log.info("connection lost, connecting again")
        try:
            async with asyncio.timeout(MENDING):
                await self._handler.client.connect_to_new_endpoint()
        except Exception as fault:
            log.warning("not connected", error=type(fault).__name__)
            await self._check()
