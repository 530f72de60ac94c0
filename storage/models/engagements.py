"""Rows of what a client has with us: projects and contracts."""

from peewee import AutoField, BooleanField, DateField, ForeignKeyField, TextField

from storage.models.people import ThirdParty
from storage.rows import Row, UTCField


class Project(Row):
    """Something that is being done, for a third party or by ourselves."""

    id = AutoField()
    reference = TextField()
    name = TextField()
    third_party = ForeignKeyField(ThirdParty, null=True, backref="projects")
    url = TextField(default="")
    notes = TextField(default="")
    active = BooleanField(default=True)
    created_at = UTCField()


class Contract(Row):
    """What was agreed: both dates included, None = open; `support_hours` as the setting business_hours, "" = any."""

    id = AutoField()
    reference = TextField()
    name = TextField()
    third_party = ForeignKeyField(ThirdParty, null=True, backref="contracts")
    url = TextField(default="")
    starts_on = DateField(null=True)
    ends_on = DateField(null=True)
    support_hours = TextField(default="")
    notes = TextField(default="")
    active = BooleanField(default=True)
    created_at = UTCField()
