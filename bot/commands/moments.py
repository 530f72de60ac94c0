"""`WHEN` as people type it: a span (`30m`), a time of day (`09:00`), a date, words; and since when. Pure.

It is read by the own grammar (`spoken_times`), and by a library (`other_times`) where that does not know it.
"""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.commands import other_times, spoken_times
from bot.commands.plain_words import LONGEST, plain
from bot.commands.spoken_times import MORNING, NO_TIME, OVER, Phrase
from bot.errors import WrongUsage

_SPAN = re.compile(r"(\d{1,4})\s*(m|min|h|d)", re.IGNORECASE)
_TIME = re.compile(r"(\d{1,2}):?(\d{2})")
_UNITS = {"m": "minutes", "min": "minutes", "h": "hours", "d": "days"}
_DAYS_AGO = {"today": 0, "aujourd'hui": 0, "yesterday": 1, "hier": 1}
YEARS = (2000, 2100)


def moment(text: str, now: datetime, zone: ZoneInfo, language: str = "en") -> datetime:
    """The moment meant, always in the future: `30m`, `09:00`, `monday`, a date, or words in English and French.

    WrongUsage for what is none, for what could be two, and for what is over.
    """
    phrase = Phrase(text, plain(text), now, zone, language)
    found = _dated(text, zone) or _in_words(phrase)
    if found is None or found.year > YEARS[1]:
        raise WrongUsage("I do not understand the time “{text}”. Examples: 30m, 4h, 09:00, monday.", text=_cut(text))
    if found.astimezone(UTC) <= now:
        raise phrase.refusal(OVER, moment=found)
    return found


def planned(text: str, now: datetime, zone: ZoneInfo, language: str = "en") -> datetime:
    """The moment that something is planned for: a date (09:00 then), a date with its time, or as for `moment`."""
    return _dated(text, zone) or moment(text, now, zone, language)


def _in_words(phrase: Phrase) -> datetime | None:
    try:
        return spoken_times.read(phrase) or other_times.read(phrase)
    except OverflowError:
        return None


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


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


def _at(local: datetime, hour: int, minute: int, text: str) -> datetime:
    """This time of the same day."""
    if hour > 23 or minute > 59:
        raise WrongUsage(NO_TIME, text=text)
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
        found = found.replace(hour=MORNING.hour)
    return found if found.tzinfo else found.replace(tzinfo=zone)
