"""Every regular expression of the project, how the code uses it, and what of its own pieces is slowest for it.

`python -m tests.faults.patterns` names each before it is tried, so that one that never ends is known. A pattern
that is tried with less than `LENGTH` is in `CUT`, with the line that makes its texts so short.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from re import _constants, _parser  # type: ignore[attr-defined]  # the pieces that a pattern is made of
from types import ModuleType
from typing import Any, NamedTuple

import bot
import handlers
import storage

LENGTHS = (1_000, 10_000, 100_000)
"""Characters: those of the last must be quick; the shorter ones find out which texts are slowest."""
LIMIT, SLOWEST = 0.5 / LENGTHS[-1], (6, 2, 0)
"""Seconds of processor time for a character, ten times what it may be on a quiet machine; how many texts go on to the
next length."""
SEPARATE = {"bot.__main__", "handlers.__main__"}
CALLS: dict[str, Callable[[re.Pattern[Any], Any], object]] = {
    "match": lambda pattern, text: pattern.match(text),
    "fullmatch": lambda pattern, text: pattern.fullmatch(text),
    "search": lambda pattern, text: pattern.search(text),
    "finditer": lambda pattern, text: len(pattern.findall(text)),
    "scan": lambda pattern, text: _scan(pattern, text),
}
ALL = {"findall", "sub", "subn", "split", "compile"}
ANYHOW = frozenset(("finditer",))
"""They go through the whole text as `finditer` does; so does a pattern that is handed on."""
CUT = {
    "bot.config.patterns.TOKEN": (500, "compile_pattern refuses what is longer before is_risky asks"),
    "bot.commands.grammar: '\\\\[[^\\\\]]*\\\\]|\\\\S+'": (300, "the usage line that a verb is declared with"),
    "bot.commands.grammar: '(\\\\w+):…'": (300, "the same"),
    "bot.sandbox.slack.mrkdwn.FORMATTED": (3_000, "a text of a block, which Slack takes no longer"),
}
"""By the place of a pattern: the longest text it sees, and what makes sure of it."""
ALLOWANCE = 0.05
"""Seconds for one of these."""
GIVEN: set[str] = set()
"""The places of calls whose pattern is made of what is known only inside a function."""


class Use(NamedTuple):
    """A pattern, where it stands (module and name or line), and by which calls it is used."""

    place: str
    pattern: re.Pattern[Any]
    calls: frozenset[str]


def census() -> list[Use]:
    """Every pattern that the three packages use, each once."""
    places: dict[re.Pattern[Any], str] = {}
    calls: dict[re.Pattern[Any], set[str]] = defaultdict(set)
    for module in modules():
        for place, pattern, call in (*_held(module), *_written(module)):
            places.setdefault(pattern, place)
            calls[pattern].add("finditer" if call in ALL else call)
    return [Use(place, pattern, frozenset(calls[pattern] - {""}) or ANYHOW) for pattern, place in places.items()]


def made_inside() -> set[str]:
    """The places of patterns that cannot be tried here, as they are made of what a function was given."""
    census()
    return GIVEN


def modules() -> Iterator[ModuleType]:
    """Every module of the three packages but those that are run."""
    for package in (bot, handlers, storage):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if found.name not in SEPARATE:
                yield importlib.import_module(found.name)


def _held(module: ModuleType) -> Iterator[tuple[str, re.Pattern[Any], str]]:
    """What a module's names hold; those in a table go through every call."""
    for name, value in _names(module):
        for number, pattern in enumerate(_inside_value(value)):
            alone = pattern is value
            yield f"{module.__name__}.{name}" + ("" if alone else f"[{number}]"), pattern, "" if alone else "compile"


def _names(module: ModuleType) -> Iterator[tuple[str, object]]:
    """What stands in a module and in its classes."""
    for name, value in vars(module).items():
        yield name, value
        if isinstance(value, type) and value.__module__ == module.__name__:
            yield from ((f"{name}.{inner}", one) for inner, one in vars(value).items())


