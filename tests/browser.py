"""Chromium for tests: started once for a test or a module, every page in a window of its own, its errors not missed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, Page, Playwright, async_playwright

from tests.servers import missing, program

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WIDE, NARROW = (1440, 900), (390, 844)


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A browser of our own. Without Debian's chromium and libatomic1 the test is skipped, on CI it fails."""
    path = program("chromium", "chromium")
    playwright = await _driver()
    try:
        browser = await playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield browser
        finally:
            await browser.close()
    finally:
        await playwright.stop()


async def _driver() -> Playwright:
    try:
        return await async_playwright().start()
    except Exception as fault:
        if "driver" not in str(fault):
            raise
    return missing("Playwright's driver does not start: apt-get install libatomic1")


@asynccontextmanager
async def window(
    browser: Browser, address: str, *, size: tuple[int, int] = WIDE, theme: Any = "light", seconds: float = 20
) -> AsyncIterator[Page]:
    """The page at this address. Whatever is waited for may take `seconds`; an error in its scripts fails the test."""
    width, height = size
    context = await browser.new_context(viewport={"width": width, "height": height}, color_scheme=theme)
    context.set_default_timeout(seconds * 1000)
    page = await context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    try:
        await page.goto(address)
        yield page
    finally:
        await context.close()
    assert errors == []
