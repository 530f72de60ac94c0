"""Rows of who is on call: rotas with their layers and calendars, overrides, offers to swap, hand-overs."""

from peewee import AutoField, BooleanField, DateField, ForeignKeyField, IntegerField, TextField

from storage.models.people import Agent
from storage.rows import JSONField, Row, UTCField


class Rota(Row):
    """People who take turns. `zone` is the one that its times are meant in.

    `slack_user_group` has whoever is on call as its only member, "" where there is none.
    """

    id = AutoField()
    code = TextField()
    name = TextField()
    zone = TextField()
    active = BooleanField(default=True)
    slack_user_group = TextField(default="")
    created_at = UTCField()


class RotaLayer(Row):
    """One rotation, a higher `position` above a lower one. `members` are agents' ids; `hours` as business_hours."""

    id = AutoField()
    rota_id: int
    rota = ForeignKeyField(Rota)
    position = IntegerField()
    members = JSONField()
    days = IntegerField()
    handover = TextField()
    starts_on = DateField()
    ends_on = DateField(null=True)
    hours = TextField(default="")


class RotaCalendar(Row):
    """The iCal file that a rota follows, as it was read last; `address` is where it is asked for, "" for a file."""

    rota_id: int
    rota = ForeignKeyField(Rota, primary_key=True)
    address = TextField(default="")
    content = TextField(default="")
    digest = TextField(default="")
    read_at = UTCField(null=True)
    tried_at = UTCField(null=True)
    fault = TextField(default="")


class RotaOverride(Row):
    """Somebody is on call in place of whoever it would be."""

    id = AutoField()
    rota_id: int
    rota = ForeignKeyField(Rota)
    agent_id: int
    agent = ForeignKeyField(Agent)
    starts_at = UTCField()
    ends_at = UTCField()
    created_at = UTCField()


class RotaSwap(Row):
    """An agent offers a shift to `to`, or to everybody. `state` is open, accepted or withdrawn."""

    id = AutoField()
    rota_id: int
    rota = ForeignKeyField(Rota)
    agent_id: int
    agent = ForeignKeyField(Agent)
    to_id: int | None
    to = ForeignKeyField(Agent, null=True)
    starts_at = UTCField()
    ends_at = UTCField()
    state = TextField(default="open")
    taken_by_id: int | None
    taken_by = ForeignKeyField(Agent, null=True)
    created_at = UTCField()
    settled_at = UTCField(null=True)


class Handover(Row):
    """One who `goes` hands over to one who `comes`; None is nobody. `at` is when; None: `goes` is still on call.

    `chosen` are ids of tickets that move as the overdue ones do, `moved` the references of those that have.
    """

    id = AutoField()
    rota_id: int
    rota = ForeignKeyField(Rota)
    at = UTCField(null=True)
    goes_id: int | None
    goes = ForeignKeyField(Agent, null=True)
    comes_id: int | None
    comes = ForeignKeyField(Agent, null=True)
    state = TextField(default="draft")
    notes = TextField(default="")
    chosen = JSONField(default=list)
    moved = JSONField(default=list)
    reminders = IntegerField(default=0)
    remind_at = UTCField(null=True)
    accepted_by_id: int | None
    accepted_by = ForeignKeyField(Agent, null=True)
    accepted_at = UTCField(null=True)
    created_at = UTCField()
