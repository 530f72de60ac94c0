"""Topics of forums that are one ticket's own: begun, renamed, given another icon, closed and opened again.

Which icons there are Telegram says, and is asked once.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any

import httpx
import structlog
from telegram import Bot
from telegram.error import BadRequest, RetryAfter, TelegramError

from bot.errors import DeliveryError
from bot.ports import Place, Topic
from handlers.telegram.faults import NO_TOPIC, as_delivery_error
from handlers.telegram.markup import one_line

log = structlog.get_logger("deskbell.telegram")

NAME_UNITS = 128
COLOURS = (0x6FB9F0, 0xFFD67E, 0xCB86DB, 0x8EEE98, 0xFF93B2, 0xFB6F5F)
"""Those that Telegram takes (Bot API, createForumTopic)."""
SAME, NO_CHAT = "not_modified", "chat not found"
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class Topics:
    """The topics of one bot (`bot.ports.Forum`)."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._icons: Mapping[str, str] = {}

    async def make(self, place: Place, topic: Topic) -> int:
        """Begin one; its number. DeliveryError as `bot.ports.Forum` says."""
        icon = await self._icon(topic.icons)
        try:
            made = await self._bot.create_forum_topic(
                place.channel,
                one_line(topic.name, NAME_UNITS),
                icon_color=nearest(topic.colour),
                icon_custom_emoji_id=icon or None,
            )
        except TelegramError as fault:
            raise _of_making(fault) from fault
        return made.message_thread_id

    async def keep(self, place: Place, topic: Topic, differs: Collection[str]) -> None:
        """Change what differs: one that is to be closed is closed last, one that is to be open is opened first."""
        chat, number = place.channel, place.topic
        if "closed" in differs and not topic.closed:
            await _changed(lambda: self._bot.reopen_forum_topic(chat, number))
        if looks := await self._looks(topic, differs):
            await _changed(lambda: self._bot.edit_forum_topic(chat, number, **looks))
        if "closed" in differs and topic.closed:
            await _changed(lambda: self._bot.close_forum_topic(chat, number))

    async def _looks(self, topic: Topic, differs: Collection[str]) -> dict[str, Any]:
        looks: dict[str, Any] = {"name": one_line(topic.name, NAME_UNITS)} if "name" in differs else {}
        if "icons" in differs and (icon := await self._icon(topic.icons)):
            looks["icon_custom_emoji_id"] = icon
        return looks

    async def _icon(self, wanted: Sequence[str]) -> str:
        """The id of the first of these emoji that topics may have; "" where none of them is one, or nobody says."""
        if not self._icons:
            try:
                stickers = await self._bot.get_forum_topic_icon_stickers()
            except TelegramError as fault:
                log.info("topic icons unknown", error=type(fault).__name__)
                return ""
            self._icons = {_bare(one.emoji or ""): one.custom_emoji_id or "" for one in stickers}
        return next((self._icons[_bare(one)] for one in wanted if _bare(one) in self._icons), "")


def nearest(colour: str) -> int:
    """The colour that Telegram takes which is nearest to this one (#rrggbb); the first where there is none."""
    wanted = int(colour.removeprefix("#") or "6FB9F0", 16)
    return min(COLOURS, key=lambda one: sum((a - b) ** 2 for a, b in zip(_rgb(one), _rgb(wanted), strict=True)))


async def _changed(call: Callable[[], Awaitable[Any]]) -> None:
    """Unchanged is fine."""
    try:
        await call()
    except BadRequest as fault:
        said = fault.message.lower()
        if SAME in said:
            return
        if NO_TOPIC.search(said):
            raise DeliveryError(f"Telegram: {fault.message}", topic="gone") from fault
        raise _of_rights(fault) from fault
    except TelegramError as fault:
        raise _in_passing(fault) from fault


def _of_making(fault: TelegramError) -> DeliveryError:
    """A refusal means that there is none; a broken connection may mean anything, unless it never stood."""
    if isinstance(fault, BadRequest) and NO_CHAT not in fault.message.lower():
        return _of_rights(fault)
    meant = _in_passing(fault)
    meant.unsure = isinstance(fault.__cause__, httpx.HTTPError) and not isinstance(fault.__cause__, NEVER_SENT)
    return meant


def _in_passing(fault: TelegramError) -> DeliveryError:
    """Whoever changes topics too fast waits alone: cards and lines go on."""
    meant = as_delivery_error(fault)
    meant.shut = meant.shut and not isinstance(fault, RetryAfter)
    return meant


def _of_rights(fault: BadRequest) -> DeliveryError:
    return DeliveryError(f"Telegram: {fault.message}", topic="refused")


def _bare(emoji: str) -> str:
    """Without the mark that asks for colours, which some write and some do not."""
    return emoji.replace("\ufe0f", "")


def _rgb(colour: int) -> tuple[int, int, int]:
    return colour >> 16, colour >> 8 & 255, colour & 255
