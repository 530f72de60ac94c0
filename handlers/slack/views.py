"""Forms that come back: `form:<verb>` asks for its verb again, now with everything filled in.

A form that is refused stays open with all that was typed; it closes only when the verb has done its work.
"""

import re
from dataclasses import replace
from typing import Any, NamedTuple

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.commands.requests import Request
from bot.outgoing.cards import Answer
from handlers.slack.asking import Asking
from handlers.slack.downloads import fetch_files
from handlers.slack.forms import answer_view, form_view, message_view
from handlers.slack.home import publish
from handlers.slack.mrkdwn import plain

CALLBACK = re.compile(r"^form:[a-z_]{1,30}$")
IN_FORM = re.compile(r"^(value(\.\w+)?|form:[a-z]{1,30})$")
LONGEST_FAULT = 1000
QUICKLY_FETCHED = 2_000_000
"""Bytes of files that are fetched before Slack is acknowledged, which has to be within three seconds."""


def register(app: AsyncApp, asking: Asking) -> None:
    """Listen to submitted and closed forms."""

    @app.view_submission(CALLBACK)
    async def submitted(ack: AsyncAck, body: dict[str, Any]) -> None:
        view, user = body["view"], str(body["user"]["id"])
        reference, _, channel, _ = remembered(view)
        request = replace(_request(asking, body, view), submitted=True)
        if sum(int(file.get("size") or 0) for file in uploads(view)) > QUICKLY_FETCHED:
            await ack(response_action="update", view=message_view(asking.words("Fetching the files…"), asking.words))
            asking.later(_slowly(asking, view, user, request))
            return
        answer = await _with_files(asking, view, user, request)
        if answer.refused:
            await ack(**_refusal(answer, view, asking))
        elif answer.form is not None:
            await ack(response_action="update", view=form_view(answer.form, asking.words_for(answer), channel=channel))
        elif not channel:
            await ack(response_action="update", view=answer_view(answer, asking.words_for(answer)))
            asking.later(publish(asking, user))
        else:
            if answer.buttons or answer.lines or not reference:
                asking.later(asking.whisper(channel, user, answer))
            await ack()

    @app.action({"type": "block_actions", "action_id": IN_FORM})
    async def changed(ack: AsyncAck, body: dict[str, Any]) -> None:
        view, action = body.get("view") or {}, body["actions"][0]
        if not CALLBACK.fullmatch(str(view.get("callback_id") or "")):
            await ack()
            return
        name = str(action["action_id"]).removeprefix("form:") if action["type"] == "button" else action["block_id"]
        request = replace(_request(asking, body, view), changed=str(name))
        answer = await asking(request)
        asking.later(redraw(asking, view, answer))
        await ack()

    @app.view_closed(CALLBACK)
    async def closed(ack: AsyncAck) -> None:
        await ack()


async def _with_files(asking: Asking, view: dict[str, Any], user: str, request: Request) -> Answer:
    """The answer to a form with its files; those that cannot be had are named."""
    files, missing = await fetch_files(asking.client, uploads(view))
    answer = await asking(replace(request, enclosures=files))
    if missing and not answer.refused:
        asking.later(asking.whisper(remembered(view).channel, user, asking.without(missing)))
    return answer


async def _slowly(asking: Asking, view: dict[str, Any], user: str, request: Request) -> None:
    """As above where it takes longer than Slack waits: what comes of it is shown in the form's place."""
    answer = await _with_files(asking, view, user, request)
    await redraw(asking, {"id": view["id"], "private_metadata": view.get("private_metadata")}, answer)


def _request(asking: Asking, body: dict[str, Any], view: dict[str, Any]) -> Request:
    kept = remembered(view)
    known = {"reference": kept.reference, "draft": kept.draft}
    return Request(
        asking.presser(body),
        verb=str(view["callback_id"]).removeprefix("form:"),
        fields={**values(view), **{name: value for name, value in known.items() if value}},
        version=kept.version if kept.reference else None,
        receipt=f"slack:{view['id']}:{view.get('hash') or ''}",
    )


async def redraw(asking: Asking, view: dict[str, Any], answer: Answer) -> None:
    """The form as it is after a choice in it, or what was said, in its place; unless it has changed meanwhile."""
    channel = remembered(view).channel
    if answer.form is not None:
        drawn = form_view(answer.form, asking.words_for(answer), channel=channel)
    else:
        drawn = answer_view(answer, asking.words_for(answer))
    only_if = {"hash": view["hash"]} if view.get("hash") else {}
    await asking.client.views_update(view_id=view["id"], view=drawn, **only_if)


class Remembered(NamedTuple):
    """What a form was opened with."""

    reference: str
    version: int
    channel: str
    draft: str


def remembered(view: dict[str, Any]) -> Remembered:
    """From its private_metadata, even where that is nonsense."""
    reference, version, channel, draft = (*str(view.get("private_metadata") or "").split("|"), *[""] * 4)[:4]
    return Remembered(reference, int(version) if version.isdecimal() and len(version) < 10 else 0, channel, draft)


def uploads(view: dict[str, Any]) -> list[dict[str, Any]]:
    """The files that were put into the form."""
    state = (view.get("state") or {}).get("values") or {}
    chosen = (element.get("files") or () for elements in state.values() for element in elements.values())
    return [file for files in chosen for file in files if isinstance(file, dict)]


def values(view: dict[str, Any]) -> dict[str, str]:
    """What was filled in, by block_id; what was left empty is not there."""
    state = (view.get("state") or {}).get("values") or {}
    found = {key: _value(next(iter(elements.values()))) for key, elements in state.items() if elements}
    return {key: value for key, value in found.items() if value}


def _value(element: dict[str, Any]) -> str:
    if "selected_options" in element:
        return ",".join(str(option.get("value") or "") for option in element["selected_options"] or ())
    option = element.get("selected_option")
    return str(option.get("value") or "") if option else str(element.get("value") or "").strip()


def _refusal(answer: Answer, view: dict[str, Any], asking: Asking) -> dict[str, Any]:
    """Each fault at its own field; what belongs to none at the text or the first field, else in the form's place."""
    words = asking.words_for(answer)
    inputs = [str(block["block_id"]) for block in view.get("blocks") or [] if block.get("type") == "input"]
    faults = {key: text for key, text in answer.faults.items() if key in inputs}
    if not faults and inputs:
        faults = {"text" if "text" in inputs else inputs[0]: answer.text}
    if not faults:
        return {"response_action": "update", "view": message_view(answer.text, words)}
    shown = {key: plain(text, LONGEST_FAULT) or words("This cannot be taken.") for key, text in faults.items()}
    return {"response_action": "errors", "errors": shown}
