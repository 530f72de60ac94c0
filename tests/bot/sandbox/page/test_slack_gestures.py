"""What an agent does to a message in the Slack pane, and the app's home: each gesture reaches a real Bolt app."""

from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from tests.bot.sandbox.page.scene import CAST, Scene, button, eventually, mrkdwn, pane, words

pytestmark = pytest.mark.asyncio(loop_scope="module")


def heard(scene: Scene, event: Any) -> list[dict[str, Any]]:
    """Every event of this kind that the app is told."""
    events: list[dict[str, Any]] = []

    @scene.app.event(event)
    async def hear(event: dict[str, Any]) -> None:
        events.append(event)

    return events


async def bar(scene: Scene, page: Page) -> Locator:
    """Bob has written something, and the pointer is over it."""
    await scene.slack.say("U0BOB", CAST.channel, "The beamer is broken")
    post = pane(page, "slack").locator(".post", has_text="The beamer is broken")
    await post.hover()
    return post


async def chosen(post: Locator, page: Page, offer: str) -> None:
    await post.get_by_role("button", name="Shortcuts and changes").click()
    await page.get_by_role("button", name=offer).click()


@pytest.mark.parametrize(
    ("offer", "callback_id"), [("Make a ticket", "make_ticket"), ("Add to ticket…", "add_to_ticket")]
)
async def test_a_message_has_the_shortcuts_of_the_app(scene: Scene, page: Page, offer: str, callback_id: str) -> None:
    asked: list[str] = []

    @scene.app.shortcut(callback_id)
    async def shortcut(ack: Any, body: dict[str, Any]) -> None:
        asked.append(body["message"]["text"])
        await ack()

    await chosen(await bar(scene, page), page, offer)

    await eventually(lambda: asked == ["The beamer is broken"])


async def test_a_new_ticket_can_be_asked_for_without_a_message(scene: Scene, page: Page) -> None:
    asked: list[str] = []

    @scene.app.shortcut("new_ticket")
    async def shortcut(ack: Any, body: dict[str, Any]) -> None:
        asked.append(body["type"])
        await ack()

    await words(pane(page, "slack"), "⚡ New ticket").click()

    await eventually(lambda: asked == ["shortcut"])


async def test_an_emoji_is_put_under_a_message_and_taken_away(scene: Scene, page: Page) -> None:
    added, removed = heard(scene, "reaction_added"), heard(scene, "reaction_removed")
    post = await bar(scene, page)

    await post.get_by_role("button", name="React with eyes").click()
    await expect(post.locator(".reaction")).to_have_text("👀 1")
    await post.locator(".reaction").click()

    await expect(post.locator(".reaction")).to_have_count(0)
    await eventually(lambda: [event["reaction"] for event in added + removed] == ["eyes", "eyes"])


async def test_a_message_is_edited_and_deleted(scene: Scene, page: Page) -> None:
    changes = heard(scene, {"type": "message", "subtype": "message_changed"})
    gone = heard(scene, {"type": "message", "subtype": "message_deleted"})
    post = await bar(scene, page)

    await chosen(post, page, "Edit message")
    slack = pane(page, "slack")
    await slack.get_by_label("Edited text").fill("The screen is broken")
    await words(slack, "Save").click()
    edited = slack.locator(".post", has_text="The screen is broken")
    await expect(edited).to_contain_text("(edited)")
    await edited.hover()
    await chosen(edited, page, "Delete message")

    await expect(edited).to_have_count(0)
    await eventually(lambda: (len(changes), len(gone)) == (1, 1))


async def test_the_home_of_the_app_is_shown_and_can_be_pressed(scene: Scene, page: Page) -> None:
    pressed: list[str] = []

    @scene.app.event("app_home_opened")
    async def opened(event: dict[str, Any], client: Any) -> None:
        blocks = [
            {"type": "section", "text": mrkdwn(f"Yours, <@{event['user']}>")},
            {"type": "actions", "elements": [button("list", "All tickets")]},
        ]
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})

    @scene.app.action("verb:list")
    async def press(ack: Any, body: dict[str, Any]) -> None:
        pressed.append(body["user"]["id"])
        await ack()

    slack = pane(page, "slack")
    await words(slack, "Home").click()
    home = slack.get_by_role("region", name="Home")
    await expect(home).to_contain_text("Yours, @Bob")
    await words(home, "All tickets").click()

    await eventually(lambda: pressed == ["U0BOB"])
    await words(slack, "Carol").click()
    await expect(home).to_contain_text("Yours, @Carol")
