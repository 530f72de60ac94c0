"""A configuration on its way from file and environment to the models: raw values, and where each came from."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from bot.config.hints import quoted
from bot.config.lines import rule_line
from bot.config.schema import Location

LAST = 1_000_000


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: its place, and the sentence behind the place.

    The sentence continues the name of the place's last key ("key"), or stands on its own behind the place
    ("table": what the table as a whole lacks) or behind the table around the place ("unknown" keys).
    """

    at: Location
    sentence: str
    speaks_of: Literal["key", "table", "unknown"] = "key"
    variable: str = ""


@dataclass
class Draft:
    """The raw values and everything that is needed to say where one of them came from; `text` is the file's."""

    file: Path | None
    folder: Path
    original: dict[str, Any]
    values: dict[str, Any]
    text: str = ""
    variables: dict[Location, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def variable_of(self, at: Location) -> str:
        """The environment variable that the value at this place came from, "" for the file."""
        places = (at[:length] for length in range(len(at), 0, -1))
        return next((self.variables[place] for place in places if place in self.variables), "")

    def is_in_file(self, at: Location) -> bool:
        """Does the file have a value at this place?"""
        return LAST not in self.order(at)

    def order(self, at: Location) -> tuple[int, ...]:
        """Where a place stands in the file, for sorting; what is not in it comes behind its table."""
        positions: list[int] = []
        node: Any = self.original
        for step in at:
            position, node = _step(node, step)
            positions.append(position)
        return tuple(positions)

    def named(self, at: Location) -> list[str]:
        """The tables of a place in words: `mailbox "support"`, `rule "billing" (line 42)`, `set`."""
        words: list[str] = []
        node: Any = self.values
        for step in at:
            node = node[step] if _has(node, step) else None
            if isinstance(step, int):
                words[-1] += f" {_title(node, step)}"
            else:
                words.append(step)
        line = rule_line(self.text, at)
        if line:
            words[1] += f" (line {line})"
        return words


def _has(node: Any, step: str | int) -> bool:
    if isinstance(step, int):
        return isinstance(node, list) and step < len(node)
    return isinstance(node, dict) and step in node


def _step(node: Any, step: str | int) -> tuple[int, Any]:
    if isinstance(step, int):
        return (step, node[step]) if _has(node, step) else (LAST, None)
    names = list(node) if isinstance(node, dict) else []
    for name in (step, f"{step}_file"):
        if name in names:
            return names.index(name), node[name]
    return LAST, None


def _title(node: Any, index: int) -> str:
    name = node.get("name") if isinstance(node, dict) else None
    return quoted(name) if isinstance(name, str) and name else str(index + 1)
