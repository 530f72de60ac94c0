"""Telegram's own description of its Bot API, and what is wrong with a request that is measured by it.

Every request that any pretend Telegram of a test receives is looked at, and the test fails that sent a wrong one; a
test that sends wrong ones on purpose is marked `own_requests`. Where the description is not beside us nothing is said.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.telegram.arguments import Arguments
from bot.sandbox.telegram.entities import units
from bot.sandbox.telegram.web import HEARERS

FILE = Path(__file__).parents[2] / "shared" / "specs" / "telegram-bot-api.json"
ABSENT = "Telegram's description of its Bot API (../shared/specs) is not beside us"
needs_spec = pytest.mark.skipif(not FILE.exists(), reason=ABSENT)

NUMBER = re.compile(r"-?\d+")
CHOICES = re.compile(r'(?:one of|can be|can be either|always) (?=")(?P<quoted>.*?)(?:\.\s|\.?$)')
FIXED = re.compile(r"must be (?P<word>[a-z_]+)$")
LENGTH = re.compile(r"(?P<least>\d+)-(?P<most>\d+) (?P<unit>characters|bytes)(?! after)")
BETWEEN = re.compile(r"Values between (?P<least>\d+)-(?P<most>\d+)")
ONLY_ONE = re.compile(r"Exactly one of the fields other than (?P<others>.+?) must be used")
PLAIN = {"String": str, "Integer": int, "Float": (int, float), "Boolean": bool}


@dataclass(frozen=True)
class Field:
    """A parameter of a method, or a field of a type, with what its description says of its values."""

    name: str
    types: tuple[str, ...]
    required: bool
    about: str

    @property
    def choices(self) -> frozenset[str]:
        """The only words that it may be; none where any will do."""
        if fixed := FIXED.search(self.about):
            return frozenset((fixed["word"],))
        listed = CHOICES.search(self.about)
        return frozenset(re.findall(r'"([^"]+)"', listed["quoted"])) if listed else frozenset()


@dataclass(frozen=True)
class Shape:
    """A method or a type: its fields, the types that it stands for, and the fields of which exactly one is given."""

    fields: Mapping[str, Field]
    subtypes: tuple[str, ...] = ()
    only_one: frozenset[str] = frozenset()


@cache
def spec() -> dict[str, dict[str, Shape]]:
    """`methods` and `types`, by name."""
    read = json.loads(FILE.read_text("utf-8"))
    return {kind: {name: _shape(one) for name, one in read[kind].items()} for kind in ("methods", "types")}


def _shape(one: dict[str, Any]) -> Shape:
    listed = [Field(f["name"], tuple(f["types"]), f["required"], f["description"]) for f in one.get("fields", ())]
    rule = ONLY_ONE.search(" ".join(one["description"]))
    others = re.split(r",? and |, ", rule["others"]) if rule else ()
    only_one = frozenset(each.name for each in listed if each.name not in others) if rule else frozenset()
    return Shape({each.name: each for each in listed}, tuple(one.get("subtypes", ())), only_one)


# a request -----------------------------------------------------------------------------------------------------------


def faults_of(method: str, values: Mapping[str, Any], files: Collection[str] = ()) -> list[str]:
    """What is wrong with a request, each fault named; `values` as they came, `files` the names of what was uploaded."""
    shape = spec()["methods"].get(method)
    if shape is None:
        return [f"{method}: there is no such method"]
    read = {name: _read(value, shape.fields[name].types) for name, value in values.items() if name in shape.fields}
    unknown = {name: value for name, value in values.items() if name not in shape.fields and name not in files}
    uploaded = {name: _File() for name in files if name in shape.fields}
    return list(_faults(method, shape, {**read, **unknown, **uploaded}, files))


class _File:
    """What was uploaded in the field's own name."""


