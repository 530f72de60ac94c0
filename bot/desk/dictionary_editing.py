"""The dictionaries as administrators change them: entries added, changed, made the default, put out of use, removed.

Each dictionary always has exactly one default, and it is in use. What a ticket points to is never deleted, only put
out of use. Every change is an event, `dictionary_changed`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.clock import Clock
from bot.desk import audit, custom_fields, dictionary_table, fields, moving, outbox
from bot.desk.dictionaries import Group
from bot.desk.dictionary_table import Property
from bot.desk.people import Actor
from bot.errors import FieldErrors, NotFound, Refusal
from storage.database import transaction
from storage.queries import dictionaries as rows

CODE = re.compile(r"[A-Z0-9][A-Z0-9_-]{0,23}")
TAKEN = frozenset(fields.KEYS) | frozenset(
    "status origin to since sort page text reference ticket reason who when files others number into other field scope "
    "version argument draft resolution".split()
)
"""Words that mean something else where an own field's code would stand."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as it is now, all properties as text. `moved` is how many tickets' cards move to another channel."""

    kind: str
    code: str
    values: Mapping[str, str]
    moved: int = 0

    @classmethod
    def of(cls, kind: str, row: Any, moved: int = 0) -> "Entry":
        """From its row."""
        return cls(kind, row.code, dictionary_table.shown(kind, row), moved)

    @property
    def active(self) -> bool:
        """Whether it is in use."""
        return self.values["active"] == "yes"

    def as_json(self) -> dict[str, str]:
        """For programs: the code and every property as text."""
        return {"code": self.code, **self.values}


class Dictionaries:
    """Changes the dictionaries, one transaction each."""

    def __init__(self, clock: Clock, announce: outbox.Announce) -> None:
        self._clock = clock
        self._announce = announce

    def every(self, kind: str) -> list[Entry]:
        """All entries of a dictionary in their order, those out of use too."""
        dictionary_table.of(kind)
        return [Entry.of(kind, row) for row in rows.entries(kind)]

    def find(self, kind: str, code: str) -> Entry:
        """By code. NotFound otherwise."""
        return Entry.of(kind, _row(kind, code))

    def add(self, kind: str, code: str, typed: Mapping[str, str], by: Actor) -> Entry:
        """A new entry with these properties (names of `dictionary_table`). FieldErrors for what cannot be."""
        audit.allow(by, "dictionaries")
        code = _new_code(kind, code)
        columns = _columns(kind, typed, None)
        columns["labels"] = {"en": code.capitalize()} | _labels(columns)
        with transaction():
            if rows.by_code(kind, code):
                raise Refusal("There is already a {kind} {code}.", kind=kind, code=code)
            _check_new(code, columns)
            columns = {"position": _last_position(kind) + 1, **columns}
            made = rows.add(kind, code=code, **_plain(columns))
            return self._finish(kind, made, columns, {}, by)

    def change(self, kind: str, code: str, typed: Mapping[str, str], by: Actor) -> Entry:
        """Other properties for an entry. FieldErrors for what cannot be."""
        audit.allow(by, "dictionaries")
        with transaction():
            row = _row(kind, code)
            before = dictionary_table.shown(kind, row)
            columns = _columns(kind, typed, row)
            _check_default(kind, row, columns)
            _check_choices({"kind": getattr(row, "kind", ""), "choices": getattr(row, "choices", ()), **columns})
            columns["labels"] = {**row.labels, **_labels(columns)}
            rows.change(kind, row.id, **_plain(columns))
            return self._finish(kind, row, columns, before, by)

    def remove(self, kind: str, code: str, by: Actor) -> bool:
        """Delete an entry, or put it out of use where something points to it: False. The default stays."""
        audit.allow(by, "dictionaries")
        with transaction():
            row = _row(kind, code)
            if rows.is_used(kind, row.id):
                self.change(kind, code, {"active": "no"}, by)
                return False
            _check_default(kind, row, {"active": False})
            old = dictionary_table.shown(kind, row)
            rows.remove(kind, row.id)
            self._record(kind, row.code, old, {}, by)
            return True

    def _finish(self, kind: str, row: Any, columns: dict[str, Any], before: Mapping[str, str], by: Actor) -> Entry:
        """What stands beside the entry's own row: the one default, who sees a group, its cards, the event."""
        if columns.get("is_default"):
            rows.clear_default(kind)
            rows.change(kind, row.id, is_default=True)
        if "agents" in columns:
            rows.set_agents(row.id, columns["agents"])
        fresh = _row(kind, row.code)
        _check_assignee(kind, fresh)
        after = dictionary_table.shown(kind, fresh)
        differs = [name for name in after if after[name] != before.get(name, "")]
        if differs or not before:
            self._record(
                kind, row.code, {n: before[n] for n in differs if n in before}, {n: after[n] for n in differs}, by
            )
        moved = bool(before) and any(name in moving.PLACES for name in differs)
        return Entry.of(kind, fresh, moving.move_cards(Group.of(fresh), self._announce, self._clock) if moved else 0)

    def _record(self, kind: str, code: str, old: Mapping[str, str], new: Mapping[str, str], by: Actor) -> None:
        audit.record("dictionary_changed", by, self._clock, about=f"{kind} {code}", old=old, new=new)


