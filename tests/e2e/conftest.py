"""A demo on a free port, and its page in a browser of our own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from bot.sandbox.demo import Demo
from tests.browser import chromium, window


@pytest.fixture(autouse=True)
def _sound(desks_hold: None) -> None:
    """What must always be true is looked at when the test is over."""


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Chromium; without it the test is skipped."""
    async with chromium() as browser:
        yield browser


@pytest.fixture
async def demo(browser: Browser, tmp_path: Path, over_http: bool) -> AsyncIterator[Demo]:
    """The whole bot against the pretend platforms."""
    demo = Demo(tmp_path, over_http=over_http)
    await demo.start()
    yield demo
    await demo.stop()


@pytest.fixture
async def page(browser: Browser, demo: Demo) -> AsyncIterator[Page]:
    """The demo's page, 1440 pixels wide."""
    async with window(browser, demo.address) as page:
        yield page
