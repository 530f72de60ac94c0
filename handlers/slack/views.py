"""Forms that come back: `form:<verb>` asks for its verb again, now with everything filled in.

A form that is refused stays open with all that was typed; it closes only when the verb has done its work.
"""

import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.commands.requests import Request
from bot.outgoing.cards import Answer
from handlers.slack.asking import Asking
from handlers.slack.forms import form_view, message_view
from handlers.slack.mrkdwn import plain

CALLBACK = re.compile(r"^form:[a-z_]{1,30}$")
LONGEST_FAULT = 1000


def register(app: AsyncApp, asking: Asking) -> None:
    """Listen to submitted and closed forms."""

    @app.view_submission(CALLBACK)
    async def submitted(ack: AsyncAck, body: dict[str, Any]) -> None:
        view, user = body["view"], str(body["user"]["id"])
        reference, version, channel = remembered(view)
        request = Request(
            asking.presser(body),
            verb=str(view["callback_id"]).removeprefix("form:"),
            fields={**values(view), **({"reference": reference} if reference else {})},
            version=version if reference else None,
            receipt=f"slack:{view['id']}:{view.get('hash') or ''}",
            submitted=True,
        )
        answer = await asking(request)
        if answer.refused:
            await ack(**_refusal(answer, view, asking))
        elif answer.form is not None:
            await ack(response_action="update", view=form_view(answer.form, asking.words, channel=channel))
        else:
            if answer.buttons or answer.lines or not reference:
                asking.later(asking.whisper(channel, user, answer))
            await ack()

    @app.view_closed(CALLBACK)
    async def closed(ack: AsyncAck) -> None:
        await ack()


def remembered(view: dict[str, Any]) -> tuple[str, int, str]:
    """Reference, version and channel that the form was opened with."""
    reference, version, channel = (*str(view.get("private_metadata") or "").split("|"), "", "", "")[:3]
    return reference, int(version) if version.isdecimal() and len(version) < 10 else 0, channel


def values(view: dict[str, Any]) -> dict[str, str]:
    """What was filled in, by block_id; what was left empty is not there."""
    state = (view.get("state") or {}).get("values") or {}
    found = {key: _value(next(iter(elements.values()))) for key, elements in state.items() if elements}
    return {key: value for key, value in found.items() if value}


def _value(element: dict[str, Any]) -> str:
    option = element.get("selected_option")
    return str(option.get("value") or "") if option else str(element.get("value") or "").strip()


def _refusal(answer: Answer, view: dict[str, Any], asking: Asking) -> dict[str, Any]:
    """Each fault at its own field; what belongs to none at the text or the first field, else in the form's place."""
    inputs = [str(block["block_id"]) for block in view.get("blocks") or [] if block.get("type") == "input"]
    faults = {key: text for key, text in answer.faults.items() if key in inputs}
    if not faults and inputs:
        faults = {"text" if "text" in inputs else inputs[0]: answer.text}
    if not faults:
        return {"response_action": "update", "view": message_view(answer.text, asking.words)}
    shown = {key: plain(text, LONGEST_FAULT) or asking.words("This cannot be taken.") for key, text in faults.items()}
    return {"response_action": "errors", "errors": shown}
