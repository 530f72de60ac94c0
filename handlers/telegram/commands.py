"""Typed commands: `/ticket VERB …`, `/VERB …`, and the short ones. What was typed goes to the verbs as it stands.

A command counts only when a person typed it with their own hand, just now; in a group also only when it is ours.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from telegram import Message, MessageEntity, Update, User
from telegram.ext import Application, MessageHandler, filters

from bot.commands.requests import Request, Spot
from handlers.telegram import enclosures
from handlers.telegram.asking import (
    Asking,
    Where,
    caller,
    disguise_of,
    disguised,
    person_of,
    receipt,
    spot_of,
    where_of,
)
from handlers.telegram.dialogue import Dialogue
from handlers.telegram.topics import is_in_topic

TICKET, CANCEL = "ticket", "cancel"
SHORT = {"mine": "list mine", "ticket": ""}


@dataclass(frozen=True, slots=True)
class Typed:
    """A command: its name in lower case, what follows it, and whether it was addressed to this bot by name."""

    name: str
    rest: str
    by_name: bool


def typed(message: Message, username: str) -> Typed | None:
    """The command that a text or caption begins with; None for none, or for another bot's."""
    text, entities = message.text or message.caption or "", message.entities or message.caption_entities
    first = next(iter(entities), None)
    if first is None or first.type != MessageEntity.BOT_COMMAND or first.offset != 0:
        return None
    name, _, addressed = text[1 : first.length].partition("@")
    if addressed and addressed.lower() != username.lower():
        return None
    return Typed(name.lower(), text[first.length :].strip(), bool(addressed))


class IsTyped(filters.MessageFilter):
    """Commands to this bot; with `names` only those."""

    def __init__(self, username: str, names: Collection[str] = ()) -> None:
        super().__init__()
        self._username = username
        self._names = frozenset(names)

    def filter(self, message: Message) -> bool:
        """Whether the message is one."""
        found = typed(message, self._username)
        return found is not None and (not self._names or found.name in self._names)


def register(
    app: Application[Any, Any, Any, Any, Any, Any], asking: Asking, dialogue: Dialogue, verbs: Collection[str]
) -> None:
    """Listen to every command but those of `linking`."""
    username = app.bot.username
    known = frozenset((*verbs, *SHORT))

    async def received(update: Update, context: Any) -> None:
        message = update.message
        found = typed(message, username) if message else None
        if message is None or found is None:
            return
        user = person_of(message)
        where = where_of(message, user) if user else Where(message.chat.id, 0)
        if found.name not in known and found.name != CANCEL and not (found.by_name or _is_private(message)):
            return
        if user is None:
            await _turn_away(update, message, found)
        elif found.name == CANCEL:
            await _cancel(update, message, where)
        else:
            await _run(update, message, found, where)

    async def _run(update: Update, message: Message, found: Typed, where: Where) -> None:
        bot, user = app.bot, message.from_user
        assert user is not None
        files, missing = await enclosures.fetch(bot, enclosures.attached(message))
        asker, named = caller(user, message.chat), without_handle(message)
        replied = message.reply_to_message
        answer = await asking(
            Request(
                asker,
                words=_with_mentions(line_of(found), named),
                spot=_spot(message, replied),
                receipt=receipt(update),
                enclosures=files,
                mentions={_mention(user): caller(user, message.chat) for user in named.values()},
            )
        )
        if missing:
            await asking.say_plainly(bot, where, asking.too_large(missing, where.user))
        if answer.form is not None:
            await dialogue.begin(bot, update, asker, where, answer)
        else:
            await asking.show(bot, where, answer)

    def _spot(message: Message, replied: Message | None) -> Spot | None:
        """What the command is about: the message of ours that it answers, or the topic, which may be a ticket's."""
        if replied is not None and is_ours(replied, app.bot.id):
            return spot_of(replied)
        return spot_of(message) if is_in_topic(message) else None

    async def _cancel(update: Update, message: Message, where: Where) -> None:
        session = await dialogue.open_in(where.chat, where.user)
        if session is None:
            await asking.say_plainly(app.bot, where, asking.words_for(where.user)("There is nothing to cancel."))
        else:
            await dialogue.cancel(app.bot, session)

    async def _turn_away(update: Update, message: Message, found: Typed) -> None:
        """An anonymous admin is told why nothing happens, in a group that the desk knows."""
        await asking.turn_away(disguised(message), update, disguise_of(message), words=line_of(found))
        as_group = message.sender_chat is not None and message.sender_chat.id == message.chat.id
        if as_group and str(message.chat.id) in asking.chat.known:
            text = asking.words("You write as the group, so I cannot tell who you are. Switch off “Remain anonymous”.")
            await asking.say_plainly(app.bot, Where(message.chat.id, 0, private=False), text)

    app.add_handler(MessageHandler(filters.UpdateType.MESSAGE & IsTyped(username), received))


def _is_private(message: Message) -> bool:
    return message.chat.type == message.chat.PRIVATE


def without_handle(message: Message) -> dict[str, User]:
    """People who are mentioned and have no @handle: the words that stand for each in the message."""
    texts = message.parse_entities([MessageEntity.TEXT_MENTION])
    texts |= message.parse_caption_entities([MessageEntity.TEXT_MENTION])
    return {text: entity.user for entity, text in texts.items() if entity.user is not None}


def _with_mentions(line: str, named: Mapping[str, User]) -> str:
    """The line with each of them as one word, which is what the verbs read."""
    for text, user in named.items():
        line = line.replace(text, _mention(user), 1)
    return line


def _mention(user: User) -> str:
    return f"@{'_'.join(user.full_name.split())}"


def line_of(found: Typed) -> str:
    """The line of words that a command stands for: `/ticket take 42` and `/take 42` are one."""
    return f"{SHORT.get(found.name, found.name)} {found.rest}".strip()


def is_ours(message: Message, bot_id: int) -> bool:
    """Whether the bot wrote it (what began a forum's topic is no message of ours that anybody answers)."""
    return message.from_user is not None and message.from_user.id == bot_id and message.forum_topic_created is None
