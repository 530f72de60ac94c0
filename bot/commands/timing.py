"""Verbs about urgency and effort: escalate, time."""

from datetime import timedelta

from bot.commands import forms
from bot.commands.calls import Call
from bot.commands.verbs import verb
from bot.desk import spans
from bot.errors import FieldErrors, WrongUsage
from bot.outgoing.cards import Answer, Field


@verb("escalate REF", "call on-call to a ticket, now", writes=True)
def escalate(call: Call) -> Answer:
    """Rings in the group's Telegram chat, and says so in the thread."""
    return call.done(call.desk.tickets.escalate(call.ticket.reference, call.actor), "{reference} is escalated.")


@verb("time REF [SPAN] [TEXT]", "note time spent on a ticket: 30m, 1h30, 1.5h", writes=True)
def time(call: Call) -> Answer:
    """The text says what was done."""
    ticket, words = call.ticket, call.words
    if not call.has("span"):
        span = Field("span", words("Time spent"), hint=words("As 30m, 1h30 or 1.5h."), limit=20)
        text = Field("text", words("What was done"), "text", value=call.text(), optional=True)
        return call.ask(forms.about(ticket, "time", words("Time spent"), words("Save"), span, text))
    minutes = _minutes(call)
    changed = call.desk.tickets.time.spend(ticket.reference, minutes, call.actor, text=call.text())
    spans_of = {"span": timedelta(minutes=minutes), "total": timedelta(minutes=changed.minutes)}
    return call.done(changed, "{span} noted on {reference}, {total} in all.", **spans_of)


def _minutes(call: Call) -> int:
    try:
        return spans.minutes(call.text("span"))
    except WrongUsage as fault:
        if call.request.submitted:
            raise FieldErrors({"span": fault}) from None
        raise
