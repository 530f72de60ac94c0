"""Checks of single values: numbers, choices, lines of text, secrets, time zones, folders, certificates.

Every check takes a raw TOML value and returns it in its final type, or raises `wrong(…)`, whose sentence
goes behind the key's name ("must be 1–65535"). Nothing is converted silently: `"993"` is no number.
"""

import re
import ssl
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from pydantic import SecretStr
from pydantic_core import PydanticCustomError

from bot.config.hints import hint


def wrong(wanted: str, *, shown: bool = True) -> PydanticCustomError:
    """The error "must be WANTED"; the value itself is added to the line unless shown is False."""
    return PydanticCustomError("wrong", "{sentence}", {"sentence": f"must be {wanted}", "shown": shown})


def says(sentence: str) -> PydanticCustomError:
    """An error whose sentence goes behind the key's name as it is ("has an unknown key …")."""
    return PydanticCustomError("wrong", "{sentence}", {"sentence": sentence, "shown": False})


def incomplete(sentence: str) -> PydanticCustomError:
    """The error of a whole section, as a sentence of its own ("app_token is missing")."""
    return PydanticCustomError("incomplete", "{sentence}", {"sentence": sentence})


def one_line(value: object) -> bool:
    """Is this a text without line breaks, NUL and other control characters?"""
    return isinstance(value, str) and not re.search(r"[\x00-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]", value)


def number(low: int, high: int, wanted: str | None = None) -> Callable[[object], int]:
    """A whole number from low to high."""

    def check(value: object) -> int:
        if type(value) is not int or not low <= value <= high:
            raise wrong(wanted or f"{low}–{high}")
        return value

    return check


def topic(value: object) -> int:
    """A topic's number, 0 for none; -1 for "each": one for each ticket."""
    if value == "each":
        return -1
    return number(0, 2**31 - 1, 'the number of a topic, 0 for none, or "each"')(value)


def choice(*options: str) -> Callable[[object], str]:
    """One of a few words."""
    quoted = [f'"{option}"' for option in options]

    def check(value: object) -> str:
        if not isinstance(value, str) or value not in options:
            raise wrong(f"{', '.join(quoted[:-1])} or {quoted[-1]}")
        return value

    return check


def text(pattern: str, wanted: str, *, longest: int = 1000) -> Callable[[object], str]:
    """One line of text that matches a pattern as a whole."""
    compiled = re.compile(pattern)

    def check(value: object) -> str:
        if not isinstance(value, str) or not one_line(value):
            raise wrong(wanted)
        if len(value) > longest or not compiled.fullmatch(value):
            raise wrong(wanted)
        return value

    return check


def secret(pattern: str, wanted: str) -> Callable[[object], SecretStr]:
    """One line of text that is never shown; "" is allowed where the pattern allows it."""
    compiled = re.compile(pattern)

    def check(value: object) -> SecretStr:
        raw = value.get_secret_value() if isinstance(value, SecretStr) else value
        if not isinstance(raw, str) or not one_line(raw) or not compiled.fullmatch(raw):
            raise wrong(wanted, shown=False)
        return SecretStr(raw)

    return check


def flag(value: object) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise wrong("true or false")
    return value


def timezone(value: object) -> str:
    """The name of a zone in the IANA database."""
    try:
        if not isinstance(value, str):
            raise ValueError
        ZoneInfo(value)
    except (OSError, KeyError, ValueError):
        near = hint(value, available_timezones())
        raise wrong(f'a time zone such as "Europe/Paris"{near}') from None
    return str(value)


def data_folder(value: object) -> Path:
    """A folder that may not exist yet, but is nothing else."""
    with suppress(OSError, ValueError):
        if isinstance(value, Path) and one_line(str(value)) and (value.is_dir() or not value.exists()):
            return value
    raise wrong("a folder")


def certificate(value: object) -> Path | None:
    """A readable file of certificates, or nothing."""
    if value is None or value == "":
        return None
    if not isinstance(value, Path):
        raise wrong("a readable file of certificates (PEM)")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=str(value))
    except ssl.SSLError:
        raise wrong("a file of certificates (PEM)") from None
    except (OSError, ValueError):
        raise wrong("a readable file of certificates (PEM)") from None
    return value


def command(value: object) -> tuple[str, ...]:
    """A program and its arguments."""
    if not isinstance(value, list | tuple) or not value or not all(one_line(part) for part in value):
        raise wrong('a list of words such as ["program", "argument"]', shown=False)
    if not value[0]:
        raise wrong("a list that begins with a program", shown=False)
    return tuple(value)
