"""Presses: the buttons and the menu of cards, the buttons under answers, and turning pages."""

import asyncio
import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond

from bot.commands.requests import Request, Spot
from bot.outgoing.cards import Answer
from handlers.slack.asking import Asking

VALUE = re.compile(r"(?:(?P<verb>[a-z_]{1,30})\|)?(?P<reference>[^|]{0,60})\|(?P<version>\d{1,9})")


def register(app: AsyncApp, asking: Asking, tasks: "set[asyncio.Task[None]]") -> None:
    """Listen to every press."""

    @app.action(re.compile(r"^verb:[a-z_]{1,30}$"))
    async def pressed(ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        action = body["actions"][0]
        verb = action["action_id"].removeprefix("verb:")
        await _act(ack, body, respond, verb, action.get("value") or "")

    @app.action("more")
    async def chosen(ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        option = body["actions"][0].get("selected_option") or {}
        verb, _, value = str(option.get("value", "")).partition("|")
        await _act(ack, body, respond, verb, value)

    @app.action(re.compile(r"^page:"))
    async def turned(ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        words = str(body["actions"][0].get("value") or "list")
        answer = await asking(Request(_caller(body), words=words))
        await ack()
        _later(respond(replace_original=True, response_type="ephemeral", **asking.message(answer)))

    async def _act(ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond, verb: str, value: str) -> None:
        found = VALUE.fullmatch(value)
        if found is None or not verb:
            await ack()
            _later(_show(body, respond, Answer(text=asking.words("This button is out of date."), refused=True)))
            return
        request = Request(
            _caller(body),
            verb=verb,
            fields={"reference": found["reference"]} if found["reference"] else {},
            version=int(found["version"]),
            spot=_spot(body),
            receipt=f"slack:{body['trigger_id']}:{verb}",
            pressed=True,
        )
        answer = await asking(request)
        if answer.form is not None:
            channel, user = _channel(body), body["user"]["id"]
            _later(asking.open_form(answer.form, body["trigger_id"], channel, user))
        elif _is_news(answer) or _is_ephemeral(body):
            _later(_show(body, respond, answer))
        await ack()

    async def _show(body: dict[str, Any], respond: AsyncRespond, answer: Answer) -> None:
        await respond(response_type="ephemeral", replace_original=_is_ephemeral(body), **asking.message(answer))

    def _caller(body: dict[str, Any]) -> Any:
        return asking.caller(body["user"]["id"], body["user"].get("username", ""))

    def _later(work: Any) -> None:
        task = asyncio.ensure_future(work)
        tasks.add(task)
        task.add_done_callback(tasks.discard)


def _spot(body: dict[str, Any]) -> Spot | None:
    """The message the press hangs in; None under an answer that only the presser sees."""
    container = body.get("container") or {}
    if _is_ephemeral(body) or not container.get("message_ts"):
        return None
    return Spot("slack", _channel(body), str(container["message_ts"]))


def _is_ephemeral(body: dict[str, Any]) -> bool:
    return bool((body.get("container") or {}).get("is_ephemeral"))


def _channel(body: dict[str, Any]) -> str:
    container = body.get("container") or {}
    return str(container.get("channel_id") or (body.get("channel") or {}).get("id") or "")


def _is_news(answer: Answer) -> bool:
    """Whether the answer says what the card will not show."""
    return bool(answer.refused or answer.lines or answer.rows or answer.card or answer.link or answer.buttons)
