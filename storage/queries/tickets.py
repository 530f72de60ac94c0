"""Questions about tickets, their messages and events, and the writes that belong to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from peewee import JOIN, ModelSelect, fn

from storage.database import locked
from storage.models import (
    Agent,
    Attachment,
    Contact,
    Contract,
    Event,
    Message,
    Posting,
    Project,
    Refused,
    Severity,
    ThirdParty,
    Ticket,
    TicketGroup,
    TicketType,
    Watcher,
)
from storage.prepared import insert, prepared
from storage.prepared import update as change
from storage.queries import deliveries


def whole() -> ModelSelect[Ticket]:
    """Tickets with all that a card shows joined, so that nothing is looked up one by one."""
    return (
        Ticket.select(Ticket, TicketType, TicketGroup, Severity, Agent, ThirdParty, Contact, Project, Contract)
        .join(TicketType)
        .switch(Ticket)
        .join(TicketGroup)
        .switch(Ticket)
        .join(Severity, on=(Ticket.severity == Severity.id))
        .switch(Ticket)
        .join(Agent, JOIN.LEFT_OUTER, on=(Ticket.assignee == Agent.id))
        .switch(Ticket)
        .join(ThirdParty, JOIN.LEFT_OUTER, on=(Ticket.third_party == ThirdParty.id))
        .switch(Ticket)
        .join(Contact, JOIN.LEFT_OUTER, on=(Ticket.requester == Contact.id))
        .switch(Ticket)
        .join(Project, JOIN.LEFT_OUTER, on=(Ticket.project == Project.id))
        .switch(Ticket)
        .join(Contract, JOIN.LEFT_OUTER, on=(Ticket.contract == Contract.id))
    )


def read(ticket_id: int) -> Ticket | None:
    """One ticket, everything joined."""
    return _whole_one.first(ticket_id)


@prepared
def _whole_one(ticket_id: Any) -> ModelSelect[Ticket]:
    return whole().where(Ticket.id == ticket_id)


def lock(ticket_id: int) -> Ticket | None:
    """One ticket's own row, kept from others until the end of the transaction."""
    return _locked_one.first(ticket_id)


@prepared
def _locked_one(ticket_id: Any) -> ModelSelect[Ticket]:
    return locked(Ticket.select().where(Ticket.id == ticket_id))


def group_of(ticket_id: int, *, deleted: bool = False) -> TicketGroup | None:
    """The group of a ticket; None when there is no such ticket, or it was deleted (or was not, when asked for that)."""
    return (_group_of_deleted if deleted else _group_of_kept).first(ticket_id)


def _group(ticket_id: Any, *, deleted: bool) -> ModelSelect[TicketGroup]:
    kept = Ticket.deleted_at.is_null(not deleted) & Ticket.purged_at.is_null()
    return TicketGroup.select().join(Ticket).where((Ticket.id == ticket_id) & kept)


_group_of_kept = prepared(partial(_group, deleted=False))
_group_of_deleted = prepared(partial(_group, deleted=True))


def id_of_reference(reference: str) -> int | None:
    """By whole reference."""
    return _only(_by_reference.all(reference))


@prepared
def _by_reference(reference: Any) -> ModelSelect[Ticket]:
    return Ticket.select(Ticket.id).where(Ticket.reference == reference).limit(2)


def id_of_number(letters: str, number: int) -> int | None:
    """By the number in the reference and the letters it begins with, "" for any; None where several have them."""
    alike = Ticket.number == number
    if letters:
        begins, following = (fn.SUBSTR(Ticket.reference, *part) for part in ((1, len(letters)), (len(letters) + 1, 1)))
        alike &= (begins == letters) & ~following.between("A", "Z")
    return _only(list(Ticket.select(Ticket.id).where(alike).limit(2)))


def references_beginning(beginning: str) -> set[str]:
    """The references that begin so."""
    return {row.reference for row in Ticket.select(Ticket.reference).where(Ticket.reference.startswith(beginning))}


def id_of_token(token: str) -> int | None:
    """By the token of reply addresses and Message-IDs."""
    return _only(_by_token.all(token))


