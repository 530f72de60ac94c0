"""The adapter at work on a pretend Slack, over Socket Mode or behind a web server, until the test is over."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress

from aiohttp import web

from bot.errors import AdapterError
from bot.ports import Commands
from bot.sandbox.slack import PretendSlack
from handlers.slack import SlackAdapter
from tests.handlers.slack.stage import ENGLISH, config_of, until


@asynccontextmanager
async def connected(slack: PretendSlack, verbs: Commands) -> AsyncIterator[SlackAdapter]:
    """Over Socket Mode."""
    adapter = SlackAdapter(config_of(slack), verbs, ENGLISH)
    async with _while(adapter.serve(lambda: None)):
        await slack.connected()
        yield adapter


@asynccontextmanager
async def served(slack: PretendSlack, verbs: Commands) -> AsyncIterator[SlackAdapter]:
    """Behind a web server of its own, and the pretend Slack posting there."""
    adapter, server, seen = SlackAdapter(config_of(slack, mode="http"), verbs, ENGLISH), web.Application(), []
    adapter.mount(server)
    runner = web.AppRunner(server)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.deliver_to = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    try:
        async with _while(adapter.serve(lambda: seen.append(1))):
            await until(lambda: seen)
            yield adapter
    finally:
        await runner.cleanup()


@asynccontextmanager
async def _while(serving: Awaitable[None]) -> AsyncIterator[None]:
    task = asyncio.ensure_future(serving)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, AdapterError):
            await task
