"""The app's home tab: everybody's own page, drawn from the verb `home` whenever the tab is opened."""

from collections.abc import Iterator
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.commands.requests import Request
from bot.outgoing.cards import Answer, Button, Panel, Row
from bot.texts import Words
from handlers.slack.asking import Asking
from handlers.slack.blocks import ticket_row
from handlers.slack.elements import HEADER, LABEL, VALUE, Block, actions, button, fitting, paragraph, plain_text
from handlers.slack.mrkdwn import ELLIPSIS

MOST_BLOCKS, MOST_TEXT, MOST_LINE, MOST_BUTTONS = 100, 13_000, 1000, 5


def register(app: AsyncApp, asking: Asking) -> None:
    """Listen to the tab being opened."""

    @app.event("app_home_opened")
    async def opened(event: dict[str, Any]) -> None:
        if event.get("tab", "home") == "home":
            asking.later(publish(asking, str(event["user"])))


async def publish(asking: Asking, user: str) -> None:
    """Show somebody their page as it is now."""
    answer = await asking(Request(asking.caller(user), verb="home"))
    await asking.client.views_publish(user_id=user, view=home_view(answer, asking.words_for(answer)))


def home_view(answer: Answer, words: Words) -> dict[str, Any]:
    """The tab: its panels, or the sentence that there is none for this person."""
    blocks = [block for panel in answer.panels for block in _panel(panel, words)]
    shown = fitting(blocks, MOST_BLOCKS, MOST_TEXT) or [paragraph(answer.text or ELLIPSIS, MOST_LINE)]
    return {"type": "home", "blocks": shown}


def _panel(panel: Panel, words: Words) -> Iterator[Block]:
    yield {"type": "header", "text": plain_text(panel.title, HEADER)}
    for said in panel.lines:
        yield paragraph(said if said.strip() else "–", MOST_LINE)
    for one in panel.rows:
        yield _ticket(one, words)
    if panel.buttons:
        yield actions([_button(one, words) for one in panel.buttons])


def _ticket(one: Row, words: Words) -> Block:
    """A ticket in a line, with a button that shows it."""
    return {**ticket_row(one), "accessory": button(Button("show", words("Show")), one.reference, 0, words)}


def _button(one: Button, words: Words) -> Block:
    """A verb's button; with words of its own it is a page of a list that is asked for."""
    if not one.argument:
        return button(one, "", 0, words)
    value = f"{one.verb} {one.argument}"[:VALUE]
    return {
        "type": "button",
        "action_id": f"page:{one.argument}"[:255],
        "text": plain_text(one.label, LABEL),
        "value": value,
    }
