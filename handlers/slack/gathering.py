"""What stands in a message of Slack, gathered for the verbs: words, writer, files and the way back to it."""

from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.commands.requests import Caller, Request, Spot
from handlers.slack.asking import SILENCE, Asking
from handlers.slack.downloads import fetch_files
from handlers.slack.mrkdwn import decode

NOWHERE = (SlackApiError, *SILENCE)


async def gathered(
    asking: Asking, caller: Caller, verb: str, channel: str, message: dict[str, Any], **more: Any
) -> tuple[Request, tuple[str, ...]]:
    """The request for a verb about this message, and the names of files that could not be had."""
    ts = str(message["ts"])
    enclosures, missing = await fetch_files(asking.client, message.get("files") or [])
    writer = str(message.get("user") or "")
    address, _ = await asking.profile(writer) if writer else ("", "")
    fields = {
        "text": decode(message.get("text") or ""),
        "contact": address,
        "link": await _permalink(asking.client, channel, ts),
        **more.pop("fields", {}),
    }
    request = Request(
        caller, verb=verb, fields=fields, source=Spot("slack", channel, ts), enclosures=enclosures, **more
    )
    return request, missing


async def message_at(client: AsyncWebClient, channel: str, ts: str) -> dict[str, Any] | None:
    """A message that the bot may read, in a channel or in a thread; None where there is none."""
    only: dict[str, Any] = {"channel": channel, "latest": ts, "oldest": ts, "inclusive": True, "limit": 1}
    for ask in (client.conversations_history, client.conversations_replies):
        further: dict[str, Any] = {"ts": ts} if ask == client.conversations_replies else {}
        try:
            answer = await ask(**only, **further)
        except NOWHERE:
            continue
        for message in answer.get("messages") or []:
            if message.get("ts") == ts:
                return dict(message)
    return None


async def name_of(client: AsyncWebClient, channel: str) -> str:
    """What people call a channel; "" where Slack does not tell."""
    try:
        answer = await client.conversations_info(channel=channel)
    except NOWHERE:
        return ""
    return str((answer.get("channel") or {}).get("name") or "")


async def _permalink(client: AsyncWebClient, channel: str, ts: str) -> str:
    try:
        answer = await client.chat_getPermalink(channel=channel, message_ts=ts)
    except NOWHERE:
        return ""
    return str(answer.get("permalink") or "")
