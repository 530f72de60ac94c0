"""From everything that is wrong to one line: the file's or variable's name, the place, what must be, what is.

The first problem in the file's order is told, alone. The value of a secret is never in the line, whatever
key it was written under.
"""

import datetime
import re
from collections.abc import Collection, Iterator
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.config.draft import LAST, Draft, Problem
from bot.config.environment import variable_name
from bot.config.hints import printable, quoted
from bot.config.reading import NAME, label
from bot.config.schema import secret_keys, tables

TOKEN = re.compile(r"xox[a-z]-|xapp-|(?<![0-9])[0-9]{6,}:[A-Za-z0-9_-]{10,}|://[^/\s]*@")
SHORTEST_SECRET = 4
KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (str, "a text"),
    (bool, "true or false"),
    ((int, float), "a number"),
    ((list, tuple), "a list"),
    (dict, "a table"),
    ((datetime.date, datetime.time), "a date or time"),
)


def first_line(draft: Draft, problems: Collection[Problem]) -> str:
    """The line about the problem that comes first in the file."""
    first = min(
        problems, key=lambda problem: draft.order(problem.at) + ((LAST,) if problem.speaks_of == "table" else ())
    )
    return printable(" ".join(f"{_source(draft, first)}: {_told(draft, first)}".split()))


def problems_of(error: ValidationError, draft: Draft) -> Iterator[Problem]:
    """What the models refused, in our words."""
    hidden = secrets_of(draft)
    for details in error.errors(include_url=False):
        yield _problem(details, hidden)


def secrets_of(draft: Draft) -> set[str]:
    """Every text that stands under a secret's key."""
    found: set[str] = set()
    for _, table, model in tables(draft.values):
        found |= {str(table[key]) for key in secret_keys(model) if key in table}
    return {text for text in found if len(text) >= SHORTEST_SECRET}


def shown(value: object, hidden: Collection[str] = ()) -> str:
    """A value as it may be shown: quoted and cut; only its kind where it is no single value or may be a secret."""
    if isinstance(value, str) and not TOKEN.search(value) and not any(one in value for one in hidden):
        return quoted(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) or (isinstance(value, int) and abs(value) < 10**30):
        return str(value)
    return kind_of(value)


def kind_of(value: object) -> str:
    """A value's kind in words."""
    return next((name for types, name in KINDS if isinstance(value, types)), "something else")


def _problem(details: ErrorDetails, hidden: Collection[str]) -> Problem:
    at, kind, value = details["loc"], details["type"], details["input"]
    if kind == "missing":
        return Problem(at, "is missing")
    if kind == "incomplete":
        return Problem(at, details["ctx"]["sentence"], "table")
    if kind == "wrong":
        sentence, may_show = details["ctx"]["sentence"], details["ctx"]["shown"]
        return Problem(at, f"{sentence}, not {shown(value, hidden)}" if may_show else sentence)
    return Problem(at, f"must be a table, not {kind_of(value)}" if "type" in kind else "has a wrong value")


def _source(draft: Draft, problem: Problem) -> str:
    found = problem.variable or draft.variable_of(problem.at)
    if found and problem.sentence == "is missing":
        return variable_name(problem.at, draft.values)
    return found or (label(draft.file) if draft.file else NAME)


def _told(draft: Draft, problem: Problem) -> str:
    if problem.speaks_of == "table":
        return ": ".join([*draft.named(problem.at), problem.sentence])
    *around, key = draft.named(problem.at)
    if problem.speaks_of == "unknown":
        return ": ".join([*around, problem.sentence])
    return ": ".join([*around, f"{key} {problem.sentence}"])


def unknown_key(key: Any, near: str) -> str:
    """The sentence about a key that nothing knows."""
    return f"unknown key {quoted(str(key))}{near}"
