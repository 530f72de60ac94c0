"""What a searched field offers: each time somebody types into it, the verb `suggest` is asked."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.commands.requests import Request
from handlers.slack.asking import Asking
from handlers.slack.elements import MOST_OPTIONS, OPTION_VALUE, option
from handlers.slack.mrkdwn import decode


def register(app: AsyncApp, asking: Asking) -> None:
    """Listen to what is typed into searched fields."""

    @app.options("value")
    async def typed(ack: AsyncAck, body: dict[str, Any]) -> None:
        fields = {"field": str(body.get("block_id") or ""), "text": decode(str(body.get("value") or ""))}
        answer = await asking(Request(asking.presser(body), verb="suggest", fields=fields))
        usable = [one for one in answer.options if 0 < len(one.value) <= OPTION_VALUE][:MOST_OPTIONS]
        await ack(options=[option(one.label, one.value) for one in usable])
