"""What people write: a message in a card's thread is a note, a mention is a typed verb. Everything else is not ours."""

import re
from typing import Any

import aiohttp
import structlog
from slack_bolt.async_app import AsyncApp

from bot.commands.requests import Enclosure, Request, Spot
from handlers.slack.asking import Asking
from handlers.slack.mrkdwn import decode

log = structlog.get_logger("deskbell.slack")

LARGEST_FILE = 25 * 1024 * 1024
EVENTS = ("message.channels", "message.groups", "app_mention")


def register(app: AsyncApp, asking: Asking) -> None:
    """Listen to messages and mentions."""

    @app.event("message")
    async def written(body: dict[str, Any], event: dict[str, Any]) -> None:
        if not _is_thread_message(event) or f"<@{asking.bot_user}>" in (event.get("text") or ""):
            return
        request = Request(
            asking.caller(event["user"]),
            verb="note",
            fields={"text": decode(event.get("text") or "")},
            spot=Spot("slack", event["channel"], event["thread_ts"]),
            receipt=f"slack:{body['event_id']}",
            can_ask=False,
            enclosures=await _files(asking, event),
        )
        answer = await asking(request)
        if answer.refused:
            await asking.whisper(event["channel"], event["user"], answer, thread=event["thread_ts"])

    @app.event("app_mention")
    async def mentioned(body: dict[str, Any], event: dict[str, Any]) -> None:
        if event.get("bot_id") or "user" not in event:
            return
        thread = event.get("thread_ts") or ""
        words = re.sub(rf"<@{re.escape(asking.bot_user)}(?:\|[^>]*)?>", " ", event.get("text") or "", count=1)
        request = Request(
            asking.caller(event["user"]),
            words=decode(words).strip(),
            spot=Spot("slack", event["channel"], thread) if thread else None,
            receipt=f"slack:{body['event_id']}",
            can_ask=False,
        )
        answer = await asking(request)
        await asking.whisper(event["channel"], event["user"], answer, thread=thread)


def _is_thread_message(event: dict[str, Any]) -> bool:
    """Written by a person, now, in a thread: no echo, no edit, no join."""
    if event.get("bot_id") or event.get("app_id") or not event.get("user"):
        return False
    in_thread = event.get("thread_ts") and event["thread_ts"] != event.get("ts")
    return bool(in_thread) and event.get("subtype") in (None, "file_share", "thread_broadcast")


async def _files(asking: Asking, event: dict[str, Any]) -> tuple[Enclosure, ...]:
    return tuple([file for one in event.get("files") or [] if (file := await _download(asking, one)) is not None])


async def _download(asking: Asking, file: dict[str, Any]) -> Enclosure | None:
    """A file with its bytes; None when it is too large or cannot be had, which is logged."""
    url, size = file.get("url_private_download"), int(file.get("size") or 0)
    if not url or size > LARGEST_FILE:
        log.warning("file left out", file=file.get("id"), size=size)
        return None
    headers = {"Authorization": f"Bearer {asking.client.token}"}
    try:
        timeout = aiohttp.ClientTimeout(total=20)
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url, headers=headers) as answer:
            answer.raise_for_status()
            content = await answer.content.read(LARGEST_FILE + 1)
    except (aiohttp.ClientError, TimeoutError) as fault:
        log.warning("file left out", file=file.get("id"), error=type(fault).__name__)
        return None
    if len(content) > LARGEST_FILE:
        return None
    return Enclosure(str(file.get("name") or "file"), str(file.get("mimetype") or "application/octet-stream"), content)
