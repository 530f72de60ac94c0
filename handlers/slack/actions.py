"""Presses: the buttons and the menu of cards, the buttons under answers, and turning pages.

A payload with several actions acts by its first alone. What a press says is checked by the verbs, never trusted here.
"""

import re
from dataclasses import dataclass, replace
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond

from bot.commands.requests import Request, Spot
from bot.outgoing.buttons import CONFIRM
from bot.outgoing.cards import Answer, Button
from handlers.slack.asking import Asking
from handlers.slack.mrkdwn import decode

CHOICE = re.compile(r"(?P<verb>[a-z_]{1,30})\|(?P<reference>[^|]{0,60})\|(?P<version>\d{1,9})")
PAGED = ("list", "search", "client", "log", "text")
VERB, PAGE = re.compile(r"^verb:[a-z_]{1,30}$"), re.compile(r"^page:")


@dataclass(frozen=True, slots=True)
class Pressed:
    """What a press asks for."""

    verb: str
    reference: str
    version: int


def register(app: AsyncApp, asking: Asking) -> None:
    """Listen to every press."""

    @app.action(VERB)
    async def pressed(ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        action = body["actions"][0]
        value = f"{str(action['action_id']).removeprefix('verb:')}|{action.get('value') or ''}"
        await _act(asking, ack, body, respond, read_choice(value))

    @app.action("more")
    async def chosen(ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        option = body["actions"][0].get("selected_option") or {}
        choice = read_choice(str(option.get("value") or ""))
        question = await _question(asking, body, choice) if choice and choice.verb in CONFIRM else None
        if question is None:
            await _act(asking, ack, body, respond, choice)
        else:
            asking.later(_show(asking, body, respond, question))
            await ack()

    @app.action(PAGE)
    async def turned(ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        words = decode(str(body["actions"][0].get("value") or ""))
        if words.partition(" ")[0] not in PAGED:
            words = PAGED[0]
        answer = await asking(Request(asking.presser(body), words=words, receipt=_receipt(body, "page")))
        asking.later(_show(asking, body, respond, answer))
        await ack()


def read_choice(value: str) -> Pressed | None:
    """`<name>|REF|VERSION`, understood; None for anything else."""
    found = CHOICE.fullmatch(value)
    return Pressed(found["verb"], found["reference"], int(found["version"])) if found else None


async def _act(
    asking: Asking, ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond, pressed: Pressed | None
) -> None:
    if pressed is None:
        answer = Answer(text=asking.words("This button is out of date."), refused=True)
    else:
        answer = await asking(_request(asking, body, pressed))
    if answer.form is not None:
        asking.later(asking.open_form(answer, body["trigger_id"], _channel(body), body["user"]["id"]))
    elif _is_news(answer) or (_is_ephemeral(body) and not answer.nothing):
        asking.later(_show(asking, body, respond, answer))
    await ack()


async def _question(asking: Asking, body: dict[str, Any], choice: Pressed) -> Answer | None:
    """What is asked first, since a menu cannot ask: in the words of the card as it is now. None: nothing is."""
    answer = await asking(_request(asking, body, replace(choice, verb="back")))
    card = answer.redraw
    if card is None:
        return answer
    if choice.verb not in card.questions:
        return None
    button = Button(choice.verb, card.label_of(choice.verb), "danger")
    text = card.questions[choice.verb]
    return Answer(
        text=text,
        buttons=(button,),
        reference=card.reference,
        version=card.version,
        language=answer.language,
    )


def _request(asking: Asking, body: dict[str, Any], pressed: Pressed) -> Request:
    return Request(
        asking.presser(body),
        verb=pressed.verb,
        fields={"reference": pressed.reference} if pressed.reference else {},
        version=pressed.version,
        spot=_spot(body),
        receipt=_receipt(body, pressed.verb),
        pressed=True,
    )


async def _show(asking: Asking, body: dict[str, Any], respond: AsyncRespond, answer: Answer) -> None:
    """To the presser alone: in place of the answer that was pressed, else as a new one beside the card."""
    if body.get("view"):
        await asking.show_in_view(answer, body)
        return
    await respond(response_type="ephemeral", replace_original=_is_ephemeral(body), **asking.message(answer))


def _receipt(body: dict[str, Any], what: str) -> str:
    return f"slack:{body['trigger_id']}:{what}"


def _spot(body: dict[str, Any]) -> Spot | None:
    """The message the press hangs in; None under an answer that only the presser sees."""
    message = (body.get("container") or {}).get("message_ts")
    return Spot("slack", _channel(body), str(message)) if message and not _is_ephemeral(body) else None


def _is_ephemeral(body: dict[str, Any]) -> bool:
    return bool((body.get("container") or {}).get("is_ephemeral"))


def _channel(body: dict[str, Any]) -> str:
    container = body.get("container") or {}
    return str(container.get("channel_id") or (body.get("channel") or {}).get("id") or "")


def _is_news(answer: Answer) -> bool:
    """Whether the answer says what the card will not show."""
    return bool(answer.refused or answer.lines or answer.rows or answer.card or answer.link or answer.buttons)