@prepared
def _by_token(token: Any) -> ModelSelect[Ticket]:
    return Ticket.select(Ticket.id).where(Ticket.token == token).limit(2)


def id_of_message_id(message_ids: Iterable[str]) -> int | None:
    """The ticket that holds a message with one of these Message-IDs; the newest message wins."""
    row = _holding.first([*message_ids])
    return row.ticket_id if row else None


@prepared
def _holding(message_ids: Any) -> ModelSelect[Message]:
    held = (Message.message_id != "") & Message.message_id.in_(message_ids)
    return Message.select(Message.ticket).where(held).order_by(Message.id.desc()).limit(1)


def id_of_posting(platform: str, channel: str, message: str) -> int | None:
    """The ticket whose card this message is."""
    row = deliveries.posting_at(platform, channel, message)
    return row.ticket_id if row else None


def _only(found: list[Ticket]) -> int | None:
    return found[0].id if len(found) == 1 else None


def is_participant(ticket_id: int, address: str) -> bool:
    """Whether this address is the requester's or a watcher's, or a client already wrote into the ticket from it."""
    return any(asked.first(ticket_id, address.lower()) for asked in (_asks, _watches, _wrote))


@prepared
def _asks(ticket_id: Any, address: Any) -> ModelSelect[Ticket]:
    return Ticket.select(Ticket.id).where((Ticket.id == ticket_id) & (Ticket.requester_address == address))


@prepared
def _watches(ticket_id: Any, address: Any) -> ModelSelect[Watcher]:
    return Watcher.select(Watcher.id).where((Watcher.ticket == ticket_id) & (Watcher.address == address))


@prepared
def _wrote(ticket_id: Any, address: Any) -> ModelSelect[Message]:
    wrote = (Message.ticket == ticket_id) & (Message.kind == "client") & (Message.author_address == address)
    return Message.select(Message.id).where(wrote & (Message.mark == "")).limit(1)


def was_picked(ticket_id: int, address: str) -> bool:
    """Whether a note of this ticket was mailed to this address."""
    notes = Message.select(Message.recipients).where((Message.ticket == ticket_id) & (Message.kind == "note"))
    return any(address.lower() in note.recipients for note in notes)


# writes --------------------------------------------------------------------------------------------------------------


class ReferenceTaken(Exception):
    """Another ticket has this reference already; nothing was written."""


def add(**values: Any) -> Ticket:
    """A new ticket. ReferenceTaken when its reference is another one's."""
    ticket = insert(Ticket(**values), "ON CONFLICT (reference) DO NOTHING")
    if ticket is None:
        raise ReferenceTaken
    return ticket


def update(ticket_id: int, version: int, changes: Mapping[str, Any]) -> bool:
    """Change a ticket that still has this version; False when somebody was faster."""
    return bool(change(Ticket, {**changes, "version": version + 1}, id=ticket_id, version=version))


def fill_in(ticket_id: int, columns: Mapping[str, Any]) -> None:
    """More columns of a ticket that is just being made."""
    if columns:
        change(Ticket, columns, id=ticket_id)


def add_message(ticket_id: int, **values: Any) -> Message:
    """The ticket's next message."""
    (last,) = _last_number.all(ticket_id)[0]
    message = Message(ticket=ticket_id, number=(last or 0) + 1, **values)
    insert(message)
    return message


@prepared
def _last_number(ticket_id: Any) -> Any:
    return Message.select(fn.MAX(Message.number)).where(Message.ticket == ticket_id).tuples()


def add_attachments(message_id: int, files: Iterable[Mapping[str, Any]]) -> None:
    """Further files of a message, in their order."""
    for position, file in enumerate(files, len(attachments([message_id]))):
        insert(Attachment(message=message_id, position=position, **file))


def add_event(**values: Any) -> Event:
    """What happened; it stands for ever."""
    event = Event(**values)
    insert(event)
    return event


def add_refusal(**values: Any) -> None:
    """A try that was refused."""
    Refused.create(**values)


def withdraw_message(message_id: int, at: datetime) -> None:
    """A reply that was taken back before it left."""
    Message.update(withdrawn_at=at).where(Message.id == message_id).execute()


