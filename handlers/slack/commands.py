"""The slash command `/ticket`: what was typed goes to the verbs, the answer is the command's acknowledgement."""

import asyncio
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.commands.requests import Request
from handlers.slack.asking import Asking
from handlers.slack.mrkdwn import decode

COMMAND = "/ticket"


def register(app: AsyncApp, asking: Asking, tasks: "set[asyncio.Task[None]]") -> None:
    """Listen to the slash command."""

    @app.command(COMMAND)
    async def typed(ack: AsyncAck, body: dict[str, Any]) -> None:
        user, channel = body["user_id"], body.get("channel_id", "")
        request = Request(
            asking.caller(user, body.get("user_name", "")),
            words=decode(body.get("text") or ""),
            receipt=f"slack:{body['trigger_id']}",
        )
        answer = await asking(request)
        if answer.form is not None:
            _later(tasks, asking.open_form(answer.form, body["trigger_id"], channel, user))
            await ack()
        else:
            await ack(response_type="ephemeral", **asking.message(answer))


def _later(tasks: "set[asyncio.Task[None]]", work: Any) -> None:
    task = asyncio.ensure_future(work)
    tasks.add(task)
    task.add_done_callback(tasks.discard)
