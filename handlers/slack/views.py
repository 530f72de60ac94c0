"""Forms that come back: `form:<verb>` asks for its verb again, now with everything filled in."""

import asyncio
import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.commands.requests import Request
from bot.outgoing.cards import Answer
from handlers.slack.asking import Asking

CALLBACK = re.compile(r"^form:[a-z_]{1,30}$")


def register(app: AsyncApp, asking: Asking, tasks: "set[asyncio.Task[None]]") -> None:
    """Listen to submitted and closed forms."""

    @app.view_submission(CALLBACK)
    async def submitted(ack: AsyncAck, body: dict[str, Any]) -> None:
        view, user = body["view"], body["user"]["id"]
        reference, version, channel = [*str(view.get("private_metadata") or "").split("|"), "", "", ""][:3]
        request = Request(
            asking.caller(user, body["user"].get("username", "")),
            verb=view["callback_id"].removeprefix("form:"),
            fields={**values(view), **({"reference": reference} if reference else {})},
            version=int(version) if reference and version.isdecimal() else None,
            receipt=f"slack:{view['id']}:{view.get('hash', '')}",
            submitted=True,
        )
        answer = await asking(request)
        if answer.refused:
            await ack(response_action="errors", errors=_faults(answer, view))
            return
        await ack()
        if answer.buttons or not reference:
            task = asyncio.ensure_future(asking.whisper(channel, user, answer))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

    @app.view_closed(CALLBACK)
    async def closed(ack: AsyncAck) -> None:
        await ack()


def values(view: dict[str, Any]) -> dict[str, str]:
    """What was filled in, by block_id; what was left empty is not there."""
    state = (view.get("state") or {}).get("values") or {}
    found = {key: _value(next(iter(elements.values()))) for key, elements in state.items() if elements}
    return {key: value for key, value in found.items() if value}


def _value(element: dict[str, Any]) -> str:
    option = element.get("selected_option")
    if option:
        return str(option.get("value", ""))
    return str(element.get("value") or "").strip()


def _faults(answer: Answer, view: dict[str, Any]) -> dict[str, str]:
    """Each fault at its own field; what belongs to none stands at the text, else at the first field."""
    inputs = [block["block_id"] for block in view.get("blocks", []) if block.get("type") == "input"]
    known = {key: text[:2000] for key, text in answer.faults.items() if key in inputs}
    if known:
        return known
    return {"text" if "text" in inputs else inputs[0]: answer.text[:2000]} if inputs else {}
