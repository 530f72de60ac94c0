"""Lengths of work as people type them: `30m`, `90 min`, `1h`, `1h30`, `1.5h`. Pure; whole minutes come out."""

import re
from decimal import ROUND_HALF_UP, Decimal

from bot.errors import WrongUsage

LONGEST = 999 * 60
_MINUTES = re.compile(r"(\d{1,5})\s*(?:m|min|mn|minutes?)")
_HOURS = re.compile(r"(\d{1,3}(?:[.,]\d{1,2})?)\s*(?:h|hours?|heures?)")
_BOTH = re.compile(r"(\d{1,3})\s*h\s*([0-5]?\d)\s*(?:m|min|mn)?")


def minutes(typed: str) -> int:
    """How many minutes. WrongUsage for anything else, for nothing, and above 999 hours."""
    count = _count(typed.strip().lower())
    if count is None:
        raise WrongUsage("I do not understand the time “{text}”. Examples: 30m, 1h30, 1.5h.", text=typed.strip()[:40])
    if not 1 <= count <= LONGEST:
        raise WrongUsage("Time spent is from 1 minute to {n} hours.", n=LONGEST // 60)
    return count


def _count(text: str) -> int | None:
    if found := _MINUTES.fullmatch(text):
        return int(found[1])
    if found := _BOTH.fullmatch(text):
        return int(found[1]) * 60 + int(found[2])
    if found := _HOURS.fullmatch(text):
        hours = Decimal(found[1].replace(",", "."))
        return int((hours * 60).quantize(Decimal(1), ROUND_HALF_UP))
    return None
