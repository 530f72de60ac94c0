"""Types, groups and severities as values, and finding one by what people type."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from bot.errors import UnknownValue
from storage.queries import dictionaries as rows

KINDS = ("type", "group", "severity")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a dictionary."""

    id: int
    code: str
    labels: Mapping[str, str]

    @classmethod
    def of(cls, row: Any) -> "Entry":
        """From its row."""
        return cls(row.id, row.code, row.labels)


@dataclass(frozen=True, slots=True)
class Severity(Entry):
    """A severity with how it looks and whether it rings."""

    emoji: str = ""
    colour: str = ""
    rings: bool = True

    @classmethod
    def of(cls, row: Any) -> "Severity":
        """From its row."""
        return cls(row.id, row.code, row.labels, row.emoji, row.colour, row.rings)


@dataclass(frozen=True, slots=True)
class Group(Entry):
    """A group with where its cards hang ("" = the desk's channel and chat)."""

    slack_channel: str = ""
    telegram_chat: str = ""
    telegram_topic: int = 0
    notify_address: str = ""
    restricted: bool = False

    @classmethod
    def of(cls, row: Any) -> "Group":
        """From its row."""
        return cls(
            row.id,
            row.code,
            row.labels,
            row.slack_channel,
            row.telegram_chat,
            row.telegram_topic,
            row.notify_address,
            row.restricted,
        )


def find(kind: str, code: str) -> Any:
    """The active entry's row by code. UnknownValue names the nearest one."""
    row = rows.by_code(kind, code)
    if row is not None and row.active:
        return row
    codes = [entry.code for entry in rows.entries(kind) if entry.active]
    near = get_close_matches(code.upper(), codes, 1, 0.5)
    if near:
        raise UnknownValue("There is no {kind} {code}. Did you mean {near}?", kind=kind, code=code, near=near[0])
    raise UnknownValue("There is no {kind} {code}. There are: {codes}.", kind=kind, code=code, codes=", ".join(codes))


def active(kind: str) -> list[Any]:
    """The rows of all active entries in their order."""
    return [entry for entry in rows.entries(kind) if entry.active]
