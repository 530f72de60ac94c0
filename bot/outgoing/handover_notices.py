"""What the team reads when a shift changes hands: who goes, who comes, the notes, and what is handed over. Pure.

Drawn from how it is now: the buttons are there as long as somebody can accept. In the team's channels tickets of
restricted groups are only counted.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from bot.desk.handover_list import HandedOver, is_asleep
from bot.desk.views import TicketView
from bot.desk.workflow import LABELS, Status
from bot.outgoing import telling
from bot.outgoing.cards import Button
from bot.outgoing.mail_notices import Notice
from bot.texts import Words
from storage.models import Handover

ACCEPT = ("handover_accept", "Accept", "primary")
NOTES = ("handover_notes", "Notes…", "")
MOST_LISTED, SUBJECT, NOTED, MOST_NAMED = 10, 60, 1200, 20
CHANGED = "🔁 {rota}: {goes} hands over to {comes} · {time}."
NOBODY_COMES = "🔁 {rota}: {goes} goes, and nobody is on call after that · {time}."
NOBODY_WENT = "🔁 {rota}: {comes} is on call now; nobody was before · {time}."
COMES_BACK = "🔁 {rota}: {comes} is on call again · {time}."
DRAFT = "📝 {rota}: the hand-over of {goes}, who is still on call."
ACCEPTED = "✅ Accepted by {who} · {time}."
STOOD_IN = "✅ Accepted by {who} in {name}'s place · {time}."
NOT_ACCEPTED = "⏹ Nobody accepted it before the next change."
SENTENCES = (CHANGED, NOBODY_COMES, NOBODY_WENT, COMES_BACK, DRAFT, ACCEPTED, STOOD_IN, NOT_ACCEPTED)


def draw(one: Handover, handed: Sequence[HandedOver], words: Words, now: datetime) -> Notice:
    """The notice now; times are in the reader's zone."""
    shown = [each for each in handed if not each.ticket.group.restricted]
    text = "\n".join(lines(one, shown, len(handed) - len(shown), words, now, most=MOST_LISTED))
    buttons = tuple(Button(verb, words(label), style) for verb, label, style in _buttons(one))
    return Notice(one.id, text, buttons, about="handover")


def lines(
    one: Handover, shown: Sequence[HandedOver], hidden: int, words: Words, now: datetime, *, most: int | None = None
) -> Iterator[str]:
    """All that is told of it, a line each; at most `most` tickets are listed, and then the notes are cut too."""
    yield _headline(one, words, now)
    if one.notes:
        yield words("📝 Notes:")
        yield telling.excerpt(one.notes, NOTED) if most else one.notes
    yield from _outcome(one, words, now)
    if one.state in ("open", "draft") and one.goes is not None:
        yield _counted(one, len(shown) + hidden, words)
        for each in shown[:most]:
            yield _line(each, words, now)
        left = len(shown[most:]) if most else 0
        if left:
            yield words("… and {n} more", n=left)
        if hidden:
            yield words.plural("🔒 1 ticket of a restricted group", "🔒 {n} tickets of restricted groups", hidden)


def _headline(one: Handover, words: Words, now: datetime) -> str:
    goes, comes = one.goes.name if one.goes else "", one.comes.name if one.comes else ""
    sentence = CHANGED
    if one.at is None:
        sentence = DRAFT
    elif not comes:
        sentence = NOBODY_COMES
    elif not goes:
        sentence = NOBODY_WENT
    elif one.goes_id == one.comes_id:
        sentence = COMES_BACK
    time = words.clock(one.at, now) if one.at else ""
    return words(sentence, rota=one.rota.name, goes=goes, comes=comes, time=time)


def _outcome(one: Handover, words: Words, now: datetime) -> Iterator[str]:
    if one.state == "accepted" and one.accepted_by is not None and one.accepted_at is not None:
        name = one.comes.name if one.comes else ""
        sentence = ACCEPTED if one.accepted_by_id == one.comes_id else STOOD_IN
        yield words(sentence, who=one.accepted_by.name, name=name, time=words.clock(one.accepted_at, now))
        if one.moved:
            yield words("➡️ {name} has now: {references}", name=name, references=_named(one.moved, words))
    elif one.state == "over" and one.goes_id and one.comes_id and one.goes_id != one.comes_id:
        yield words(NOT_ACCEPTED)


def _named(references: Sequence[str], words: Words) -> str:
    more = [words("… and {n} more", n=len(references) - MOST_NAMED)] if len(references) > MOST_NAMED else []
    return ", ".join([*references[:MOST_NAMED], *more])


def _counted(one: Handover, number: int, words: Words) -> str:
    name = one.goes.name if one.goes else ""
    if not number:
        return words("{name} has no open tickets.", name=name)
    one_ticket = "{name} has 1 open ticket (➡️ moves with the acceptance):"
    return words.plural(one_ticket, "{name} has {n} open tickets (➡️ move with the acceptance):", number, name=name)


def _line(handed: HandedOver, words: Words, now: datetime) -> str:
    ticket = handed.ticket
    title = f"{'➡️' if handed.moves else '•'} {ticket.reference} {telling.excerpt(ticket.subject, SUBJECT)}"
    return " · ".join((title, *(part for part in _why(ticket, words, now) if part)))


def _why(ticket: TicketView, words: Words, now: datetime) -> Iterator[str]:
    """What is promised, what it waits for, until when it sleeps."""
    yield telling.deadline(ticket, telling.Pen(words, now, ()))
    if ticket.status is Status.WAITING:
        yield words("waits for {who}", who=ticket.who or words("the client"))
    elif ticket.status is Status.ON_HOLD or ticket.due_at is None:
        yield words(LABELS[ticket.status])
    if is_asleep(ticket, now) and ticket.snoozed_until:
        yield words("💤 quiet until {time}", time=words.clock(ticket.snoozed_until, now))


def _buttons(one: Handover) -> Iterator[tuple[str, str, str]]:
    if one.state == "open":
        yield from (ACCEPT, NOTES) if one.comes_id else (NOTES,)
