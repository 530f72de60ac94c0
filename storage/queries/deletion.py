"""Deleted tickets: which are due to be purged, and what purging takes away. A purged ticket keeps only its number."""

from datetime import datetime
from typing import Any

from storage.models import (
    Alert,
    Attachment,
    CustomValue,
    Delivery,
    Escalation,
    Event,
    Intervention,
    InterventionLine,
    Mail,
    Message,
    Ring,
    Tag,
    Ticket,
    TicketLink,
    TicketSign,
    TimeEntry,
    Watcher,
)

OF_TICKET = {
    "subject": "(deleted)",
    "original_subject": "",
    "description": "",
    "resolution": "",
    "requester": None,
    "requester_name": "",
    "requester_address": "",
    "reply_address": "",
    "third_party": None,
    "project": None,
    "contract": None,
    "routed_by": "",
    "automatic": "",
}
OF_MESSAGE: dict[str, Any] = {
    "contact": None,
    "author_name": "",
    "author_address": "",
    "text": "",
    "full_text": "",
    "message_id": "",
    "recipients": [],
    "cc": [],
    "mark": "",
}


def due(before: datetime, most: int) -> list[int]:
    """Tickets that were deleted before this moment and are not purged, the longest deleted first."""
    rows = Ticket.select(Ticket.id).where(Ticket.purged_at.is_null() & (Ticket.deleted_at <= before))
    return [row.id for row in rows.order_by(Ticket.deleted_at).limit(most)]


def own_files(ticket_ids: list[int]) -> list[str]:
    """The hashes of contents, of files and of whole mails, that no other ticket has."""
    files = Attachment.select(Attachment.sha256).join(Message)
    mails = Mail.select(Mail.sha256).where(Mail.sha256 != "")
    own = {row.sha256 for row in files.where(Message.ticket.in_(ticket_ids))}
    own |= {row.sha256 for row in mails.where(Mail.ticket.in_(ticket_ids))}
    wanted = sorted(own)
    others = {row.sha256 for row in files.where(Message.ticket.not_in(ticket_ids) & Attachment.sha256.in_(wanted))}
    elsewhere = Mail.ticket.is_null() | Mail.ticket.not_in(ticket_ids)
    others |= {row.sha256 for row in mails.where(elsewhere & Mail.sha256.in_(wanted))}
    return [sha256 for sha256 in wanted if sha256 not in others]


def deleted_by(ticket_id: int) -> Event | None:
    """The deletion that counts: the last one."""
    rows = Event.select().where((Event.ticket == ticket_id) & (Event.kind == "deleted"))
    return rows.order_by(Event.id.desc()).first()


def purge(ticket_id: int, at: datetime) -> None:
    """Take away all that was said, who said it, every label and every event; of a merged ticket as well."""
    Ticket.update(deleted_at=at).where((Ticket.id == ticket_id) & Ticket.deleted_at.is_null()).execute()
    said = Message.select(Message.id).where(Message.ticket == ticket_id)
    visits = Intervention.select(Intervention.id).where(Intervention.ticket == ticket_id)
    Attachment.delete().where(Attachment.message.in_(said)).execute()
    Delivery.delete().where((Delivery.ticket == ticket_id) & _settled_or_said()).execute()
    Delivery.update(event=None, message=None).where(Delivery.ticket == ticket_id).execute()
    Event.delete().where(Event.ticket == ticket_id).execute()
    Message.update(**OF_MESSAGE).where(Message.ticket == ticket_id).execute()
    InterventionLine.delete().where(InterventionLine.intervention.in_(visits)).execute()
    TimeEntry.delete().where(TimeEntry.ticket == ticket_id).execute()
    Intervention.delete().where(Intervention.ticket == ticket_id).execute()
    for model in (Watcher, Tag, CustomValue, Alert, TicketSign, Ring, Escalation):
        model.delete().where(model.ticket == ticket_id).execute()
    TicketLink.delete().where((TicketLink.ticket == ticket_id) | (TicketLink.other == ticket_id)).execute()
    Mail.update(content=None).where(Mail.ticket == ticket_id).execute()
    Ticket.update(purged_at=at, **OF_TICKET).where(Ticket.id == ticket_id).execute()


def _settled_or_said() -> Any:
    """All but the redrawing of cards that still waits."""
    return (Delivery.kind != "card") | Delivery.state.not_in(["pending", "sending"])
