"""Channels by name: people write `#support`, most of Slack's methods want the id."""

import re
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

ID = re.compile(r"[CGD][A-Z0-9]{7,}")
KINDS = "public_channel,private_channel"
PAGE, MOST_PAGES = 200, 50


def is_id(channel: str) -> bool:
    """Whether this is a channel's id already."""
    return ID.fullmatch(channel) is not None


async def find_channel(client: AsyncWebClient, wanted: str) -> dict[str, Any] | None:
    """The channel of a name (with or without `#`) or id, as Slack describes it; None where the bot sees none."""
    name, cursor = wanted.removeprefix("#"), ""
    for _ in range(MOST_PAGES):
        answer = await client.conversations_list(types=KINDS, limit=PAGE, cursor=cursor)
        for channel in answer.get("channels") or []:
            if name in (channel.get("id"), channel.get("name")):
                return dict(channel)
        cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            break
    return None
