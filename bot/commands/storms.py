"""The press under the digest of a storm: whoever presses takes all tickets that it is about and that nobody has."""

from bot.commands import many
from bot.commands.calls import Call
from bot.commands.verbs import verb
from bot.desk.views import TicketView
from bot.errors import NotFound, Refusal
from bot.outgoing.cards import Answer

MOST = 100
"""As many as are taken in one go, within the time that a press has."""


@verb("take_all", "take all tickets that ring", right="take", writes=True, hidden=True)
def take_all(call: Call) -> Answer:
    """Those that the digest stands for, the oldest first, as far as the agent may see them."""
    number = call.text("reference")
    if not (number.isascii() and number.isdecimal() and len(number) <= 15):
        raise NotFound("No tickets here.")
    waiting = call.desk.escalating.of_storm(int(number), MOST)
    tickets = [ticket for reference in waiting if (ticket := _visible(call, reference))]
    if not tickets:
        raise Refusal("Somebody has these tickets already.")
    take = call.desk.tickets.take
    return many.each(call, tickets, lambda ticket: take(ticket.reference, call.actor), "{n} of {total} are yours now.")


def _visible(call: Call, reference: str) -> TicketView | None:
    try:
        return call.desk.tickets.find(reference, call.agent)
    except NotFound:
        return None
