"""A moment in words, English and French: a span, a day, a time of day, or both in either order. Pure.

What could mean two moments, does not fit together or is over is refused, with what was understood.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from bot.commands import spoken_days, spoken_spans
from bot.commands.plain_words import MIDNIGHT, PARTS, any_of
from bot.commands.spoken_days import Days
from bot.desk.business_time import first_moment
from bot.errors import WrongUsage

MORNING = time(9)
OVER = "“{text}” is {moment}; that is over."
TWO_WAYS = "“{text}” can mean {one} or {other}. Please say which."
UNFIT = "“{text}” does not fit: that day is {moment}."
NO_TIME = "{text} is no time of day."
BY_NIGHT, BY_DAY = 7, 8
"""Hours below the first may be meant after noon; `9h30` is a time of day from the second on."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """What was typed, made plain as well, and from where it is understood."""

    typed: str
    plain: str
    now: datetime
    zone: ZoneInfo
    language: str

    @property
    def today(self) -> date:
        """The day it is there."""
        return self.now.astimezone(self.zone).date()

    def refusal(self, sentence: str, **moments: datetime) -> WrongUsage:
        """A refusal that says what was understood, as a clock there shows it."""
        shown = {name: moment.astimezone(self.zone) for name, moment in moments.items()}
        return WrongUsage(sentence, text=self.typed.strip(), **shown)


def read(phrase: Phrase) -> datetime | None:
    """The moment that a phrase means, None for one that is not understood. WrongUsage for a doubtful one."""
    return (
        _hours(phrase)
        or spoken_spans.ahead(phrase.plain, phrase.now, phrase.zone)
        or _day(phrase, phrase.plain, None)
        or _time_alone(phrase)
        or next(_day_with_time(phrase), None)
    )


def _hours(phrase: Phrase) -> datetime | None:
    """`1h30` may be how long, or when, and so may `17h` in French; `14h30` is when."""
    found = re.fullmatch(r"(\d{1,2}) ?h ?(\d\d)?", phrase.plain)
    if found is None or int(found[1]) > 23 or int(found[2] or 0) > 59:
        return None
    by_day = int(found[1]) >= BY_DAY
    if not found[2] and not (by_day and phrase.language == "fr"):
        return None
    span, at = timedelta(hours=int(found[1]), minutes=int(found[2] or 0)), time(int(found[1]), int(found[2] or 0))
    if found[2] and by_day:
        return _next(phrase, at)
    raise phrase.refusal(TWO_WAYS, one=phrase.now + span, other=_next(phrase, at))


def _time_alone(phrase: Phrase) -> datetime | None:
    found = re.fullmatch(_time(), phrase.plain)
    return _next(phrase, _clock(phrase, found)) if found and _is_time(found) else None


def _next(phrase: Phrase, at: time) -> datetime:
    return _first(phrase, (phrase.today, phrase.today + timedelta(days=1), phrase.today + timedelta(days=2)), at)


def _day_with_time(phrase: Phrase) -> Iterator[datetime]:
    """The day before the time of day, or behind it."""
    for found in (_time_last().search(phrase.plain), _time_first().match(phrase.plain)):
        if found is None or not _is_time(found):
            continue
        rest = (phrase.plain[: found.start()] + phrase.plain[found.end() :]).strip(" ,")
        day, part = _without_part(rest)
        if moment := _day(phrase, day, _clock(phrase, found, part), midnight=found["part"] in MIDNIGHT):
            yield moment


def _without_part(plain: str) -> tuple[str, str]:
    """`tomorrow morning` in two."""
    found = _part_last().search(plain)
    return (plain[: found.start()].strip(" ,"), found["part"]) if found else (plain, "")


# days ----------------------------------------------------------------------------------------------------------------


def _day(phrase: Phrase, plain: str, at: time | None, *, midnight: bool = False) -> datetime | None:
    """The first of the days that a phrase may mean, at a time or in the morning; None where it is no day."""
    days = spoken_days.meant(plain, phrase.today, phrase.language)
    if days is None or not days.days:
        return None
    if days.either:
        one, other = (_moment(day, at or MORNING, phrase.zone) for day in days.days)
        raise phrase.refusal(TWO_WAYS, one=one, other=other)
    if midnight:
        begins = _moment(days.days[0], time(0), phrase.zone)
        raise phrase.refusal(
            TWO_WAYS, one=begins, other=_moment(days.days[0] + timedelta(days=1), time(0), phrase.zone)
        )
    today = () if at else (phrase.today,) if days.later else ()
    return _first(phrase, _fitting(phrase, days, at or MORNING, today), at or MORNING)


def _fitting(phrase: Phrase, days: Days, at: time, without: tuple[date, ...]) -> tuple[date, ...]:
    """Those on the weekday that was named with them."""
    left = tuple(day for day in days.days if day not in without)
    fitting = tuple(day for day in left if days.weekday in (None, day.weekday()))
    if not fitting:
        raise phrase.refusal(UNFIT, moment=_moment(left[0], at, phrase.zone))
    return fitting


def _first(phrase: Phrase, days: tuple[date, ...], at: time) -> datetime:
    """The first moment to come of these. WrongUsage where all are over."""
    for day in days:
        first = _moment(day, at, phrase.zone)
        again = datetime.combine(day, at, phrase.zone).replace(fold=1).astimezone(UTC)
        coming = [moment for moment in (first, max(first, again)) if moment > phrase.now]
        if coming:
            return coming[0]
    raise phrase.refusal(OVER, moment=_moment(days[-1], at, phrase.zone))


def _moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    return first_moment(datetime.combine(day, at), zone)


# times of day --------------------------------------------------------------------------------------------------------

_AT = r"at|@|a|vers|by|for"
_IN_THE = r"in the|at|by|the|du|de la|de l'|dans l'|dans la|au|en|le|la|a"
_PART = any_of(PARTS)


@cache
def _time() -> str:
    """`at 3pm`, `14h30`, `9 o'clock`, `8:30 in the evening`, `1430`, `noon`."""
    minutes = r"(?:[:.](?P<minute>\d\d)(?!\d)| ?(?P<mark>h|heures?|o'clock)(?: ?(?P<after>\d\d)(?!\d))?(?![a-z]))"
    half = rf"(?: ?(?P<half>am|pm)\b| (?:(?:{_IN_THE}) ?)?(?P<by>{_PART})\b)"
    hour = rf"(?P<hour>\d{{1,2}})(?!\d){minutes}?{half}?"
    return rf"(?:(?P<at>{_AT}) ?)?(?:{hour}|(?P<packed>\d{{4}}))(?![\d/-])|(?:(?:{_IN_THE}) ?)?(?P<part>{_PART})\b"


@cache
def _time_last() -> re.Pattern[str]:
    return re.compile(rf"(?:[ ,]{{1,4}}|(?<=[a-z]) ?(?=@))(?:{_time()})$")


@cache
def _time_first() -> re.Pattern[str]:
    return re.compile(rf"(?:{_time()})[ ,]{{1,4}}")


@cache
def _part_last() -> re.Pattern[str]:
    return re.compile(rf"[ ,]{{1,4}}(?:(?:{_IN_THE}) ?)?(?P<part>{_PART})$")


def _is_time(found: re.Match[str]) -> bool:
    """An hour alone is none, unless something says so."""
    return any(found[name] for name in ("at", "packed", "part", "minute", "mark", "half", "by"))


def _clock(phrase: Phrase, found: re.Match[str], part: str = "") -> time:
    """The time of day that was said; `part` of the day stood with the day. WrongUsage for none, or a doubtful one."""
    if found["part"]:
        return PARTS[found["part"]]
    hour = int(found["hour"] or found["packed"][:-2])
    minute = int(found["minute"] or found["after"] or (found["packed"] or "")[-2:] or 0)
    half = found["half"] or _half(found["by"] or part, hour)
    doubtful = not half and found["minute"] is None and found["packed"] is None and found["mark"] in (None, "o'clock")
    if hour > 23 or minute > 59:
        raise WrongUsage(NO_TIME, text=phrase.typed.strip())
    if doubtful and 0 < hour < BY_NIGHT:
        one, other = (_next(phrase, time(each, minute)) for each in (hour, hour + 12))
        raise phrase.refusal(TWO_WAYS, one=one, other=other)
    if half:
        hour = hour % 12 + 12 * (half == "pm") if hour <= 12 else hour
    return time(hour, minute)


def _half(part: str, hour: int) -> str:
    """The half of the day by its part; at night it is whichever the hour belongs to."""
    if not part or part in MIDNIGHT:
        return ""
    if PARTS[part].hour >= 20:
        return "am" if hour < 6 or hour == 12 else "pm"
    return "am" if PARTS[part].hour < 12 else "pm"
