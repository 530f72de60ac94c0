"""Verbs that say something for the team: a note, with copies for whoever is picked."""

from bot.commands import forms, heard, readers
from bot.commands.calls import Call
from bot.commands.drafts import Drafts
from bot.commands.verbs import verb
from bot.errors import Refusal
from bot.outgoing.cards import Answer


@verb("note REF [to:… cc:…] [TEXT]", "say something that only the team reads, and those in to:, by mail", writes=True)
def note(call: Call) -> Answer:
    """Thread messages and replies to a card come here too."""
    if not call.has("text") and not call.request.enclosures:
        return call.ask(forms.note(call, call.ticket))
    picked = readers.of_note(call)
    if picked and call.desk.settings.get("letters") == "off":
        raise Refusal("Letters are switched off (setting letters), so nothing was sent.")
    ticket = call.desk.tickets.note(call.ticket.reference, call.writing(), call.actor, to=picked)
    heard.keep_note(call, ticket)
    Drafts(call.desk, "note", call.agent).forget(ticket.reference)
    if picked:
        return call.done(ticket, "Noted on {reference}, and mailed to {names}.", names=", ".join(picked))
    return call.done(ticket, "Noted on {reference}.")