def _inside_value(value: object, depth: int = 3) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    inner = value.values() if isinstance(value, dict) else value
    if depth and isinstance(value, (dict, tuple, list, set, frozenset)):
        for one in inner:  # type: ignore[attr-defined]
            yield from _inside_value(one, depth - 1)


def _written(module: ModuleType) -> Iterator[tuple[str, re.Pattern[Any], str]]:
    """The calls in a module's source, and the names of patterns that it hands on."""
    tree = ast.parse(Path(module.__file__ or "").read_text("utf-8"))
    receivers = _receivers(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("re."):
            yield from _direct(module, node)
        elif isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Load):
            value = _value(module, node)
            call = receivers.get(id(node), "compile")
            if isinstance(value, re.Pattern) and call != "pattern":
                yield f"{module.__name__}.{ast.unparse(node)}", value, call


def _receivers(tree: ast.Module) -> dict[int, str]:
    """What is called on an expression, by its id; `match` from a place on is done again where it ended."""
    found = {id(node.value): node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and len(node.args) > 1:
            found[id(node.func.value)] = "scan" if node.func.attr == "match" else "compile"
    return found


def _direct(module: ModuleType, node: ast.Call) -> Iterator[tuple[str, re.Pattern[Any], str]]:
    call = ast.unparse(node.func).removeprefix("re.")
    if call not in ALL | CALLS.keys():
        return
    place = f"{module.__name__}: {ast.unparse(node.args[0])}"
    flags = [word.value for word in node.keywords if word.arg == "flags"] + node.args[1:2] * (call == "compile")
    flags += node.args[2:3] * (call in {"match", "search", "fullmatch", "findall", "finditer"})
    source, flag = _value(module, node.args[0]), _value(module, flags[0]) if flags else 0
    if source is None:
        GIVEN.add(f"{module.__name__}: {_unknown(module, node.args[0])}")
    elif not isinstance(source, re.Pattern):
        yield place, re.compile(source, flag or 0), "" if call == "compile" else call


def _unknown(module: ModuleType, node: ast.expr) -> str:
    """The names in an expression that are known only inside a function."""
    names = (one.id for one in ast.walk(node) if isinstance(one, ast.Name))
    return ", ".join(dict.fromkeys(name for name in names if not hasattr(module, name) and name != "re"))


def _value(module: ModuleType, node: ast.expr) -> Any:
    """What an expression is in a module; None for what is known only inside a function."""
    try:
        return eval(compile(ast.Expression(node), module.__name__, "eval"), vars(module))
    except Exception:
        return None


class Piece(NamedTuple):
    """A text that a piece of a pattern takes, and what stands before it in the pattern."""

    before: str
    text: str


def pieces(parsed: Any, before: str = "") -> Iterator[Piece]:
    """The pieces of a pattern, outer ones first."""
    for operation, argument in parsed:
        yield Piece(before, _sample(operation, argument))
        for inner in _inside(operation, argument):
            yield from pieces(inner, before)
        before += _sample(operation, argument)


_REPEATS = (_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT)
_PARTS: dict[Any, Callable[[Any], list[Any]]] = {
    **dict.fromkeys(_REPEATS, lambda argument: [argument[2]]),
    _constants.SUBPATTERN: lambda argument: [argument[3]],
    _constants.ATOMIC_GROUP: lambda argument: [argument],
    _constants.BRANCH: lambda argument: list(argument[1]),
    _constants.ASSERT: lambda argument: [argument[1]],
    _constants.ASSERT_NOT: lambda argument: [argument[1]],
}
_CATEGORIES = {"DIGIT": "1", "SPACE": " ", "WORD": "a", "NOT_DIGIT": "a", "NOT_SPACE": "a", "NOT_WORD": "-"}


def _inside(operation: Any, argument: Any) -> list[Any]:
    return _PARTS[operation](argument) if operation in _PARTS else []


def _sample(operation: Any, argument: Any) -> str:
    if operation is _constants.LITERAL:
        return chr(argument)
    if operation in (_constants.NOT_LITERAL, _constants.ANY):
        return "b" if argument == ord("a") else "a"
    if operation is _constants.IN:
        return _of_set(argument)
    if operation in (_constants.ASSERT, _constants.ASSERT_NOT):
        return ""
    least = min(argument[0], 40) if operation in _REPEATS else 1
    return "".join(_sample(*one) for inner in _inside(operation, argument)[:1] for one in inner) * max(1, least)


def _of_set(members: Any) -> str:
    if members[0][0] is _constants.NEGATE:
        taken = {chr(value) for operation, value in members if operation is _constants.LITERAL}
        return next(one for one in "a1-~é" if one not in taken)
    operation, value = members[0]
    if operation is _constants.CATEGORY:
        return _CATEGORIES[str(value).removeprefix("CATEGORY_")]
    return chr(value[0] if operation is _constants.RANGE else value)


class Attack(NamedTuple):
    """A beginning, what is repeated, and an end that fits nothing."""

    before: str
    text: str

    def made(self, length: int, binary: bool) -> str | bytes:
        """The text in a length."""
        whole = self.before + self.text * (length // len(self.text)) + "\x01"
        return whole.encode("latin-1", "replace") if binary else whole


RUNS = (" ", "\n", "a", "A", "1", "<", "@", '"', "-", "\\", "[", "a ", " \n")


def attacks(pattern: re.Pattern[Any]) -> list[Attack]:
    """What may be slow for a pattern: runs of its pieces after what comes before them, of two of them, of anything."""
    source = pattern.pattern.decode("latin-1") if isinstance(pattern.pattern, bytes) else pattern.pattern
    found = [one for one in pieces(_parser.parse(source, pattern.flags & ~re.UNICODE)) if one.text]
    texts = list(dict.fromkeys(one.text for one in found))
    made = [Attack(one.before, one.text) for one in found[:60]] + [
        Attack("", one.before + one.text) for one in found[:60]
    ]
    made += [Attack("", text) for text in (*texts[:40], *RUNS)]
    made += [Attack("", one + other) for one in texts[:6] for other in (*texts[:6], " ")]
    starts = dict.fromkeys(one.before for one in found[:60])
    made += [Attack(start, run) for start in list(starts)[:12] for run in RUNS[:5]]
    return list(dict.fromkeys(made))


def seconds(use: Use, attack: Attack, length: int) -> float:
    """Processor time that a text takes in all the calls of a pattern."""
    text = attack.made(length, isinstance(use.pattern.pattern, bytes))
    begun = time.thread_time()
    for call in use.calls:
        CALLS[call](use.pattern, text)
    return time.thread_time() - begun


def _scan(pattern: re.Pattern[Any], text: Any) -> None:
    """Match where the last match ended, as long as there is one."""
    at, found = 0, pattern.match(text)
    while found and found.end() > at:
        at = found.end()
        found = pattern.match(text, at)


def slowness(use: Use, *, thorough: bool = False) -> str:
    """A sentence on the slowest text of a pattern that takes too long, else nothing; `thorough` tries each in full."""
    longest, _ = CUT.get(use.place, (LENGTHS[-1], ""))
    least = ALLOWANCE if use.place in CUT else 0.0
    left = attacks(use.pattern)
    for length, kept in zip((min(one, longest) for one in LENGTHS), SLOWEST, strict=True):
        tried = sorted(((seconds(use, attack, length), attack) for attack in left), reverse=True)
        spent, worst = tried[0]
        limit = max(LIMIT * length, least)
        if spent > limit and min(seconds(use, worst, length) for _ in range(3)) > limit:
            return _sentence(use, worst, spent, length)
        left = [attack for _, attack in tried[: None if thorough else kept]]
    return ""


def _sentence(use: Use, attack: Attack, spent: float, length: int) -> str:
    text = f"{attack.text[:30]!r} after {attack.before[:30]!r}"
    return f"{', '.join(sorted(use.calls))}: {spent:.2f} s for {length} characters of {text}"


def try_all(*, thorough: bool = False) -> None:
    """Name every pattern, then say on the same line what is slow."""
    for use in census():
        if use.calls:
            print(use.place, end=" ", flush=True)
            print("|", slowness(use, thorough=thorough), flush=True)


if __name__ == "__main__":
    try_all(thorough="--full" in sys.argv)
