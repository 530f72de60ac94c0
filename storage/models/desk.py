"""Rows of the desk itself: counters, settings, its own secret, small things to remember, leases."""

from peewee import BigIntegerField, TextField

from storage.rows import JSONField, Row, UTCField


class Counter(Row):
    """The last number given under a name."""

    name = TextField(primary_key=True)
    value = BigIntegerField()


class Setting(Row):
    """A setting that somebody set; others have the file's value or their default."""

    name = TextField(primary_key=True)
    value = JSONField()
    set_by = TextField()
    set_at = UTCField()


class Secret(Row):
    """A secret made once by the desk itself."""

    name = TextField(primary_key=True)
    value = TextField()


class Jotting(Row):
    """Something small to remember for a while: a question asked, a half-filled form."""

    key = TextField(primary_key=True)
    value = JSONField()
    expires_at = UTCField()


class Lease(Row):
    """Work that one process at a time may do, until the moment named."""

    name = TextField(primary_key=True)
    holder = TextField()
    until = UTCField()
