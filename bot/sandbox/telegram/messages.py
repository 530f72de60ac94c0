"""A message in a chat as it is now, its keyboard, and its two pictures: the Bot API's and the phone's."""

from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.telegram.entities import Formatted
from bot.sandbox.telegram.places import Chat, File, Person

PLAIN = Formatted("")


@dataclass(frozen=True)
class Button:
    """One inline button: a label with data that comes back, or with an address that opens."""

    label: str
    data: str = ""
    url: str = ""
    extra: tuple[tuple[str, Any], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The Bot API's InlineKeyboardButton."""
        does = {"callback_data": self.data, "url": self.url}
        return {"text": self.label} | {key: value for key, value in does.items() if value} | dict(self.extra)


Keyboard = tuple[tuple[Button, ...], ...]


@dataclass(eq=False)
class Message:
    """What stands in the chat; `topic` 0 is the general one, `edits` counts how often the bot redrew it."""

    id: int
    chat: Chat
    date: int
    author: Person
    formatted: Formatted = PLAIN
    keyboard: Keyboard = ()
    topic: int = 0
    reply_to: "Message | None" = None
    silent: bool = False
    edits: int = 0
    edited_at: int = 0
    attachment: File | None = None
    kind: str = "text"
    prompt: dict[str, Any] = field(default_factory=dict)
    disguise: dict[str, Any] = field(default_factory=dict)
    service: dict[str, Any] = field(default_factory=dict)
    reactions: dict[int, str] = field(default_factory=dict)
    is_deleted: bool = False

    @property
    def text(self) -> str:
        return self.formatted.text

    @property
    def entities(self) -> list[dict[str, Any]]:
        return [entity.as_json() for entity in self.formatted.entities]

    @property
    def labels(self) -> list[list[str]]:
        """The keyboard as people read it."""
        return [[button.label for button in row] for row in self.keyboard]

    def button(self, label_or_data: str) -> Button:
        """The button of this label or data; LookupError when the message shows none such now."""
        for button in (button for row in self.keyboard for button in row):
            if label_or_data in (button.label, button.data):
                return button
        raise LookupError(f"no button {label_or_data!r} on message {self.id}; it shows {self.labels}")

    def as_json(self, *, with_reply: bool = True) -> dict[str, Any]:
        """The Bot API's Message."""
        message: dict[str, Any] = {
            "message_id": self.id,
            "from": self.author.as_json(),
            "date": self.date,
            "chat": self.chat.as_json(),
        }
        message |= self._thread() | self.disguise | self.service | self._content()
        if self.edited_at:
            message["edit_date"] = self.edited_at
        if self.keyboard:
            message["reply_markup"] = {"inline_keyboard": [[b.as_json() for b in row] for row in self.keyboard]}
        if with_reply and (replied := self._replied()):
            message["reply_to_message"] = replied.as_json(with_reply=False)
        return message

    def view(self) -> dict[str, Any]:
        """The message as a page shows it."""
        return {
            "id": self.id,
            "chat": self.chat.id,
            "topic": self.topic,
            "author": {"id": self.author.id, "name": self.author.name, "is_bot": self.author.is_bot},
            "text": self.text,
            "entities": self.entities,
            "keyboard": [[{"label": b.label, "data": b.data, "url": b.url} for b in row] for row in self.keyboard],
            "date": self.date,
            "edits": self.edits,
            "silent": self.silent,
            "reply_to": self.reply_to.id if self.reply_to else None,
            "file": self._file_view(),
            "service": self.service,
            "reactions": sorted(self.reactions.values()),
            "prompt": self.prompt,
        }

    def _thread(self) -> dict[str, Any]:
        return {"message_thread_id": self.topic, "is_topic_message": True} if self.topic else {}

    def _replied(self) -> "Message | None":
        """Every message of a topic that answers none answers, for Telegram, the one that began the topic."""
        if self.reply_to is None and self.topic and self.topic != self.id:
            return self.chat.messages.get(self.topic)
        return self.reply_to

    def _content(self) -> dict[str, Any]:
        keys = ("text", "entities") if self.kind == "text" else ("caption", "caption_entities")
        content: dict[str, Any] = dict(zip(keys, (self.text, self.entities), strict=True))
        content = {key: value for key, value in content.items() if value}
        if self.attachment:
            content |= ATTACHED[self.kind](self.attachment)
        return content

    def _file_view(self) -> dict[str, Any] | None:
        file = self.attachment
        if file is None:
            return None
        return {
            "name": file.name,
            "size": len(file.content),
            "type": file.type,
            "kind": self.kind,
            "path": file.path,
        }


def _document(file: File) -> dict[str, Any]:
    return {"document": file.as_json() | {"file_name": file.name, "mime_type": file.type}}


def _photo(file: File) -> dict[str, Any]:
    return {"photo": [file.as_json() | {"width": 800, "height": 600}]}


def _voice(file: File) -> dict[str, Any]:
    return {"voice": file.as_json() | {"duration": 1, "mime_type": file.type}}


def _video_note(file: File) -> dict[str, Any]:
    return {"video_note": file.as_json() | {"length": 240, "duration": 1}}


ATTACHED = {"document": _document, "photo": _photo, "voice": _voice, "video_note": _video_note}
