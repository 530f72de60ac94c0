"""The Telegram pane in a browser: bubbles, keyboards, answers to presses, what is typed there."""

import pytest
from playwright.async_api import Page, expect

from tests.bot.sandbox.page.scene import (
    CAST,
    ESCAPED,
    HOSTILE,
    SAM,
    Scene,
    key,
    pane,
    words,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_press_on_the_phone_is_answered_by_a_toast(scene: Scene, page: Page) -> None:
    phone = pane(page, "telegram")
    await scene.ring("Printer on fire", [key("✅ Take it", "v1:take:42:1")], [key("💤 1 h", "v1:snooze:42:1:1h")])

    async with scene.answering(text="You took TS-42"):
        await words(phone, "✅ Take it").click()
        await expect(phone.get_by_role("status").get_by_text("You took TS-42")).to_be_visible()


async def test_a_refusal_on_the_phone_is_an_alert(scene: Scene, page: Page) -> None:
    phone = pane(page, "telegram")
    await scene.ring("Printer on fire", [key("✔ Close", "v1:close:42:1")])

    async with scene.answering(text="Already closed by Carol", show_alert=True):
        await words(phone, "✔ Close").click()
        await expect(phone.get_by_role("alertdialog").get_by_text("Already closed by Carol")).to_be_visible()
    await words(phone, "OK").click()

    await expect(phone.get_by_role("alertdialog")).to_have_count(0)


async def test_the_phone_s_card_is_redrawn_with_its_keyboard(scene: Scene, page: Page) -> None:
    phone = pane(page, "telegram")
    card = await scene.ring("Printer on fire", [key("✅ Take it", "v1:take:42:1")])
    await expect(words(phone, "✅ Take it")).to_be_visible()

    keyboard = {"inline_keyboard": [[key("✔ Close", "v1:close:42:2")]]}
    changed = {"chat_id": CAST.group, "message_id": card, "text": "Taken by Sam", "reply_markup": keyboard}
    await scene.telegrams("editMessageText", **changed)

    await expect(phone.get_by_text("Taken by Sam")).to_be_visible()
    await expect(words(phone, "✔ Close")).to_be_visible()
    await expect(words(phone, "✅ Take it")).to_have_count(0)


async def test_a_message_on_the_phone_is_answered_by_another(scene: Scene, page: Page) -> None:
    phone = pane(page, "telegram")
    card = await scene.ring("Printer on fire")
    await phone.locator("li", has_text="Printer on fire").hover()
    await words(phone, "Answer this").click()

    await phone.get_by_label("Write in Telegram").fill("ok")
    await page.keyboard.press("Enter")

    await expect(phone.locator(".mine", has_text="ok")).to_be_visible()
    [answer] = [one for one in scene.telegram.messages(CAST.group) if one.author.id == SAM]
    assert answer.reply_to is not None
    assert (answer.text, answer.reply_to.id) == ("ok", card)


async def test_telegram_s_text_is_drawn_and_foreign_text_stays_text(scene: Scene, page: Page) -> None:
    phone = pane(page, "telegram")

    await scene.ring(f"🔥 <b>bold <i>both</i></b> <code>code</code>\n<blockquote>quoted</blockquote>\n{ESCAPED}")

    for tag, content in {"strong": "bold both", "em": "both", "code": "code", ".words blockquote": "quoted"}.items():
        await expect(phone.locator(tag)).to_have_text(content)
    await expect(phone.get_by_text(HOSTILE)).to_be_visible()
    assert await phone.locator("li img").count() == 0


async def test_a_pairing_link_in_slack_opens_the_private_chat_and_starts_the_bot(scene: Scene, page: Page) -> None:
    link = "https://t.me/deskbell_bot?start=token-123"
    await scene.web.chat_postEphemeral(channel=CAST.channel, user="U0BOB", text=f"<{link}|Open Telegram>")

    await pane(page, "slack").get_by_role("link", name="Open Telegram").click()

    await expect(pane(page, "telegram").get_by_text("/start token-123")).to_be_visible()
    assert [message.text for message in scene.telegram.messages(SAM)] == ["/start token-123"]
