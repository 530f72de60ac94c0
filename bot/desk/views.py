"""A ticket as it is at one moment, whole, as a value: what cards, letters, lists and `--json` are made from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
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
class Agreement:
    """The contract a ticket belongs to: both dates are included, None = open; `support_hours` "" = any time."""

    reference: str
    name: str
    starts_on: date | None
    ends_on: date | None
    support_hours: str


@dataclass(frozen=True, slots=True)
class Reader:
    """A watcher: somebody outside who gets the letters of a ticket as well."""

    address: str
    name: str
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class Visit:
    """An intervention that is not done: its number, state, technician's name, and when it is planned."""

    number: str
    state: str
    technician: str
    planned_at: datetime | None


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A letter that could not be delivered: to whom, and what was said."""

    address: str
    error: str


@dataclass(frozen=True, slots=True)
class TicketView:
    """One ticket. Names are the columns'; people and dictionary entries are values of their own.

    `unreachable` is why letters to the client come back, "" where they do not. `alike` is how many tickets look like
    it, if it is the one to say so; `problem` the title of its problem. `rung_in`: people's own Telegram chats in which
    it has rung.
    """

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
    verdict: str
    unsent_id: int | None
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
    next_alert_at: datetime | None
    previous_id: int | None
    progress: int
    minutes: int
    merged_into_id: int | None
    problem_id: int | None
    deleted_at: datetime | None
    project: str
    contract: Agreement | None
    tags: tuple[str, ...] = ()
    custom: Mapping[str, str] = field(default_factory=dict)
    watchers: tuple[Reader, ...] = ()
    last: LastEvent | None = None
    requester_is_active: bool = True
    rung_in: tuple[str, ...] = ()
    undelivered: tuple[Undelivered, ...] = ()
    unreachable: str = ""
    links: tuple[str, ...] = ()
    merged_into: str = ""
    mentions: str = ""
    visits: tuple[Visit, ...] = ()
    alike: int = 0
    problem: str = ""

    @classmethod
    def of(
        cls, row: Any, last: Any = None, labels: Any = None, failed: Iterable[Any] = (), visits: Iterable[Any] = ()
    ) -> "TicketView":
        """From a row with everything joined, its newest event, labels, letters that failed and open interventions."""
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
            project=row.project.reference if row.project else "",
            contract=_agreement(row.contract) if row.contract else None,
            tags=tuple(labels.tags) if labels else (),
            custom=dict(labels.custom) if labels else {},
            watchers=tuple(map(_reader, labels.watchers)) if labels else (),
            last=LastEvent(last.kind, last.actor_name, last.platform, last.at) if last else None,
            requester_is_active=row.requester is None or row.requester.active,
            undelivered=tuple(Undelivered(letter.channel, letter.error) for letter in failed),
            links=tuple(labels.links) if labels else (),
            merged_into=labels.merged_into if labels else "",
            mentions=labels.mentions if labels else "",
            visits=tuple(map(_visit, visits)),
            problem=labels.problem if labels else "",
        )

    @property
    def who(self) -> str:
        """The requester as people say it: name, else address."""
        return self.requester_name or self.requester_address

    def is_overdue(self, now: datetime) -> bool:
        """Whether a deadline has passed."""
        return self.status.is_open and self.due_at is not None and self.due_at <= now


def _agreement(row: Any) -> Agreement:
    return Agreement(row.reference, row.name, row.starts_on, row.ends_on, row.support_hours)


def _reader(row: Any) -> Reader:
    return Reader(row.address, row.name, row.contact is None or row.contact.active)


def _visit(row: Any) -> Visit:
    return Visit(row.number, row.state, row.technician.name if row.technician else "", row.planned_at)


_OWN = {
    *("status", "type", "group", "severity", "assignee", "third_party", "third_party_code", "last"),
    *("project", "contract", "tags", "custom", "watchers", "requester_is_active", "undelivered", "unreachable"),
    *("links", "merged_into", "mentions", "visits", "alike", "problem", "rung_in"),
}
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
        "project": ticket.project or None,
        "contract": ticket.contract.reference if ticket.contract else None,
        "watchers": [reader.address for reader in ticket.watchers],
        "tags": list(ticket.tags),
        "links": list(ticket.links),
        "merged_into": ticket.merged_into or None,
        "mentions": ticket.mentions or None,
        "problem": ticket.problem or None,
        "custom": dict(ticket.custom),
        "progress": ticket.progress,
        "minutes": ticket.minutes,
        "notify": ticket.notify,
        "origin": ticket.origin,
        "mailbox": ticket.mailbox or None,
        "rule": ticket.routed_by or None,
        "automatic": ticket.automatic or None,
        "authentication": ticket.verdict or None,
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
