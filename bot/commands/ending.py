"""Verbs that end tickets and open them again: close (one, or many at once), abandon, reopen.

Who gets the closing letter is chosen person by person; the setting notify_on_close gives the preset, on every platform.
"""

from dataclasses import replace

from bot.commands import forms, intervention_forms, interventions, many, problems, readers
from bot.commands.calls import Call
from bot.commands.verbs import VERBS, verb
from bot.desk import fields
from bot.desk.ending import Notify
from bot.desk.views import TicketView
from bot.errors import FieldErrors, Refusal, WrongUsage
from bot.outgoing.cards import Answer, Button, Field, Form, Option

YES, NO = ("yes", "oui"), ("no", "non")


@verb(
    "close REF [key:value …] [TEXT]",
    "close a solved ticket, or several: 41,42 or list:overdue",
    writes=True,
    keys=("intervention", "problem"),
)
def close(call: Call) -> Answer:
    """The text is the resolution. A press asks for it first; so does what would close many at once."""
    if many.is_meant(call):
        return _close_many(call)
    _check_keys(call)
    ticket = call.ticket
    if call.request.pressed and not call.request.submitted:
        return call.ask(_form(call, ticket))
    if problems.is_for_all(call):
        return _close_problem(call)
    closed = _closed(call, ticket, _notify(call, ticket))
    return _undoable(call, call.done(closed, "{reference} is closed."))


@verb("offer REF", "offer to close a ticket", right="close", hidden=True)
def offer(call: Call) -> Answer:
    """What a tick under a card asks for: the form of `close`, or the button that opens it."""
    return replace(call, verb=VERBS["close"]).ask(_form(call, call.ticket))


def _closed(call: Call, ticket: TicketView, notify: Notify) -> TicketView:
    interventions.finish_if_asked(call, ticket)
    return call.desk.tickets.close(ticket.reference, call.actor, text=call.text(), notify=notify)


def _close_many(call: Call) -> Answer:
    chosen = many.chosen(call)
    if call.request.caller.platform != "cli" and not call.request.submitted:
        return call.ask(many.preview(call, chosen, "Close {n} tickets", _text(call)))

    def do(ticket: TicketView) -> None:
        _closed(call, ticket, _notify(call, ticket))

    return many.each(call, chosen, do, "{n} of {total} tickets are closed.")


def _close_problem(call: Call) -> Answer:
    """All open tickets of the problem; whom one was told of by name hears of this ticket alone."""
    told = _notify(call, call.ticket)
    others = bool(told) if told is not None else None

    def do(ticket: TicketView) -> None:
        _closed(call, ticket, told if ticket.id == call.ticket.id else others)

    return problems.to_all(call, do, "{n} of {total} tickets are closed.")


def _check_keys(call: Call) -> None:
    """Of the keys that choose many tickets none is meant for one."""
    odd = sorted(key for key in call.values if key in many.FILTERS)
    if odd:
        raise WrongUsage("{key}: chooses among many tickets; here only notify: is understood.", key=odd[0])


@verb("abandon REF [notify:…] [REASON]", "end a ticket without a solution; a reason is needed", writes=True)
def abandon(call: Call) -> Answer:
    """The button “Not a ticket” brings its reason with it. Nobody outside is told unless that is said."""
    if call.request.pressed and not call.request.submitted:
        reason = call.words("Not a ticket")
    elif call.has("reason"):
        reason = call.text("reason")
    else:
        field = Field("reason", call.words("Reason"), "text", value=call.text("reason"))
        return call.ask(forms.about(call.ticket, "abandon", call.words("Abandon"), call.words("Save"), field))
    notify = _notify(call, call.ticket) if call.has("notify") else False
    ended = call.desk.tickets.abandon(call.ticket.reference, reason, call.actor, notify=notify)
    return call.done(ended, "{reference} is abandoned.")


@verb("reopen REF [TEXT]", "open a closed ticket again", writes=True)
def reopen(call: Call) -> Answer:
    """A text is kept as a note."""
    ticket = call.desk.tickets.reopen(call.ticket.reference, call.actor)
    if call.has("text"):
        ticket = call.desk.tickets.note(ticket.reference, call.writing(), call.actor)
    return call.done(ticket, "{reference} is open again.")


# who is told ---------------------------------------------------------------------------------------------------------


def _notify(call: Call, ticket: TicketView) -> Notify:
    """What was chosen: nobody, the usual readers or some of them, or None where nothing was said."""
    said = call.text("notify").lower()
    if said in NO or fields.is_empty(said):
        return False if said else None
    if call.desk.settings.get("notify_on_close") == "never":
        raise FieldErrors({"notify": Refusal("No letter goes out at closing (setting notify_on_close).")})
    if said not in YES:
        return readers.public(call, "notify")
    if not call.has("to"):
        return True
    return readers.public(call, "to")


def _form(call: Call, ticket: TicketView) -> Form:
    """The resolution, and who is told."""
    words = call.words
    asked = [_text(call)]
    preset = call.desk.settings.get("notify_on_close")
    usual = readers.usual(call, ticket).all
    if preset != "never" and usual:
        yes = words("Yes") if len(usual) > 1 else words("Yes: {address}", address=usual[0])
        options = (Option("yes", yes), Option("no", words("No")))
        value = "no" if preset == "ask_no" else "yes"
        asked.append(Field("notify", words("Write to the client"), "select", value, options))
    if preset != "never" and len(usual) > 1:
        people = tuple(Option(address, address) for address in usual)
        asked.append(Field("to", words("Who gets the letter"), "several", ",".join(usual), people))
    asked += problems.choice(call, ticket)
    asked += intervention_forms.at_closing(call, ticket)
    return forms.about(ticket, "close", words("Close ticket"), words("Close ticket"), *asked)


def _text(call: Call) -> Field:
    return Field("text", call.words("What was the solution?"), "text", value=call.text(), optional=True)


def _undoable(call: Call, answer: Answer) -> Answer:
    from dataclasses import replace

    return replace(answer, buttons=(Button("undo", call.words("Undo")),))
