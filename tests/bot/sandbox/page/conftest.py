"""One browser for each module, and for each test the platforms, the stage and a page."""

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.bot.sandbox.page.scene import Scene, opened, played
from tests.browser import chromium


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def scene(browser: Browser) -> AsyncIterator[Scene]:
    async with played() as scene:
        yield scene


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser, scene: Scene) -> AsyncIterator[Page]:
    async with opened(browser, scene) as page:
        yield page
