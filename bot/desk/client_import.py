"""Clients from a CSV file: one line for each person (or client without people), added or brought up to date.

Columns by their names in the first line, in any order: client, code, domains, kind, client_language, notes, name,
addresses, phone, language. Lists are separated by spaces or semicolons. A line that cannot be taken is told with its
number and the others are taken; each line is a transaction of its own.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from bot.clock import Clock
from bot.desk import addresses, clients
from bot.errors import NotFound, Refusal
from storage.database import attempt, transaction
from storage.queries import people as people_rows

COLUMNS = "client code domains kind client_language notes name addresses phone language".split()
_NEEDED = ("client", "code", "addresses")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the file: its number there, and its values by column."""

    number: int
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a line: `fault` None when it was taken (or, in a dry run, would be)."""

    number: int
    fault: Refusal | None = None


def read(content: bytes) -> list[Line]:
    """The lines of a file in UTF-8 or Windows-1252, separated by comma, semicolon or tab. Refusal for bad columns."""
    text = _decoded(content)
    head = text.lstrip().split("\n", 1)[0]
    separator = max(",;\t", key=head.count)
    table = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator, restkey="…", restval="")
    names = [name.strip().lower() for name in table.fieldnames or []]
    unknown = [name for name in names if name not in COLUMNS]
    if unknown or not any(name in names for name in _NEEDED):
        raise Refusal(
            "The first line must name the columns, of {columns}; there is: {found}.",
            columns=", ".join(COLUMNS),
            found=", ".join(unknown or names) or "nothing",
        )
    table.fieldnames = names
    lines = [Line(table.line_num, {key: (value or "") for key, value in row.items()}) for row in _rows(table)]
    return [line for line in lines if any(value.strip() for value in line.values.values() if isinstance(value, str))]


def take(lines: Iterable[Line], clock: Clock, *, dry_run: bool = False) -> Iterator[Outcome]:
    """Add or change what the lines say, one after the other; a dry run checks it all and keeps nothing."""
    if not dry_run:
        yield from (_tried(line, clock) for line in lines)
        return
    with suppress(_NothingIsKept), transaction():
        yield from (_tried(line, clock) for line in lines)
        raise _NothingIsKept


class _NothingIsKept(Exception):
    """Ends a dry run."""


def _tried(line: Line, clock: Clock) -> Outcome:
    try:
        with attempt():
            _take(line, clock)
    except Refusal as refusal:
        return Outcome(line.number, refusal)
    return Outcome(line.number)


def _take(line: Line, clock: Clock) -> None:
    if "…" in line.values:
        raise Refusal("There are more values than columns.")
    values = {name: value.strip() for name, value in line.values.items()}
    code = _client(values, clock)
    if values.get("addresses"):
        _person(values, code, clock)
    elif values.get("name"):
        raise Refusal("{name} has no address.", name=values["name"])


def _client(values: Mapping[str, str], clock: Clock) -> str:
    """The code of the line's client, "" where it names none."""
    name, code = values.get("client", ""), values.get("code", "")
    if not name and not code:
        return ""
    told = {"kind": values.get("kind"), "language": values.get("client_language"), "notes": values.get("notes")}
    given = {key: value for key, value in told.items() if value}
    domains = addresses.listed(values.get("domains", ""))
    known = people_rows.third_party(code or name)
    if known is None:
        return clients.add(name or code, clock, code=code, domains=domains, **given).code
    if name:
        given["name"] = name
    kept = clients.record(known.code)
    return clients.change(known.code, domains=[*kept.domains, *domains] if domains else None, **given).code


def _person(values: Mapping[str, str], code: str, clock: Clock) -> None:
    written_to = addresses.listed(values["addresses"])
    given = {key: values[key] for key in ("name", "phone", "language") if values.get(key)}
    try:
        clients.find_contact(written_to[0])
    except NotFound:
        clients.add_contact(written_to, clock, client=code, **given)
    else:
        clients.change_contact(written_to[0], written_to=written_to, client=code or None, **given)


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _rows(table: "csv.DictReader[str]") -> Iterator[dict[str, str]]:
    try:
        yield from table
    except csv.Error as fault:
        raise Refusal("line {number}: {fault}", number=table.line_num, fault=str(fault)) from None