def set_message_id(message: int, message_id: str) -> None:
    """The Message-ID that a reply left under."""
    Message.update(message_id=message_id).where(Message.id == message).execute()


# reads ---------------------------------------------------------------------------------------------------------------


def last_event(ticket_id: int, kinds: Iterable[str]) -> Event | None:
    """The newest event of these kinds."""
    return _newest_event.first(ticket_id, list(kinds))


@prepared
def _newest_event(ticket_id: Any, kinds: Any) -> ModelSelect[Event]:
    own = (Event.ticket == ticket_id) & Event.kind.in_(kinds)
    return Event.select().where(own).order_by(Event.id.desc()).limit(1)


def events(ticket_id: int) -> list[Event]:
    """All that happened, oldest first."""
    return list(Event.select().where(Event.ticket == ticket_id).order_by(Event.id))


def messages(ticket_id: int) -> list[Message]:
    """All that was said, oldest first."""
    return list(Message.select().where(Message.ticket == ticket_id).order_by(Message.number))


def message(message_id: int) -> Message | None:
    """One message."""
    return Message.get_or_none(Message.id == message_id)


def attachments(message_ids: Iterable[int]) -> list[Attachment]:
    """The files of these messages, in their order."""
    return _attached.all(list(message_ids))


@prepared
def _attached(message_ids: Any) -> ModelSelect[Attachment]:
    of_these = Attachment.message.in_(message_ids)
    return Attachment.select().where(of_these).order_by(Attachment.message, Attachment.position)


def has_message_id(message_id: str) -> bool:
    """Whether a message with this Message-ID is kept."""
    return Message.select().where((Message.message_id == message_id) & (Message.message_id != "")).exists()


def last_client_message(ticket_id: int) -> Message | None:
    """What the client wrote last."""
    return (
        Message.select()
        .where((Message.ticket == ticket_id) & (Message.kind == "client"))
        .order_by(Message.number.desc())
        .first()
    )


def thread_ids(ticket_id: int, most: int = 30) -> list[str]:
    """The Message-IDs of the mails of a ticket's thread, oldest first; of a long thread the first and the last."""
    mails = Message.kind.in_(["client", "reply", "letter"])
    rows = Message.select(Message.message_id).where((Message.ticket == ticket_id) & mails & (Message.message_id != ""))
    ids = [row.message_id for row in rows.order_by(Message.number)]
    return ids if len(ids) <= most else [ids[0], *ids[1 - most :]]


def last_own_reply(agent_id: int, ticket_id: int | None = None) -> Message | None:
    """The newest reply of an agent that was not taken back."""
    where = (Message.agent == agent_id) & (Message.kind == "reply") & Message.withdrawn_at.is_null()
    if ticket_id:
        where &= Message.ticket == ticket_id
    return Message.select().where(where).order_by(Message.id.desc()).first()


def first_reply_at(ticket_id: int) -> datetime | None:
    """When the first of the ticket's replies that stand was written."""
    stands = (Message.ticket == ticket_id) & (Message.kind == "reply") & Message.withdrawn_at.is_null()
    first = Message.select(Message.created_at).where(stands).order_by(Message.id).first()
    return first.created_at if first else None


def last_withdrawn(agent_id: int, ticket_id: int) -> Message | None:
    """The reply that this agent wrote last on a ticket, if it was taken back."""
    mine = (Message.ticket == ticket_id) & (Message.kind == "reply") & (Message.agent == agent_id)
    last = Message.select().where(mine).order_by(Message.id.desc()).first()
    return last if last and last.withdrawn_at else None


def postings(ticket_id: int) -> list[Posting]:
    """Where the ticket's card hangs."""
    return list(Posting.select().where(Posting.ticket == ticket_id))


def last_moment() -> datetime | None:
    """When the newest event of all happened; None where nothing has."""
    row = Event.select(Event.at).order_by(Event.id.desc()).first()
    return row.at if row else None


def opened_since(moment: datetime) -> int | None:
    """The first ticket that was made since a moment; None for none."""
    row = Ticket.select(Ticket.id).where(Ticket.created_at >= moment).order_by(Ticket.created_at).first()
    return row.id if row else None
