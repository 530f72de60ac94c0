"""`WHEN` as people type it: a span (`30m`, `2d`), a time of day (`09:00`), a day's name; and since when. Pure."""

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.errors import WrongUsage

_SPAN = re.compile(r"(\d{1,4})\s*(m|min|h|d)", re.IGNORECASE)
_TIME = re.compile(r"(\d{1,2}):?(\d{2})")
_UNITS = {"m": "minutes", "min": "minutes", "h": "hours", "d": "days"}
_DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_JOURS = "lundi mardi mercredi jeudi vendredi samedi dimanche".split()
_DAYS_AGO = {"today": 0, "aujourd'hui": 0, "yesterday": 1, "hier": 1}
MORNING = 9
YEARS = (2000, 2100)


def moment(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    """The moment meant, always in the future. WrongUsage when it is none."""
    wanted = text.strip().lower()
    if found := _SPAN.fullmatch(wanted):
        return now + timedelta(**{_UNITS[found[2]]: int(found[1])})
    local = now.astimezone(zone)
    if found := _TIME.fullmatch(wanted):
        return _next(local, int(found[1]), int(found[2]), text)
    for names in (_DAYS, _JOURS):
        if wanted in names:
            ahead = (names.index(wanted) - local.weekday() - 1) % 7 + 1
            return local.replace(hour=MORNING, minute=0, second=0, microsecond=0) + timedelta(days=ahead)
    if wanted in ("tomorrow", "demain"):
        return local.replace(hour=MORNING, minute=0, second=0, microsecond=0) + timedelta(days=1)
    raise WrongUsage("I do not understand the time “{text}”. Examples: 30m, 4h, 09:00, monday.", text=text)


def planned(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    """The moment that something is planned for: a date (09:00 then), a date with its time, or as for `moment`."""
    return _dated(text, zone) or moment(text, now, zone)


def worked(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    """The moment that work began: a date (09:00 then), a date with its time, or a time of today."""
    found = _TIME.fullmatch(text.strip())
    if not found:
        return _dated(text, zone) or past(text, now, zone)
    return _at(now.astimezone(zone), int(found[1]), int(found[2]), text)


def past(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    """The moment meant by `since:`: so long ago (`7d`), or the beginning of a day (`2026-11-01`, `today`)."""
    wanted = text.strip().lower()
    if found := _SPAN.fullmatch(wanted):
        return now - timedelta(**{_UNITS[found[2]]: int(found[1])})
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    if wanted in _DAYS_AGO:
        return midnight - timedelta(days=_DAYS_AGO[wanted])
    try:
        return datetime.combine(date.fromisoformat(wanted), midnight.timetz())
    except ValueError:
        raise WrongUsage("I do not understand “{text}”. Examples: 7d, 2026-11-01, today.", text=text[:40]) from None


def _next(local: datetime, hour: int, minute: int, text: str) -> datetime:
    then = _at(local, hour, minute, text)
    return then if then > local else then + timedelta(days=1)


def _at(local: datetime, hour: int, minute: int, text: str) -> datetime:
    """This time of the same day."""
    if hour > 23 or minute > 59:
        raise WrongUsage("{text} is no time of day.", text=text)
    return local.replace(hour=hour, minute=minute, second=0, microsecond=0)


def _dated(text: str, zone: ZoneInfo) -> datetime | None:
    """`2026-03-05`, `2026-03-05T14:30`, `2026-03-05 14:30+01:00`; None for anything else."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if not YEARS[0] <= found.year <= YEARS[1]:
        raise WrongUsage("I do not understand the time “{text}”. Examples: 30m, 4h, 09:00, monday.", text=text)
    if len(text.strip()) <= len("2026-03-05"):
        found = found.replace(hour=MORNING)
    return found if found.tzinfo else found.replace(tzinfo=zone)
