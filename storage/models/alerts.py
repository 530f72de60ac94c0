"""Rows of what was told of deadlines."""

from peewee import AutoField, ForeignKeyField, IntegerField, TextField

from storage.models.tickets import Ticket
from storage.rows import Row, UTCField


class Alert(Row):
    """The team was told of one wait of a ticket, known by its kind and by when it began.

    `step` is 0 for the warning, 1 for the breach, from 2 on for its repetitions: each at most once.
    """

    id = AutoField()
    ticket_id: int
    ticket = ForeignKeyField(Ticket, backref="alerts")
    kind = TextField()
    since = UTCField()
    step = IntegerField()
    at = UTCField()
