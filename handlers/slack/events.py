"""What people write: a message in a card's thread is a note, a mention is a typed verb. Everything else is not ours."""

import re
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.commands.requests import Request, Spot
from handlers.slack.asking import Asking
from handlers.slack.downloads import fetch_files
from handlers.slack.mrkdwn import decode

WRITTEN = (None, "file_share", "thread_broadcast")
CHANGED = {"message_changed": "rewrite", "message_deleted": "unsay"}


def register(app: AsyncApp, asking: Asking) -> None:
    """Listen to messages and mentions."""

    @app.event("message")
    async def written(body: dict[str, Any], event: dict[str, Any]) -> None:
        if event.get("subtype") in CHANGED:
            await _follow(asking, body, event)
            return
        if f"<@{asking.bot_user}" in (event.get("text") or ""):
            return
        if not _is_thread_message(event):
            await _mention(asking, body, event)
            return
        enclosures, missing = await fetch_files(asking.client, event.get("files") or [])
        request = Request(
            asking.caller(event["user"]),
            verb="note",
            fields={"text": decode(event.get("text") or "")},
            spot=Spot("slack", event["channel"], event["thread_ts"]),
            source=Spot("slack", event["channel"], event["ts"]),
            receipt=f"slack:{body['event_id']}",
            can_ask=False,
            enclosures=enclosures,
        )
        answer = await asking(request)
        if missing and not answer.refused and not answer.nothing:
            answer = asking.without(missing)
        if answer.refused:
            asking.later(asking.whisper(event["channel"], event["user"], answer, thread=event["thread_ts"]))

    @app.event("app_mention")
    async def mentioned(body: dict[str, Any], event: dict[str, Any]) -> None:
        if not _is_by_a_person(event):
            return
        thread = str(event.get("thread_ts") or "")
        request = Request(
            asking.caller(event["user"]),
            words=_without_mention(event.get("text") or "", asking.bot_user),
            spot=Spot("slack", event["channel"], thread) if thread else None,
            receipt=f"slack:{body['event_id']}",
            mentions=asking.mentioned(event.get("text") or ""),
            can_ask=False,
        )
        answer = await asking(request)
        asking.later(asking.whisper(event["channel"], event["user"], answer, thread=thread))


async def _follow(asking: Asking, body: dict[str, Any], event: dict[str, Any]) -> None:
    """What was written in a thread is changed or deleted there: by its writer, the note follows."""
    before: dict[str, Any] = event.get("previous_message") or {}
    now: dict[str, Any] = event.get("message") or before
    ts = str(event.get("deleted_ts") or now.get("ts") or "")
    unchanged = event["subtype"] == "message_changed" and now.get("text") == before.get("text")
    if not before.get("thread_ts") or not _is_by_a_person(now) or unchanged:
        return
    request = Request(
        asking.caller(str(now["user"])),
        verb=CHANGED[event["subtype"]],
        fields={"text": decode(now.get("text") or "")},
        source=Spot("slack", str(event["channel"]), ts),
        receipt=f"slack:{body['event_id']}",
        can_ask=False,
    )
    await asking(request)


async def _mention(asking: Asking, body: dict[str, Any], event: dict[str, Any]) -> None:
    """A message in the channel may name a ticket."""
    text = decode(event.get("text") or "")
    if not _is_by_a_person(event) or event.get("subtype") not in WRITTEN or not any(map(str.isdigit, text)):
        return
    request = Request(
        asking.caller(str(event["user"])),
        verb="mentioned",
        fields={"text": text},
        source=Spot("slack", str(event["channel"]), str(event.get("thread_ts") or event["ts"])),
        receipt=f"slack:{body['event_id']}",
        can_ask=False,
    )
    await asking(request)


def _is_by_a_person(event: dict[str, Any]) -> bool:
    return bool(event.get("user")) and not event.get("bot_id") and not event.get("app_id")


def _is_thread_message(event: dict[str, Any]) -> bool:
    """Written by a person, now, in a thread: no echo, no edit, no join."""
    in_thread = event.get("thread_ts") and event["thread_ts"] != event.get("ts")
    return bool(in_thread) and _is_by_a_person(event) and event.get("subtype") in WRITTEN


def _without_mention(text: str, bot_user: str) -> str:
    """The words after (or before) the bot's own name."""
    words = re.sub(rf"<@{re.escape(bot_user)}(?:\|[^>]*)?>", " ", text, count=1)
    return decode(words).strip()
