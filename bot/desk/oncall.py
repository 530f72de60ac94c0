"""Who is on call: every rota as it is now, and what its layers, calendar and overrides come to. Changes nothing.

Only agents who may take a ticket count: where somebody has left, what stands below them shows, or a gap.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from bot.desk import people, permissions, rota_calendars, shifts
from bot.desk.business_time import week
from bot.desk.people import Agent
from bot.desk.rota_calendars import Duty, Named
from bot.desk.shifts import Layer, Shift
from bot.errors import NotFound
from storage.models import RotaLayer
from storage.queries import oncall as rows

AHEAD, YEAR = timedelta(weeks=4), timedelta(days=366)
ON_CALL = "take"
"""The right that whoever is on call needs."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Somebody is on call from `start` until before `end` (UTC)."""

    start: datetime
    end: datetime
    agent: Agent


@dataclass(frozen=True, slots=True)
class Change:
    """At this moment somebody else is on call than before; None is nobody."""

    rota: "Rota"
    at: datetime
    before: Agent | None
    after: Agent | None


@dataclass(frozen=True, slots=True)
class Override:
    """Somebody is on call in place of whoever it would be; `id` is what it is removed by."""

    id: int
    shift: Shift


@dataclass(frozen=True, slots=True)
class Followed:
    """The calendar that a rota follows: `address` "" for a file, `digest` "" where it was never read."""

    address: str
    digest: str
    read_at: datetime | None
    fault: str


@dataclass(frozen=True, slots=True)
class Rota:
    """A rota with its layers, the lowest first (`hours`: theirs as text), and the overrides of the last four weeks on.

    `staff` are all who may be on call, by id. `user_group` is Slack's, kept in step with who is on call; "" for none.
    """

    id: int
    code: str
    name: str
    zone: ZoneInfo
    active: bool
    user_group: str
    layers: tuple[Layer, ...]
    hours: tuple[str, ...]
    overrides: tuple[Override, ...]
    followed: Followed | None
    staff: Mapping[int, Agent]

    def turns(self, start: datetime, end: datetime) -> list[Turn]:
        """Who is on call in a span of time, in order; older overrides are not known any more."""
        found = shifts.rota(self.layers, self._above(start, end), start, end, self.staff)
        return [Turn(shift.start, shift.end, self.staff[shift.who]) for shift in found]

    def now_and_next(self, at: datetime) -> tuple[Turn | None, Turn | None]:
        """Whose turn it is, and the turn after it, as far as the coming four weeks tell."""
        turns = self.turns(at - AHEAD, at + AHEAD)
        return _at(turns, at), next((turn for turn in turns if turn.start > at), None)

    def current(self, at: datetime) -> Agent | None:
        """Who is on call at a moment, without looking further; nobody by a rota out of use."""
        turns = self.turns(at, at + timedelta(microseconds=1)) if self.active else []
        return turns[0].agent if turns else None

    def pending(self, at: datetime) -> list[Override]:
        """The overrides that are not over."""
        return [one for one in self.overrides if one.shift.end > at]

    def gaps(self, at: datetime) -> list[tuple[datetime, datetime]]:
        """When nobody is on call in the coming four weeks."""
        found = [Shift(turn.start, turn.end, turn.agent.id) for turn in self.turns(at, at + AHEAD)]
        return shifts.gaps(found, at, at + AHEAD)

    def overlaps(self, at: datetime) -> list[tuple[Turn, Turn]]:
        """Where two layers have different people at once in the coming four weeks: whoever counts comes second."""
        found = shifts.overlaps(self.layers, at, at + AHEAD)
        both = [pair for pair in found if all(one.who in self.staff for one in pair)]
        return [(self._turn(below), self._turn(above)) for below, above in both]

    def _turn(self, shift: Shift) -> Turn:
        return Turn(shift.start, shift.end, self.staff[shift.who])

    def calendar(self, now: datetime) -> bytes:
        """The rota as iCal: layers that repeat; overrides, and what it follows elsewhere, of the coming year."""
        people_of = {one.id: Named(one.name, one.email) for one in self.staff.values()}
        start, end = now - shifts.DAY, now + YEAR
        above = shifts.rota((), self._above(start, end), start, end, self.staff)
        return rota_calendars.written(self.name, self.layers, above, people_of, now)

    def _above(self, start: datetime, end: datetime) -> list[Shift]:
        """What counts above the layers, the most important last."""
        return [*self._imported(start, end), *(one.shift for one in self.overrides)]

    def _imported(self, start: datetime, end: datetime) -> list[Shift]:
        if self.followed is None or not self.followed.digest:
            return []
        months = _months(start, end)
        found = {duty for month in months for duty in _of_month(self.id, self.followed.digest, *month, self.zone.key)}
        return rota_calendars.assigned(found, finder(self.staff.values()))


# finding -------------------------------------------------------------------------------------------------------------


