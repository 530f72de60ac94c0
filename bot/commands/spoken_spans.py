"""How long something is, in words, counted from now: `2h`, `in an hour and a half`, `dans deux semaines`. Pure."""

import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from bot.commands.plain_words import UNIT_OF, any_of
from bot.desk.business_time import first_moment

IN = r"in|dans|for|pendant|within|d'ici"
_ONE = rf"(\d{{1,4}}(?:[.,]\d)?) ?({any_of(UNIT_OF)})(?![a-z])"
_AND = r"(?:,? (?:and |et )?|)"


def ahead(plain: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """The moment that lies so far ahead; None for what is no span of time. OverflowError for the end of time."""
    found = _whole().fullmatch(plain)
    if found is None or (found["rest"] and not found["in"]):
        return None
    at = now + timedelta(minutes=int(found["rest"] or 0))
    for number, word in re.findall(_ONE, found["all"]):
        at = _later(at, float(number.replace(",", ".")), UNIT_OF[word], zone)
    return at


@cache
def _whole() -> re.Pattern[str]:
    """Spans one after the other; minutes after hours need no unit where it is said that a span follows."""
    several = re.sub(r"\((?!\?)", "(?:", rf"{_ONE}(?:{_AND}{_ONE}){{0,2}}")
    return re.compile(rf"(?:(?P<in>{IN}) )?(?P<all>{several})(?:(?<=h|s|e) ?(?P<rest>\d\d))?(?: from now)?")


def _later(at: datetime, number: float, unit: str, zone: ZoneInfo) -> datetime:
    if unit not in ("months", "years"):
        return at + timedelta(**{unit: number})
    wall = at.astimezone(zone).replace(tzinfo=None)
    year, month = divmod(wall.year * 12 + wall.month - 1 + int(number * (12 if unit == "years" else 1)), 12)
    if year > 9998:
        raise OverflowError
    day = min(wall.day, monthrange(year, month + 1)[1])
    return first_moment(wall.replace(year=year, month=month + 1, day=day), zone).astimezone(UTC)
