"""Verbs that say something: a note for the team, a reply for the client, and taking a reply back."""

import re

from bot.commands import forms
from bot.commands.calls import Call
from bot.commands.verbs import verb
from bot.errors import FieldErrors, Refusal
from bot.outgoing.cards import Answer, Button
from bot.outgoing.recipients import reply_to
from storage.queries import people as rows

MOST_RECIPIENTS = 50
_ADDRESS = re.compile(r"[^@\s,;<>]{1,64}@[^@\s,;<>]{1,255}")


@verb("note REF [TEXT]", "say something that only the team reads", writes=True)
def note(call: Call) -> Answer:
    """Thread messages and replies to a card come here too."""
    if not call.has("text") and not call.request.enclosures:
        return call.ask(forms.note(call, call.ticket))
    ticket = call.desk.tickets.note(call.ticket.reference, call.writing(), call.actor)
    return call.done(ticket, "Noted on {reference}.")


@verb("reply REF [key:value …] [TEXT]", "answer the client by letter", writes=True)
def reply(call: Call) -> Answer:
    """In chats the form shows the recipients and the text before anything leaves."""
    direct = call.request.submitted or call.request.caller.platform == "cli"
    if not call.has("text") or not direct:
        return call.ask(forms.reply(call, call.ticket))
    if call.desk.settings.get("letters") == "off":
        raise Refusal("Letters are switched off (setting letters), so nothing was sent.")
    ticket = call.desk.tickets.reply(call.ticket.reference, call.writing(), call.actor, to=recipients(call))
    seconds = call.desk.settings.get("undo_seconds")
    answer = call.done(ticket, "The reply to {reference} leaves in {n} s.", n=f"{seconds:g}")
    return _with_undo(call, answer)


@verb("undo", "take back your last reply while it has not left", writes=True)
def undo(call: Call) -> Answer:
    """Works for undo_seconds."""
    return call.done(call.desk.tickets.undo_reply(call.actor), "The reply to {reference} was taken back.")


def recipients(call: Call) -> list[str]:
    """Who gets the letter: what was chosen, else where the client reads answers. Never an agent, at most fifty."""
    chosen = call.text("to") or reply_to(call.ticket)
    addresses = [part for part in re.split(r"[,;\s]+", chosen) if part]
    for address in addresses:
        if not _ADDRESS.fullmatch(address):
            raise FieldErrors({"to": Refusal("{address} is not an address.", address=address)})
        if rows.agent_by_email(address):
            raise FieldErrors({"to": Refusal("{address} is an agent; write a note instead.", address=address)})
    if not addresses:
        raise FieldErrors({"to": Refusal("{reference} has nobody to write to.", reference=call.ticket.reference)})
    if len(addresses) > MOST_RECIPIENTS:
        raise FieldErrors({"to": Refusal("At most {n} people can get one letter.", n=MOST_RECIPIENTS)})
    return addresses


def _with_undo(call: Call, answer: Answer) -> Answer:
    from dataclasses import replace

    return replace(answer, buttons=(Button("undo", call.words("Undo")),))
