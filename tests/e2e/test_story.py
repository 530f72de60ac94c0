"""The story that the demo tells, told by people who only see the page: a client writes, the desk rings and answers.

Nothing here looks behind the page. Pictures of its end are kept where DESKBELL_PICTURES names a folder.
"""

import os
import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from bot.sandbox.demo import Demo
from tests.browser import NARROW, WIDE, window

pytestmark = pytest.mark.one_mode

expect.set_options(timeout=20_000)
SIZES = {"wide": WIDE, "narrow": NARROW}
OVERFLOWS = "document.documentElement.scrollWidth > innerWidth"


def pane(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True)


def button(place: Locator, name: str) -> Locator:
    return place.get_by_role("button", name=name, exact=True)


def slack_card(page: Page) -> Locator:
    return pane(page, "slack").get_by_role("list", name="Channel").locator(".post", has_text="Printer on fire").first


def phone_card(page: Page) -> Locator:
    return pane(page, "telegram").locator("li", has_text="Printer on fire").first


async def write(page: Page, subject: str, text: str) -> None:
    """Ann writes a mail."""
    client = pane(page, "client")
    await client.get_by_label("Subject", exact=True).fill(subject)
    await client.get_by_label("Text", exact=True).fill(text)
    await button(client, "Send mail").click()


async def open_letter(page: Page, subject: str, number: int = 1) -> Locator:
    """Ann opens the newest letter with this subject, the `number`th that came: what stands in it."""
    client = pane(page, "client")
    back = button(client, "‹ Letters")
    if await back.is_visible():
        await back.click()
    letters = client.get_by_role("button").filter(has_text=subject)
    await expect(letters).to_have_count(number)
    await letters.first.click()
    return client.frame_locator("iframe").locator("body")


async def submit(page: Page, title: str, text: str, words: str) -> None:
    """Bob fills in the form's text and submits it."""
    dialog = pane(page, "slack").get_by_role("dialog", name=title)
    await dialog.locator("textarea").fill(text)
    await button(dialog, words).click()
    await expect(dialog).to_be_hidden()


async def until_taken(page: Page) -> None:
    await write(page, "Printer on fire", "The printer on the second floor burns.\n\nAnn")
    await expect(slack_card(page)).to_contain_text("Unread")
    await button(phone_card(page), "✅ Take it").click()
    await expect(phone_card(page)).to_contain_text("Taken by Sam")
    await expect(slack_card(page)).to_contain_text("Taken by Sam")


async def until_answered(page: Page) -> None:
    await button(slack_card(page), "Reply…").click()
    await submit(page, "Reply to the client", "Water is on its way.", "Send")
    preview = pane(page, "slack").get_by_role("dialog", name="This will be sent")
    await expect(preview).to_contain_text("Water is on its way.")
    await button(preview, "Send").click()
    await expect(await open_letter(page, "Re: Printer on fire")).to_contain_text("Water is on its way.")


async def test_a_mail_rings_is_taken_on_the_phone_answered_in_slack_and_closed(
    page: Page, browser: Browser, demo: Demo
) -> None:
    await until_taken(page)
    await expect(await open_letter(page, "We have received your message")).to_contain_text("TS")
    await until_answered(page)

    await button(pane(page, "client"), "Answer").click()
    await pane(page, "client").get_by_label("Text", exact=True).fill("The fire is out, thank you!")
    await button(pane(page, "client"), "Send mail").click()
    await slack_card(page).get_by_role("button", name=re.compile("repl(y|ies)$")).click()
    thread = pane(page, "slack").get_by_role("complementary", name="Thread")
    await expect(thread).to_contain_text("The fire is out, thank you!")
    await button(thread, "Hide thread").click()

    await button(slack_card(page), "Close…").click()
    await submit(page, "Close ticket", "The printer was put out.", "Close ticket")

    await expect(slack_card(page)).to_contain_text("Closed by Bob")
    await expect(phone_card(page)).to_contain_text("Closed by Bob")
    await expect(await open_letter(page, "Re: Printer on fire", 2)).to_contain_text("The printer was put out.")
    await keep_pictures(browser, demo)


async def test_the_page_fits_at_both_widths_when_the_story_is_told(page: Page, browser: Browser, demo: Demo) -> None:
    await until_taken(page)

    for size in SIZES.values():
        async with window(browser, demo.address, size=size) as other:
            await expect(slack_card(other)).to_be_visible()
            assert not await other.evaluate(OVERFLOWS)


async def test_who_is_nobody_s_agent_can_only_ask_to_be_paired(page: Page, demo: Demo) -> None:
    eve = demo.telegram.add_person(666, "Eve")
    demo.telegram.world.chats[demo.cast.group].join(eve)
    await write(page, "Printer on fire", "It burns.")
    await expect(phone_card(page)).to_be_visible()
    (bubble,) = demo.telegram.messages(demo.cast.group)

    gesture = await demo.telegram.press(eve, demo.cast.group, bubble.id, "✅ Take it")
    await gesture.answered(10)

    await expect(phone_card(page)).to_contain_text("Unread")
    assert gesture.answer


async def keep_pictures(browser: Browser, demo: Demo) -> None:
    folder = os.environ.get("DESKBELL_PICTURES")
    for name, size in SIZES.items() if folder else ():
        for theme in ("light", "dark"):
            async with window(browser, demo.address, size=size, theme=theme) as page:
                await expect(slack_card(page)).to_be_visible()
                await page.screenshot(path=Path(folder or "") / f"{name}-{theme}.png", full_page=True)
