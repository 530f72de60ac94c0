"""Carries a form through its questions: asks, takes answers, submits. One question is open per person and chat."""

from dataclasses import replace

from telegram import Bot, CallbackQuery, Message, Update
from telegram.error import TelegramError

from bot.commands.requests import Caller, Request
from bot.outgoing.cards import Answer
from bot.texts import Words
from handlers.telegram import albums, enclosures, questions
from handlers.telegram.asking import Asking, Where, caller, receipt
from handlers.telegram.buttons import StepPress
from handlers.telegram.enclosures import Attached, attached
from handlers.telegram.faults import is_final
from handlers.telegram.keyboards import Drawn, toast
from handlers.telegram.markup import plain, to_html
from handlers.telegram.questions import CANCEL, DONE, SEND, SKIP, Labels, Session

KEPT_MINUTES = 60


class Dialogue:
    """Asks for what a verb needs."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    async def begin(self, bot: Bot, update: Update, asker: Caller, where: Where, answer: Answer) -> None:
        """Ask the form's first question, or carry it out where none is left. A question open before is dropped."""
        assert answer.form is not None
        place = self._asking.place_for(where)
        session = questions.begin(answer.form, place, update.update_id, answer.language)
        if session.is_ready:
            await self._submit(bot, update, asker, session)
            return
        await self._ask(bot, session)

    async def open_for(self, message: Message, user: int) -> Session | None:
        """The question that this message answers: in a group only a reply to it does."""
        session = await self.open_in(message.chat.id, user)
        if session is None:
            return None
        answered = message.reply_to_message.message_id if message.reply_to_message else 0
        return session if session.where.private or answered == session.message else None

    async def open_in(self, chat: int, user: int) -> Session | None:
        """The question that is open for this person in this chat."""
        kept = await self._asking.notebook.recall(questions.session_key(chat, user))
        return questions.from_json(kept) if kept else None

    async def take(self, bot: Bot, update: Update, message: Message, asker: Caller, session: Session) -> None:
        """A written answer. One that was taken already asks the present question once more."""
        if update.update_id < session.last:
            return
        where = replace(session.where, reply_to=message.message_id)
        if update.update_id == session.last:
            await self._ask(bot, replace(session, where=where))
            return
        session = replace(session, last=update.update_id, where=where)
        text, files = (message.text or message.caption or "").strip(), attached(message)
        if session.asked is None and files and not text:
            await self._ask(bot, replace(session, files=(*session.files, *files)), in_place=True)
            return
        if session.asked is None:
            await self._ask(bot, replace(session, fault=self._words(session)("Press one of the buttons.")))
            return
        await self._without_buttons(bot, session)
        await self._go_on(bot, update, asker, self._taken(session, text, files))

    async def press(self, bot: Bot, update: Update, query: CallbackQuery, press: StepPress) -> None:
        """An answer by a button."""
        session = await self._pressed(query, press)
        message = query.message
        if session is None or message is None:
            await self._over(query)
            return
        if update.update_id == session.last:
            await self._asking.reply_to_press(query, "")
            await self._ask(bot, session, in_place=True)
            return
        session = replace(session, last=update.update_id, message=message.message_id)
        if press.choice == CANCEL:
            await self._asking.reply_to_press(query, self._words(session)("Cancelled."))
            await self.cancel(bot, session)
        elif press.step != session.at:
            await self._over(query)
        elif press.choice == SEND and session.asked is None:
            await self._submit(bot, update, caller(query.from_user, message.chat), session, query)
        else:
            await self._choose(bot, update, query, session, press.choice)

    async def _over(self, query: CallbackQuery) -> None:
        words = self._asking.words_for(query.from_user.id)
        await self._asking.reply_to_press(query, words("This question is over."), alert=True)

    async def cancel(self, bot: Bot, session: Session) -> None:
        """Nothing of it is done."""
        await self._asking.notebook.forget(session.key)
        text = self._words(session)("Cancelled.")
        await self._asking.redraw(bot, session.where, session.message, Drawn(to_html([plain(text)])))

    # one step --------------------------------------------------------------------------------------------------------

    def _taken(self, session: Session, text: str, files: tuple[Attached, ...]) -> Session:
        asked = session.asked
        assert asked is not None
        words = self._words(session)
        if not text and not (files and asked.kind == "text"):
            return replace(session, fault=words("Please write an answer."))
        value = questions.typed_choice(asked, text)
        if value is None:
            return replace(session, fault=words("“{text}” is none of the choices.", text=text[:60]))
        if len(value) > asked.limit:
            return replace(session, fault=words("At most {n} characters, please.", n=asked.limit))
        return session.answered(value, files)

    async def _choose(self, bot: Bot, update: Update, query: CallbackQuery, session: Session, choice: str) -> None:
        asked = session.asked
        value = questions.chosen(asked, choice) if asked and asked.options else None
        if asked is not None and asked.optional and choice == SKIP:
            value = ""
        if asked is not None and asked.kind == "several" and choice == DONE:
            value = session.values.get(asked.key, "")
        if value is None or query.message is None:
            await self._over(query)
            return
        if asked is not None and asked.kind == "several" and choice != DONE:
            await self._asking.reply_to_press(query, "")
            await self._ask(bot, session.toggled(value), in_place=True)
            return
        session = session.answered(value)
        changed = asked.key if asked is not None and asked.asks and value else ""
        if session.is_ready or changed:
            asker = caller(query.from_user, query.message.chat)
            await self._submit(bot, update, asker, session, query, changed=changed)
            return
        await self._asking.reply_to_press(query, "")
        await self._ask(bot, session, in_place=True)

    async def _go_on(self, bot: Bot, update: Update, asker: Caller, session: Session) -> None:
        if session.is_ready:
            await self._submit(bot, update, asker, session)
        else:
            await self._ask(bot, session)

    async def _ask(self, bot: Bot, session: Session, *, in_place: bool = False) -> None:
        """Remember where we are, then ask: a crash in between asks once more."""
        drawn = questions.draw(session, _labels(self._words(session)))
        await self._keep(session)
        if in_place:
            await self._asking.redraw(bot, session.where, session.message, drawn)
            return
        sent = await self._asking.say(bot, session.where, drawn)
        await self._keep(replace(session, message=sent.message_id if sent else 0))

    def _words(self, session: Session) -> Words:
        return self._asking.words_of(session.language)

    async def _keep(self, session: Session) -> None:
        await self._asking.notebook.keep(session.key, questions.as_json(session), minutes=KEPT_MINUTES)

    async def _pressed(self, query: CallbackQuery, press: StepPress) -> Session | None:
        """The session that a press belongs to: the presser's own."""
        if query.message is None:
            return None
        session = await self.open_in(query.message.chat.id, query.from_user.id)
        return session if session and session.token == press.token else None

    async def _without_buttons(self, bot: Bot, session: Session) -> None:
        """An answered question is not to be pressed any more."""
        try:
            await bot.edit_message_reply_markup(session.where.chat, session.message, reply_markup=None)
        except TelegramError as fault:
            if not is_final(fault):
                raise

    # the end ---------------------------------------------------------------------------------------------------------

    async def _submit(
        self,
        bot: Bot,
        update: Update,
        asker: Caller,
        session: Session,
        query: CallbackQuery | None = None,
        *,
        changed: str = "",
    ) -> None:
        """Ask the verb, with all that was filled in; `changed`: with what was chosen so far, for the next form."""
        files, missing = await enclosures.fetch(bot, session.files)
        answer = await self._asking(
            Request(
                asker,
                verb=session.form.verb,
                fields=_fields(session),
                version=session.form.version if session.form.reference else None,
                receipt=receipt(update),
                enclosures=files,
                submitted=not changed,
                changed=changed,
                source=albums.spot_of(update.message) if update.message else None,
            )
        )
        if update.message and not (answer.refused or answer.form):
            await albums.remember(self._asking.notebook, update.message)
        if missing:
            answer = replace(answer, text=f"{answer.text}\n{self._asking.too_large(missing, session.where.user)}")
        if query is not None:
            await self._asking.reply_to_press(query, toast(answer) if answer.refused else "", alert=answer.refused)
        if answer.refused and not answer.unrecognised:
            again = session.refused(answer.faults, answer.text)
            await self._ask(bot, again, in_place=query is not None)
            return
        await self._asking.notebook.forget(session.key)
        if answer.form is not None:
            await self._next(bot, update, asker, session, answer, in_place=query is not None)
            return
        await self._tell(bot, session, answer, in_place=query is not None)

    async def _next(
        self, bot: Bot, update: Update, asker: Caller, session: Session, answer: Answer, *, in_place: bool
    ) -> None:
        """The verb asks for more, or to look at it once more."""
        assert answer.form is not None
        following = questions.begin(answer.form, session.where, update.update_id, answer.language)
        following = replace(following, message=session.message)
        if following.is_ready:
            await self._submit(bot, update, asker, following)
        else:
            await self._ask(bot, following, in_place=in_place)

    async def _tell(self, bot: Bot, session: Session, answer: Answer, *, in_place: bool) -> None:
        if in_place:
            drawn = await self._asking.drawn(session.where, answer)
            await self._asking.redraw(bot, session.where, session.message, drawn)
        else:
            await self._asking.show(bot, session.where, answer)


def _labels(words: Words) -> Labels:
    return Labels(
        cancel=words("Cancel"),
        skip=words("Skip"),
        done=words("Done"),
        reply_here=words("Reply to this message."),
        files=words("Files"),
        named=words("{label}:"),
    )


def _fields(session: Session) -> dict[str, str]:
    known = {"reference": session.form.reference, "draft": session.form.draft}
    return {**session.filled, **{name: value for name, value in known.items() if value}}
