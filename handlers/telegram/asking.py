"""From what Telegram sends to the verbs and back: who asks, where, and what the person is shown afterwards.

Only people ask: nobody who hides behind a group, a channel or a bot. Only chats that the desk has named are told
anything of a ticket; in any other group the answer goes to the asker's private chat.
"""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import structlog
from telegram import Bot, CallbackQuery, Chat, Message, ReplyParameters, Update, User
from telegram.error import BadRequest, Forbidden, TelegramError

from bot.commands.requests import Caller, Request, Spot
from bot.outgoing.cards import Answer
from bot.ports import Commands, Notebook
from bot.texts import Words
from handlers.telegram import keyboards
from handlers.telegram.chat import HTML, TelegramChat
from handlers.telegram.faults import NOT_MODIFIED, is_final
from handlers.telegram.keyboards import Drawn
from handlers.telegram.markup import sentence, to_html

log = structlog.get_logger("deskbell.telegram")

DAY = 24 * 60
PLATFORM = "telegram"
DISGUISES: tuple[tuple[str, Callable[[Message], object]], ...] = (
    ("channel", lambda message: message.sender_chat and message.sender_chat.id != message.chat.id),
    ("anonymous admin", lambda message: message.sender_chat),
    ("via a bot", lambda message: message.via_bot or message.sender_business_bot),
    ("forwarded", lambda message: message.forward_origin or message.is_automatic_forward),
    ("edited", lambda message: message.edit_date),
    ("bot", lambda message: message.from_user is None or message.from_user.is_bot),
)


@dataclass(frozen=True, slots=True)
class Where:
    """Where an answer goes: the chat, its topic, the message it replies to (0 = none), and whose it is."""

    chat: int
    user: int
    topic: int = 0
    reply_to: int = 0
    private: bool = True


class Asking:
    """Asks the verbs on behalf of people, and shows them the answers."""

    def __init__(self, commands: Commands, notebook: Notebook, chat: TelegramChat, words: Words) -> None:
        self.notebook = notebook
        self.words = words
        self.chat = chat
        self._commands = commands
        self._spoken: dict[str, str] = {}

    def words_of(self, language: str) -> Words:
        """What is said in this language; "" is the desk's."""
        return Words(language, str(self.words.zone)) if language else self.words

    def words_for(self, user: int) -> Words:
        """The language of the last answer to this person; the desk's for whoever got none yet."""
        return self.words_of(self._spoken.get(str(user), ""))

    async def __call__(self, request: Request) -> Answer:
        """The answer; a card on which a press counted vouches for its chat."""
        answer = await self._commands(request)
        if answer.language and not answer.unrecognised:
            self._spoken[request.caller.id] = answer.language
        if request.pressed and request.spot and not (answer.refused or answer.nothing):
            self.chat.known.add(request.spot.channel)
        return answer

    async def turn_away(self, asker: Caller, update: Update, disguise: str, **asked: Any) -> None:
        """Nobody asks from behind somebody else: refused, and written down. `asked`: verb, words, spot."""
        await self._commands(Request(asker, receipt=receipt(update), disguise=disguise, **asked))

    # showing ---------------------------------------------------------------------------------------------------------

    def place_for(self, where: Where) -> Where:
        """Where a person is answered: there, or in private where the desk does not know the group."""
        if where.private or str(where.chat) in self.chat.known:
            return where
        return Where(where.user, where.user)

    async def show(self, bot: Bot, where: Where, answer: Answer, *, silent: bool = False) -> None:
        """Say what the answer says, all of it."""
        if answer.nothing:
            return
        place = self.place_for(where)
        drawn = await self.drawn(place, answer)
        try:
            await self.say(bot, place, drawn, silent=silent)
        except Forbidden:
            if place is where or answer.unrecognised:
                raise
            words = self.words_of(answer.language)
            await self.say_plainly(bot, where, words("I answer here only in private: open a chat with me first."))

    async def drawn(self, where: Where, answer: Answer) -> Drawn:
        """The answer as a message; a list of several pages is remembered for turning them."""
        token = await self._keep_pages(where, answer) if answer.pages > 1 else ""
        return keyboards.answer(answer, private=where.private, page_token=token)

    async def say(self, bot: Bot, where: Where, drawn: Drawn, *, silent: bool = False) -> Message | None:
        """Send a message; None where there was nothing to say."""
        if not drawn.html.strip():
            return None
        reply = ReplyParameters(where.reply_to, allow_sending_without_reply=True) if where.reply_to else None
        return await bot.send_message(
            where.chat,
            drawn.html,
            message_thread_id=where.topic or None,
            reply_parameters=reply,
            reply_markup=drawn.keyboard,
            disable_notification=silent,
            **HTML,
        )

    def too_large(self, names: Iterable[str], user: int) -> str:
        """The sentence about files that could not be fetched."""
        return self.words_for(user)("Too large for a bot to fetch: {names}", names=", ".join(names))

    async def say_plainly(self, bot: Bot, where: Where, text: str) -> None:
        """Send one sentence, which tells nothing of a ticket."""
        await self.say(bot, where, Drawn(to_html(sentence(text))))

    async def redraw(self, bot: Bot, where: Where, message: int, drawn: Drawn) -> None:
        """Change a message in place. One that is gone or as it should be stays as it is."""
        try:
            await bot.edit_message_text(
                drawn.html, chat_id=where.chat, message_id=message, reply_markup=drawn.keyboard, **HTML
            )
        except BadRequest as fault:
            if not NOT_MODIFIED.search(fault.message):
                log.info("message not redrawn", error=fault.message)

    async def reply_to_press(self, query: CallbackQuery, text: str, *, alert: bool = False) -> None:
        """Stop the button's progress bar. One that is too old, or answered already, is left."""
        try:
            await query.answer(text or None, show_alert=alert)
        except TelegramError as fault:
            if not is_final(fault):
                raise
            log.info("press not answered", error=fault.message)

    async def apologise(self, bot: Bot, update: Update, ident: str) -> None:
        """Tell the person that something failed, with the id that is in the log."""
        words = self.words_for(update.effective_user.id) if update.effective_user else self.words
        text = words("Something went wrong here. Tell an admin this: {id}", id=ident)
        if update.callback_query:
            await self.reply_to_press(update.callback_query, text, alert=True)
        elif update.message and (user := person_of(update.message)):
            await self.say_plainly(bot, self.place_for(where_of(update.message, user)), text)

    async def _keep_pages(self, where: Where, answer: Answer) -> str:
        token = secrets.token_hex(4)
        await self.notebook.keep(page_key(token), {"words": answer.again, "user": where.user}, minutes=DAY)
        return token


