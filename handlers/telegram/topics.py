"""What people do to topics of forums: the desk is told, and brings a ticket's own topic back to what it is to be."""

from typing import Any

from telegram import Message, Update
from telegram.ext import Application, MessageHandler, filters

from bot.commands.requests import Caller, Request
from handlers.telegram.asking import Asking, receipt, spot_of


def register(app: Application[Any, Any, Any, Any, Any, Any], asking: Asking) -> None:
    """Listen to people who close and open topics."""

    async def changed(update: Update, context: Any) -> None:
        message = update.message
        if message is None or message.from_user is None:
            return
        await asking(
            Request(
                Caller("telegram", str(message.from_user.id), private=False),
                verb="topic",
                fields={"state": "closed" if message.forum_topic_closed else "open"},
                spot=spot_of(message),
                receipt=receipt(update),
                can_ask=False,
            )
        )

    told = filters.StatusUpdate.FORUM_TOPIC_CLOSED | filters.StatusUpdate.FORUM_TOPIC_REOPENED
    app.add_handler(MessageHandler(filters.UpdateType.MESSAGE & told, changed))


def is_in_topic(message: Message) -> bool:
    """Whether it was written in a forum's topic, which may be a ticket's."""
    return bool(message.is_topic_message and message.message_thread_id)
