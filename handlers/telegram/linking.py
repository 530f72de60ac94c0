"""Linking a phone to an agent: `/start TOKEN` from a pairing address, and `/pair`. The verbs do it, not this."""

from typing import Any

from telegram import Update
from telegram.ext import Application, MessageHandler, filters

from bot.commands.requests import Request
from handlers.telegram.asking import Asking, caller, disguise_of, disguised, person_of, receipt, where_of
from handlers.telegram.commands import IsTyped, typed

VERBS = ("start", "pair")


def register(app: Application[Any, Any, Any, Any, Any, Any], asking: Asking) -> None:
    """Listen to both commands."""
    username = app.bot.username

    async def received(update: Update, context: Any) -> None:
        message = update.message
        user = person_of(message) if message else None
        found = typed(message, username) if message else None
        if message is None or found is None:
            return
        if user is None:
            await asking.turn_away(disguised(message), update, disguise_of(message), verb=found.name)
            return
        answer = await asking(
            Request(
                caller(user, message.chat),
                verb=found.name,
                words=found.rest,
                receipt=receipt(update),
            )
        )
        await asking.show(app.bot, where_of(message, user), answer)

    app.add_handler(MessageHandler(filters.UpdateType.MESSAGE & IsTyped(username, VERBS), received))
