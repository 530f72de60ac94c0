"""Sending to Slack (`bot.ports.Chat`): every card, line and notice.

Nothing is retried here: the deliveries decide. What became of a call whose answer was lost is found by its metadata.
"""

import asyncio
import re
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import DeliveryError
from bot.outgoing.cards import Card
from bot.outgoing.mail_notices import Notice
from bot.ports import Finding, Mention, Place, Posted, Shared
from bot.texts import Words
from handlers.slack import user_groups
from handlers.slack.blocks import card_message, line_message, mail_notice, metadata, notice_message
from handlers.slack.channels import find_channel, is_id
from handlers.slack.faults import HELD_FOR
from handlers.slack.web_api import WebApi

LINE_EVENT, NOTICE_EVENT = "deskbell_line", "deskbell_notice"
LOOKED_BACK, THREADS_LOOKED_INTO, MOST_REFUSED = 100, 10, 10_000
QUIET = {"unfurl_links": False, "unfurl_media": False}
UPLOAD_SECONDS = 60
MEMBER = re.compile(r"[UW][A-Z0-9]{2,20}")


class SlackChat:
    """One workspace as a place to show tickets."""

    platform = "slack"
    largest_file = 1_000_000_000

    def __init__(self, client: AsyncWebClient, words: Words) -> None:
        self._api = WebApi(client)
        self._words = words
        self._refused: set[str] = set()
        self._ids: dict[str, str] = {}
        self._threads: dict[str, str] = {}

    async def post_card(self, place: Place, card: Card, *, key: str, silent: bool = False) -> Posted:
        """Hang up a card. Slack has no silent messages."""
        return await self._post(place, **card_message(card, self._words, key=key))

    async def redraw(self, place: Place, message: str, card: Card) -> None:
        """Replace the card by how the ticket is now."""
        channel = await self._id(place)
        await self._told(self._api.post("chat.update", channel=channel, ts=message, **card_message(card, self._words)))

    async def post_notice(
        self, place: Place, text: str, *, key: str, silent: bool = False, about: Notice | None = None
    ) -> Posted:
        """A message of its own."""
        drawn = mail_notice(about, self._words) if about else notice_message(text)
        return await self._post(place, **drawn, metadata=metadata(NOTICE_EVENT, key), **QUIET)

    async def redraw_notice(self, place: Place, message: str, notice: Notice) -> None:
        """Replace a notice about a mail by how the mail is now."""
        channel = await self._id(place)
        drawn = mail_notice(notice, self._words)
        await self._told(self._api.post("chat.update", channel=channel, ts=message, **drawn))

    async def add_line(
        self,
        place: Place,
        message: str,
        line: str,
        *,
        key: str,
        silent: bool = False,
        mention: Mention | None = None,
    ) -> Posted:
        """A line in the card's thread; what follows its first line is a quotation."""
        self._threads[key] = message
        drawn = line_message(line, mention.id if mention and MEMBER.fullmatch(mention.id) else "")
        posted = await self._post(place, thread_ts=message, metadata=metadata(LINE_EVENT, key), **drawn, **QUIET)
        self._threads.pop(key, None)
        return posted

    # groups of people ------------------------------------------------------------------------------------------------

    async def set_members(self, group: str, people: Sequence[str]) -> None:
        """The members of a user group (`bot.ports.Roster`)."""
        await user_groups.set_members(self._api, group, people)

    async def check_groups(self, groups: Sequence[str]) -> list[Finding]:
        """Scopes and groups, where a rota names any."""
        return await user_groups.findings(self._api, groups) if groups else []

    # finding ---------------------------------------------------------------------------------------------------------

    async def find(self, place: Place, key: str) -> Posted | None:
        """The message with this key among the channel's last hundred, or in the threads that were written to last."""
        if key in self._refused:
            return None
        channel = await self._id(place)
        recent = await self._messages("conversations.history", channel=channel)
        found = _with_key(recent, key)
        for thread in [] if found else self._likely_threads(recent, key):
            found = _with_key(await self._replies(channel, thread), key)
            if found:
                break
        return Posted(channel, found) if found else None

    def _likely_threads(self, recent: Iterable[Mapping[str, Any]], key: str) -> list[str]:
        if key in self._threads:
            return [self._threads[key]]
        answered = [message for message in recent if message.get("reply_count")]
        answered.sort(key=lambda message: str(message.get("latest_reply") or ""), reverse=True)
        return [message["ts"] for message in answered[:THREADS_LOOKED_INTO]]

    async def _replies(self, channel: str, thread: str) -> list[dict[str, Any]]:
        try:
            return await self._messages("conversations.replies", channel=channel, ts=thread)
        except DeliveryError as fault:
            if fault.gone:
                return []
            raise

    async def _messages(self, method: str, **arguments: str) -> list[dict[str, Any]]:
        asked = self._api.get(method, **arguments, limit=LOOKED_BACK, include_all_metadata="true")
        answer = await self._told(asked)
        return list(answer.get("messages") or [])

    async def _id(self, place: Place) -> str:
        """The channel's id; a name is looked up once."""
        if is_id(place.channel):
            return place.channel
        if place.channel not in self._ids:
            self._ids[place.channel] = await self._look_up(place.channel)
        return self._ids[place.channel]

    async def _look_up(self, name: str) -> str:
        looking = _as_answer(find_channel(self._api.client, name))
        found: dict[str, Any] = await self._api.heard("conversations.list", looking)
        if not found:
            raise DeliveryError(f"Slack has no channel {name} that the bot can see", retry_after=HELD_FOR, shut=True)
        return str(found["id"])

    # sending ---------------------------------------------------------------------------------------------------------

    async def _post(self, place: Place, **arguments: Any) -> Posted:
        channel, key = self._ids.get(place.channel, place.channel), arguments["metadata"]["event_payload"]["key"]
        self._refused.discard(key)
        try:
            answer = await self._told(self._api.post("chat.postMessage", channel=channel, **arguments))
        except DeliveryError as fault:
            self._remember(key, fault)
            raise
        posted = Posted(str(answer["channel"]), str(answer["ts"]))
        if not is_id(place.channel):
            self._ids[place.channel] = posted.channel
        return posted

    def _remember(self, key: str, fault: DeliveryError) -> None:
        """Whether it is certain that this was not posted."""
        if fault.permanent or fault.gone or fault.retry_after is not None:
            if len(self._refused) >= MOST_REFUSED:
                self._refused.clear()
            self._refused.add(key)

    async def share(self, place: Place, message: str, file: Shared) -> Posted:
        """A file in the card's thread. Without the scope files:write it is refused for good."""
        try:
            content = await asyncio.to_thread(file.path.read_bytes)
            return await self._upload_into(place, message, file, content)
        except OSError as fault:
            raise DeliveryError(f"the file cannot be read ({type(fault).__name__})", permanent=True) from fault
        except DeliveryError as fault:
            if "missing_scope" in str(fault):
                raise DeliveryError(str(fault), permanent=True) from fault
            raise

    async def _upload_into(self, place: Place, thread: str, file: Shared, content: bytes) -> Posted:
        """An address to send it to, its bytes, and the thread that shows it."""
        if not content:
            raise DeliveryError("Slack takes no empty files", permanent=True)
        asked = {"filename": file.name, "length": len(content)}
        address = await self._api.get("files.getUploadURLExternal", **asked)
        await self._api.heard("the upload", self._upload(str(address["upload_url"]), content))
        shared = [{"id": address["file_id"], "title": file.name}]
        channel = await self._id(place)
        await self._api.post("files.completeUploadExternal", files=shared, channel_id=channel, thread_ts=thread)
        return Posted(channel, str(address["file_id"]))

    async def _upload(self, address: str, content: bytes) -> dict[str, Any]:
        timeout = aiohttp.ClientTimeout(total=UPLOAD_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout) as session, session.post(address, data=content) as answer:
            answer.raise_for_status()
        return {}

    async def _told(self, call: Awaitable[dict[str, Any]]) -> dict[str, Any]:
        """What Slack answers; a channel that is not found any more is looked for anew by its name."""
        try:
            return await call
        except DeliveryError as fault:
            if "channel_not_found" in str(fault):
                self._ids.clear()
            raise


async def _as_answer(look_up: Awaitable[dict[str, Any] | None]) -> dict[str, Any]:
    return await look_up or {}


def _with_key(messages: Iterable[Mapping[str, Any]], key: str) -> str:
    for message in messages:
        payload = (message.get("metadata") or {}).get("event_payload") or {}
        if payload.get("key") == key:
            return str(message["ts"])
    return ""
