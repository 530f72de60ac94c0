"""Rows of the topics in Telegram's forums that are one ticket's own."""

from peewee import AutoField, BigIntegerField, BooleanField, ForeignKeyField, IntegerField, TextField

from storage.models.tickets import Ticket
from storage.rows import Row


class TicketTopic(Row):
    """A ticket's own topic in one place, as it was last made to be.

    `state`: "wanted" (not made yet), "there", or "none" where the ticket does with the chat itself. `topic` is its
    number, 0 for none; `name` a digest of its name. `unsure` counts the tries of which nobody knows what became.
    """

    id = AutoField()
    ticket_id: int
    ticket = ForeignKeyField(Ticket)
    place = TextField()
    chat = TextField()
    topic = BigIntegerField(default=0)
    state = TextField(default="wanted")
    name = TextField(default="")
    icon = TextField(default="")
    closed = BooleanField(default=False)
    unsure = IntegerField(default=0)

    class Meta:
        table_name = "ticket_topic"
