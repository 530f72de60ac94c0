"""The Telegram pane: the group and the private chats as the phones show them, and what is done on each of them."""

from collections.abc import Iterator, Mapping

from bot.sandbox.cast import Cast
from bot.sandbox.panes import DONE, Details, Item, Outcome, Perform, refused
from bot.sandbox.telegram import Chat, Message, PretendTelegram

NEWEST = 200
PATIENCE = 10.0
LATE = "The bot does not answer."


class TelegramPane:
    """The chats in which those with a phone are, with their newest messages; `person` in a gesture is whose phone."""

    name = "telegram"

    def __init__(self, telegram: PretendTelegram, cast: Cast) -> None:
        self._telegram, self._cast = telegram, cast
        self.gestures: Mapping[str, Perform] = {"say": self._say, "press": self._press}

    def items(self) -> dict[str, Item]:
        """All that is on show."""
        return {item["key"]: item for item in self._items()}

    def _items(self) -> Iterator[Item]:
        for chat in self._chats():
            for message in self._telegram.messages(chat, service=True)[-NEWEST:]:
                yield self._message(message)

    def _chats(self) -> list[Chat]:
        chats = self._telegram.world.chats
        return [chats[key] for key in (self._cast.group, *self._phones()) if key in chats]

    def _phones(self) -> list[int]:
        return [phone.telegram for phone in self._cast.phones]

    def _whose(self, details: Details) -> int:
        return int(details.get("person") or self._cast.on_call.telegram)

    def _message(self, message: Message) -> Item:
        view = message.view()
        answered = message.reply_to
        return {
            "key": f"{message.chat.id} {message.id}",
            "order": message.id,
            "chat": message.chat.id,
            "id": message.id,
            "at": message.date * 1000,
            "person": {"id": message.author.id, "name": message.author.name, "bot": message.author.is_bot},
            "text": message.text,
            "entities": message.entities,
            "keyboard": view["keyboard"],
            "edited": message.edits > 0 and not message.author.is_bot,
            "silent": message.silent,
            "reply_to": {"name": answered.author.name, "text": answered.text[:120]} if answered else None,
            "file": {"name": view["file"]["name"], "bytes": view["file"]["size"]} if view["file"] else None,
            "reactions": view["reactions"],
            "service": ", ".join(name.replace("_", " ") for name in message.service),
        }

    async def _say(self, details: Details) -> Outcome:
        try:
            answered = details.get("reply_to")
            await self._telegram.say(self._whose(details), details["chat"], details["text"], reply_to=answered)
        except ValueError as error:
            return refused(str(error))
        return DONE

    async def _press(self, details: Details) -> Outcome:
        gesture = await self._telegram.press(self._whose(details), details["chat"], details["message"], details["data"])
        try:
            await gesture.answered(PATIENCE)
        except TimeoutError:
            return refused(LATE)
        return {**DONE, "said": gesture.answer, "alert": gesture.alert}
