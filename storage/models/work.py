"""Rows of work done on tickets: time that was spent, interventions with their lines, replies kept ready."""

from peewee import AutoField, BooleanField, ForeignKeyField, IntegerField, TextField

from storage.models.engagements import Contract, Project
from storage.models.people import Agent
from storage.models.tickets import Ticket
from storage.rows import JSONField, Row, UTCField


class Intervention(Row):
    """A visit or a session of work, as its report tells it; `client` and `contact` are as they were then."""

    id = AutoField()
    number = TextField()
    ticket = ForeignKeyField(Ticket, backref="interventions")
    version = IntegerField(default=1)
    state = TextField(default="draft")
    subject = TextField()
    description = TextField(default="")
    client = TextField(default="")
    contact = TextField(default="")
    project = ForeignKeyField(Project, null=True)
    contract = ForeignKeyField(Contract, null=True)
    technician = ForeignKeyField(Agent, null=True)
    planned_at = UTCField(null=True)
    created_by = ForeignKeyField(Agent, null=True)
    created_at = UTCField()
    validated_at = UTCField(null=True)
    done_at = UTCField(null=True)


class InterventionLine(Row):
    """One piece of work of an intervention."""

    id = AutoField()
    intervention_id: int
    intervention = ForeignKeyField(Intervention, backref="lines")
    position = IntegerField()
    at = UTCField()
    minutes = IntegerField()
    text = TextField()


class TimeEntry(Row):
    """Minutes that an agent spent on a ticket, also those that an intervention brought in."""

    id = AutoField()
    ticket = ForeignKeyField(Ticket, backref="time_entries")
    agent = ForeignKeyField(Agent)
    intervention = ForeignKeyField(Intervention, null=True)
    minutes = IntegerField()
    text = TextField(default="")
    at = UTCField()


class CannedReply(Row):
    """A reply kept ready. `texts` is its Markdown for each language code."""

    id = AutoField()
    code = TextField()
    labels = JSONField()
    texts = JSONField()
    position = IntegerField(default=0)
    active = BooleanField(default=True)
