"""Until when a ticket must be answered and acted upon, and when the team is told. Pure: values and moments in and out.

Response delay: until the first human public answer. Action delay: the longest time without any human activity; it
does not run while the ticket waits for the client or is on hold. A wait is known by its kind and by when it began:
whatever is told of it is told once, and nothing depends on when anybody looked.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.desk.business_time import Calendar
from bot.desk.workflow import Status

RESPONSE, ACTION = "response", "action"
PAUSED = {Status.WAITING, Status.ON_HOLD}

NOTHING, WARNING, BREACH = -1, 0, 1
REPEATS = tuple(timedelta(hours=hours) for hours in (1, 2, 4, 8))
REPEAT_EVERY = timedelta(hours=8)
"""A breach is told again so long after it, then every eight hours, in the time that counts for the ticket."""
TOGETHER = timedelta(minutes=15)
"""Repetitions wait for the next quarter of an hour, so that those of many tickets are told at once."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Told = Mapping[tuple[str, datetime], int]
"""The last step that was told of a wait, by its kind and beginning."""


@dataclass(frozen=True, slots=True)
class Level:
    """A severity, a group or the desk: its delays in hours, None = the next level's, 0 = off."""

    source: str
    code: str
    response: float | None
    action: float | None
    parent_id: int | None = None


@dataclass(frozen=True, slots=True)
class Delay:
    """The delay in force for a ticket and the level that says so ("severity", "group" or "desk")."""

    hours: float
    source: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """What is the same for all tickets: the delays of every level by id, and at which percentage the team is warned."""

    desk: Level
    severities: Mapping[int, Level]
    groups: Mapping[int, Level]
    warn_at: float

    def delay(self, kind: str, severity_id: int, group_id: int) -> Delay:
        """The first level that says something: the severity, the group, the groups above it, the desk."""
        for level in self._levels(severity_id, group_id):
            hours = level.response if kind == RESPONSE else level.action
            if hours is not None:
                return Delay(hours, level.source, level.code)
        return Delay(0, self.desk.source)

    def _levels(self, severity_id: int, group_id: int | None) -> Iterator[Level]:
        yield self.severities[severity_id]
        seen: set[int] = set()
        while group_id is not None and group_id not in seen:
            seen.add(group_id)
            yield self.groups[group_id]
            group_id = self.groups[group_id].parent_id
        yield self.desk


@dataclass(frozen=True, slots=True)
class Standing:
    """What a ticket's deadlines depend on. `response_from` is None where nobody waits for an answer (internal work);
    `acted_at` is when an agent did something last."""

    status: Status
    severity_id: int
    group_id: int
    last_activity_at: datetime
    response_from: datetime | None = None
    answered: bool = False
    acted_at: datetime | None = None
    snoozed_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """One wait that has a limit. Steps: 0 the warning, 1 the breach, from 2 on its repetitions."""

    kind: str
    since: datetime
    warn_at: datetime
    due_at: datetime
    delay: Delay
    calendar: Calendar

    def at(self, step: int) -> datetime:
        """When a step is to be told."""
        if step <= BREACH:
            return self.due_at if step == BREACH else self.warn_at
        exact = self.calendar.after(self.due_at, _repeat(step - BREACH))
        return exact + (_EPOCH - exact) % TOGETHER

    def step(self, now: datetime) -> int:
        """The last step whose time has come; NOTHING before the warning."""
        if now < self.due_at:
            return WARNING if now >= self.warn_at else NOTHING
        late = self.calendar.between(self.due_at, now)
        regular = max(late - REPEATS[-1], timedelta(0)) // REPEAT_EVERY
        return BREACH + sum(repeat <= late for repeat in REPEATS) + regular

    def next_at(self, told: int, acted_at: datetime | None) -> datetime | None:
        """When the next step is to be told; None when somebody has acted upon the breach."""
        if told >= BREACH and acted_at is not None and acted_at >= self.due_at:
            return None
        return self.at(told + 1)


@dataclass(frozen=True, slots=True)
class Outlook:
    """A ticket's waits, with what they were worked out from."""

    standing: Standing
    waits: tuple[Wait, ...]


def waits(ticket: Standing, rules: Rules, calendar: Calendar) -> tuple[Wait, ...]:
    """The waits that have a limit now, the one for an answer first."""
    begun = {
        RESPONSE: None if ticket.answered else ticket.response_from,
        ACTION: None if ticket.status in PAUSED else ticket.last_activity_at,
    }
    delays = {kind: rules.delay(kind, ticket.severity_id, ticket.group_id) for kind in begun}
    return tuple(
        wait(kind, since, delays[kind], rules.warn_at, calendar)
        for kind, since in begun.items()
        if since is not None and delays[kind].hours and ticket.status.is_open
    )


def wait(kind: str, since: datetime, delay: Delay, warn_at: float, calendar: Calendar) -> Wait:
    """One wait with its moments; `warn_at` is a percentage of the delay."""
    length = timedelta(hours=delay.hours)
    warned, due = calendar.after(since, length * warn_at / 100), calendar.after(since, length)
    return Wait(kind, since, warned, due, delay, calendar)


def next_alert(ticket: Standing, limits: Iterable[Wait], told: Told) -> datetime | None:
    """When something is to be told about a ticket, not before the end of its snooze; None when nothing ever is."""
    moments = [one.next_at(told.get((one.kind, one.since), NOTHING), ticket.acted_at) for one in limits]
    first = min((moment for moment in moments if moment), default=None)
    if first is None or ticket.snoozed_until is None:
        return first
    return max(first, ticket.snoozed_until)


def _repeat(number: int) -> timedelta:
    """How long after the breach its n-th repetition is told."""
    if number <= len(REPEATS):
        return REPEATS[number - 1]
    return REPEATS[-1] + REPEAT_EVERY * (number - len(REPEATS))
