"""What must always be true of the database, asked as questions whose answer must be empty, and rows to replay."""

from collections.abc import Iterator
from typing import Any

from peewee import TextField, fn

from storage.models import (
    Account,
    Agent,
    Alert,
    Attachment,
    Contact,
    Counter,
    CustomValue,
    Event,
    Intervention,
    InterventionLine,
    Mail,
    Message,
    Problem,
    Refused,
    Ring,
    Tag,
    ThirdParty,
    Ticket,
    TimeEntry,
    Watcher,
)
from storage.models import Delivery as DeliveryRow

WRITTEN: tuple[Any, ...] = (
    Account,
    Agent,
    Attachment,
    Contact,
    CustomValue,
    DeliveryRow,
    Event,
    Intervention,
    InterventionLine,
    Mail,
    Message,
    Problem,
    Refused,
    Tag,
    ThirdParty,
    Ticket,
    TimeEntry,
    Watcher,
)
"""The tables that hold what came from outside."""


def unfinished_mails() -> list[Mail]:
    """Mails without a final state."""
    return list(Mail.select(Mail.id, Mail.mailbox, Mail.uid).where(Mail.state == "new"))


def mails_without_their_ticket() -> list[Mail]:
    """Mails that are said to have become a ticket or a follow-up and name none."""
    return list(Mail.select().where(Mail.state.in_(["ticket", "followup"]) & Mail.ticket.is_null()))


def kept_mails() -> Iterator[Mail]:
    """Mails whose bytes must be there, but for those that were purged with their ticket."""
    purged = Ticket.select(Ticket.id).where(Ticket.purged_at.is_null(False))
    rows = Mail.select().where((Mail.sha256 != "") & (Mail.ticket.is_null() | Mail.ticket.not_in(purged)))
    return rows.order_by(Mail.id).iterator()


def doubled_mails() -> list[Any]:
    """(mailbox, identity, n) of mails that became more than one ticket."""
    query = (
        Mail.select(Mail.mailbox, Mail.identity, fn.COUNT(Mail.id))
        .where(Mail.state == "ticket")
        .group_by(Mail.mailbox, Mail.identity)
        .having(fn.COUNT(Mail.id) > 1)
    )
    return list(query.tuples())


def mail_tickets_without_a_mail() -> list[Ticket]:
    """Tickets said to come from a mail that no mail names."""
    told = Mail.select(Mail.ticket).where(Mail.state.in_(["ticket", "followup"]))
    return list(Ticket.select().where((Ticket.origin == "mail") & (Ticket.mailbox != "") & Ticket.id.not_in(told)))


def doubled_deliveries() -> list[Any]:
    """(key, n) of letters and lines that were sent more than once."""
    query = (
        DeliveryRow.select(DeliveryRow.key, fn.COUNT(DeliveryRow.id))
        .where((DeliveryRow.state == "sent") & DeliveryRow.kind.in_(["line", "letter", "notice"]))
        .group_by(DeliveryRow.key)
        .having(fn.COUNT(DeliveryRow.id) > 1)
    )
    return list(query.tuples())


def sent_without_a_trace() -> list[DeliveryRow]:
    """Deliveries said to be sent that name no moment."""
    return list(DeliveryRow.select().where((DeliveryRow.state == "sent") & DeliveryRow.sent_at.is_null()))


def counters(beginning: str) -> list[tuple[str, int]]:
    """(name, last number) of the counters whose names begin so."""
    return [(row.name, row.value) for row in Counter.select().where(Counter.name.startswith(beginning))]


def references() -> list[str]:
    """Every reference that was ever given."""
    return [row.reference for row in Ticket.select(Ticket.reference)]


def texts() -> Iterator[tuple[str, str]]:
    """(column, text) of all that people or mails may have written, but for raw mails and requests."""
    for model in WRITTEN:
        fields = [field for field in model._meta.sorted_fields if type(field) is TextField]
        names = [f"{model._meta.table_name}.{field.column_name}" for field in fields]
        for values in model.select(*fields).tuples().iterator():
            yield from zip(names, values, strict=True)


def acts() -> Iterator[Event]:
    """Every event, with who did it and the role at that time."""
    return Event.select(Event.id, Event.kind, Event.actor, Event.role).order_by(Event.id).iterator()


def histories() -> Iterator[tuple[Ticket, list[Event]]]:
    """Every ticket that was not purged, with all its events, oldest first."""
    for ticket in Ticket.select().where(Ticket.purged_at.is_null()).order_by(Ticket.id):
        yield ticket, list(Event.select().where(Event.ticket == ticket.id).order_by(Event.id))


def told_too_often() -> list[tuple[int, int, int]]:
    """(ticket, events, alerts) of tickets whose deadlines were told of more often than alerts are kept."""
    return _oftener(["warned", "overdue"], Alert)


def rung_too_often() -> list[tuple[int, int, int]]:
    """(ticket, events, rings) of tickets about which people were rung more often than rings are kept."""
    return _oftener(["rang", "still_on_it"], Ring)


def _oftener(kinds: list[str], model: Any) -> list[tuple[int, int, int]]:
    events = Event.select(Event.ticket, fn.COUNT(Event.id)).where(Event.kind.in_(kinds))
    told: Any = events.group_by(Event.ticket).tuples()
    kept = dict(model.select(model.ticket, fn.COUNT(model.id)).group_by(model.ticket).tuples())
    return [(ticket, number, kept.get(ticket, 0)) for ticket, number in told if number > kept.get(ticket, 0)]