# who and where -------------------------------------------------------------------------------------------------------


def person_of(message: Message) -> User | None:
    """Who wrote it with their own hand, just now; None for anonymous, forwarded, corrected or automatic messages."""
    return None if disguise_of(message) else message.from_user


def disguise_of(message: Message) -> str:
    """How whoever wrote a message hides; "" for a person who wrote it with their own hand, just now."""
    return next((name for name, is_so in DISGUISES if is_so(message)), "")


def disguised(message: Message) -> Caller:
    """Whoever wrote it, as far as Telegram tells: whom nobody is known by."""
    hidden, user = message.sender_chat, message.from_user
    if hidden is not None:
        return Caller(PLATFORM, str(hidden.id), hidden.title or "", private=False)
    return caller(user, message.chat) if user else Caller(PLATFORM, "", private=False)


def caller(user: User, chat: Chat) -> Caller:
    """The person as the verbs know them: by the id alone."""
    language = (user.language_code or "").partition("-")[0].lower()
    name = f"@{user.username}" if user.username else user.full_name
    return Caller("telegram", str(user.id), name, language=language, private=chat.type == Chat.PRIVATE)


def where_of(message: Message, user: User, *, reply: bool = True) -> Where:
    """Where an answer to this message goes."""
    return Where(
        message.chat.id,
        user.id,
        topic_of(message),
        message.message_id if reply else 0,
        message.chat.type == Chat.PRIVATE,
    )


def topic_of(message: Message) -> int:
    """The forum topic, 0 for none (replies in ordinary groups carry a thread number that is no topic)."""
    return (message.message_thread_id or 0) if message.is_topic_message else 0


def spot_of(message: Message) -> Spot:
    """This message as the place a request belongs to."""
    return Spot("telegram", str(message.chat.id), str(message.message_id), topic_of(message))


def receipt(update: Update) -> str:
    """The same whenever Telegram gives the update again."""
    return f"telegram:{update.update_id}"


def page_key(token: str) -> str:
    """Where the notebook keeps the list of this token."""
    return f"telegram:pages:{token}"


def bot_of(context: Any) -> Bot:
    """The bot that a handler's context belongs to."""
    return context.bot
