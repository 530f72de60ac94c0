"""The demo page with everything behind it: pretend platforms, real Bolt, a real browser; `opened` opens it."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

import aiohttp
import aiosmtplib
from playwright.async_api import Browser, Locator, Page
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.cast import Cast, admit
from bot.sandbox.mail import PretendMail
from bot.sandbox.slack import PretendSlack
from bot.sandbox.stage import Stage
from bot.sandbox.telegram import PretendTelegram

CAST = Cast()
SAM = CAST.on_call.telegram
Json = dict[str, Any]
HOSTILE = "<img src=x onerror=alert(1)><script>document.title='broken'</script>"
ESCAPED = HOSTILE.replace("<", "&lt;").replace(">", "&gt;")


@dataclass
class Scene:
    """The platforms with the cast let in, and the page's server."""

    slack: PretendSlack
    telegram: PretendTelegram
    mail: PretendMail
    stage: Stage
    web: AsyncWebClient
    app: AsyncApp

    async def telegrams(self, method: str, **arguments: Any) -> Any:
        """Call the pretend Bot API as the bot does; returns the result."""
        address = f"{self.telegram.api_url}/bot{self.telegram.token}/{method}"
        async with aiohttp.ClientSession() as session, session.post(address, json=arguments) as response:
            answer = await response.json()
        assert answer["ok"], answer
        return answer["result"]

    async def card(self, text: str = "Printer on fire", *elements: Json) -> str:
        """A card in the channel; returns its ts."""
        answer = await self.web.chat_postMessage(channel=CAST.channel, attachments=[card(text, *elements)])
        return str(answer["ts"])

    async def ring(self, text: str, *rows: list[Json], chat: int = CAST.group) -> int:
        """A card on the phone; returns its id."""
        keyboard = {"inline_keyboard": list(rows)}
        sent = await self.telegrams("sendMessage", chat_id=chat, text=text, parse_mode="HTML", reply_markup=keyboard)
        return int(sent["message_id"])

    @asynccontextmanager
    async def answering(self, **answer: Any) -> AsyncIterator[None]:
        """While inside, every press on the phone is answered so."""
        task = asyncio.create_task(self._answer(answer))
        try:
            yield
        finally:
            task.cancel()

    async def _answer(self, answer: Json) -> None:
        offset = 0
        while True:
            for update in await self.telegrams("getUpdates", offset=offset, timeout=5):
                offset = update["update_id"] + 1
                if query := update.get("callback_query"):
                    await self.telegrams("answerCallbackQuery", callback_query_id=query["id"], **answer)


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def button(name: str, label: str, **more: Any) -> Json:
    return {"type": "button", "action_id": f"verb:{name}", "text": plain(label), "value": "TS-42|1", **more}


def options(*labels: str) -> list[Json]:
    return [{"text": plain(label), "value": label.lower()} for label in labels]


def menu(*labels: str, **more: Any) -> Json:
    return {
        "type": "static_select",
        "action_id": "more",
        "placeholder": plain("⋯"),
        "options": options(*labels),
        **more,
    }


def card(text: str, *elements: Json, colour: str = "#d97706") -> Json:
    blocks: list[Json] = [{"type": "section", "text": mrkdwn(text)}]
    if elements:
        blocks.append({"type": "actions", "elements": list(elements)})
    return {"color": colour, "fallback": text, "blocks": blocks}


def key(label: str, data: str) -> Json:
    return {"text": label, "callback_data": data}


@asynccontextmanager
async def played() -> AsyncIterator[Scene]:
    """The platforms, a Bolt app in Socket Mode and the stage, started."""
    slack, telegram, mail = PretendSlack(), PretendTelegram(), PretendMail()
    admit(CAST, slack, telegram)
    for platform in (slack, telegram, mail):
        await platform.start()
    web = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, retry_handlers=[])
    app = AsyncApp(client=web, signing_secret=slack.signing_secret, process_before_response=True)
    handler = AsyncSocketModeHandler(app, slack.app_token, ping_interval=0.3)
    await handler.connect_async()
    stage = Stage(slack, telegram, mail, CAST)
    await stage.start()
    try:
        yield Scene(slack, telegram, mail, stage, web, app)
    finally:
        await stage.stop()
        await handler.close_async()
        for platform in (mail, telegram, slack):
            await platform.stop()


@asynccontextmanager
async def opened(browser: Browser, scene: Scene, *, width: int = 1440, theme: str = "light") -> AsyncIterator[Page]:
    """The page in a window of its own; any error in its scripts fails the test."""
    height = 900 if width > 1000 else 844
    scheme: Any = theme
    context = await browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    context.set_default_timeout(8000)
    page = await context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    try:
        await page.goto(scene.stage.address)
        await page.get_by_text("Live", exact=True).wait_for()
        yield page
    finally:
        await context.close()
    assert errors == []


def pane(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True)


def words(place: Locator, name: str) -> Locator:
    return place.get_by_role("button", name=name, exact=True)


async def letter(scene: Scene, *, subject: str = "Re: Printer [TS-42]", text: str = "Done.", html: str = "") -> None:
    """A letter of the desk to Ann, over SMTP."""

    message = EmailMessage()
    message["From"], message["To"] = "Example Support <support@example.org>", "ann@acme.example"
    message["Subject"], message["Message-ID"] = subject, "<letter@example.org>"
    message["Reply-To"] = "support+token@example.org"
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    await aiosmtplib.send(message, hostname="127.0.0.1", port=scene.mail.smtp_port)


async def eventually(condition: Any, seconds: float = 20) -> None:
    """Poll until the condition holds; TimeoutError if it never does."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


def presses(scene: Scene) -> list[dict[str, Any]]:
    """Every action that reaches the app from now on."""
    seen: list[dict[str, Any]] = []

    @scene.app.action(re.compile("verb:|more"))
    async def press(ack: Any, action: dict[str, Any], body: dict[str, Any]) -> None:
        seen.append({**action, "user": body["user"]["id"]})
        await ack()

    return seen
