"""The demo page as a whole: whole when opened, readable, reachable, never too wide, never stale."""

import pytest
from playwright.async_api import Browser, Page, expect

from tests.bot.sandbox.page.scene import (
    CAST,
    SAM,
    Scene,
    button,
    eventually,
    key,
    letter,
    menu,
    opened,
    pane,
    presses,
    words,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

OVERFLOW = "(all) => all.map((one) => one.scrollWidth - one.clientWidth)"
CONTRAST = """
() => {
  const parts = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number);
  const numbers = (colour) => parts(colour).map((n, i) => (colour.startsWith("color(") && i < 3 ? n * 255 : n));
  const light = ([r, g, b]) => [r, g, b].map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  const over = (top, below) => top.slice(0, 3).map((part, i) => part * (top[3] ?? 1) + below[i] * (1 - (top[3] ?? 1)));
  const ground = (element) => {
    if (!element) return [255, 255, 255];
    const own = numbers(getComputedStyle(element).backgroundColor);
    return own[3] === undefined ? own : over(own, ground(element.parentElement));
  };
  const shown = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const weak = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || !shown(element) || element.closest("script, .unseen, [aria-hidden=true]")) continue;
    const below = ground(element);
    const ink = over(numbers(getComputedStyle(element).color), below);
    const [one, other] = [light(ink), light(below)].sort((a, b) => b - a);
    const ratio = (one + 0.05) / (other + 0.05);
    if (ratio < 4.5) weak.push(`${node.data.trim().slice(0, 30)}: ${ratio.toFixed(2)}`);
  }
  return weak;
}
"""


async def test_what_already_happened_is_there_when_the_page_opens(browser: Browser, scene: Scene) -> None:
    await scene.card("Printer on *fire*", button("take", "Take it", style="primary"))
    await scene.ring("<b>Printer</b> on fire", [key("✅ Take it", "v1:take:42:1")])
    await letter(scene, subject="[TS-42] We have received your message")

    async with opened(browser, scene) as page:
        await expect(words(pane(page, "slack"), "Take it")).to_be_visible()
        await expect(pane(page, "slack").locator("strong", has_text="fire")).to_be_visible()
        await expect(words(pane(page, "telegram"), "✅ Take it")).to_be_visible()
        await expect(pane(page, "client").get_by_text("[TS-42] We have received your message")).to_be_visible()


async def busy(scene: Scene) -> None:
    """Something of everything."""
    await scene.card(
        "🔴 *TS-42 · Printer on fire* " + "with a very long subject " * 6,
        button("take", "Take it", style="primary"),
        button("note", "Note…"),
        button("abandon", "Not a ticket", style="danger"),
        menu("Close…", "History"),
    )
    await scene.web.chat_postMessage(channel=CAST.channel, text=f"`code` <https://example.org/{'long' * 40}>\n> quote")
    await scene.web.chat_postEphemeral(channel=CAST.channel, user="U0BOB", text="For Bob")
    await scene.ring(
        "🟠 <b>Printer on fire</b> <code>TS-42</code>", [key(f"💤 {n} h", f"v1:snooze:42:{n}") for n in range(4)]
    )
    await scene.telegram.say(SAM, CAST.group, "x" * 300)
    await letter(scene, subject="A" * 120, html="<table width=2000><tr><td>wide</td></tr></table>")


@pytest.mark.parametrize("width", [1440, 1100, 390])
async def test_nothing_overflows_sideways(browser: Browser, scene: Scene, width: int) -> None:
    await busy(scene)

    async with opened(browser, scene, width=width) as page:
        await expect(pane(page, "client").get_by_text("A" * 120)).to_have_count(1)
        wide = await page.evaluate("document.documentElement.scrollWidth")
        parts = await page.locator(".pane, .scroller").evaluate_all(OVERFLOW)

    assert wide <= width
    assert max(parts) <= 0


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_every_word_stands_out_from_its_ground(browser: Browser, scene: Scene, theme: str) -> None:
    await busy(scene)

    async with opened(browser, scene, theme=theme) as page:
        await expect(words(pane(page, "slack"), "Take it")).to_be_visible()
        weak = await page.evaluate(CONTRAST)

    assert weak == []


async def test_the_theme_is_switched_and_remembered(page: Page) -> None:
    toggle = page.get_by_role("button", name="Dark theme")
    await expect(toggle).to_have_attribute("aria-pressed", "false")

    await toggle.click()
    await page.reload()

    await expect(toggle).to_have_attribute("aria-pressed", "true")


async def test_everything_is_reached_with_the_keyboard(scene: Scene, page: Page) -> None:
    seen = presses(scene)
    await scene.card("Printer on fire", button("take", "Take it"))
    await expect(words(pane(page, "slack"), "Take it")).to_be_visible()
    reached: list[str] = []

    for _ in range(40):
        await page.keyboard.press("Tab")
        reached.append(str(await page.evaluate("document.activeElement.textContent")))
        if reached[-1] == "Take it":
            break
    await page.keyboard.press("Enter")

    await eventually(lambda: seen)
    assert seen[0]["action_id"] == "verb:take"


async def test_a_lost_connection_comes_back_with_what_was_missed(scene: Scene, page: Page) -> None:
    port = int(scene.stage.address.rpartition(":")[2])
    await scene.stage.stop()
    await expect(page.get_by_text("Connecting again…")).to_be_visible()
    await scene.card("Happened meanwhile")

    await scene.stage.start(port)

    await expect(pane(page, "slack").get_by_text("Happened meanwhile")).to_be_visible()
    await expect(page.get_by_text("Live", exact=True)).to_be_visible()
