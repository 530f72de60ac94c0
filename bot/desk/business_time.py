"""Business time: when the desk is staffed, and how long that lasts. Pure: texts and moments in, moments and spans out.

A week is written `mon-fri 09:00-12:30,13:30-18:00; sat 09:00-12:00`; hours that cross midnight go on in the next day.
Times are the wall clock's of one zone: one that the clock skips is the moment it jumps, one that comes twice is the
first. A holiday has no business time from midnight to midnight.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Protocol
from zoneinfo import ZoneInfo

from bot.errors import WrongValue

Span = tuple[int, int]
Week = tuple[tuple[Span, ...], ...]
Staffed = tuple[datetime, datetime]

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MIDNIGHT = 24 * 60
FURTHEST = 7305  # days: what is not over in twenty years has no useful end

_PART = re.compile(r"([a-z ,-]*[a-z])\s*(\d.*)")
_TIMES = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")
_COUNTRY = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")


class Calendar(Protocol):
    """Which time counts."""

    def after(self, start: datetime, length: timedelta) -> datetime:
        """The moment at which this much counted time has passed since `start`."""

    def between(self, start: datetime, end: datetime) -> timedelta:
        """The counted time from `start` to `end`; nothing where `end` is the earlier one."""


class RoundTheClock:
    """All time counts."""

    def after(self, start: datetime, length: timedelta) -> datetime:
        """Elapsed time, whatever the clocks on the walls do."""
        return start + length

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Elapsed time."""
        return max(end - start, timedelta(0))


@dataclass(frozen=True, slots=True)
class BusinessHours:
    """Only the hours of a week in a zone count, and no holidays."""

    week: Week
    zone: ZoneInfo
    is_holiday: Callable[[date], bool] = lambda day: False

    def after(self, start: datetime, length: timedelta) -> datetime:
        """The end of a working day rather than the beginning of the next; at most twenty years ahead. In UTC."""
        for opens, closes in self._staffed(start):
            if closes - opens >= length:
                return opens + length
            length -= closes - opens
        return start.astimezone(UTC) + timedelta(days=FURTHEST)

    def between(self, start: datetime, end: datetime) -> timedelta:
        """The staffed time between two moments, of at most twenty years."""
        passed = timedelta(0)
        for opens, closes in self._staffed(start):
            if opens >= end:
                break
            passed += min(closes, end) - opens
        return passed

    def is_open(self, moment: datetime) -> bool:
        """Whether the desk is staffed at this moment."""
        return next((opens for opens, _ in self._staffed(moment)), None) == moment

    def _staffed(self, start: datetime) -> Iterator[Staffed]:
        today = start.astimezone(self.zone).date()
        for number in range(FURTHEST):
            day = today + timedelta(days=number)
            spans = () if self.is_holiday(day) else self.week[day.weekday()]
            for begin, end in spans:
                opens, closes = max(self._moment(day, begin), start), self._moment(day, end)
                if closes > opens:
                    yield opens.astimezone(UTC), closes

    def _moment(self, day: date, minutes: int) -> datetime:
        wall = datetime(day.year, day.month, day.day) + timedelta(minutes=minutes)  # noqa: DTZ001 (a wall clock's)
        return first_moment(wall, self.zone)


def first_moment(wall: datetime, zone: ZoneInfo) -> datetime:
    """The first moment, in UTC, at which the wall clock of a zone shows this time or a later one."""

    def shown(seconds: int) -> datetime:
        return (earliest + timedelta(seconds=seconds)).astimezone(zone).replace(tzinfo=None)

    usual = wall.replace(tzinfo=zone).astimezone(UTC)
    earliest = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    skipped = round((usual - earliest).total_seconds())
    if skipped <= 0:
        return usual
    return earliest + timedelta(seconds=bisect_left(range(skipped), True, key=lambda second: shown(second) >= wall))


# the grammar of a week -----------------------------------------------------------------------------------------------


def week(text: str) -> Week:
    """The staffed minutes of each weekday, Monday first. WrongValue says what is wrong with the text."""
    days: list[list[Span]] = [[] for _ in DAYS]
    for part in filter(None, (part.strip() for part in text.lower().split(";"))):
        found = _PART.fullmatch(part)
        if found is None:
            raise WrongValue("must be days and hours, as in “mon-fri 09:00-18:00”, not “{part}”", part=part)
        for day in _days(found[1]):
            for times in found[2].split(","):
                _add(days, day, *_times(times.strip()))
    if not any(days):
        raise WrongValue("must name days and hours, as in “mon-fri 09:00-18:00”")
    return tuple(_in_order(name, spans) for name, spans in zip(DAYS, days, strict=True))


def _days(text: str) -> Iterator[int]:
    for part in text.split(","):
        first, _, last = part.partition("-")
        begin, end = _day(first), _day(last or first)
        yield from ((begin + number) % 7 for number in range((end - begin) % 7 + 1))


def _day(name: str) -> int:
    if name.strip() not in DAYS:
        raise WrongValue("must name the days {days}; “{name}” is none", days=", ".join(DAYS), name=name.strip())
    return DAYS.index(name.strip())


def _times(text: str) -> Span:
    found = _TIMES.fullmatch(text)
    if found is None:
        raise WrongValue("must have two times, as in “09:00-18:00”, not “{text}”", text=text)
    begin, end = _minutes(found[1], found[2]), _minutes(found[3], found[4])
    if begin in (end, MIDNIGHT):
        raise WrongValue("must have hours that last; a whole day is 00:00-24:00, not “{text}”", text=text)
    return begin, end


def _minutes(hour: str, minute: str) -> int:
    minutes = int(hour) * 60 + int(minute)
    if int(minute) > 59 or minutes > MIDNIGHT:
        raise WrongValue("must have times from 00:00 to 24:00, not “{time}”", time=f"{hour}:{minute}")
    return minutes


def _add(days: list[list[Span]], day: int, begin: int, end: int) -> None:
    if end > begin:
        days[day].append((begin, end))
        return
    days[day].append((begin, MIDNIGHT))
    if end:
        days[(day + 1) % 7].append((0, end))


def _in_order(name: str, spans: list[Span]) -> tuple[Span, ...]:
    ordered = tuple(sorted(spans))
    if any(later[0] < earlier[1] for earlier, later in pairwise(ordered)):
        raise WrongValue("must not name the same hours twice: {name}", name=name)
    return ordered


# holidays ------------------------------------------------------------------------------------------------------------


def country(text: str) -> str:
    """A country's code, or a region's: `FR`, `DE-BY`; "" = no holidays. WrongValue when no holidays are known."""
    if text == "":
        return text
    if not _COUNTRY.fullmatch(text):
        raise WrongValue('must be a country code such as "FR", or a region such as "DE-BY"')
    try:
        _of_year(text, 2026)
    except NotImplementedError:
        raise WrongValue("must be a country or region whose holidays are known, not {place}", place=text) from None
    return text


def is_holiday(place: str, day: date) -> bool:
    """Whether it is a public holiday in a country or region; "" has none."""
    return bool(place) and day in _of_year(place, day.year)


@cache
def _of_year(place: str, year: int) -> frozenset[date]:
    from holidays import country_holidays  # only where business hours count

    code, _, region = place.partition("-")
    return frozenset(country_holidays(code, subdiv=region or None, years=year))
