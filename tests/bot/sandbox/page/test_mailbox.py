"""The client's pane in a browser: mails written, letters read and answered."""

import pytest
from playwright.async_api import Page, expect

from tests.bot.sandbox.page.scene import (
    HOSTILE,
    Scene,
    eventually,
    letter,
    pane,
    words,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


def desk_mails(scene: Scene) -> list[bytes]:
    return [mail.raw for mail in scene.mail.mailboxes["support"].inbox.mails]


async def test_a_mail_is_written_and_kept_among_the_sent(scene: Scene, page: Page) -> None:
    client = pane(page, "client")
    await client.get_by_label("Subject").fill("Printer on fire")
    await client.get_by_label("Text").fill("It burns.")

    await words(client, "Send mail").click()

    await eventually(lambda: desk_mails(scene))
    assert b"Subject: Printer on fire" in desk_mails(scene)[0]
    await expect(client.get_by_label("Text")).to_have_value("")
    await words(client, "Sent").click()
    await expect(client.get_by_role("button", name="Printer on fire")).to_be_visible()


async def test_another_client_has_another_mailbox(scene: Scene, page: Page) -> None:
    client = pane(page, "client")
    await letter(scene)
    await expect(client.get_by_text("Re: Printer [TS-42]")).to_be_visible()

    await words(client, "Paul").click()
    await expect(client.get_by_text("Re: Printer [TS-42]")).to_have_count(0)
    await client.get_by_label("Text").fill("Hello")
    await words(client, "Send mail").click()

    await eventually(lambda: desk_mails(scene))
    assert b"From: Paul <paul@globex.example>" in desk_mails(scene)[0]


async def test_a_letter_is_answered_in_its_thread(scene: Scene, page: Page) -> None:
    client = pane(page, "client")
    await letter(scene, text="Is it out?")
    await client.get_by_role("button", name="Re: Printer [TS-42]").click()
    await expect(client.get_by_text("Is it out?")).to_be_visible()

    await words(client, "Answer").click()
    await client.get_by_label("Text").fill("Yes, it is.")
    await words(client, "Send mail").click()

    await eventually(lambda: desk_mails(scene))
    [mail] = desk_mails(scene)
    assert b"To: support+token@example.org" in mail
    assert b"In-Reply-To: <letter@example.org>" in mail
    assert b"Subject: Re: Printer [TS-42]" in mail
    assert b"> Is it out?" in mail


async def test_a_letter_s_html_is_shown_without_any_power(scene: Scene, page: Page) -> None:
    client = pane(page, "client")
    await letter(scene, html=f"<p>Well <b>done</b></p>{HOSTILE}<script>parent.document.title='broken'</script>")

    await client.get_by_role("button", name="Re: Printer [TS-42]").click()

    frame = client.frame_locator("iframe")
    await expect(frame.locator("b")).to_have_text("done")
    assert "allow-scripts" not in str(await client.locator("iframe").get_attribute("sandbox"))
    assert "allow-same-origin" not in str(await client.locator("iframe").get_attribute("sandbox"))
    assert await page.title() == "Deskbell demo"
