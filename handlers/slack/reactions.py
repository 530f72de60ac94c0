"""Signs under messages: 👀 takes the card, ✅ offers to close it, 🎫 offers to make a message a ticket.

No form can open after a sign: what is needed further is offered as a button that only its giver sees.
"""

from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.commands.requests import Request, Spot
from bot.outgoing.cards import Answer
from handlers.slack.asking import Asking
from handlers.slack.gathering import gathered, message_at, name_of

ON_CARDS = {"eyes": "take", "white_check_mark": "offer"}
MAKES = "ticket"


def register(app: AsyncApp, asking: Asking) -> None:
    """Listen to signs being given."""

    @app.event("reaction_added")
    async def given(body: dict[str, Any], event: dict[str, Any]) -> None:
        item, sign = event.get("item") or {}, str(event.get("reaction") or "")
        if item.get("type") != "message" or event.get("user") == asking.bot_user:
            return
        if sign in ON_CARDS:
            await _on_card(asking, body, event, ON_CARDS[sign])
        elif sign == MAKES:
            asking.later(_make(asking, body, event))


async def _on_card(asking: Asking, body: dict[str, Any], event: dict[str, Any], verb: str) -> None:
    channel, ts, user = str(event["item"]["channel"]), str(event["item"]["ts"]), str(event["user"])
    request = Request(
        asking.caller(user),
        verb=verb,
        spot=Spot("slack", channel, ts),
        receipt=f"slack:{body['event_id']}",
        can_ask=False,
    )
    answer = await asking(request)
    if _is_worth_saying(answer):
        asking.later(asking.whisper(channel, user, answer))


async def _make(asking: Asking, body: dict[str, Any], event: dict[str, Any]) -> None:
    channel, ts, user = str(event["item"]["channel"]), str(event["item"]["ts"]), str(event["user"])
    message = await message_at(asking.client, channel, ts)
    if message is None or message.get("bot_id") or not message.get("user"):
        return
    place = f"{channel},{await name_of(asking.client, channel)}"
    request, missing = await gathered(
        asking,
        asking.caller(user),
        "make",
        channel,
        message,
        fields={"sign_in": place},
        receipt=f"slack:{body['event_id']}",
        can_ask=False,
    )
    answer = await asking(request)
    await asking.whisper(channel, user, answer, thread=str(message.get("thread_ts") or ""))
    if missing and not answer.nothing:
        await asking.whisper(channel, user, asking.without(missing))


def _is_worth_saying(answer: Answer) -> bool:
    """A card shows what was done; a refusal and a question it does not."""
    return not answer.nothing and bool(answer.refused or answer.buttons)
