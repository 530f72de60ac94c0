"""What the bot does to messages that are there: redraw, delete, react, pin."""

from typing import Any

from bot.sandbox.telegram.arguments import Arguments
from bot.sandbox.telegram.entities import Formatted
from bot.sandbox.telegram.messages import Keyboard, Message
from bot.sandbox.telegram.methods.sending import caption_of, text_of
from bot.sandbox.telegram.methods.table import method
from bot.sandbox.telegram.places import Chat
from bot.sandbox.telegram.refusals import NOT_MODIFIED, bad_request
from bot.sandbox.telegram.world import World

DELETABLE_SECONDS = 48 * 3600
REACTIONS = frozenset((
    "❤", "👍", "👎", "🔥", "🥰", "👏", "😁", "🤔", "🤯", "😱", "🤬", "😢", "🎉", "🤩", "🤮",
    "💩", "🙏", "👌", "🕊", "🤡", "🥱", "🥴", "😍", "🐳", "❤\u200d🔥", "🌚", "🌭", "💯", "🤣", "⚡",
    "🍌", "🏆", "💔", "🤨", "😐", "🍓", "🍾", "💋", "🖕", "😈", "😴", "😭", "🤓", "👻", "👨\u200d💻",
    "👀", "🎃", "🙈", "😇", "😨", "🤝", "✍", "🤗", "🫡", "🎅", "🎄", "☃", "💅", "🤪", "🗿",
    "🆒", "💘", "🙉", "🦄", "😘", "💊", "🙊", "😎", "👾", "🤷\u200d♂", "🤷", "🤷\u200d♀", "😡",
))  # fmt: skip


@method("editMessageText")
def edit_message_text(world: World, arguments: Arguments) -> dict[str, Any]:
    """Redraw text and keyboard."""
    message = _own_message(world, arguments)
    if message.kind != "text":
        raise bad_request("there is no text in the message to edit")
    return _redraw(world, message, text_of(arguments), arguments.keyboard())


@method("editMessageCaption")
def edit_message_caption(world: World, arguments: Arguments) -> dict[str, Any]:
    """Redraw a file's caption and keyboard."""
    message = _own_message(world, arguments)
    if message.kind == "text":
        raise bad_request("there is no caption in the message to edit")
    return _redraw(world, message, caption_of(arguments), arguments.keyboard())


@method("editMessageReplyMarkup")
def edit_message_reply_markup(world: World, arguments: Arguments) -> dict[str, Any]:
    """Redraw the keyboard alone."""
    message = _own_message(world, arguments)
    return _redraw(world, message, message.formatted, arguments.keyboard())


@method("deleteMessage")
def delete_message(world: World, arguments: Arguments) -> bool:
    """Delete one's own message of the last two days; an admin's right covers everybody's."""
    chat = world.chat_of_bot(arguments.text("chat_id"))
    message = find(chat, arguments, "message to delete not found")
    is_old = world.now() - message.date > DELETABLE_SECONDS
    may = chat.bot_is_admin or (not is_old and (message.author is world.bot or chat.is_private))
    if not may:
        raise bad_request("message can't be deleted")
    world.remove(message)
    return True


@method("setMessageReaction")
def set_message_reaction(world: World, arguments: Arguments) -> bool:
    """React with one emoji of Telegram's list, or with none."""
    chat = world.chat_of_bot(arguments.text("chat_id"))
    message = find(chat, arguments, "message to react not found")
    reactions = arguments.json("reaction") or []
    if len(reactions) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    emoji = [str(one.get("emoji", "")) for one in reactions]
    if any(one not in REACTIONS for one in emoji):
        raise bad_request("REACTION_INVALID")
    message.reactions.pop(world.bot.id, None)
    if emoji:
        message.reactions[world.bot.id] = emoji[0]
    world.tell("edited", chat=chat.id, message=message.view())
    return True


@method("pinChatMessage")
def pin_chat_message(world: World, arguments: Arguments) -> bool:
    """Pin a message; in groups an admin's right."""
    chat = _chat_to_pin(world, arguments)
    message = find(chat, arguments, "message to pin not found")
    if message.id not in chat.pinned:
        chat.pinned.append(message.id)
        pinned = {"pinned_message": message.as_json(with_reply=False)}
        world.serve(chat, world.bot, pinned, topic=message.topic)
    return True


@method("unpinChatMessage")
def unpin_chat_message(world: World, arguments: Arguments) -> bool:
    """Unpin a message, the last one when none is named."""
    chat = _chat_to_pin(world, arguments)
    number = arguments.integer("message_id") or (chat.pinned[-1] if chat.pinned else 0)
    if number not in chat.pinned:
        raise bad_request("message to unpin not found")
    chat.pinned.remove(number)
    return True


def find(chat: Chat, arguments: Arguments, missing: str) -> Message:
    """The message that a call names."""
    number = arguments.integer("message_id")
    if not number:
        raise bad_request("message identifier is not specified")
    message = chat.messages.get(number)
    if message is None:
        raise bad_request(missing)
    return message


def _own_message(world: World, arguments: Arguments) -> Message:
    chat = world.chat_of_bot(arguments.text("chat_id"))
    message = find(chat, arguments, "message to edit not found")
    if message.author is not world.bot or message.service:
        raise bad_request("message can't be edited")
    return message


def _redraw(world: World, message: Message, formatted: Formatted, keyboard: Keyboard) -> dict[str, Any]:
    if (formatted, keyboard) == (message.formatted, message.keyboard):
        raise bad_request(NOT_MODIFIED)
    world.floods.count(message.chat.id)
    if formatted != message.formatted:
        message.edited_at = world.now()
    message.formatted, message.keyboard = formatted, keyboard
    return world.redrawn(message).as_json()


def _chat_to_pin(world: World, arguments: Arguments) -> Chat:
    chat = world.chat_of_bot(arguments.text("chat_id"))
    if not (chat.is_private or chat.bot_is_admin):
        raise bad_request("not enough rights to manage pinned messages in the chat")
    return chat
