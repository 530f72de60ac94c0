"""What a bot gets to see in a group: with privacy mode on, only what is meant for it, unless it is an admin."""

from bot.sandbox.telegram.entities import cut
from bot.sandbox.telegram.messages import Message
from bot.sandbox.telegram.places import Person


def bot_sees(bot: Person, message: Message) -> bool:
    """Whether this message of a person reaches the bot."""
    chat = message.chat
    if chat.is_private or chat.type == "channel":
        return True
    if chat.bot_status in ("kicked", "left"):
        return False
    return chat.bot_is_admin or _is_for(bot, message)


def _is_for(bot: Person, message: Message) -> bool:
    if message.reply_to and message.reply_to.author is bot:
        return True
    if message.disguise.get("via_bot", {}).get("id") == bot.id:
        return True
    named = [_words(message, kind) for kind in ("bot_command", "mention")]
    own = f"@{bot.username.lower()}"
    commands = [word for word in named[0] if message.text.startswith("/")][:1]
    return any("@" not in word or word.endswith(own) for word in commands) or own in named[1]


def _words(message: Message, kind: str) -> list[str]:
    return [cut(message.text, one.offset, one.end).lower() for one in message.formatted.entities if one.type == kind]
