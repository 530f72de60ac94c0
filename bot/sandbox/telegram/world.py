"""Everything that exists on the pretend Telegram of one bot; whoever changes it says so through `tell`."""

import asyncio
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.telegram.faults import Faults, Floods
from bot.sandbox.telegram.messages import Message
from bot.sandbox.telegram.places import Chat, File, Person, member_json
from bot.sandbox.telegram.refusals import UPGRADED, bad_request, forbidden
from bot.sandbox.telegram.updates import Updates

Listener = Callable[[dict[str, Any]], None]
KINDS = {"group": "group", "supergroup": "supergroup", "channel": "channel"}


@dataclass
class Call:
    """One Bot API call in the ledger; `answer` is the whole JSON, `at` the sandbox's clock in seconds."""

    method: str
    arguments: dict[str, Any]
    at: float
    answer: dict[str, Any] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return bool(self.answer.get("ok"))


@dataclass
class Press:
    """A callback query: who pressed, when, and what the bot answered (`latency` in seconds)."""

    id: str
    person: Person
    at: float
    started: float
    answered: bool = False
    text: str = ""
    alert: bool = False
    latency: float | None = None


@dataclass(frozen=True)
class Change:
    """One visible thing that the bot did: sent, edited or deleted this message."""

    what: str
    message: Message


@dataclass
class Webhook:
    """Where updates are posted, and how that goes."""

    url: str = ""
    secret: str = ""
    max_connections: int = 40
    last_error_at: int = 0
    last_error: str = ""


class World:
    """People, chats, files, presses, menus, updates and the ledger."""

    def __init__(
        self, token: str, username: str, clock: Callable[[], float], dated: Callable[[], float] | None = None
    ) -> None:
        self.token = token
        self.clock = clock
        self.dated = dated or clock
        self.bot = Person(int(token.partition(":")[0]), "Deskbell", username=username, is_bot=True)
        self.people: dict[int, Person] = {self.bot.id: self.bot}
        self.chats: dict[int, Chat] = {}
        self.files: dict[str, File] = {}
        self.presses: dict[str, Press] = {}
        self.menus: dict[tuple[str, str], list[dict[str, str]]] = {}
        self.webhook = Webhook()
        self.updates = Updates(clock)
        self.faults = Faults()
        self.floods = Floods()
        self.calls: list[Call] = []
        self.changes: list[Change] = []
        self.running = 0
        self.quiet_since = time.monotonic()
        self.moved = asyncio.Event()
        self._listeners: list[Listener] = []
        self._account_messages = 0

    def subscribe(self, listener: Listener) -> None:
        self._listeners.append(listener)

    def tell(self, what: str, **details: Any) -> None:
        """Say that something visible changed."""
        for listener in self._listeners:
            listener({"what": what, **details})

    def now(self) -> int:
        """Seconds since 1970, as messages carry them."""
        return int(self.dated())

    def next_id(self, chat: Chat) -> int:
        """Supergroups number their messages themselves; the rest share the numbers of the bot's account."""
        if chat.type in ("supergroup", "channel"):
            chat.last_id += 1
            return chat.last_id
        self._account_messages += 1
        return self._account_messages

    def number_from(self, number: int) -> None:
        """Every number that is given from here on is at least this one."""
        self.updates.number_from(number)
        self._account_messages = max(self._account_messages, number)
        for chat in self.chats.values():
            chat.last_id = max(chat.last_id, number)

    def keep(self, message: Message, *, by_bot: bool = False) -> Message:
        """Put the message into its chat and show it."""
        message.chat.messages[message.id] = message
        if by_bot:
            self.changes.append(Change("sent", message))
        self.tell("message", chat=message.chat.id, message=message.view())
        return message

    def redrawn(self, message: Message, *, by_bot: bool = True) -> Message:
        """Show that the message changed in place."""
        if by_bot:
            message.edits += 1
            self.changes.append(Change("edited", message))
        self.tell("edited", chat=message.chat.id, message=message.view())
        return message

    def remove(self, message: Message, *, by_bot: bool = True) -> None:
        """Take the message out of its chat."""
        message.is_deleted = True
        message.chat.messages.pop(message.id, None)
        if by_bot:
            self.changes.append(Change("deleted", message))
        self.tell("deleted", chat=message.chat.id, message={"id": message.id})

    def store(self, name: str, kind: str, content: bytes) -> File:
        """Keep an uploaded file."""
        file = File(f"F{secrets.token_urlsafe(24)}", name or "file", kind, content)
        self.files[file.id] = file
        return file

    def serve(self, chat: Chat, author: Person, service: dict[str, Any], *, topic: int = 0) -> Message:
        """A service message ("Sam joined"), which bots always see unless they caused it."""
        message = Message(self.next_id(chat), chat, self.now(), author, service=service, topic=topic)
        if not topic and "forum_topic_created" in service:
            message.topic = message.id
        self.keep(message, by_bot=False)
        if author is not self.bot:
            self.updates.push("message", message.as_json())
        return message

    def bot_becomes(self, chat: Chat, person: Person, status: str) -> None:
        """The bot's standing in a chat changes, which it always hears of."""
        old = chat.bot_status
        chat.bot_status = status
        change = {
            "chat": chat.as_json(),
            "from": person.as_json(),
            "date": self.now(),
            "old_chat_member": member_json(self.bot, old),
            "new_chat_member": member_json(self.bot, status),
        }
        self.updates.push("my_chat_member", change)
        self.tell("bot", chat=chat.id, status=status)

    def chat(self, chat_id: int | str) -> Chat:
        """The chat that a call names; refused when it does not exist for this bot, or moved."""
        if str(chat_id) in ("", "0", "None"):
            raise bad_request("chat_id is empty")
        chat = self.chats.get(int(chat_id)) if str(chat_id).lstrip("-").isdigit() else None
        if chat is None:
            raise bad_request("chat not found")
        if chat.migrated_to:
            raise bad_request(UPGRADED, migrate_to_chat_id=chat.migrated_to)
        return chat

    def chat_of_bot(self, chat_id: int | str) -> Chat:
        """The chat, where the bot is in it or was let in."""
        chat = self.chat(chat_id)
        refusal = _private_refusal(chat.person) if chat.person else _group_refusal(chat)
        if refusal:
            raise forbidden(refusal)
        return chat

    def chat_to_write(self, chat_id: int | str) -> Chat:
        """The chat, where the bot may write; counts against the flood limits."""
        chat = self.chat_of_bot(chat_id)
        if not chat.bot_may_write:
            raise bad_request("not enough rights to send text messages to the chat")
        self.floods.count(chat.id)
        return chat


def _private_refusal(person: Person) -> str:
    if person.is_bot:
        return "bots can't send messages to bots"
    if person.has_blocked:
        return "bot was blocked by the user"
    return "" if person.has_started else "bot can't initiate conversation with a user"


def _group_refusal(chat: Chat) -> str:
    if chat.bot_status == "kicked":
        return f"bot was kicked from the {chat.type} chat"
    return f"bot is not a member of the {chat.type} chat" if chat.bot_status == "left" else ""
