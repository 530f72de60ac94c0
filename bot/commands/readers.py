"""Who gets what an agent writes: chosen in a form or typed as `to:` and `cc:`, else the usual readers of the ticket.

A faulty choice is said at its field; nobody is ever left out or added silently.
"""

from bot.commands.calls import Call
from bot.desk import addressees, addresses, people
from bot.desk.addressees import OURS, STAFF, Addressees
from bot.desk.views import TicketView
from bot.errors import FieldErrors, NotFound, Refusal
from storage.queries import people as rows

REASONS = {
    STAFF: "{address} is an agent; write a note instead.",
    OURS: "{address} is our own address.",
}


def usual(call: Call, ticket: TicketView) -> Addressees:
    """Who reads the public letters of a ticket."""
    return call.desk.readers_of(ticket)


def of_reply(call: Call) -> Addressees:
    """Who gets this reply. FieldErrors for whoever cannot, for nobody, and for more than fifty."""
    ticket, known = call.ticket, usual(call, call.ticket)
    chosen = call.has("to") or call.has("cc") or call.request.submitted
    to = public(call, "to") or list(known.to)
    cc = public(call, "cc") if chosen else list(known.cc)
    if not to:
        raise FieldErrors({"to": Refusal("{reference} has nobody to write to.", reference=ticket.reference)})
    if len({*to, *cc}) > addressees.MOST:
        raise FieldErrors({"to": Refusal("At most {n} people can get one letter.", n=addressees.MOST)})
    return Addressees(tuple(to), tuple(address for address in cc if address not in to), () if chosen else known.skipped)


def public(call: Call, key: str) -> list[str]:
    """The addresses typed for a public letter. FieldErrors for whoever cannot get one."""
    listed = [_address(part, key) for part in addresses.listed(call.text(key))]
    staff = rows.staff_among(listed)
    for address in listed:
        reason = addressees.why_not(address, staff, call.desk.own_addresses)
        if reason:
            raise FieldErrors({key: Refusal(REASONS[reason], address=address)})
    return list(dict.fromkeys(listed))


def of_note(call: Call) -> list[str]:
    """Who gets this note by mail, besides the team in chat: agents and outside people, picked one by one."""
    picked: list[str] = []
    for key in ("to", "cc", "others"):
        parts = [part.strip() for part in call.text(key).replace(";", ",").split(",") if part.strip()]
        picked += [_private(call, part, key) for part in parts]
    if len(picked) > addressees.MOST:
        raise FieldErrors({"to": Refusal("At most {n} people can get one letter.", n=addressees.MOST)})
    return [address for address in dict.fromkeys(picked) if address != call.agent.email]


def _private(call: Call, part: str, key: str) -> str:
    by_name = "@" not in part.strip("@") or part in call.request.mentions
    address = call.person(part).email if by_name else _address(part, key)
    agent = rows.agent_by_email(address)
    if agent is not None and agent.active:
        _check_may_see(call, address, key)
    elif addressees.is_at(address, call.desk.own_addresses):
        raise FieldErrors({key: Refusal(REASONS[OURS], address=address)})
    return address


def _address(part: str, key: str) -> str:
    try:
        return addresses.address(part)
    except Refusal as fault:
        raise FieldErrors({key: fault}) from None


def _check_may_see(call: Call, address: str, key: str) -> None:
    """An agent who may not see the ticket gets no note of it either."""
    agent, reference = people.agent(address), call.ticket.reference
    try:
        call.desk.tickets.find(reference, agent)
    except NotFound:
        fault = Refusal("{name} may not see {reference}.", name=agent.name, reference=reference)
        raise FieldErrors({key: fault}) from None