def _read(value: Any, types: Iterable[str]) -> Any:
    """A form carries everything as a string: numbers, truth values, objects and lists are read from it."""
    if not isinstance(value, str) or ("String" in types and not (NUMBER.fullmatch(value) and "Integer" in types)):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _faults(path: str, shape: Shape, given: Mapping[str, Any], files: Collection[str]) -> Iterator[str]:
    for name in sorted(set(given) - set(shape.fields)):
        yield f"{path}.{name}: there is no such field"
    for one in shape.fields.values():
        if one.name in given:
            yield from _wrong(f"{path}.{one.name}", one, given[one.name], files)
        elif one.required:
            yield f"{path}.{one.name}: is missing"
    if shape.only_one and len(shape.only_one & set(given)) != 1:
        yield f"{path}: needs exactly one of {', '.join(sorted(shape.only_one))}"


def _wrong(path: str, one: Field, value: Any, files: Collection[str]) -> list[str]:
    """What is wrong with a value by the type that it comes nearest to."""
    tried = [list(_by_type(path, kind, value, files)) for kind in one.types]
    nearest = min(tried, key=len)
    return nearest or list(_by_words(path, one, value))


def _by_type(path: str, kind: str, value: Any, files: Collection[str]) -> Iterator[str]:
    if kind.startswith("Array of "):
        yield from _by_list(path, kind.removeprefix("Array of "), value, files)
    elif kind in PLAIN:
        if not isinstance(value, PLAIN[kind]) or (isinstance(value, bool) and kind != "Boolean"):
            yield f"{path}: {value!r} is no {kind}"
    elif kind == "InputFile":
        if not (isinstance(value, _File) or str(value).removeprefix("attach://") in files):
            yield f"{path}: {value!r} is no uploaded file"
    else:
        yield from _by_shape(path, kind, value, files)


def _by_list(path: str, kind: str, value: Any, files: Collection[str]) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{path}: {value!r} is no list"
        return
    for at, one in enumerate(value):
        yield from _by_type(f"{path}[{at}]", kind, one, files)


def _by_shape(path: str, kind: str, value: Any, files: Collection[str]) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path}: {value!r} is no {kind}"
        return
    shape = spec()["types"][kind]
    tried = [list(_by_shape(path, one, value, files)) for one in shape.subtypes]
    yield from min(tried, key=len) if tried else _faults(path, shape, value, files)


def _by_words(path: str, one: Field, value: Any) -> Iterator[str]:
    """What the description says in words: choices, lengths and ranges."""
    length, between = LENGTH.search(one.about), BETWEEN.search(one.about)
    if isinstance(value, str) and one.choices and value not in one.choices:
        yield f"{path}: {value!r} is none of {', '.join(sorted(one.choices))}"
    if isinstance(value, str) and length:
        size = len(value.encode()) if length["unit"] == "bytes" else units(value)
        if not int(length["least"]) <= size <= int(length["most"]):
            yield f"{path}: has {size} {length['unit']}, not {length['least']}-{length['most']}"
    if isinstance(value, int) and between and not int(between["least"]) <= value <= int(between["most"]):
        yield f"{path}: {value} is not within {between['least']}-{between['most']}"


# every test ----------------------------------------------------------------------------------------------------------


@dataclass
class Heard:
    """The methods that were called, and what was wrong with the calls."""

    methods: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    def __call__(self, method: str, arguments: Arguments) -> None:
        """Look at one request."""
        self.methods.add(method)
        self.faults += faults_of(method, arguments.values, arguments.files)


def pytest_configure(config: pytest.Config) -> None:
    """The mark is known."""
    config.addinivalue_line(
        "markers", "own_requests: sends the pretend Telegram requests of its own, some of them wrong"
    )


@pytest.fixture(autouse=True)
def telegram_requests(request: pytest.FixtureRequest) -> Iterator[Heard]:
    """What the pretend Telegrams of this test hear; a wrong request fails it."""
    heard = Heard()
    if not FILE.exists():
        yield heard
        return
    HEARERS.append(heard)
    yield heard
    HEARERS.remove(heard)
    assert request.node.get_closest_marker("own_requests") or heard.faults == []
