"""Updates posted to a webhook: with the secret, in order, again until they are taken."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from telegram import Bot

from bot.sandbox.telegram import Person, PretendTelegram
from tests.bot.sandbox.conftest import refused, until


class Hook:
    """A bot's own server; `status` is what it answers."""

    def __init__(self) -> None:
        self.url = ""
        self.status = 200
        self.posts: list[tuple[str, dict[str, Any]]] = []

    async def take(self, request: web.Request) -> web.Response:
        secret = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
        self.posts.append((secret, await request.json()))
        return web.Response(status=self.status)


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    made = Hook()
    application = web.Application()
    application.router.add_post("/telegram", made.take)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/telegram"
    yield made
    await runner.cleanup()


@pytest.fixture
async def bot(telegram: PretendTelegram) -> AsyncIterator[Bot]:
    async with Bot(telegram.token, base_url=f"{telegram.api_url}/bot") as made:
        yield made


async def test_updates_are_posted_in_order_with_the_secret(
    telegram: PretendTelegram, bot: Bot, sam: Person, hook: Hook
) -> None:
    await telegram.say(sam, sam, "before")
    await bot.set_webhook(hook.url, secret_token="s3cret")

    gesture = await telegram.say(sam, sam, "after")
    await gesture

    assert [(secret, update["message"]["text"]) for secret, update in hook.posts] == [
        ("s3cret", "before"),
        ("s3cret", "after"),
    ]


async def test_what_the_bot_did_not_take_is_posted_again(
    telegram: PretendTelegram, bot: Bot, sam: Person, hook: Hook
) -> None:
    hook.status = 500
    await bot.set_webhook(hook.url)
    await telegram.say(sam, sam, "hello")
    await until(lambda: hook.posts)
    info = await bot.get_webhook_info()

    hook.status = 200
    await until(lambda: len(hook.posts) > 1)
    await until(lambda: not telegram.world.updates.pending)

    assert (info.url, info.pending_update_count) == (hook.url, 1)
    assert {update["update_id"] for _, update in hook.posts} == {hook.posts[0][1]["update_id"]}
    after = await bot.get_webhook_info()
    assert after.last_error_message == "Wrong response from the webhook: 500 Internal Server Error"


async def test_a_webhook_must_be_https_away_from_loopback(bot: Bot) -> None:
    with refused("an https url must be provided for webhook"):
        await bot.set_webhook("http://desk.example.org/telegram")
    with refused("secret token contains unallowed characters"):
        await bot.set_webhook("https://desk.example.org/telegram", secret_token="a b")
