"""What people write: the answer to an open question, a note in reply to a card, or "ok", which takes the ticket.

In a topic that is a ticket's own everything is such a reply.
"""

from dataclasses import replace
from typing import Any

from telegram import Message, Update, User
from telegram.ext import Application, MessageHandler, filters

from bot.commands.requests import Request
from bot.outgoing.cards import Answer
from handlers.telegram import albums, enclosures
from handlers.telegram.asking import Asking, caller, disguise_of, disguised, person_of, receipt, spot_of, where_of
from handlers.telegram.commands import is_ours
from handlers.telegram.dialogue import Dialogue
from handlers.telegram.topics import is_in_topic

TAKES = frozenset(("ok", "okay", "👍", "taken", "take", "mine", "je prends", "pris", "d'accord"))


def register(app: Application[Any, Any, Any, Any, Any, Any], asking: Asking, dialogue: Dialogue) -> None:
    """Listen to everything that is no command."""

    async def received(update: Update, context: Any) -> None:
        message = update.message
        user = person_of(message) if message else None
        if message is None or not _says_something(message):
            return
        if user is None:
            await _turn_away(update, message)
            return
        session = await dialogue.open_for(message, user.id)
        replied = message.reply_to_message
        if session is not None:
            await dialogue.take(app.bot, update, message, caller(user, message.chat), session)
        elif await albums.is_known(asking.notebook, message):
            await _enclosed(update, message, user)
        elif replied is not None and is_ours(replied, app.bot.id):
            await _answered(update, message, replied)
        elif is_in_topic(message) and await _is_a_tickets(message, user):
            await _answered(update, message, message)
        elif message.chat.type == message.chat.PRIVATE:
            text = asking.words_for(user.id)("Type `/help` to see what I can do.")
            await asking.say_plainly(app.bot, where_of(message, user), text)

    async def _turn_away(update: Update, message: Message) -> None:
        """What answers a message of ours would be a note."""
        replied = message.reply_to_message
        if replied is not None and is_ours(replied, app.bot.id):
            await asking.turn_away(disguised(message), update, disguise_of(message), verb="note", spot=spot_of(replied))

    async def _is_a_tickets(message: Message, user: User) -> bool:
        """Whether the topic is a ticket's own; asked before any file is fetched."""
        answer = await asking(Request(caller(user, message.chat), verb="whose", spot=spot_of(message)))
        return not answer.nothing

    async def _answered(update: Update, message: Message, replied: Message) -> None:
        user = message.from_user
        assert user is not None
        where = where_of(message, user)
        asker = caller(user, message.chat)
        request = Request(
            asker,
            verb="take" if takes(message) else "note",
            spot=await asking.chat.card_of(spot_of(replied)),
            receipt=receipt(update),
        )
        missing: tuple[str, ...] = ()
        if request.verb == "note":
            request, missing = await _with_note(request, message)
        answer = await asking(request)
        if not answer.refused:
            await albums.remember(asking.notebook, message)
        if answer.form is not None:
            await dialogue.begin(app.bot, update, asker, where, answer)
        elif answer.nothing and where.private:
            words = asking.words_for(user.id)
            text = words("Reply to a ticket's card to leave a note on it. `/help` shows what I can do.")
            await asking.say_plainly(app.bot, where, text)
        else:
            said = [answer.text, *([asking.too_large(missing, where.user)] if missing else [])]
            await asking.show(app.bot, where, _short(replace(answer, text="\n".join(said))), silent=True)

    async def _enclosed(update: Update, message: Message, user: User) -> None:
        """The rest of an album whose beginning is a note: it is one note."""
        request = Request(caller(user, message.chat), verb="enclose", receipt=receipt(update), can_ask=False)
        request, missing = await _with_note(request, message)
        answer = await asking(request)
        said = answer.text if answer.refused else asking.too_large(missing, user.id) if missing else ""
        await asking.say_plainly(app.bot, where_of(message, user), said)

    async def _with_note(request: Request, message: Message) -> tuple[Request, tuple[str, ...]]:
        """The request with what was written and its files; the names of those that could not be fetched."""
        files, missing = await enclosures.fetch(app.bot, enclosures.attached(message))
        text = [message.text or message.caption or ""]
        text += [asking.too_large(missing, int(request.caller.id))] if missing else []
        fields = {**request.fields, "text": "\n".join(part for part in text if part)}
        return replace(request, fields=fields, enclosures=files, source=albums.spot_of(message)), missing

    app.add_handler(MessageHandler(filters.UpdateType.MESSAGE, received))


def takes(message: Message) -> bool:
    """Whether a reply to a card says no more than "I take it"."""
    said = (message.text or "").strip().rstrip(".!").strip().casefold()
    return said in TAKES and not enclosures.attached(message)


def _says_something(message: Message) -> bool:
    return bool(message.text or message.caption or enclosures.attached(message))


def _short(answer: Answer) -> Answer:
    """What was done; buttons belong to the card that was answered."""
    return answer if answer.refused else replace(answer, buttons=())
