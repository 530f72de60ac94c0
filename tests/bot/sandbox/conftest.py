"""The pretend Telegram with its usual people, and a real python-telegram-bot application on it."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from telegram import Update
from telegram.error import BadRequest
from telegram.ext import Application, ApplicationBuilder

from bot.sandbox.telegram import Chat, Person, PretendTelegram


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.time = 1_795_608_000.0

    def __call__(self) -> float:
        return self.time


async def until(is_so: Callable[[], object], seconds: float = 20) -> None:
    """Wait until it is so; TimeoutError if it never is."""
    async with asyncio.timeout(seconds):
        while True:
            if is_so():
                return
            await asyncio.sleep(0.01)


def refused(words: str) -> Any:
    """The context in which Telegram says "Bad Request: …" with these words."""
    return pytest.raises(BadRequest, match=re.compile(re.escape(words), re.IGNORECASE))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def telegram(clock: Clock) -> AsyncIterator[PretendTelegram]:
    pretend = PretendTelegram(clock=clock)
    await pretend.start()
    yield pretend
    await pretend.stop()


@pytest.fixture
def sam(telegram: PretendTelegram) -> Person:
    return telegram.add_person(501, "Sam", username="sam_oncall")


@pytest.fixture
def eve(telegram: PretendTelegram) -> Person:
    return telegram.add_person(666, "Eve")


@pytest.fixture
def group(telegram: PretendTelegram, sam: Person) -> Chat:
    return telegram.add_group(-1001234567890, "On call", members=[sam])


@pytest.fixture
async def application(telegram: PretendTelegram) -> AsyncIterator[Application[Any, Any, Any, Any, Any, Any]]:
    """Initialised, with the bot's own requests; not polling yet."""
    built = (
        ApplicationBuilder()
        .token(telegram.token)
        .base_url(f"{telegram.api_url}/bot")
        .base_file_url(f"{telegram.api_url}/file/bot")
        .build()
    )
    async with built:
        yield built


@pytest.fixture
async def poll(
    application: Application[Any, Any, Any, Any, Any, Any],
) -> AsyncIterator[Callable[..., Any]]:
    """Start polling, with handlers added: `await poll(handler, …)`."""

    async def start(*handlers: Any, errors: list[Exception] | None = None, **options: Any) -> None:
        application.add_handlers(list(handlers))
        await application.start()
        assert application.updater is not None
        callback = errors.append if errors is not None else None
        await application.updater.start_polling(
            poll_interval=0.01, timeout=2, error_callback=callback, allowed_updates=Update.ALL_TYPES, **options
        )

    yield start
    if application.updater and application.updater.running:
        await application.updater.stop()
    if application.running:
        await application.stop()
