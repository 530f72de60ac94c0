"""Rows of tickets and of all that was said and done about them."""

from peewee import (
    AutoField,
    BigIntegerField,
    BooleanField,
    ForeignKeyField,
    IntegerField,
    TextField,
)

from storage.models.dictionaries import Severity, TicketGroup, TicketType
from storage.models.engagements import Contract, Project
from storage.models.people import Agent, Contact, ThirdParty
from storage.rows import JSONField, Row, UTCField


class Problem(Row):
    """One cause behind several tickets; `dissolved_at` when somebody took that back."""

    id = AutoField()
    title = TextField()
    created_by = ForeignKeyField(Agent, null=True)
    created_at = UTCField()
    dissolved_at = UTCField(null=True)


class Ticket(Row):
    """A request and where it stands. `version` counts its changes; a change names the version it was made on.

    `verdict` is the last mail's; `unsent_id` the message of a mail from an agent that was kept as a note.
    """

    id = AutoField()
    reference = TextField()
    number = BigIntegerField(null=True)
    token = TextField()
    version = IntegerField(default=1)
    subject = TextField()
    original_subject = TextField(default="")
    description = TextField(default="")
    status = IntegerField()
    type = ForeignKeyField(TicketType)
    group_id: int
    group = ForeignKeyField(TicketGroup)
    severity_id: int
    severity = ForeignKeyField(Severity)
    assignee_id: int | None
    assignee = ForeignKeyField(Agent, null=True)
    third_party_id: int | None
    third_party = ForeignKeyField(ThirdParty, null=True)
    requester = ForeignKeyField(Contact, null=True)
    requester_name = TextField(default="")
    requester_address = TextField(default="")
    reply_address = TextField(default="")
    language = TextField(default="")
    notify = TextField(default="all")
    origin = TextField()
    mailbox = TextField(default="")
    routed_by = TextField(default="")
    automatic = TextField(default="")
    doubtful = TextField(default="")
    verdict = TextField(default="")
    unsent_id = BigIntegerField(null=True)
    created_by = ForeignKeyField(Agent, null=True)
    created_at = UTCField()
    read_at = UTCField(null=True)
    assigned_at = UTCField(null=True)
    taken_at = UTCField(null=True)
    first_response_at = UTCField(null=True)
    last_activity_at = UTCField()
    waiting_since = UTCField(null=True)
    reminded_at = UTCField(null=True)
    closed_at = UTCField(null=True)
    reopened = IntegerField(default=0)
    client_wrote_at = UTCField(null=True)
    snoozed_until = UTCField(null=True)
    resolution = TextField(default="")
    response_from = UTCField(null=True)
    response_due_at = UTCField(null=True)
    action_due_at = UTCField(null=True)
    due_at = UTCField(null=True)
    next_alert_at = UTCField(null=True)
    acted_at = UTCField(null=True)
    previous = ForeignKeyField("self", null=True)
    project_id: int | None
    project = ForeignKeyField(Project, null=True)
    contract_id: int | None
    contract = ForeignKeyField(Contract, null=True)
    progress = IntegerField(default=0)
    minutes = BigIntegerField(default=0)
    merged_into_id: int | None
    merged_into = ForeignKeyField("self", null=True)
    problem_id: int | None
    problem = ForeignKeyField(Problem, null=True, backref="tickets")
    deleted_at = UTCField(null=True)
    purged_at = UTCField(null=True)


class Message(Row):
    """Anything said: client (they wrote), reply (they read it), note (the team), letter (the desk wrote by itself).

    `verdict`: what the mailbox's server says of a mail's sender, "" where no server is believed.
    """

    id = AutoField()
    ticket = ForeignKeyField(Ticket, backref="messages")
    number = IntegerField()
    kind = TextField()
    agent_id: int | None
    agent = ForeignKeyField(Agent, null=True)
    contact = ForeignKeyField(Contact, null=True)
    author_name = TextField(default="")
    author_address = TextField(default="")
    text = TextField()
    full_text = TextField(default="")
    message_id = TextField(default="")
    recipients = JSONField(default=list)
    cc = JSONField(default=list)
    origin = TextField()
    mark = TextField(default="")
    verdict = TextField(default="")
    created_at = UTCField()
    withdrawn_at = UTCField(null=True)


class Attachment(Row):
    """A file that came with a message; its content lies in the data folder under its hash."""

    id = AutoField()
    message = ForeignKeyField(Message, backref="attachments")
    position = IntegerField()
    name = TextField()
    original_name = TextField(default="")
    type = TextField()
    size = BigIntegerField()
    sha256 = TextField()
    inline = BooleanField(default=False)
    content_id = TextField(default="")


class Event(Row):
    """What happened, once, for ever: who (with the role at that time), where, when, what was before and after."""

    id = AutoField()
    ticket_id: int | None
    ticket = ForeignKeyField(Ticket, null=True, backref="events")
    kind = TextField()
    actor = TextField()
    agent_id: int | None
    agent = ForeignKeyField(Agent, null=True)
    role = TextField(default="")
    actor_name = TextField(default="")
    platform = TextField()
    at = UTCField()
    message_id: int | None
    message = ForeignKeyField(Message, null=True)
    old = JSONField(default=dict)
    new = JSONField(default=dict)
    data = JSONField(default=dict)


class Refused(Row):
    """A try that was refused: kept so that one can see who tried what."""

    id = AutoField()
    platform = TextField()
    caller = TextField()
    agent = ForeignKeyField(Agent, null=True)
    verb = TextField()
    reference = TextField(default="")
    reason = TextField()
    at = UTCField()

    class Meta:
        table_name = "refusal"


class TicketSign(Row):
    """What a ticket has in common with others that are about the same thing, when it came."""

    id = AutoField()
    ticket_id: int
    ticket = ForeignKeyField(Ticket)
    sign = TextField()
    created_at = UTCField()
