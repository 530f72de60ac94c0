"""Sending to Slack (`bot.ports.Chat`): every card, line and notice, and what each of Slack's errors means for it.

Nothing is retried here: the deliveries decide. What cannot be known after a lost answer is found by its metadata.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import DeliveryError
from bot.outgoing.cards import Card
from bot.ports import Place, Posted
from bot.texts import Words
from handlers.slack.blocks import CARD_EVENT, card_message
from handlers.slack.mrkdwn import cut, quote

LINE_EVENT = "deskbell_line"
LOOKED_BACK = 100

PERMANENT = frozenset(
    "invalid_blocks invalid_blocks_format invalid_attachments msg_too_long no_text too_many_attachments "
    "restricted_action cant_update_message edit_window_closed metadata_too_large invalid_metadata_format "
    "cant_broadcast_message invalid_arguments".split()
)
GONE = frozenset("message_not_found thread_not_found cant_reply_to_message".split())
HELD = frozenset(
    "channel_not_found not_in_channel is_archived is_inactive account_inactive invalid_auth not_authed token_revoked "
    "token_expired missing_scope org_login_required ekm_access_denied no_permission access_denied "
    "team_access_not_granted".split()
)
HELD_FOR = 60.0


class SlackChat:
    """One workspace as a place to show tickets."""

    platform = "slack"

    def __init__(self, client: AsyncWebClient, words: Words) -> None:
        self._client = client
        self._words = words

    async def post_card(self, place: Place, card: Card, *, key: str, silent: bool = False) -> Posted:
        """Hang up a card. Slack has no silent messages."""
        return await self._post(place, **card_message(card, self._words, key=key))

    async def redraw(self, place: Place, message: str, card: Card) -> None:
        """Replace the card by how the ticket is now."""
        await self._call("chat.update", channel=place.channel, ts=message, **card_message(card, self._words))

    async def find(self, place: Place, key: str) -> Posted | None:
        """The message that carries this key in its metadata, among the last hundred of the channel."""
        if not place.channel.startswith(("C", "G", "D")):
            return None
        answer = await self._call(
            "conversations.history", channel=place.channel, limit=LOOKED_BACK, include_all_metadata=True
        )
        for message in answer.get("messages", []):
            payload = message.get("metadata", {}).get("event_payload", {})
            if payload.get("key") == key:
                return Posted(place.channel, message["ts"])
        return None

    async def add_line(
        self,
        place: Place,
        message: str,
        line: str,
        *,
        key: str,
        silent: bool = False,
        mention: str = "",
        files: Sequence[Path] = (),
    ) -> Posted:
        """A line in the card's thread; what follows its first line is a quotation."""
        head, _, rest = line.partition("\n")
        text = cut(head, 1000) + (f"\n{quote(rest)}" if rest else "")
        if mention:
            text = f"<@{mention}> {text}"
        metadata = {"event_type": LINE_EVENT, "event_payload": {"key": key}}
        return await self._post(place, thread_ts=message, text=text, metadata=metadata, unfurl_links=False)

    async def post_notice(self, place: Place, text: str, *, key: str, silent: bool = False) -> Posted:
        """A message of its own."""
        metadata = {"event_type": CARD_EVENT, "event_payload": {"key": key}}
        return await self._post(place, text=cut(text, 3500), metadata=metadata, unfurl_links=False)

    async def _post(self, place: Place, **arguments: Any) -> Posted:
        answer = await self._call("chat.postMessage", channel=place.channel, **arguments)
        return Posted(answer["channel"], answer["ts"])

    async def _call(self, method: str, **arguments: Any) -> Mapping[str, Any]:
        try:
            answer = await self._client.api_call(method, json=arguments)
        except SlackApiError as fault:
            raise refused(method, fault) from fault
        except (aiohttp.ClientError, TimeoutError, OSError) as fault:
            raise DeliveryError(f"Slack does not answer ({type(fault).__name__})") from fault
        data = answer.data
        return data if isinstance(data, dict) else {}


def refused(method: str, fault: SlackApiError) -> DeliveryError:
    """What one of Slack's errors means for a delivery. An unknown one is tried again."""
    response = fault.response
    status = getattr(response, "status_code", 200)
    data = response.data if isinstance(getattr(response, "data", None), dict) else {}
    error = str(data.get("error") or f"HTTP {status}")
    if status == 429 or error in ("ratelimited", "rate_limited", "message_limit_exceeded"):
        return DeliveryError("Slack asks to slow down", retry_after=_seconds(response.headers.get("Retry-After")))
    said = f"Slack refused {method}: {error}"
    if error in GONE:
        return DeliveryError(said, gone=True)
    if error in PERMANENT:
        return DeliveryError(said, permanent=True)
    if error in HELD:
        return DeliveryError(said, retry_after=HELD_FOR)
    return DeliveryError(said)


def _seconds(text: Any) -> float:
    try:
        return max(1.0, min(float(text), 600.0))
    except (TypeError, ValueError):
        return 30.0
