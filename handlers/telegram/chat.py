"""Sending to Telegram (`bot.ports.Chat`): every card, line and notice.

Nothing is retried here: the deliveries decide. The lines under a card are remembered, so that answering one is a note.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import structlog
from telegram import Bot, LinkPreviewOptions, Message, ReplyParameters
from telegram.constants import ParseMode
from telegram.error import BadRequest, TelegramError

from bot.commands.requests import Spot
from bot.errors import DeliveryError
from bot.outgoing.cards import Card
from bot.outgoing.mail_notices import Notice
from bot.ports import Mention, Notebook, Place, Posted, Shared, Topic
from handlers.telegram import keyboards
from handlers.telegram.faults import (
    CLOSED_TOPIC,
    NO_PICTURE,
    NO_TOPIC,
    NOT_MODIFIED,
    NOTHING_TO_ANSWER,
    as_delivery_error,
)
from handlers.telegram.forum import Topics
from handlers.telegram.keyboards import Drawn
from handlers.telegram.markup import sentence, to_html

log = structlog.get_logger("deskbell.telegram")

T = TypeVar("T")
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
HTML: dict[str, Any] = {"parse_mode": ParseMode.HTML, "link_preview_options": NO_PREVIEW}
PHOTO_BYTES = 10 * 1024 * 1024
PICTURES = ("image/jpeg", "image/png")
LINES_KEPT = 14 * 24 * 60


class TelegramChat:
    """Telegram's chats as places to show tickets. `known` are the chats that the desk itself has named."""

    platform = "telegram"
    largest_file = 50 * 1024 * 1024

    def __init__(self, bot: Bot, notebook: Notebook, known: Sequence[int] = ()) -> None:
        self._bot = bot
        self._notebook = notebook
        self._topics = Topics(bot)
        self.known = {str(chat) for chat in known if chat}

    async def post_card(self, place: Place, card: Card, *, key: str, silent: bool = False) -> Posted:
        """Hang up a card; `silent` makes no sound."""
        self.known.add(place.channel)
        drawn = keyboards.card(card)
        return await self._say(place, drawn.html, reply_markup=drawn.keyboard, disable_notification=silent)

    async def redraw(self, place: Place, message: str, card: Card) -> None:
        """Show the ticket as it is now. DeliveryError(gone=True) where the message is missing."""
        self.known.add(place.channel)
        await self._edit(place, message, keyboards.card(card))

    async def _edit(self, place: Place, message: str, drawn: Drawn) -> None:
        chat, number = _number(place.channel), _message_number(message)
        await self._try(
            lambda: self._bot.edit_message_text(
                drawn.html, chat_id=chat, message_id=number, reply_markup=drawn.keyboard, **HTML
            )
        )

    async def find(self, place: Place, key: str) -> Posted | None:
        """Telegram cannot tell what a bot wrote earlier."""
        return None

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
        """A short reply to the card, which calls the person `mention`."""
        text = keyboards.line(line, mention)

        async def say(reply: ReplyParameters | None) -> Posted:
            return await self._say(place, text, reply_parameters=reply, disable_notification=silent)

        posted = await _answering(message, say)
        await self._remember_line(posted, message)
        return posted

    async def share(self, place: Place, message: str, file: Shared) -> Posted:
        """A file in reply to the card; a picture is shown as one where Telegram can."""
        try:
            content = await asyncio.to_thread(file.path.read_bytes)
        except OSError as fault:
            raise DeliveryError(f"the file cannot be read ({type(fault).__name__})", permanent=True) from fault
        if not 0 < len(content) <= self.largest_file:
            raise DeliveryError(f"Telegram takes no file of {len(content)} bytes", permanent=True)

        async def send(reply: ReplyParameters | None) -> Posted:
            return _posted(place, await self._send_file(place, file, content, reply))

        posted = await _answering(message, send)
        await self._remember_line(posted, message)
        return posted

    async def post_notice(
        self, place: Place, text: str, *, key: str, silent: bool = False, about: Notice | None = None
    ) -> Posted:
        """A message of its own."""
        drawn = keyboards.mail_notice(about) if about else Drawn(to_html(sentence(text)))
        return await self._say(place, drawn.html, reply_markup=drawn.keyboard, disable_notification=silent)

    async def redraw_notice(self, place: Place, message: str, notice: Notice) -> None:
        """Show how the mail is now."""
        await self._edit(place, message, keyboards.mail_notice(notice))

    async def make_topic(self, place: Place, topic: Topic) -> int:
        """Begin a ticket's own topic; its number (`bot.ports.Forum`)."""
        return await self._topics.make(place, topic)

    async def keep_topic(self, place: Place, topic: Topic, differs: Collection[str]) -> None:
        """Change what differs of one (`bot.ports.Forum`)."""
        await self._topics.keep(place, topic, differs)

    async def card_of(self, spot: Spot) -> Spot:
        """The card that a line hangs under; any other message as it is."""
        kept = await self._notebook.recall(_line_key(spot.channel, spot.message))
        return replace(spot, message=str(kept["card"])) if kept else spot

    async def _remember_line(self, posted: Posted, card: str) -> None:
        """The line is out: failing to remember it must not send it twice."""
        try:
            await self._notebook.keep(_line_key(posted.channel, posted.message), {"card": card}, minutes=LINES_KEPT)
        except Exception as fault:
            log.warning("line not remembered", error=type(fault).__name__)

    async def _say(self, place: Place, html: str, **arguments: Any) -> Posted:
        async def send(topic: int | None) -> Message | None:
            chat = _number(place.channel)
            return await self._bot.send_message(chat, html, message_thread_id=topic, **HTML, **arguments)

        return _posted(place, await self._in_topic(place, send))

    async def _send_file(
        self, place: Place, file: Shared, content: bytes, reply: ReplyParameters | None
    ) -> Message | None:
        chat = _number(place.channel)
        quietly: dict[str, Any] = {"reply_parameters": reply, "disable_notification": True}

        async def as_picture(topic: int | None) -> Message | None:
            return await self._bot.send_photo(chat, content, filename=file.name, message_thread_id=topic, **quietly)

        async def as_document(topic: int | None) -> Message | None:
            return await self._bot.send_document(chat, content, filename=file.name, message_thread_id=topic, **quietly)

        if file.type in PICTURES and file.size <= PHOTO_BYTES:
            try:
                return await self._in_topic(place, as_picture)
            except DeliveryError as fault:
                if not NO_PICTURE.search(str(fault)):
                    raise
        return await self._in_topic(place, as_document)

    async def _in_topic(self, place: Place, send: Callable[[int | None], Awaitable[T]]) -> T | None:
        """Send to the place's topic; to the chat itself where that topic is closed or gone."""

        async def sent() -> T:
            try:
                return await send(place.topic or None)
            except BadRequest as fault:
                if not (place.topic and NO_TOPIC.search(fault.message)):
                    raise
                if place.own and not CLOSED_TOPIC.search(fault.message):
                    raise DeliveryError(f"Telegram: {fault.message}", topic="gone") from fault
            log.warning("topic is closed or gone, writing to the chat", chat=place.channel, topic=place.topic)
            return await send(None)

        return await self._try(sent)

    async def _try(self, call: Callable[[], Awaitable[T]]) -> T | None:
        try:
            return await call()
        except BadRequest as fault:
            if NOT_MODIFIED.search(fault.message):
                return None
            raise as_delivery_error(fault) from fault
        except TelegramError as fault:
            raise as_delivery_error(fault) from fault


async def _answering(message: str, send: Callable[[ReplyParameters | None], Awaitable[Posted]]) -> Posted:
    """Send in reply to a message; where it cannot be answered any more, without answering it."""
    try:
        return await send(ReplyParameters(_message_number(message), allow_sending_without_reply=True))
    except DeliveryError as fault:
        if not NOTHING_TO_ANSWER.search(str(fault)):
            raise
    return await send(None)


def _posted(place: Place, message: Message | None) -> Posted:
    if message is None:
        raise DeliveryError("Telegram took the message and did not name it")
    return Posted(str(message.chat.id), str(message.message_id))


def _number(channel: str) -> int | str:
    return int(channel) if channel.lstrip("-").isdecimal() else channel


def _message_number(message: str) -> int:
    if not message.isdecimal():
        raise DeliveryError(f"{message!r} is no message of Telegram's", gone=True)
    return int(message)


def _line_key(channel: str, message: str) -> str:
    return f"telegram:line:{channel}:{message}"
