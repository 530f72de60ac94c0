"""Rows of who is rung: chains of steps, tickets going through one, and the rings themselves."""

from peewee import AutoField, ForeignKeyField, IntegerField, TextField

from storage.models.dictionaries import Severity, TicketGroup
from storage.models.tickets import Ticket
from storage.rows import JSONField, Row, UTCField


class EscalationChain(Row):
    """Steps as they are typed, for a group and a severity (None = all). `rounds` 0 = until taken.

    `causes` are those that start it.
    """

    id = AutoField()
    group_id: int | None
    group = ForeignKeyField(TicketGroup, null=True)
    severity_id: int | None
    severity = ForeignKeyField(Severity, null=True)
    steps = JSONField()
    rounds = IntegerField(default=0)
    causes = JSONField()
    created_at = UTCField()


class Escalation(Row):
    """A ticket that nobody has taken: of its chain the ring `number` comes next, at `next_at`. One runs at a time.

    The cause "taken" has no chain: it asks whoever took the ticket whether they are still on it.
    """

    id = AutoField()
    ticket_id: int
    ticket = ForeignKeyField(Ticket)
    chain_id: int | None
    chain = ForeignKeyField(EscalationChain, null=True)
    cause = TextField()
    number = IntegerField(default=0)
    started_at = UTCField()
    next_at = UTCField(null=True)
    ended_at = UTCField(null=True)
    ended_by = TextField(default="")


class Ring(Row):
    """Somebody was rung: each number of an escalation at most once. `chat` is a person's own, "" = the group's."""

    id = AutoField()
    escalation_id: int
    escalation = ForeignKeyField(Escalation)
    ticket_id: int
    ticket = ForeignKeyField(Ticket)
    number = IntegerField()
    at = UTCField()
    chat = TextField(default="")
