"""Own fields of tickets: what an admin defined, and what may stand in one. Values are kept as text in one spelling.

Numbers have a point (`1.5`), dates are `2026-12-31`, a choice is spelled as it was defined, yes_no is `yes` or `no`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from bot.cleaning import clean_line
from bot.errors import NotFound, Refusal
from storage.queries import labels as rows

CODE = re.compile(r"[a-z][a-z_]{0,23}")
LONGEST = 500
_NUMBER = re.compile(r"[+-]?\d{1,15}([.,]\d{1,6})?")
_DATES = ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y")
_YES_NO = {
    **dict.fromkeys(("yes", "y", "true", "on", "1", "oui", "o", "vrai"), "yes"),
    **dict.fromkeys(("no", "n", "false", "off", "0", "non", "faux"), "no"),
}


@dataclass(frozen=True, slots=True)
class CustomField:
    """An own field; `choices` only where its kind is "choice"."""

    id: int
    code: str
    labels: Mapping[str, str]
    kind: str
    choices: tuple[str, ...] = ()

    @classmethod
    def of(cls, row: Any) -> "CustomField":
        """From its row."""
        return cls(row.id, row.code, row.labels, row.kind, tuple(row.choices))


def defined() -> list[CustomField]:
    """The fields in use, in their order."""
    return [CustomField.of(row) for row in rows.custom_fields() if row.active]


def find(code: str) -> CustomField:
    """By code. NotFound otherwise."""
    known = {field.code: field for field in defined()}
    if code.lower() not in known:
        raise NotFound("There is no field {code}. There are: {codes}.", code=code, codes=", ".join(known) or "–")
    return known[code.lower()]


def parse(field: CustomField, typed: str) -> str:
    """What is kept of a typed value. Refusal says what it must be."""
    return _PARSERS[field.kind](field, clean_line(typed))


def _text(field: CustomField, typed: str) -> str:
    if len(typed) > LONGEST:
        raise Refusal("{code} takes at most {n} characters.", code=field.code, n=LONGEST)
    return typed


def _number(field: CustomField, typed: str) -> str:
    plain = typed.replace(" ", "")
    if not _NUMBER.fullmatch(plain):
        raise Refusal("{code} must be a number, not “{value}”.", code=field.code, value=typed[:40])
    value = Decimal(plain.replace(",", "."))
    return f"{value.normalize():f}" if value else "0"


def _choice(field: CustomField, typed: str) -> str:
    known = {choice.lower(): choice for choice in field.choices}
    if typed.lower() in known:
        return known[typed.lower()]
    near = get_close_matches(typed.lower(), list(known), 1, 0.5)
    names = ", ".join(field.choices)
    if near:
        nearest = known[near[0]]
        raise Refusal("{code} has no “{value}”. Did you mean {near}?", code=field.code, value=typed[:40], near=nearest)
    raise Refusal("{code} has no “{value}”. There are: {names}.", code=field.code, value=typed[:40], names=names)


def _date(field: CustomField, typed: str) -> str:
    for pattern in _DATES:
        try:
            return date.isoformat(datetime.strptime(typed, pattern).date())  # noqa: DTZ007 (a day has no zone)
        except ValueError:
            continue
    raise Refusal("{code} must be a date such as 2026-12-31, not “{value}”.", code=field.code, value=typed[:40])


def _yes_no(field: CustomField, typed: str) -> str:
    if typed.lower() not in _YES_NO:
        raise Refusal("{code} must be yes or no, not “{value}”.", code=field.code, value=typed[:40])
    return _YES_NO[typed.lower()]


_PARSERS: dict[str, Callable[[CustomField, str], str]] = {
    "text": _text,
    "number": _number,
    "choice": _choice,
    "date": _date,
    "yes_no": _yes_no,
}
