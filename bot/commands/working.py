"""Verbs that move a ticket along: take, assign, wait and their likes."""

from datetime import datetime

from bot.commands import forms, own_shifts
from bot.commands.calls import Call
from bot.commands.moments import moment
from bot.commands.verbs import verb
from bot.errors import FieldErrors, WrongUsage
from bot.outgoing.cards import Answer


@verb("take REF", "take a ticket and start working on it", writes=True)
def take(call: Call) -> Answer:
    """Somebody else's is refused, with the way to take it over."""
    ticket = call.desk.tickets.take(call.ticket.reference, call.actor)
    return call.done(ticket, "{reference} is yours.")


@verb("takeover REF", "take a ticket that somebody else has", writes=True)
def takeover(call: Call) -> Answer:
    """The holder is named before (a confirmation on the button)."""
    ticket = call.desk.tickets.take(call.ticket.reference, call.actor, over=True)
    return call.done(ticket, "{reference} is yours now.")


@verb("assign REF [WHO]", "give a ticket to somebody: an address, @name, oncall, or nobody", writes=True)
def assign(call: Call) -> Answer:
    """`nobody` takes it back; `oncall` is whoever is on call for its group, `oncall:NIGHTS` by that rota."""
    if not call.has("who"):
        return call.ask(forms.assign(call, call.ticket))
    if call.text("who").lower() == "nobody":
        return call.done(call.desk.tickets.unassign(call.ticket.reference, call.actor), "{reference} is nobody's now.")
    agent = call.someone("who")
    ticket = call.desk.tickets.assign(call.ticket.reference, agent, call.actor)
    return call.done(ticket, "{reference} is {name}'s now.", name=agent.name)


@verb("read REF", "mark a ticket as read", writes=True)
def read(call: Call) -> Answer:
    """Only an unread ticket changes."""
    return call.done(call.desk.tickets.read(call.ticket.reference, call.actor), "{reference} is read.")


@verb("wait REF [TEXT]", "wait for the client; the clock stands still", writes=True)
def wait(call: Call) -> Answer:
    """A text is kept as a note."""
    _note_first(call)
    return call.done(call.desk.tickets.wait(call.ticket.reference, call.actor), "{reference} waits for the client.")


@verb("hold REF [TEXT]", "put a ticket on hold", writes=True)
def hold(call: Call) -> Answer:
    """A text is kept as a note."""
    _note_first(call)
    return call.done(call.desk.tickets.hold(call.ticket.reference, call.actor), "{reference} is on hold.")


@verb("resume REF", "go on with a waiting ticket", writes=True)
def resume(call: Call) -> Answer:
    """Back in progress."""
    return call.done(call.desk.tickets.resume(call.ticket.reference, call.actor), "{reference} goes on.")


@verb("snooze REF [WHEN]", "no alerts about a ticket until then: 30m, 4h, 09:00, monday", writes=True)
def snooze(call: Call) -> Answer:
    """Or a date, or words: tomorrow at 3pm, lundi matin, shift (your next one), end of shift. Times are yours."""
    wanted = call.text("words") or call.text("when") or call.text("argument")
    if not wanted:
        return call.ask(forms.snooze(call, call.ticket))
    until = _until(call, wanted)
    ticket = call.desk.tickets.snooze(call.ticket.reference, until, call.actor)
    time = call.words.moment(until.astimezone(call.words.zone), call.desk.clock.now())
    return call.done(ticket, "{reference} is quiet until {time}.", time=time)


def _until(call: Call, wanted: str) -> datetime:
    """The moment meant. In a form the fault stands at its field."""
    try:
        found = own_shifts.boundary(call, wanted)
        return found or moment(wanted, call.desk.clock.now(), call.words.zone, call.words.language)
    except WrongUsage as fault:
        if call.request.submitted:
            raise FieldErrors({"words" if call.has("words") else "when": fault}) from None
        raise


def _note_first(call: Call) -> None:
    if call.has("text"):
        call.desk.tickets.note(call.ticket.reference, call.writing(), call.actor)
