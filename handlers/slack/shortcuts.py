"""Shortcuts: a new ticket from anywhere, a ticket of a message, a message for a ticket.

What belongs to a message takes longer to gather than Slack waits: a view that says so opens first and is then replaced.
"""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.commands.requests import Request
from handlers.slack.asking import Asking
from handlers.slack.forms import message_view
from handlers.slack.gathering import gathered
from handlers.slack.views import redraw

OF_MESSAGES = {"make_ticket": "make", "add_to_ticket": "add"}


def register(app: AsyncApp, asking: Asking) -> None:
    """Listen to every shortcut."""

    @app.global_shortcut("new_ticket")
    async def new(ack: AsyncAck, body: dict[str, Any]) -> None:
        answer = await asking(Request(asking.presser(body), verb="new", receipt=f"slack:{body['trigger_id']}"))
        user = str(body["user"]["id"])
        if answer.form is not None:
            asking.later(asking.open_form(answer, body["trigger_id"], "", user))
        else:
            shown = message_view(answer.text, asking.words_for(answer))
            asking.later(asking.client.views_open(trigger_id=body["trigger_id"], view=shown))
        await ack()

    def of_message(callback_id: str, verb: str) -> None:
        @app.message_shortcut(callback_id)
        async def asked(ack: AsyncAck, body: dict[str, Any]) -> None:
            asking.later(_ask(asking, body, verb))
            await ack()

    for callback_id, verb in OF_MESSAGES.items():
        of_message(callback_id, verb)


async def _ask(asking: Asking, body: dict[str, Any], verb: str) -> None:
    waiting = message_view(asking.words("Loading…"), asking.words)
    opened = await asking.client.views_open(trigger_id=body["trigger_id"], view=waiting)
    channel, receipt = str(body["channel"]["id"]), f"slack:{body['trigger_id']}"
    request, missing = await gathered(asking, asking.presser(body), verb, channel, body["message"], receipt=receipt)
    await redraw(asking, {"id": opened["view"]["id"]}, await asking(request))
    if missing:
        await asking.whisper(channel, str(body["user"]["id"]), asking.without(missing))
