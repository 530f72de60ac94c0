"""Rows of what was taken in: requests already served, updates and mails stored before they were confirmed."""

from peewee import AutoField, BigIntegerField, BlobField, BooleanField, ForeignKeyField, IntegerField, TextField

from storage.models.tickets import Message, Ticket
from storage.rows import JSONField, Row, UTCField


class Receipt(Row):
    """A request already served, with the answer that was given: the same request again gets the same answer."""

    key = TextField(primary_key=True)
    answer = JSONField(default=dict)
    at = UTCField()


class ChatUpdate(Row):
    """A platform's update that we confirmed; it is done when `done_at` is set, somebody's until `claimed_until`."""

    id = AutoField()
    platform = TextField()
    update_id = BigIntegerField()
    payload = TextField()
    stored_at = UTCField()
    done_at = UTCField(null=True)
    claimed_until = UTCField(null=True)


class Heard(Row):
    """A message of a chat (`words` is its id there) that became a ticket, or, with `message`, something said on one."""

    id = AutoField()
    platform = TextField()
    channel = TextField()
    words = TextField()
    ticket_id: int
    ticket = ForeignKeyField(Ticket)
    message_id: int | None
    message = ForeignKeyField(Message, null=True)
    at = UTCField()


class Mail(Row):
    """One mail at one place (mailbox, UIDVALIDITY, UID) and what became of it. `tidied`: flagged or moved since.

    `sender` stands where it became something on a ticket; `held_until` where too many came from there at once.
    """

    id = AutoField()
    mailbox = TextField()
    uidvalidity = BigIntegerField()
    uid = BigIntegerField()
    identity = TextField()
    sha256 = TextField()
    size = BigIntegerField()
    content = BlobField(null=True)
    received_at = UTCField()
    stored_at = UTCField()
    state = TextField(default="new")
    reason = TextField(default="")
    attempts = IntegerField(default=0)
    ticket_id: int | None
    ticket = ForeignKeyField(Ticket, null=True)
    message = ForeignKeyField(Message, null=True)
    rule = TextField(default="")
    finished_at = UTCField(null=True)
    tidied = BooleanField(default=False)
    silent = BooleanField(default=False)
    sender = TextField(default="")
    held_until = UTCField(null=True)


class MailboxState(Row):
    """How far a mailbox has been read and how it is."""

    name = TextField(primary_key=True)
    uidvalidity = BigIntegerField(default=0)
    last_uid = BigIntegerField(default=0)
    last_success_at = UTCField(null=True)
    failing_since = UTCField(null=True)
    error = TextField(default="")
    alarmed_at = UTCField(null=True)
