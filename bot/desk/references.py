"""References of tickets: how they are numbered, and how people type them. Pure.

The simple model is `TS{yy}{mm}-{0000}`: never reset, growing past 9999, year and month in the desk's time zone.
"""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

COUNTER = "reference"
REFERENCE = re.compile(r"\bTS\d{4}-\d{4,12}\b", re.IGNORECASE)
_TYPED = re.compile(r"(?:(?:TS-?)?0*(\d{1,12}))", re.IGNORECASE)


def simple(number: int, at: datetime, zone: ZoneInfo) -> str:
    """The reference of the `number`th ticket, made at this moment."""
    return f"TS{at.astimezone(zone):%y%m}-{number:04d}"


def full(typed: str) -> str | None:
    """A whole reference, in capitals, if that is what was typed."""
    text = typed.strip().strip("[]#")
    return text.upper() if REFERENCE.fullmatch(text) else None


def number(typed: str) -> int | None:
    """The number of a short form (`TS-42`, `ts-0042`, `42`), or None."""
    found = _TYPED.fullmatch(typed.strip().strip("[]#"))
    return int(found[1]) if found else None


def mentioned(text: str) -> list[str]:
    """The references in a text, in capitals, each once, in their order."""
    return list(dict.fromkeys(found.upper() for found in REFERENCE.findall(text)))
