"""The night as a stranger watches it on the demo's page: one press begins it, the strip says what to do next."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from bot.clock import SpedUpClock
from bot.sandbox.demo import Demo
from tests.browser import NARROW, window

expect.set_options(timeout=20_000)
BRISK, FAST = 240, 3600
OVERFLOWS = "document.documentElement.scrollWidth > innerWidth"


@pytest.fixture
async def demo(browser: Browser, tmp_path: Path) -> AsyncIterator[Demo]:
    """Four of the desk's minutes pass in a second."""
    demo = Demo(tmp_path, speed=BRISK)
    await demo.start()
    yield demo
    await demo.stop()


def pane(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True)


def steps(page: Page) -> Locator:
    return page.get_by_role("list", name="The night").get_by_role("listitem")


def step(page: Page, number: int) -> Locator:
    return steps(page).nth(number)


async def done(page: Page, *numbers: int) -> None:
    """These steps of the story are done, and the next one is marked."""
    for number in numbers:
        await expect(step(page, number)).to_have_attribute("data-state", "done")


async def choose(page: Page, phone: str) -> None:
    phones = pane(page, "telegram").get_by_role("group", name="Phones")
    await phones.get_by_role("button", name=phone).click()


async def test_the_night_is_played_step_by_step(page: Page, browser: Browser, demo: Demo) -> None:
    await page.get_by_role("button", name="Play the night").click()
    await done(page, 0, 1, 2)
    await expect(pane(page, "telegram").get_by_role("button", name="🔔 Carol")).to_be_visible()
    await expect(step(page, 3)).to_have_attribute("aria-current", "step")

    await choose(page, "Carol")
    await pane(page, "telegram").get_by_role("button", name="✅ Take it").first.click()
    await done(page, 3)
    assert isinstance(demo.clock, SpedUpClock)
    demo.clock.run(FAST)
    await done(page, 4, 5)
    await pane(page, "slack").get_by_role("button", name="Accept", exact=True).click()
    await done(page, 6)

    await expect(pane(page, "telegram")).to_contain_text("are you still on it?")
    await expect(pane(page, "slack")).to_contain_text("Accepted by Bob")
    async with window(browser, demo.address, size=NARROW) as narrow:
        await expect(steps(narrow)).to_have_count(1)  # there is room for the one that counts
        await expect(steps(narrow)).to_contain_text("Good morning!")
        assert not await narrow.evaluate(OVERFLOWS)


async def test_the_speed_is_chosen_on_the_page(page: Page, demo: Demo) -> None:
    began = demo.clock.now()

    await page.get_by_label("Speed").select_option("600")
    await expect(page.get_by_label("Speed")).to_have_value("600")

    assert demo.clock.speed == 600
    assert demo.clock.now() > began
