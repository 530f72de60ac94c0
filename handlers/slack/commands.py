"""The slash command `/ticket`: what was typed goes to the verbs, the answer is the command's acknowledgement."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.commands.requests import Request
from handlers.slack.asking import Asking
from handlers.slack.mrkdwn import decode

COMMANDS = ("/ticket",)


def register(app: AsyncApp, asking: Asking) -> None:
    """Listen to the slash command."""

    async def typed(ack: AsyncAck, body: dict[str, Any]) -> None:
        user, trigger_id = str(body["user_id"]), str(body["trigger_id"])
        request = Request(
            asking.caller(user, body.get("user_name") or ""),
            words=decode(body.get("text") or "").strip(),
            receipt=f"slack:{trigger_id}",
            mentions=asking.mentioned(body.get("text") or ""),
        )
        answer = await asking(request)
        if answer.form is not None:
            asking.later(asking.open_form(answer, trigger_id, str(body.get("channel_id") or ""), user))
            await ack()
        else:
            # Given as one dict: by name, Bolt leaves the blocks out where there are attachments.
            await ack({"response_type": "ephemeral", **asking.message(answer)})

    for command in COMMANDS:
        app.command(command)(typed)
