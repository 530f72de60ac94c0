"""Whose shift it is: layers of people who take turns, and what stands above them. Pure: values in, shifts out.

A turn is counted in days of the wall clock of the layer's zone, so that a handover at 08:00 stays at 08:00 whatever
the clocks do; a time that is skipped or comes twice is meant as RFC 5545 means it. A higher layer stands above a lower
one wherever it has anybody, an override above them all.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from heapq import merge
from itertools import pairwise
from zoneinfo import ZoneInfo

from bot.desk.business_time import Week

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Shift:
    """Somebody is on call from `start` until before `end` (UTC). `who` is an agent's row id."""

    start: datetime
    end: datetime
    who: int


@dataclass(frozen=True, slots=True)
class Layer:
    """People who take turns of `days` days, handed over at `handover`; none begins before `starts` or from `ends` on.

    With `week` only these hours of a week are theirs (`bot.desk.business_time.week`), in the layer's zone.
    """

    members: tuple[int, ...]
    zone: ZoneInfo
    starts: date
    days: int = 7
    handover: time = time(8)
    week: Week | None = None
    ends: date | None = None

    def shifts(self, start: datetime, end: datetime) -> Iterator[Shift]:
        """The shifts that touch a span of time, in their order, cut to it."""
        if not self.members:
            return
        first = max(0, (start.astimezone(self.zone).date() - self.starts).days // self.days - 1)
        number = first
        while (begin := self._wall(number)) < self.last and self._moment(begin) < end:
            who = self.members[number % len(self.members)]
            number += 1
            for opens, closes in self._hours(begin, self._wall(number)):
                opened, closed = max(self._moment(opens), start), min(self._moment(closes), end)
                if opened < closed:
                    yield Shift(opened, closed, who)

    def segments(self) -> Iterator[tuple[datetime, datetime, int]]:
        """One period of the rotation in wall time without its end: `period` days later all comes again."""
        for number in range(self.period // self.days):
            who = self.members[number % len(self.members)]
            for opens, closes in self._hours(self._wall(number), self._wall(number + 1)):
                yield opens, closes, who

    @property
    def period(self) -> int:
        """Days after which the same people have the same hours again."""
        period = self.days * len(self.members)
        if self.week is not None:
            while period % 7:
                period += self.days * len(self.members)
        return period

    @property
    def last(self) -> datetime:
        """Where the last turn ends, as the wall clock shows it: one that has begun before `ends` is finished."""
        if self.ends is None:
            return datetime.max  # noqa: DTZ901 (a wall clock's)
        return self._wall(max(0, -(-(self.ends - self.starts).days // self.days)))

    def _wall(self, number: int) -> datetime:
        """When a turn begins, as the wall clock shows it."""
        return datetime.combine(self.starts, self.handover) + DAY * (number * self.days)

    def _moment(self, wall: datetime) -> datetime:
        return wall.replace(tzinfo=self.zone).astimezone(UTC)

    def _hours(self, begin: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The hours of a turn: all of it, or those of the week, cut where it begins and ends."""
        if self.week is None:
            yield begin, end
            return
        day = datetime.combine(begin.date() - DAY, time())
        while day < end:
            for opens, closes in self.week[day.weekday()]:
                cut = max(day + timedelta(minutes=opens), begin), min(day + timedelta(minutes=closes), end)
                if cut[0] < cut[1]:
                    yield cut
            day += DAY


def rota(
    layers: Sequence[Layer],
    overrides: Iterable[Shift],
    start: datetime,
    end: datetime,
    among: Container[int] | None = None,
) -> list[Shift]:
    """Who is on call in a span of time: the lowest layer first, what stands above it in its place. In order.

    Where `among` is given nobody else counts: what stands below them shows.
    """
    found: list[Shift] = []
    for layer in layers:
        found = _above(found, (one for one in layer.shifts(start, end) if among is None or one.who in among))
    for override in overrides:
        if override.start < end and start < override.end and (among is None or override.who in among):
            cut = Shift(max(override.start, start), min(override.end, end), override.who)
            found = _above(found, [cut])
    return _joined(found)


def on_call(layers: Sequence[Layer], overrides: Sequence[Shift], moment: datetime) -> Shift | None:
    """The shift that a moment falls into, as far as a day around it tells; None where nobody is on call."""
    around = rota(layers, overrides, moment - DAY, moment + DAY)
    return next((shift for shift in around if shift.start <= moment < shift.end), None)


def gaps(shifts: Sequence[Shift], start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """The spans in which nobody is on call."""
    edges = [start, *(edge for shift in shifts for edge in (shift.start, shift.end)), end]
    return [(begin, until) for begin, until in zip(edges[::2], edges[1::2], strict=True) if begin < until]


def overlaps(layers: Sequence[Layer], start: datetime, end: datetime) -> list[tuple[Shift, Shift]]:
    """Where two layers have different people at once: the lower one's shift and what stands above it."""
    found = []
    for below, above in pairwise(layers):
        upper = _joined(above.shifts(start, end))
        for shift in _joined(below.shifts(start, end)):
            found += [(shift, one) for one in upper if _meet(shift, one) and shift.who != one.who]
    return found


def _meet(one: Shift, other: Shift) -> bool:
    return one.start < other.end and other.start < one.end


def _above(lower: list[Shift], upper: Iterable[Shift]) -> list[Shift]:
    """What is left of the lower shifts, and the upper ones, in order."""
    over = list(upper)
    left = [rest for shift in lower for rest in _without(shift, over)]
    by_start: Callable[[Shift], datetime] = lambda shift: shift.start  # noqa: E731
    return list(merge(left, over, key=by_start))


def _without(shift: Shift, over: Iterable[Shift]) -> Iterator[Shift]:
    start = shift.start
    for one in over:
        if not (start < one.end and one.start < shift.end):
            continue
        if start < one.start:
            yield Shift(start, one.start, shift.who)
        start = max(start, one.end)
    if start < shift.end:
        yield Shift(start, shift.end, shift.who)


def _joined(shifts: Iterable[Shift]) -> list[Shift]:
    """One shift in place of two of the same person that follow each other."""
    found: list[Shift] = []
    for shift in shifts:
        last = found[-1] if found else None
        if last and last.end == shift.start and last.who == shift.who:
            found[-1] = Shift(last.start, shift.end, last.who)
        else:
            found.append(shift)
    return found
