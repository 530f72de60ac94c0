"""The tables as Peewee models, by subject. Indexes and constraints stand in `storage/migrations`."""

from storage.models.deliveries import Delivery, Posting
from storage.models.desk import Counter, Jotting, Lease, Secret, Setting
from storage.models.dictionaries import GroupAgent, Severity, TicketGroup, TicketType
from storage.models.intake import ChatUpdate, Mail, MailboxState, Receipt
from storage.models.people import Account, Agent, Contact, ContactAddress, MailDomain, Pairing, ThirdParty
from storage.models.tickets import Attachment, Event, Message, Refused, Ticket

ALL = (
    Agent,
    Account,
    Pairing,
    ThirdParty,
    MailDomain,
    Contact,
    ContactAddress,
    TicketType,
    Severity,
    TicketGroup,
    GroupAgent,
    Ticket,
    Message,
    Attachment,
    Event,
    Refused,
    Posting,
    Delivery,
    Receipt,
    ChatUpdate,
    Mail,
    MailboxState,
    Counter,
    Setting,
    Secret,
    Jotting,
    Lease,
)

__all__ = [
    "ALL",
    "Account",
    "Agent",
    "Attachment",
    "ChatUpdate",
    "Contact",
    "ContactAddress",
    "Counter",
    "Delivery",
    "Event",
    "GroupAgent",
    "Jotting",
    "Lease",
    "Mail",
    "MailDomain",
    "MailboxState",
    "Message",
    "Pairing",
    "Posting",
    "Receipt",
    "Refused",
    "Secret",
    "Setting",
    "Severity",
    "ThirdParty",
    "Ticket",
    "TicketGroup",
    "TicketType",
]
