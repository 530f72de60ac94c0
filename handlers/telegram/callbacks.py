"""Presses: what a button carries becomes a request; a press is answered as soon as that is committed, then the rest.

Nothing that a press carries is trusted: a card's is checked by the verbs against card, chat, person and version;
any other counts only on a message that shows this very button.
"""

from dataclasses import replace
from typing import Any

from telegram import CallbackQuery, Message, Update
from telegram.ext import Application, CallbackQueryHandler

from bot.commands.requests import Caller, Request, Spot
from bot.outgoing.cards import Answer
from handlers.telegram import buttons, keyboards
from handlers.telegram.asking import PLATFORM, Asking, Where, caller, page_key, receipt, topic_of
from handlers.telegram.buttons import ASK_FIRST, AnswerPress, CardPress, PagePress, StepPress
from handlers.telegram.dialogue import Dialogue
from handlers.telegram.keyboards import Drawn


def register(app: Application[Any, Any, Any, Any, Any, Any], asking: Asking, dialogue: Dialogue) -> None:
    """Listen to every press."""
    presses = Presses(app.bot, asking, dialogue)

    async def received(update: Update, context: Any) -> None:
        if update.callback_query is not None:
            await presses.received(update, update.callback_query)

    app.add_handler(CallbackQueryHandler(received))


class Presses:
    """Carries presses out."""

    def __init__(self, bot: Any, asking: Asking, dialogue: Dialogue) -> None:
        self._bot = bot
        self._asking = asking
        self._dialogue = dialogue

    async def received(self, update: Update, query: CallbackQuery) -> None:
        """Any press, forged ones included."""
        press = buttons.read(query.data or "")
        if query.message is None or query.from_user.is_bot or not (isinstance(press, CardPress) or _shows(query)):
            await self._turn_away(update, query)
        elif isinstance(press, CardPress):
            await self._on_card(update, query, press)
        elif isinstance(press, AnswerPress):
            await self._under_answer(update, query, press)
        elif isinstance(press, StepPress):
            await self._dialogue.press(self._bot, update, query, press)
        elif isinstance(press, PagePress):
            await self._page(update, query, press)

    async def _on_card(self, update: Update, query: CallbackQuery, press: CardPress) -> None:
        request = _request(update, query, press)
        if press.argument == ASK_FIRST:
            await self._confirm(query, press, request)
            return
        answer = await self._asking(request)
        await self._asking.reply_to_press(query, _toast(answer), alert=answer.refused)
        await self._show_rest(update, query, request, answer)

    async def _under_answer(self, update: Update, query: CallbackQuery, press: AnswerPress) -> None:
        assert query.message is not None
        request = Request(
            caller(query.from_user, query.message.chat),
            verb=press.verb,
            fields={"reference": press.reference} if press.reference else {},
            version=press.version if press.reference else None,
            receipt=receipt(update),
            pressed=True,
        )
        answer = await self._asking(request)
        await self._asking.reply_to_press(query, _toast(answer), alert=answer.refused)
        if answer.form is not None or answer.refused:
            await self._show_rest(update, query, request, answer)
        else:
            where = _where(query)
            await self._asking.redraw(
                self._bot, where, query.message.message_id, await self._asking.drawn(where, answer)
            )

    async def _show_rest(self, update: Update, query: CallbackQuery, request: Request, answer: Answer) -> None:
        """What does not fit into the short answer to a press. Strangers and refused ones get nothing else."""
        where = _where(query)
        if answer.form is not None:
            await self._dialogue.begin(self._bot, update, request.caller, where, answer)
        elif answer.redraw is not None:
            await self._asking.redraw(self._bot, where, where.reply_to, keyboards.card(answer.redraw))
        elif keyboards.says_more(answer) and not answer.refused:
            await self._asking.show(self._bot, where, answer)

    async def _confirm(self, query: CallbackQuery, press: CardPress, request: Request) -> None:
        """Ask first, in the words of the card as it is now; its buttons become the two answers."""
        assert query.message is not None
        answer = await self._asking(replace(request, verb="back", fields=_without_argument(request), receipt=""))
        card = answer.redraw
        if answer.refused or card is None:
            await self._asking.reply_to_press(query, _toast(answer), alert=True)
            return
        question = card.questions.get(press.verb, "")
        if not question:
            await self._asking.reply_to_press(query, "")
            await self._asking.redraw(self._bot, _where(query), query.message.message_id, keyboards.card(card))
            return
        await self._asking.reply_to_press(query, keyboards.toast(Answer(text=question)), alert=True)
        label, back = card.label_of(press.verb), self._asking.words("« Back")
        drawn = Drawn(keyboards.card(card).html, keyboards.confirm_keyboard(card, press.verb, label, back))
        await self._asking.redraw(self._bot, _where(query), query.message.message_id, drawn)

    async def _page(self, update: Update, query: CallbackQuery, press: PagePress) -> None:
        assert query.message is not None
        kept = await self._asking.notebook.recall(page_key(press.token))
        if kept is None or kept["user"] != query.from_user.id:
            words = self._asking.words_for(query.from_user.id)
            text = words("This list is somebody else's or too old. Ask for your own: /list")
            await self._asking.reply_to_press(query, text, alert=True)
            return
        asked = str(kept["words"]).replace("{page}", str(press.page))
        asker = caller(query.from_user, query.message.chat)
        answer = await self._asking(Request(asker, words=asked, receipt=receipt(update)))
        await self._asking.reply_to_press(query, _toast(answer) if answer.refused else "", alert=answer.refused)
        if not answer.refused:
            private = query.message.chat.type == query.message.chat.PRIVATE
            drawn = keyboards.answer(answer, private=private, page_token=press.token)
            await self._asking.redraw(self._bot, _where(query), query.message.message_id, drawn)

    async def _turn_away(self, update: Update, query: CallbackQuery) -> None:
        """What no button of ours carries, or nobody pressed, is answered, and written down."""
        await self._out_of_date(query)
        user = query.from_user
        disguise = "bot" if user.is_bot else "no such button" if query.message else "no message"
        asker = Caller(PLATFORM, str(user.id), f"@{user.username}" if user.username else user.full_name)
        await self._asking.turn_away(asker, update, disguise, verb="press")

    async def _out_of_date(self, query: CallbackQuery) -> None:
        words = self._asking.words_for(query.from_user.id)
        text = words("This button is out of date. The card shows the ticket as it is now.")
        await self._asking.reply_to_press(query, text, alert=True)


