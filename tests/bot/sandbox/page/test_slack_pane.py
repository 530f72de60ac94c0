"""The Slack pane in a browser: what it draws, and that every gesture there reaches a real Bolt app."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from tests.bot.sandbox.page.scene import (
    CAST,
    ESCAPED,
    HOSTILE,
    Scene,
    button,
    eventually,
    menu,
    mrkdwn,
    options,
    pane,
    plain,
    presses,
    words,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


def form(*blocks: dict[str, Any], title: str = "Reply to Ann", submit: str = "Send") -> dict[str, Any]:
    parts = {"title": plain(title), "submit": plain(submit), "blocks": list(blocks)}
    return {"type": "modal", "callback_id": "form:reply", **parts}


def asked(block_id: str, label: str, element: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain(label),
        "element": {"action_id": "value", **element},
        **more,
    }


LINES = asked("text", "Text", {"type": "plain_text_input", "multiline": True})


def opens(scene: Scene, view: dict[str, Any]) -> list[dict[str, Any]]:
    """Let *Reply…* open this view; what is submitted lands in the list."""
    submitted: list[dict[str, Any]] = []

    @scene.app.action("verb:reply")
    async def press(ack: Any, body: dict[str, Any], client: Any) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=view)
        await ack()

    @scene.app.view("form:reply")
    async def submit(ack: Any, view: dict[str, Any]) -> None:
        values = view["state"]["values"]
        submitted.append(values)
        if values["text"]["value"]["value"] == "no":
            await ack(response_action="errors", errors={"text": "Say more than that."})
        else:
            await ack()

    return submitted


@asynccontextmanager
async def reply_form(scene: Scene, page: Page, view: dict[str, Any]) -> AsyncIterator[Locator]:
    """*Reply…* pressed: the dialog."""
    await scene.card("Printer on fire", button("reply", "Reply…", style="primary"))
    await words(pane(page, "slack"), "Reply…").click()
    dialog = pane(page, "slack").get_by_role("dialog", name=view["title"]["text"])
    await expect(dialog).to_be_visible()
    yield dialog


# what is shown


async def test_a_card_is_redrawn_in_place(scene: Scene, page: Page) -> None:
    slack = pane(page, "slack")
    ts = await scene.card("Printer on fire", button("take", "Take it"))
    await expect(words(slack, "Take it")).to_be_visible()
    posts = await slack.locator(".post").count()

    await scene.web.chat_update(channel=CAST.channel, ts=ts, text="Taken by Sam", attachments=[])

    await expect(slack.get_by_text("Taken by Sam")).to_be_visible()
    await expect(words(slack, "Take it")).to_have_count(0)
    assert await slack.locator(".post").count() == posts


async def test_the_newest_is_in_sight_and_whoever_scrolled_up_is_left_there(scene: Scene, page: Page) -> None:
    slack = pane(page, "slack")
    for number in range(12):
        await scene.card(f"Card {number}\nwith a second line\nand a third")
    await expect(slack.get_by_text("Card 11")).to_be_in_viewport()

    await slack.locator(".channel .scroller").evaluate("(scroller) => (scroller.scrollTop = 0)")
    await scene.card("Card 12")

    await expect(slack.get_by_text("Card 12")).to_have_count(1)
    await expect(slack.get_by_text("Card 12")).not_to_be_in_viewport()


async def test_slack_s_text_is_drawn_and_foreign_text_stays_text(scene: Scene, page: Page) -> None:
    slack = pane(page, "slack")
    text = f"*bold* _slanted_ ~gone~ `code` :bell: <https://example.org|a link> <@U0CAROL>\n> quoted\n{ESCAPED}"

    await scene.web.chat_postMessage(channel=CAST.channel, text=text)

    for tag, content in {
        "strong": "bold",
        "em": "slanted",
        "s": "gone",
        "code": "code",
        "blockquote": "quoted",
    }.items():
        await expect(slack.locator(f".post {tag}")).to_have_text(content)
    await expect(slack.get_by_role("link", name="a link")).to_have_attribute("href", "https://example.org")
    await expect(slack.get_by_text("🔔")).to_be_visible()
    await expect(slack.get_by_text("@Carol")).to_be_visible()
    await expect(slack.get_by_text(HOSTILE)).to_be_visible()
    assert await slack.locator(".post img").count() == 0
    assert await page.title() == "Deskbell demo"


async def test_every_kind_of_block_is_drawn(scene: Scene, page: Page) -> None:
    slack = pane(page, "slack")
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": plain("The header")},
        {"type": "section", "fields": [mrkdwn("*Assignee*\nSam"), mrkdwn("*Status*\nRead")]},
        {"type": "divider"},
        {"type": "section", "text": mrkdwn("With a button"), "accessory": button("show", "Show")},
        {"type": "context", "elements": [mrkdwn("Taken by Sam")]},
    ]

    await scene.web.chat_postMessage(channel=CAST.channel, text="all", blocks=blocks)

    await expect(slack.get_by_role("heading", name="The header")).to_be_visible()
    await expect(slack.locator(".facts > div")).to_have_text(["AssigneeSam", "StatusRead"])
    await expect(slack.locator("hr")).to_have_count(1)
    await expect(words(slack, "Show")).to_be_visible()
    await expect(slack.locator(".context")).to_have_text("Taken by Sam")


async def test_what_only_one_agent_may_see_is_shown_to_that_agent(scene: Scene, page: Page) -> None:
    slack = pane(page, "slack")
    await scene.web.chat_postEphemeral(channel=CAST.channel, user="U0CAROL", text="For Carol alone")
    await scene.card("For everyone")
    await expect(slack.get_by_text("For everyone")).to_be_visible()
    await expect(slack.get_by_text("For Carol alone")).to_have_count(0)

    await words(slack, "Carol").click()

    await expect(slack.get_by_text("For Carol alone")).to_be_visible()
    await expect(slack.get_by_text("Only visible to you")).to_be_visible()


# what people do


async def test_a_button_reaches_the_app_as_the_agent_who_is_chosen(scene: Scene, page: Page) -> None:
    seen = presses(scene)
    await scene.card("Printer on fire", button("take", "Take it"))
    await words(pane(page, "slack"), "Carol").click()

    await words(pane(page, "slack"), "Take it").click()

    await eventually(lambda: seen)
    assert [(one["action_id"], one["value"], one["user"]) for one in seen] == [("verb:take", "TS-42|1", "U0CAROL")]


async def test_a_menu_choice_is_confirmed_first(scene: Scene, page: Page) -> None:
    seen, slack = presses(scene), pane(page, "slack")
    question = {
        "title": plain("Take over?"),
        "text": plain("Sam has it."),
        "confirm": plain("Yes"),
        "deny": plain("No"),
    }
    await scene.card("Printer on fire", menu("Take over", "History", confirm=question))

    await slack.get_by_role("button", name="⋯").click()
    await words(slack, "Take over").click()
    await words(slack.get_by_role("dialog", name="Take over?"), "No").click()
    await slack.get_by_role("button", name="⋯").click()
    await words(slack, "Take over").click()
    await words(slack.get_by_role("dialog", name="Take over?"), "Yes").click()

    await eventually(lambda: seen)
    assert [one["selected_option"]["value"] for one in seen] == ["take over"]


async def test_a_slash_command_typed_in_the_box_is_answered_privately(scene: Scene, page: Page) -> None:
    slack = pane(page, "slack")

    @scene.app.command("/ticket")
    async def ticket(ack: Any, command: dict[str, Any]) -> None:
        await ack(f"You typed: {command['text']}")

    await slack.get_by_label("Message").fill("/ticket list mine")
    await page.keyboard.press("Enter")

    await expect(slack.get_by_text("You typed: list mine")).to_be_visible()
    await expect(slack.get_by_text("Only visible to you")).to_be_visible()


async def test_other_words_are_posted_and_answered_in_a_thread(scene: Scene, page: Page) -> None:
    slack = pane(page, "slack")
    ts = await scene.card("Printer on fire", button("take", "Take it"))
    await scene.web.chat_postMessage(channel=CAST.channel, text="Taken by Sam", thread_ts=ts)
    await slack.get_by_label("Message").fill("good morning")
    await page.keyboard.press("Enter")
    await expect(slack.get_by_text("good morning")).to_be_visible()

    await words(slack, "1 reply").click()
    await slack.get_by_label("Write in thread").fill("looking")
    await page.keyboard.press("Enter")

    await expect(slack.get_by_role("complementary").get_by_text("looking")).to_be_visible()
    assert [message.text for message in scene.slack.messages(CAST.channel, thread_ts=ts)] == ["Taken by Sam", "looking"]
    await expect(words(slack, "Take it")).to_have_count(1)


async def test_a_form_is_filled_sent_and_closes(scene: Scene, page: Page) -> None:
    severity = asked("severity", "Severity", {"type": "static_select", "options": options("Low", "High")})
    also = asked("notify", "Also", {"type": "checkboxes", "options": options("Copy", "Wait")}, optional=True)
    view = form(LINES, severity, also)
    submitted = opens(scene, view)

    async with reply_form(scene, page, view) as dialog:
        await dialog.get_by_label("Text", exact=True).fill("It is put out.")
        await dialog.get_by_label("Severity", exact=True).select_option("High")
        await dialog.get_by_label("Wait").check()
        await words(dialog, "Send").click()
        await expect(dialog).to_have_count(0)

    [values] = submitted
    assert values["text"]["value"]["value"] == "It is put out."
    assert values["severity"]["value"]["selected_option"]["value"] == "high"
    assert [one["value"] for one in values["notify"]["value"]["selected_options"]] == ["wait"]


async def test_what_is_wrong_stands_under_its_field_and_nothing_typed_is_lost(scene: Scene, page: Page) -> None:
    view = form(LINES)
    submitted = opens(scene, view)

    async with reply_form(scene, page, view) as dialog:
        await words(dialog, "Send").click()
        await expect(dialog.get_by_role("alert").filter(has_text="required")).to_be_visible()
        await dialog.get_by_label("Text", exact=True).fill("no")
        await words(dialog, "Send").click()
        await expect(dialog.get_by_text("Say more than that.")).to_be_visible()
        await expect(dialog.get_by_label("Text", exact=True)).to_have_value("no")

    assert len(submitted) == 1


async def test_an_external_select_asks_the_app_while_one_types(scene: Scene, page: Page) -> None:
    assignee = asked("assignee", "Assignee", {"type": "external_select", "min_query_length": 1})
    view = form(LINES, assignee)
    submitted = opens(scene, view)

    @scene.app.options("value")
    async def suggest(ack: Any, payload: dict[str, Any]) -> None:
        await ack(options=[one for one in options("Bob", "Carol") if payload["value"] in one["text"]["text"]])

    async with reply_form(scene, page, view) as dialog:
        await dialog.get_by_label("Assignee", exact=True).fill("Car")
        await dialog.get_by_role("option", name="Carol").click()
        await dialog.get_by_label("Text", exact=True).fill("yours")
        await words(dialog, "Send").click()
        await expect(dialog).to_have_count(0)

    assert submitted[0]["assignee"]["value"]["selected_option"]["value"] == "carol"


async def test_a_view_updated_by_the_app_keeps_what_was_typed(scene: Scene, page: Page) -> None:
    view = form(LINES)
    opens(scene, view)

    async with reply_form(scene, page, view) as dialog:
        await dialog.get_by_label("Text", exact=True).fill("half a sente")
        [shown] = scene.slack.open_views("U0BOB")
        preview = {"type": "section", "text": mrkdwn("To Ann")}
        await scene.web.views_update(view_id=shown.id, view=form(preview, LINES))
        await expect(dialog.get_by_text("To Ann", exact=True)).to_be_visible()
        await expect(dialog.get_by_label("Text", exact=True)).to_have_value("half a sente")


async def test_escape_closes_a_form(scene: Scene, page: Page) -> None:
    view = form(LINES)
    opens(scene, view)

    async with reply_form(scene, page, view) as dialog:
        await page.keyboard.press("Escape")
        await expect(dialog).to_have_count(0)

    assert scene.slack.open_views("U0BOB") == []
    await expect(pane(page, "slack").get_by_label("Message")).to_be_focused()


async def test_an_app_that_does_not_answer_is_shown_as_slack_shows_it(scene: Scene, page: Page) -> None:
    slack = pane(page, "slack")
    scene.slack.faults.drop_acks = 1

    @scene.app.command("/ticket")
    async def ticket(ack: Any) -> None:
        await ack("too late")

    await slack.get_by_label("Message").fill("/ticket")
    await page.keyboard.press("Enter")

    await expect(slack.get_by_text('/ticket failed with the error "operation_timeout"')).to_be_visible()
