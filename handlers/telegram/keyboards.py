"""Drawing for the phone: cards, answers and questions become HTML and keyboards. Pure; every limit is kept here.

A card is five short lines that can be read at 3 a.m., and a keyboard of two levels.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.outgoing.cards import Answer, Button, Card, Row
from bot.outgoing.mail_notices import Notice
from bot.ports import Mention
from handlers.telegram.buttons import ASK_FIRST, AnswerPress, CardPress, PagePress
from handlers.telegram.markup import (
    ANSWER_UNITS,
    ELLIPSIS,
    LABEL_UNITS,
    TEXT_UNITS,
    Run,
    bold,
    cut,
    is_seen,
    joined,
    live,
    one_line,
    person,
    plain,
    sentence,
    to_html,
    units,
    without_marks,
)  # fmt: skip

SEVERITY, TITLE, CLIENT, EXCERPT, STATE, FOOT, NOTE = 40, 160, 120, 200, 200, 240, 200
LINE = 600
WITHOUT_REFERENCE = frozenset(("undo",))
Keyboard = InlineKeyboardMarkup | None


@dataclass(frozen=True, slots=True)
class Drawn:
    """A message as Telegram takes it: HTML and a keyboard."""

    html: str
    keyboard: Keyboard = None


# cards ---------------------------------------------------------------------------------------------------------------


def card(shown: Card) -> Drawn:
    """The card with the first level of its keyboard."""
    if shown.instead:
        return Drawn(to_html(joined([[plain(one_line(shown.instead, TITLE))]])))
    return Drawn(to_html(joined(card_lines(shown))), card_keyboard(shown))


def card_lines(shown: Card) -> list[list[Run]]:
    """Title, client, excerpt, state, what happened and what comes; then what the desk remarks, if anything."""
    severity = [plain(f"{one_line(shown.severity, SEVERITY)} ")] if shown.severity else []
    state = _chain(
        f"{shown.emoji} {shown.status}".strip(), f"👤 {shown.assignee}" if shown.assignee else "", shown.deadline
    )
    return [
        [*severity, bold(one_line(shown.title, TITLE))],
        [plain(one_line(shown.client, CLIENT))],
        [(one_line(shown.excerpt, EXCERPT), "italic")],
        [plain(one_line(state, STATE))],
        [plain(one_line(_chain(shown.last, shown.next), FOOT))],
        *([plain(one_line(note, NOTE))] for note in shown.notes[:5]),
    ]


def card_keyboard(shown: Card) -> Keyboard:
    """The buttons of `phone`; those that need a confirmation ask for it first."""
    asking = set(shown.questions)
    return _keyboard([[_on_card(shown, button, asking) for button in row] for row in shown.phone])


def confirm_keyboard(shown: Card, verb: str, label: str, back: str) -> Keyboard:
    """The question's two answers, instead of the card's buttons."""
    press, leave = (CardPress(name, shown.ticket, shown.version) for name in (verb, "back"))
    return _keyboard([[_button(label, press.data())], [_button(back, leave.data())]])


def _on_card(shown: Card, button: Button, asking: set[str]) -> InlineKeyboardButton:
    argument = button.argument or (ASK_FIRST if button.verb in asking else "")
    return _button(button.label, CardPress(button.verb, shown.ticket, shown.version, argument).data())


# answers -------------------------------------------------------------------------------------------------------------


def answer(given: Answer, *, private: bool, page_token: str = "") -> Drawn:
    """Everything an answer says.

    Its buttons are drawn in private chats only: in a group, where they would be everybody's, it says what to type.
    """
    link = [[live(given.link)]] if given.link else []
    ways = [] if private else [_typed_way(button, given.reference) for button in given.buttons]
    head = [sentence(given.text), *ways, *link, *(card_lines(given.card) if given.card else [])]
    body = [*(_row(row) for row in given.rows), *([plain(cut(line, LINE))] for line in given.lines)]
    return Drawn(to_html(joined([*head, *_newest(head, body)])), _answer_keyboard(given, private, page_token))


def _typed_way(button: Button, reference: str) -> list[Run]:
    if button.verb in WITHOUT_REFERENCE:
        return [plain(f"{button.label}: "), live(f"/{button.verb}")]
    return [plain(f"{button.label}: "), (f"/{button.verb} {reference}".strip(), "code")]


def toast(given: Answer) -> str:
    """What stands over the chat for a moment, or in an alert."""
    return cut(without_marks(given.text), ANSWER_UNITS)


def says_more(given: Answer) -> bool:
    """Whether an answer holds more than its toast shows."""
    more = given.lines or given.rows or given.card or given.link or given.buttons
    return bool(more) or units(given.text) > ANSWER_UNITS


def line(text: str, mention: Mention | None = None) -> str:
    """A line under a card as HTML; what follows its first line is a quotation."""
    head, _, rest = text.partition("\n")
    call = [person(mention.id, mention.name), plain(" ")] if mention else []
    return to_html(joined([[*call, plain(head)], [(rest, "italic")]]))


def _row(row: Row) -> list[Run]:
    title = f"{row.emoji} {row.reference}".strip()
    return [bold(title), plain(f" · {one_line(row.subject, 120)}\n    {one_line(row.details, 160)}")]


def _newest(head: Sequence[Sequence[Run]], body: Sequence[list[Run]]) -> list[list[Run]]:
    """As many of the last lines as fit below the head; an ellipsis where earlier ones are left out."""
    left = TEXT_UNITS - _length(head) - 2
    kept: list[list[Run]] = []
    for one in reversed(body):
        left -= _length([one])
        if left < 0:
            return [[plain(ELLIPSIS)], *kept]
        kept.insert(0, one)
    return kept


def _length(lines: Sequence[Sequence[Run]]) -> int:
    return sum(1 + sum(units(words) for words, _ in runs) for runs in lines)


def _answer_keyboard(given: Answer, private: bool, page_token: str) -> Keyboard:
    rows = [_pages(given.page, given.pages, page_token)] if page_token and given.pages > 1 else []
    presses = [(button.label, AnswerPress(button.verb, given.version, given.reference)) for button in given.buttons]
    if private:
        rows += [[_button(label, press.data())] for label, press in presses if press.fits()]
    return _keyboard(rows)


def _pages(page: int, pages: int, token: str) -> list[InlineKeyboardButton]:
    """‹ 2/7 › with an arrow only where there is something behind it."""
    before = [_button("‹", PagePress(token, page - 1).data())] if page > 1 else []
    after = [_button("›", PagePress(token, page + 1).data())] if page < pages else []
    return [*before, _button(f"{page}/{pages}", PagePress(token, page).data()), *after]


def mail_notice(notice: Notice) -> Drawn:
    """A notice with buttons, which carry the number of a mail or an offer where another's carry a reference."""
    rows = [[(one.label, AnswerPress(one.verb, 0, str(notice.number)).data())] for one in notice.buttons]
    return Drawn(to_html(sentence(notice.text)), choices(rows))


# both ----------------------------------------------------------------------------------------------------------------


def choices(rows: Sequence[Sequence[tuple[str, str]]]) -> Keyboard:
    """A keyboard of labels with their data."""
    return _keyboard([[_button(label, data) for label, data in row] for row in rows])


def _keyboard(rows: Sequence[Sequence[InlineKeyboardButton]]) -> Keyboard:
    filled = [list(row) for row in rows if row]
    return InlineKeyboardMarkup(filled) if filled else None


def _button(label: str, data: str) -> InlineKeyboardButton:
    shown = one_line(label, LABEL_UNITS)
    return InlineKeyboardButton(shown if is_seen(shown) else ELLIPSIS, callback_data=data)


def _chain(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
