"""Rows of the dictionaries: types, severities and groups. `labels` is a label for each language code."""

from peewee import AutoField, BigIntegerField, BooleanField, FloatField, ForeignKeyField, IntegerField, TextField

from storage.models.oncall import Rota
from storage.models.people import Agent
from storage.rows import JSONField, Row


class TicketType(Row):
    """What kind of request it is."""

    id = AutoField()
    code = TextField()
    labels = JSONField()
    position = IntegerField(default=0)
    active = BooleanField(default=True)
    is_default = BooleanField(default=False)


class Severity(Row):
    """How much it hurts. Delays in hours, None = the group's; `rings` = Telegram makes a sound."""

    id = AutoField()
    code = TextField()
    labels = JSONField()
    position = IntegerField(default=0)
    active = BooleanField(default=True)
    is_default = BooleanField(default=False)
    emoji = TextField(default="")
    colour = TextField(default="")
    rings = BooleanField(default=True)
    response_delay = FloatField(null=True)
    action_delay = FloatField(null=True)


class TicketGroup(Row):
    """Who answers and where the cards hang ("" = the desk's channel or chat). Delays in hours, None = the parent's."""

    id = AutoField()
    code = TextField()
    labels = JSONField()
    position = IntegerField(default=0)
    active = BooleanField(default=True)
    is_default = BooleanField(default=False)
    parent = ForeignKeyField("self", null=True)
    slack_channel = TextField(default="")
    telegram_chat = TextField(default="")
    telegram_topic = BigIntegerField(default=0)
    notify_address = TextField(default="")
    restricted = BooleanField(default=False)
    forced_severity = ForeignKeyField(Severity, null=True)
    default_severity = ForeignKeyField(Severity, null=True)
    default_assignee = ForeignKeyField(Agent, null=True)
    default_rota_id: int | None
    default_rota = ForeignKeyField(Rota, null=True)
    response_delay = FloatField(null=True)
    action_delay = FloatField(null=True)


class GroupAgent(Row):
    """An agent who sees a restricted group."""

    id = AutoField()
    group = ForeignKeyField(TicketGroup, backref="agents")
    agent = ForeignKeyField(Agent)