def _row(kind: str, code: str) -> Any:
    dictionary_table.of(kind)
    row = rows.by_code(kind, code.strip())
    if row is None:
        codes = ", ".join(entry.code for entry in rows.entries(kind)) or "–"
        sentence = "There is no {kind} {code}. There are: {codes}."
        raise NotFound(sentence, kind=kind, code=code.strip()[:40], codes=codes)
    return row


def _new_code(kind: str, code: str) -> str:
    dictionary_table.of(kind)
    wanted = code.strip().lower() if kind == "field" else code.strip().upper()
    if not (custom_fields.CODE if kind == "field" else CODE).fullmatch(wanted):
        raise Refusal("A code has from 1 to 24 letters, digits and _, not “{code}”.", code=code.strip()[:40])
    if kind == "field" and wanted in TAKEN:
        raise Refusal("{code} means something else; please choose another code.", code=wanted)
    return wanted


def _columns(kind: str, typed: Mapping[str, str], row: Any) -> dict[str, Any]:
    """The columns of what was typed. FieldErrors by the properties' names."""
    known = dictionary_table.of(kind)
    columns: dict[str, Any] = {}
    faults: dict[str, Refusal] = {}
    for name, text in typed.items():
        if name not in known:
            names = ", ".join(known)
            raise NotFound("A {kind} has no {name}. There are: {names}.", kind=kind, name=name[:40], names=names)
        try:
            columns[known[name].column] = known[name].read(text, row)
        except Refusal as fault:
            faults[name] = _named(known[name], fault)
    if faults:
        raise FieldErrors(faults)
    return columns


def _named(one: Property, fault: Refusal) -> Refusal:
    return Refusal("{name}: {fault}", name=one.name, fault=fault)


def _labels(columns: dict[str, Any]) -> dict[str, str]:
    """The labels among these columns, taken out of them."""
    typed = {name: columns.pop(name) for name in list(columns) if name.startswith("label:")}
    return {name.removeprefix("label:"): label for name, label in typed.items()}


def _plain(columns: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of the row itself. A new default is made the default once it is the only one."""
    own = {name: value for name, value in columns.items() if name not in ("agents", "is_default")}
    if "agents" in columns:
        own["restricted"] = bool(columns["agents"])
    return own


def _check_default(kind: str, row: Any, columns: Mapping[str, Any]) -> None:
    """The default stays one until another is made it, and is in use; so is a severity that a group gives."""
    is_default = getattr(row, "is_default", False)
    active = columns.get("active", row.active)
    if is_default and not (active and columns.get("is_default", True)):
        raise Refusal("{code} is the default. Make another {kind} the default first.", code=row.code, kind=kind)
    if columns.get("is_default") and not active:
        raise Refusal("{code} is out of use and cannot be the default.", code=row.code)
    if kind == "severity" and not active and (groups := rows.giving(row.id)):
        sentence = "{code} is the severity of the group {group}. Change that first."
        raise Refusal(sentence, code=row.code, group=", ".join(groups))


def _check_assignee(kind: str, row: Any) -> None:
    """Whoever gets the new tickets of a limited group is among those who see it."""
    if kind != "group" or not row.restricted or row.default_assignee is None:
        return
    if row.default_assignee.id not in {agent.id for agent in rows.agents_of(row.id)}:
        fault = Refusal("{name} may not see the tickets of {group}.", name=row.default_assignee.name, group=row.code)
        raise FieldErrors({"default_assignee": fault})


def _check_new(code: str, columns: Mapping[str, Any]) -> None:
    if columns.get("is_default") and not columns.get("active", True):
        raise Refusal("{code} is out of use and cannot be the default.", code=code)
    _check_choices(columns)


def _check_choices(columns: Mapping[str, Any]) -> None:
    if columns.get("kind") == "choice" and not columns.get("choices"):
        raise FieldErrors({"choices": Refusal("A field of the kind choice needs its choices.")})


def _last_position(kind: str) -> int:
    return max((entry.position for entry in rows.entries(kind)), default=-1)
