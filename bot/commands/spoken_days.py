"""How days are said, as a table: a pattern, and the days that may be meant by it, the soonest first. Pure.

In a pattern WD is a weekday, MO a month, D and M the numbers of a day and of a month, Y a year (YY: or its last two
digits), N a number; a 2 or 3 behind them tells alternatives apart.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from bot.commands.plain_words import MONTHS, UNIT_OF, WEEKDAYS, any_of

YEARS_AHEAD = 9
Found = dict[str, str]


@dataclass(frozen=True, slots=True)
class Days:
    """Days that may be meant, the soonest first. `either`: each of them may be, not only the first to come.

    `later`: without a time of day today is not meant. `weekday`: the one that was named with the day.
    """

    days: tuple[date, ...]
    later: bool = False
    either: bool = False
    weekday: int | None = None


Meaning = Callable[[Found, date, str], Days]


def meant(plain: str, today: date, language: str) -> Days | None:
    """The days that a phrase may mean, None for a phrase that is no day; without any where there is no such day."""
    for pattern, meaning in _table():
        if found := pattern.fullmatch(plain):
            return meaning(_one_of(found.groupdict()), today, language)
    return None


# meanings ------------------------------------------------------------------------------------------------------------


def _ahead(days: int) -> Meaning:
    return lambda found, today, language: Days((today + timedelta(days=days),))


def _counted(found: Found, today: date, language: str) -> Days:
    days = int(found["n"]) * (7 if UNIT_OF[found["unit"]] == "weeks" else 1)
    return Days((today + timedelta(days=days),))


def _weekday(found: Found, today: date, language: str) -> Days:
    first = _coming(found, today)
    return Days((first, first + timedelta(days=7)), later=True)


def _weekday_before(found: Found, today: date, language: str) -> Days:
    return Days((_coming(found, today - timedelta(days=7)),))


def _weekday_of_next_week(found: Found, today: date, language: str) -> Days:
    return Days((_monday(today) + timedelta(days=WEEKDAYS[found["wd"]]),))


def _weekday_in_a_week(found: Found, today: date, language: str) -> Days:
    return Days((_coming(found, today + timedelta(days=1)) + timedelta(days=7),))


def _next_week(found: Found, today: date, language: str) -> Days:
    return Days((_monday(today),))


def _next_month(found: Found, today: date, language: str) -> Days:
    return Days(((today.replace(day=1) + timedelta(days=32)).replace(day=1),))


def _next_year(found: Found, today: date, language: str) -> Days:
    return Days((date(today.year + 1, 1, 1),))


def _weekend(found: Found, today: date, language: str) -> Days:
    return _weekday({"wd": "saturday"}, today, language)


def _of_month(found: Found, today: date, language: str) -> Days:
    return _on(found, today, MONTHS[found["mo"]])


def _numbered_day(found: Found, today: date, language: str) -> Days:
    months = ((today.replace(day=1) + timedelta(days=31 * n)) for n in range(4))
    days = [day for month in months if (day := _date(month.year, month.month, int(found["d"])))]
    coming = sorted({day for day in days if day >= today})
    return Days(tuple(coming[:1]), weekday=WEEKDAYS.get(found.get("wd", "")))


def _numbers(found: Found, today: date, language: str) -> Days:
    """`3/12`: the day first in French; in English either may be, where both can."""
    one, other = int(found["d"]), int(found["m"])
    day_first = _on({**found, "d": str(one)}, today, other)
    month_first = _on({**found, "d": str(other)}, today, one)
    if not (day_first.days and month_first.days):
        return day_first if day_first.days else month_first
    if language == "fr" or one == other:
        return day_first
    return Days((day_first.days[0], month_first.days[0]), either=True)


def _iso(found: Found, today: date, language: str) -> Days:
    return _on(found, today, int(found["m"]))


def _on(found: Found, today: date, month: int) -> Days:
    """A day of a month, of the year that was said or of those to come."""
    said = int(found.get("y") or 0)
    years = [said + 2000 * (said < 100)] if said else range(today.year, today.year + YEARS_AHEAD)
    days = [day for year in years if (day := _date(year, month, int(found["d"])))]
    kept = days if said else [day for day in days if day >= today]
    return Days(tuple(kept[:1]), weekday=WEEKDAYS.get(found.get("wd", "")))


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _coming(found: Found, today: date) -> date:
    """The weekday, today or later."""
    return today + timedelta(days=(WEEKDAYS[found["wd"]] - today.weekday()) % 7)


def _monday(today: date) -> date:
    return today + timedelta(days=7 - today.weekday())


# the table -----------------------------------------------------------------------------------------------------------

_DAYS: tuple[tuple[str, Meaning], ...] = (
    ("today|aujourd'hui|ce jour|this|ce|cet|cette", _ahead(0)),
    ("tomorrow|tmrw|demain", _ahead(1)),
    ("(?:the )?day after tomorrow|apres-demain", _ahead(2)),
    ("yesterday|hier", _ahead(-1)),
    ("(?:in|dans|d'ici) N (?P<unit>days?|jours?|weeks?|semaines?)", _counted),
    ("(?:(?:on|the|le|this|ce|next|coming) )*WD(?: (?:prochaine?|qui vient))?", _weekday),
    ("(?:last|past) WD|(?:le )?WD2 (?:dernier|passe)", _weekday_before),
    (
        "WD (?:next week|(?:de )?la semaine prochaine)|next week,?(?: on)? WD2|la semaine prochaine,?(?: le)? WD3",
        _weekday_of_next_week,
    ),
    ("(?:1 week (?:on|from) )WD|WD2 (?:en 8|week|in 1 week)", _weekday_in_a_week),
    ("next week|(?:la )?semaine prochaine", _next_week),
    ("next month|(?:le )?mois prochain", _next_month),
    ("next year|(?:l')?(?:annee prochaine|an prochain)", _next_year),
    ("(?:(?:at|on|this|next|the|ce|le) )*weekend(?: prochain)?", _weekend),
    (r"(?:(?:on |le )?WD,? )?(?:(?:on|the|le) )*D(?:st|nd|rd|th|er)?,? (?:of |de |d')?MO\.?(?:,? Y)?", _of_month),
    (r"(?:(?:on )?WD,? )?(?:on )?MO\.? (?:the )?D(?:st|nd|rd|th)?(?:,? Y)?", _of_month),
    (
        r"(?:(?:on )?WD,? )?(?:on )?(?:the|le) D(?:st|nd|rd|th|er)?|D2(?:st|nd|rd|th)|WD2 D3(?:st|nd|rd|th)?",
        _numbered_day,
    ),
    (r"(?:le |on )?D/M(?:/YY)?|(?:le |on )?D2[.-]M2[.-]Y2", _numbers),
    (r"Y-M-D", _iso),
)


def _one_of(groups: Mapping[str, str | None]) -> Found:
    """What was found, whichever of the alternatives was said; "" for what was not."""
    merged: Found = {}
    for name, value in groups.items():
        merged[name.rstrip("23")] = merged.get(name.rstrip("23")) or value or ""
    return merged


@cache
def _table() -> list[tuple[re.Pattern[str], Meaning]]:
    return [(re.compile(_spelt(pattern)), meaning) for pattern, meaning in _DAYS]


_SHAPES = {
    "WD": rf"{any_of(WEEKDAYS)}",
    "MO": any_of(MONTHS),
    "D": r"\d{1,2}",
    "M": r"\d{1,2}",
    "Y": r"\d{4}",
    "YY": r"\d{4}|\d{2}",
    "N": r"\d{1,3}",
}


def _spelt(pattern: str) -> str:
    """A pattern of the table with its abbreviations written out, as groups of their names."""

    def group(found: re.Match[str]) -> str:
        name, number = found.groups()
        return f"(?P<{name.lower()[:2] if name != 'YY' else 'y'}{number}>{_SHAPES[name]})"

    return re.sub(r"\b(WD|MO|YY|[DMYN])([23]?)(?![a-zA-Z])", group, pattern)
