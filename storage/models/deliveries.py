"""Rows of what people are told: cards that hang in chats, and everything on its way."""

from peewee import AutoField, BigIntegerField, BooleanField, ForeignKeyField, IntegerField, TextField

from storage.models.tickets import Event, Message, Ticket
from storage.rows import JSONField, Row, UTCField


class Posting(Row):
    """A card that hangs in a channel: one for each ticket and place. `place` is the name it was posted under."""

    id = AutoField()
    ticket_id: int
    ticket = ForeignKeyField(Ticket, backref="postings")
    platform = TextField()
    channel = TextField()
    topic = BigIntegerField(default=0)
    message = TextField()
    place = TextField()
    posted_at = UTCField()
    drawn_version = IntegerField(default=0)


class HungNotice(Row):
    """A notice that hangs in a channel about something: a "mail", "swap" or "handover", by its number."""

    id = AutoField()
    about = TextField()
    number = BigIntegerField()
    place = TextField()
    platform = TextField()
    channel = TextField()
    topic = BigIntegerField(default=0)
    message = TextField()
    at = UTCField()

    class Meta:
        table_name = "notice"


class Delivery(Row):
    """One thing to tell in one place; written with the event it tells of, sent after that was committed.

    At most one row of a key is pending: what is asked for twice before it was sent is sent once. `automatic`: a letter
    that answers a mail by itself.
    """

    id = AutoField()
    key = TextField()
    kind = TextField()
    platform = TextField()
    place = TextField()
    channel = TextField()
    topic = BigIntegerField(default=0)
    ticket_id: int | None
    ticket = ForeignKeyField(Ticket, null=True)
    event_id: int | None
    event = ForeignKeyField(Event, null=True)
    message_id: int | None
    message = ForeignKeyField(Message, null=True)
    payload = JSONField(default=dict)
    state = TextField(default="pending")
    urgency = IntegerField(default=5)
    attempts = IntegerField(default=0)
    next_at = UTCField()
    claimed_until = UTCField(null=True)
    error = TextField(default="")
    external_id = TextField(default="")
    created_at = UTCField()
    sent_at = UTCField(null=True)
    automatic = BooleanField(default=False)
