"""A pretend Slack with the usual people and a real Bolt app on it; the tests register what the app does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import PretendSlack

BOB, CAROL, EVE = "U0BOB", "U0CAROL", "U0EVE"
SUPPORT = "C0SUPPORT"
BUTTON = {"type": "button", "text": {"type": "plain_text", "text": "Take it"}, "action_id": "verb:take", "value": "A|1"}


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: float = 1_790_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def section(text: str = "Printer on fire", **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def actions(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements)}


def option(value: str, text: str | None = None) -> dict[str, Any]:
    return {"text": {"type": "plain_text", "text": text or value}, "value": value}


def text_input(block_id: str = "text", **element: Any) -> dict[str, Any]:
    return {
        "type": "input",
        "block_id": block_id,
        "label": {"type": "plain_text", "text": "Text"},
        "element": {"type": "plain_text_input", "action_id": "value", **element},
    }


def modal(*blocks: dict[str, Any], title: str = "New ticket", **more: Any) -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": "form:new",
        "title": {"type": "plain_text", "text": title},
        "submit": {"type": "plain_text", "text": "Create"},
        "blocks": list(blocks) or [text_input()],
        **more,
    }


def seeded(**options: Any) -> PretendSlack:
    slack = PretendSlack(**options)
    slack.add_member(BOB, "Bob", "bob@example.org", admin=True)
    slack.add_member(CAROL, "Carol", "carol@example.org")
    slack.add_member(EVE, "Eve", "eve@stranger.example", foreign_team="T0FOREIGN")
    slack.add_channel(SUPPORT, "support", members=(BOB, CAROL, EVE))
    return slack


def client_of(slack: PretendSlack) -> AsyncWebClient:
    return AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, retry_handlers=[])


@asynccontextmanager
async def pretend_slack(**options: Any) -> AsyncIterator[tuple[PretendSlack, AsyncWebClient]]:
    """The server alone, with a client that holds the bot's token."""
    slack = seeded(**options)
    await slack.start()
    try:
        yield slack, client_of(slack)
    finally:
        await slack.stop()


def bolt_app(slack: PretendSlack) -> AsyncApp:
    return AsyncApp(client=client_of(slack), signing_secret=slack.signing_secret, process_before_response=True)


@asynccontextmanager
async def socket_app(ping_interval: float = 0.3, **options: Any) -> AsyncIterator[tuple[PretendSlack, AsyncApp]]:
    """The server and a Bolt app in Socket Mode."""
    async with pretend_slack(**options) as (slack, _):
        app = bolt_app(slack)
        handler = AsyncSocketModeHandler(app, slack.app_token, ping_interval=ping_interval)
        await handler.connect_async()
        await slack.connected()
        try:
            yield slack, app
        finally:
            await handler.close_async()


@asynccontextmanager
async def http_app(**options: Any) -> AsyncIterator[tuple[PretendSlack, AsyncApp]]:
    """The server and a Bolt app behind an address of its own."""
    async with pretend_slack(**options) as (slack, _):
        app = bolt_app(slack)

        async def events(request: web.Request) -> web.Response:
            return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))

        site = web.Application()
        site.router.add_post("/slack/events", events)
        runner = web.AppRunner(site)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        slack.deliver_to = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
        try:
            yield slack, app
        finally:
            await runner.cleanup()
