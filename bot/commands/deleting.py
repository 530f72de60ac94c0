"""Verbs that delete and take back."""

from dataclasses import replace

from bot.commands import forms
from bot.commands.calls import Call
from bot.commands.verbs import verb
from bot.errors import NotFound, Refusal
from bot.outgoing.cards import Answer, Button, Field

UNDONE = {
    "replied": "The reply to {reference} was taken back.",
    "deleted": "{reference} is back.",
    "closed": "The closing of {reference} was taken back.",
    "problem_linked": "{reference} stands for itself again.",
}


@verb("delete REF", "delete a ticket; it can be brought back for 15 minutes", writes=True)
def delete(call: Call) -> Answer:
    """In chats one is asked first. Then all that was said, and the files, are gone for good."""
    if call.request.caller.platform != "cli" and not call.request.submitted:
        words, ticket = call.words, call.ticket
        warning = words(
            "It can be brought back for 15 minutes; then all that was said, and the files, are gone for good."
        )
        told = Field("ticket", ticket.reference, "shown", f"{ticket.subject}\n{warning}")
        form = forms.about(ticket, "delete", words("Delete a ticket"), words("Delete"), told)
        return call.ask(replace(form, confirm=True))
    ticket = call.desk.tickets.bin.delete(call.ticket.reference, call.actor)
    answer = call.done(ticket, "{reference} is deleted. It can be brought back for 15 minutes: undelete {reference}")
    return replace(answer, buttons=(Button("undo", call.words("Undo")),))


@verb("undelete REF", "bring a deleted ticket back, within 15 minutes", writes=True)
def undelete(call: Call) -> Answer:
    """As it was before."""
    try:
        ticket = call.desk.tickets.bin.undelete(call.text("reference"), call.actor)
    except NotFound as gone:
        raise _not_deleted(call) or gone from None
    return call.done(ticket, "{reference} is back.")


def _not_deleted(call: Call) -> Refusal | None:
    """The refusal for a ticket that is still there."""
    try:
        return Refusal("{reference} is not deleted.", reference=call.ticket.reference)
    except NotFound:
        return None


@verb("undo", "take back your last reply, closing, deletion or same-problem link while that is possible", writes=True)
def undo(call: Call) -> Answer:
    """The newest of them that can still be taken back; the button under an answer means that ticket alone."""
    kind, tickets = call.desk.tickets.undoer.undo(call.actor, call.text("reference"))
    answer = call.done(tickets[0], UNDONE[kind])
    return replace(answer, text="\n".join(call.words(UNDONE[kind], reference=one.reference) for one in tickets))
