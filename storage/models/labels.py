"""Rows of what tickets are labelled with: watchers, tags, own fields and their values, links to other tickets."""

from peewee import AutoField, BooleanField, ForeignKeyField, IntegerField, TextField

from storage.models.people import Contact
from storage.models.tickets import Ticket
from storage.rows import JSONField, Row, UTCField


class Watcher(Row):
    """Somebody beside the requester who reads along: a contact, or only an address (lower case)."""

    id = AutoField()
    ticket_id: int
    ticket = ForeignKeyField(Ticket, backref="watchers")
    contact = ForeignKeyField(Contact, null=True)
    name = TextField(default="")
    address = TextField()


class Tag(Row):
    """A free word on a ticket."""

    id = AutoField()
    ticket_id: int
    ticket = ForeignKeyField(Ticket, backref="tags")
    tag = TextField()

    class Meta:
        table_name = "ticket_tag"


class CustomField(Row):
    """A field that an admin defined. `kind`: text, number, choice, date or yes_no; `choices` are those of a choice."""

    id = AutoField()
    code = TextField()
    labels = JSONField()
    kind = TextField(default="text")
    choices = JSONField(default=list)
    position = IntegerField(default=0)
    active = BooleanField(default=True)


class CustomValue(Row):
    """What a ticket has in such a field."""

    id = AutoField()
    ticket_id: int
    ticket = ForeignKeyField(Ticket, backref="custom_values")
    field = ForeignKeyField(CustomField)
    value = TextField()


class TicketLink(Row):
    """Two tickets that belong together; the smaller id comes first."""

    id = AutoField()
    ticket = ForeignKeyField(Ticket)
    other = ForeignKeyField(Ticket)
    created_at = UTCField()