def every(now: datetime) -> list[Rota]:
    """All rotas by code, those out of use too."""
    staff = {one.id: one for one in able_agents()}
    layers: dict[int, list[RotaLayer]] = {}
    overrides: dict[int, list[Override]] = {}
    for layer in rows.layers():
        layers.setdefault(layer.rota_id, []).append(layer)
    for row in rows.overrides(now - AHEAD):
        kept = Override(row.id, Shift(row.starts_at, row.ends_at, row.agent_id))
        overrides.setdefault(row.rota_id, []).append(kept)
    followed = {one.rota_id: Followed(one.address, one.digest, one.read_at, one.fault) for one in rows.calendars()}
    return [
        Rota(
            row.id,
            row.code,
            row.name,
            ZoneInfo(row.zone),
            row.active,
            row.slack_user_group,
            tuple(_layer(one, ZoneInfo(row.zone)) for one in layers.get(row.id, ())),
            tuple(one.hours for one in layers.get(row.id, ())),
            tuple(overrides.get(row.id, ())),
            followed.get(row.id),
            staff,
        )
        for row in rows.rotas()
    ]


def able_agents() -> list[Agent]:
    """Those who may be on call, by name."""
    return [one for one in people.agents() if permissions.may(one.role, ON_CALL)]


def in_use(now: datetime) -> list[Rota]:
    """The rotas in use, by code."""
    return [rota for rota in every(now) if rota.active]


def find(code: str, now: datetime) -> Rota:
    """By code, whatever its case. NotFound names those there are."""
    known = every(now)
    found = next((rota for rota in known if rota.code == code.strip().upper()), None)
    if found is not None:
        return found
    names = ", ".join(rota.code for rota in known)
    if not names:
        raise NotFound("There is no rota {code}; there is none yet.", code=code.strip()[:40])
    raise NotFound("There is no rota {code}. There are: {names}.", code=code.strip()[:40], names=names)


def _layer(row: RotaLayer, zone: ZoneInfo) -> Layer:
    return Layer(
        tuple(row.members),
        zone,
        row.starts_on,
        row.days,
        datetime.strptime(row.handover, "%H:%M").time(),  # noqa: DTZ007 (a wall clock's)
        week(row.hours) if row.hours else None,
        row.ends_on,
    )


# asking --------------------------------------------------------------------------------------------------------------


def on_duty(code: str, at: datetime) -> Agent | None:
    """Whoever is on call by a rota; None for nobody, and for a rota out of use. NotFound for an unknown code."""
    return find(code, at).current(at)


def shift_changes(since: datetime, until: datetime) -> list[Change]:
    """Where somebody else came on call after `since` and not after `until`, by any rota in use; in order."""
    found = [change for rota in in_use(since) for change in _changes(rota, since, until)]
    return sorted(found, key=lambda change: change.at)


def turns_of(agent: Agent, at: datetime) -> list[tuple[Rota, Turn]]:
    """An agent's turns that are not over, in the coming four weeks, the soonest first."""
    found = [(rota, turn) for rota in in_use(at) for turn in rota.turns(at - AHEAD, at + AHEAD)]
    mine = [(rota, turn) for rota, turn in found if turn.agent.id == agent.id and turn.end > at]
    return sorted(mine, key=lambda one: one[1].start)


def _changes(rota: Rota, since: datetime, until: datetime) -> Iterator[Change]:
    turns = rota.turns(since - shifts.DAY, until + shifts.DAY)
    edges = sorted({edge for turn in turns for edge in (turn.start, turn.end) if since < edge <= until})
    for edge in edges:
        before, after = _at(turns, edge - timedelta(microseconds=1)), _at(turns, edge)
        yield Change(rota, edge, before.agent if before else None, after.agent if after else None)


def _at(turns: Iterable[Turn], moment: datetime) -> Turn | None:
    return next((turn for turn in turns if turn.start <= moment < turn.end), None)


# calendars -----------------------------------------------------------------------------------------------------------


def finder(staff: Iterable[Agent]) -> Callable[[Named], int | None]:
    """Who is meant in a calendar: by address, by the whole name, or by the one name that a title holds."""
    known = list(staff)

    def who(named: Named) -> int | None:
        if named.address:
            return next((one.id for one in known if one.email == named.address), None)
        title = f" {' '.join(named.name.casefold().split())} "
        held = [one.id for one in known if f" {one.name.casefold()} " in title]
        exactly = [one.id for one in known if f" {one.name.casefold()} " == title]
        return exactly[0] if exactly else held[0] if len(held) == 1 else None

    return who


def _months(start: datetime, end: datetime) -> list[tuple[int, int]]:
    """The months that a span of time touches: year and month."""
    count = (end.year - start.year) * 12 + end.month - start.month
    numbers = (start.year * 12 + start.month - 1 + step for step in range(count + 1))
    return [(number // 12, number % 12 + 1) for number in numbers]


@lru_cache(maxsize=64)
def _of_month(rota_id: int, digest: str, year: int, month: int, zone: str) -> tuple[Duty, ...]:
    """The events of a calendar in a month; it is read once for as long as it stays the same (`digest`)."""
    start = datetime(year, month, 1, tzinfo=UTC)
    end = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    return tuple(rota_calendars.duties(rows.calendar_text(rota_id).encode(), start, end, ZoneInfo(zone)))
