"""What a setting's value may be: parsers from what was typed or stood in a file to the value that is kept.

A parser takes any object and raises WrongValue, whose sentence goes on after the setting's name. Pure.
"""

import re
from collections.abc import Callable
from zoneinfo import ZoneInfo

from bot.cleaning import clean_line, clean_text
from bot.desk import addresses, business_time, placeholders
from bot.desk.numbering import Mask
from bot.errors import Refusal, WrongValue

Parser = Callable[[object], object]

_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")


def one_of(*choices: str) -> Parser:
    """One of these words."""

    def parse(raw: object) -> str:
        if raw not in choices:
            raise WrongValue("must be one of {choices}", choices=", ".join(choices))
        return str(raw)

    return parse


def text(limit: int = 200) -> Parser:
    """One line of text."""

    def parse(raw: object) -> str:
        return clean_line(str(_text(raw, limit)))

    return parse


def letter_part(raw: object) -> str:
    """Markdown of several lines with the places of letters."""
    kept = clean_text(_text(raw, 4000)).strip()
    unknown = placeholders.unknown(kept)
    if unknown:
        names = ", ".join(f"{{{name}}}" for name in placeholders.LETTER)
        raise WrongValue("must have no {{{name}}}; there are {names}", name=unknown[0], names=names)
    return kept


def number(least: float, most: float, *, whole: bool = False) -> Parser:
    """A number in these limits; whole ones stay whole."""
    sentence = "must be a whole number from {least} to {most}" if whole else "must be a number from {least} to {most}"

    def parse(raw: object) -> float:
        value = _as_number(raw)
        if value is None or not least <= value <= most or (whole and value != int(value)):
            raise WrongValue(sentence, least=f"{least:g}", most=f"{most:g}")
        return int(value) if whole else value

    return parse


def address(raw: object) -> str:
    """One mail address, "" = none."""
    typed = str(_text(raw, addresses.LIMIT)).strip()
    try:
        return addresses.address(typed) if typed else ""
    except Refusal:
        raise WrongValue("must be one address") from None


def sender(raw: object) -> str:
    """An address with or without a name before it: `Example Support <support@example.org>`; "" = the file's."""
    typed = clean_line(_text(raw, 320))
    try:
        return addresses.sender(typed) if typed else ""
    except Refusal:
        raise WrongValue("must be an address such as Example Support <support@example.org>") from None


def timezone(raw: object) -> str:
    """A zone's name."""
    try:
        ZoneInfo(str(raw))
    except (ValueError, OSError, LookupError):
        raise WrongValue('must be a time zone such as "Europe/Paris"') from None
    return str(raw)


def colour(raw: object) -> str:
    """Red, green and blue in hexadecimal."""
    if not isinstance(raw, str) or not re.fullmatch(r"#[0-9a-fA-F]{6}", raw):
        raise WrongValue('must look like "#2b7de9"')
    return raw


def clock_time(raw: object) -> str:
    """A time of day, "" = none."""
    if raw != "" and not (isinstance(raw, str) and _is_time(raw)):
        raise WrongValue('must look like "08:30"')
    return str(raw)


def hours(raw: object) -> str:
    """Two times of day, "" = none; the second may be on the next day."""
    first, _, last = raw.partition("-") if isinstance(raw, str) else ("", "", "")
    if raw != "" and not (_is_time(first) and _is_time(last) and first != last):
        raise WrongValue('must look like "22:00-07:00"')
    return str(raw)


def business_hours(raw: object) -> str:
    """The hours of a week."""
    kept = str(_text(raw, 500))
    business_time.week(kept)
    return kept


def country(raw: object) -> str:
    """A country or region whose holidays are known."""
    return business_time.country(str(_text(raw, 200)))


def mask(raw: object) -> str:
    """A mask of references, "" = none."""
    kept = str(_text(raw, 200))
    try:
        if kept:
            Mask.parse(kept)
    except Refusal as fault:
        raise WrongValue("cannot be this: {fault}", fault=fault) from None
    return kept


def _text(raw: object, limit: int) -> str:
    if not isinstance(raw, str):
        raise WrongValue("must be a text")
    if len(raw) > limit:
        raise WrongValue("must have at most {limit} characters, not {length}", limit=limit, length=len(raw))
    return raw


def _as_number(raw: object) -> float | None:
    if isinstance(raw, bool):
        return None
    try:
        return float(raw) if isinstance(raw, int | float | str) else None
    except (ValueError, OverflowError):
        return None


def _is_time(typed: str) -> bool:
    found = _CLOCK.fullmatch(typed)
    return found is not None and int(found[1]) < 24 and int(found[2]) < 60
