"""A ticket as it is at one moment, whole, as a value: what cards, letters, lists and `--json` are made from."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.desk.dictionaries import Entry, Group, Severity
from bot.desk.people import Agent
from bot.desk.workflow import Status


@dataclass(frozen=True, slots=True)
class LastEvent:
    """What happened last, as the card's context line tells it."""

    kind: str
    actor_name: str
    platform: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TicketView:
    """One ticket. Names are the columns'; people and dictionary entries are values of their own."""

    id: int
    reference: str
    token: str
    version: int
    subject: str
    description: str
    status: Status
    type: Entry
    group: Group
    severity: Severity
    assignee: Agent | None
    third_party: str
    third_party_code: str
    requester_name: str
    requester_address: str
    requester_id: int | None
    reply_address: str
    language: str
    notify: str
    origin: str
    mailbox: str
    routed_by: str
    automatic: str
    doubtful: str
    created_at: datetime
    assigned_at: datetime | None
    first_response_at: datetime | None
    last_activity_at: datetime
    closed_at: datetime | None
    reopened: int
    client_wrote_at: datetime | None
    snoozed_until: datetime | None
    resolution: str
    response_due_at: datetime | None
    action_due_at: datetime | None
    due_at: datetime | None
    overdue_at: datetime | None
    previous_id: int | None
    last: LastEvent | None = None

    @classmethod
    def of(cls, row: Any, last: Any = None) -> "TicketView":
        """From a row with everything joined, and its newest event."""
        plain = {name: getattr(row, name) for name in _PLAIN}
        party = row.third_party
        return cls(
            **plain,
            status=Status(row.status),
            type=Entry.of(row.type),
            group=Group.of(row.group),
            severity=Severity.of(row.severity),
            assignee=Agent.of(row.assignee) if row.assignee else None,
            third_party=party.name if party else "",
            third_party_code=party.code if party else "",
            last=LastEvent(last.kind, last.actor_name, last.platform, last.at) if last else None,
        )

    @property
    def who(self) -> str:
        """The requester as people say it: name, else address."""
        return self.requester_name or self.requester_address

    def is_overdue(self, now: datetime) -> bool:
        """Whether a deadline has passed."""
        return self.status.is_open and self.due_at is not None and self.due_at <= now


_OWN = {"status", "type", "group", "severity", "assignee", "third_party", "third_party_code", "last"}
_PLAIN = [name for name in TicketView.__slots__ if name not in _OWN]


def as_json(ticket: TicketView) -> dict[str, Any]:
    """The ticket for programs: codes, addresses, ISO 8601 times with offset, or null."""
    return {
        "reference": ticket.reference,
        "subject": ticket.subject,
        "status": ticket.status.code,
        "type": ticket.type.code,
        "group": ticket.group.code,
        "severity": ticket.severity.code,
        "assignee": ticket.assignee.email if ticket.assignee else None,
        "third_party": ticket.third_party_code or None,
        "requester": ticket.requester_address or None,
        "requester_name": ticket.requester_name or None,
        "origin": ticket.origin,
        "mailbox": ticket.mailbox or None,
        "rule": ticket.routed_by or None,
        "automatic": ticket.automatic or None,
        "created_at": _iso(ticket.created_at),
        "first_response_at": _iso(ticket.first_response_at),
        "first_response_due_at": _iso(ticket.response_due_at),
        "action_due_at": _iso(ticket.action_due_at),
        "last_activity_at": _iso(ticket.last_activity_at),
        "client_wrote_at": _iso(ticket.client_wrote_at),
        "snoozed_until": _iso(ticket.snoozed_until),
        "closed_at": _iso(ticket.closed_at),
        "reopened": ticket.reopened,
        "resolution": ticket.resolution or None,
        "version": ticket.version,
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
