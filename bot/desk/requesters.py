"""Who asks on a ticket: an unknown sender becomes a contact, here and on their other open tickets.

Works inside the transaction of the ticket service, like everything that changes tickets.
"""

from typing import Any

from bot.desk.changes import Changes
from bot.desk.people import Actor
from bot.desk.views import TicketView
from storage.models import Contact
from storage.queries import clients as rows

MOST = 50


def link(changes: Changes, reference: str, contact: Contact, by: Actor) -> TicketView:
    """This contact asks on this ticket, and on the open ones that came from the same address and have nobody yet."""
    ticket = changes.grab(reference, by, "link")
    others = rows.open_of_address(ticket.requester_address, MOST) if ticket.requester_address else []
    for other in others:
        if other.id != ticket.id:
            changes.apply(changes.row(other.id), by, "client_linked", **_asked_by(contact))
    return changes.apply(ticket, by, "client_linked", data={"contact": contact.name}, **_asked_by(contact))


def _asked_by(contact: Contact) -> dict[str, Any]:
    party = contact.third_party
    asked: dict[str, Any] = {"requester_id": contact.id, "requester_name": contact.name}
    if party is not None:
        asked["third_party_id"] = party.id
    language = contact.language or (party.language if party else "")
    return asked | ({"language": language} if language else {})