def _request(update: Update, query: CallbackQuery, press: CardPress) -> Request:
    message = query.message
    assert message is not None
    topic = topic_of(message) if isinstance(message, Message) else 0
    argument = {"argument": press.argument} if press.argument else {}
    return Request(
        caller(query.from_user, message.chat),
        verb=press.verb,
        fields={"ticket": str(press.ticket), **argument},
        version=press.version,
        spot=Spot("telegram", str(message.chat.id), str(message.message_id), topic),
        receipt=receipt(update),
        pressed=True,
    )


def _without_argument(request: Request) -> dict[str, str]:
    return {key: value for key, value in request.fields.items() if key != "argument"}


def _where(query: CallbackQuery) -> Where:
    """Where the rest of an answer goes: below the message that was pressed."""
    message = query.message
    assert message is not None
    topic = topic_of(message) if isinstance(message, Message) else 0
    private = message.chat.type == message.chat.PRIVATE
    return Where(message.chat.id, query.from_user.id, topic, message.message_id, private)


def _shows(query: CallbackQuery) -> bool:
    """Whether the message, as Telegram has it now, shows the button that is said to have been pressed."""
    message = query.message
    markup = message.reply_markup if isinstance(message, Message) else None
    rows = markup.inline_keyboard if markup else ()
    return any(button.callback_data == query.data for row in rows for button in row)


def _toast(answer: Answer) -> str:
    """What stands over the chat; "" where a question or a new drawing says it."""
    return "" if answer.form is not None or answer.nothing else keyboards.toast(answer)
