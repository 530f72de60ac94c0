"""The one grammar of typed verbs: a verb's usage line says what it takes, and `parse` reads words by it. Pure.

`key:value` tokens come anywhere before the text; the text takes the rest of the line as it stands. Typed text is no
shell text: an apostrophe is only a letter. Only a known key directly followed by `:` and a value is a token.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from bot.errors import WrongUsage

KEYS = frozenset(
    "type group severity client contact assignee project contract tag status origin notify to cc since sort "
    "page".split()
)
REST = {"TEXT": "text", "SUBJECT": "subject", "REASON": "reason", "WHEN": "when", "NAME": "name", "VALUE": "value"}
REST |= {"TITLE": "title"}
ONE = {"REF": "reference", "WHO": "who", "CODE": "code", "VERB": "verb", "SPAN": "span"}
ONE |= {"ROTA": "rota", "SETTING": "setting", "INTO_REF": "into", "OTHER_REF": "other", "MESSAGE_NO": "number"}

_TOKEN = re.compile(r"([a-z_]+(?:\.[a-z_]+)?):(?=\S)", re.IGNORECASE)
_QUOTES = {'"': '"', "“": "”", "«": "»"}


@dataclass(frozen=True, slots=True)
class Slot:
    """One thing a verb takes: a word, one of several choices, or (`rest`) all that follows."""

    name: str
    required: bool
    rest: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Usage:
    """A usage line, understood: `assign REF WHO`, `list [mine|open] [key:value …] [TEXT]`, `note REF [to:…] [TEXT]`.

    `own_keys` are the only keys it takes, where it names them.
    """

    line: str
    name: str
    slots: tuple[Slot, ...]
    takes_keys: bool
    own_keys: frozenset[str] = frozenset()

    @classmethod
    def of(cls, line: str) -> "Usage":
        """From the line that stands in the help."""
        name, *parts = re.findall(r"\[[^\]]*\]|\S+", line)
        keys = [part for part in parts if ":" in part]
        own = frozenset(re.findall(r"(\w+):…", " ".join(keys)))
        return cls(line, name, tuple(_slot(part) for part in parts if part not in keys), bool(keys), own)


def _slot(part: str) -> Slot:
    inner = part.strip("[]")
    required = not part.startswith("[")
    if "|" in inner:
        return Slot("scope", required, choices=tuple(inner.split("|")))
    if inner in REST:
        return Slot(REST[inner], required, rest=True)
    return Slot(ONE[inner], required)


def parse(usage: Usage, words: str | Sequence[str], keys: Collection[str] = KEYS) -> dict[str, str]:
    """The values by name. On the command line each word is one token; in chats the line is one string."""
    reader = _Line(words) if isinstance(words, str) else _Words(words)
    values: dict[str, str] = {}
    known = (usage.own_keys or keys) if usage.takes_keys else ()
    for slot in usage.slots:
        _take_keys(reader, values, known)
        if reader.at_end():
            break
        if slot.rest:
            values[slot.name] = reader.rest()
        elif not slot.choices:
            values[slot.name] = reader.word()
        elif reader.peek().lower() in slot.choices:
            values[slot.name] = reader.word().lower()
    _take_keys(reader, values, known)
    if not reader.at_end():
        raise WrongUsage("I do not understand “{rest}”. Usage: {usage}", rest=reader.rest(), usage=usage.line)
    return values


def missing(usage: Usage, values: dict[str, str]) -> list[str]:
    """The names of what the verb needs and was not said."""
    return [slot.name for slot in usage.slots if slot.required and not values.get(slot.name)]


def nearest(word: str, names: Collection[str]) -> str | None:
    """The name that was probably meant."""
    found = get_close_matches(word.lower(), list(names), 1, 0.55)
    return found[0] if found else None


def first_word(words: str | Sequence[str]) -> tuple[str, str | tuple[str, ...]]:
    """The verb, in lower case, and what follows it."""
    if isinstance(words, str):
        head, _, tail = words.strip().partition(" ")
        return head.lower(), tail.strip()
    return (words[0].lower(), tuple(words[1:])) if words else ("", ())


def _take_keys(reader: "_Line | _Words", values: dict[str, str], keys: Collection[str]) -> None:
    while (token := reader.key(keys)) is not None:
        values[token[0]] = token[1]


class _Line:
    """Reads a line that a person typed."""

    def __init__(self, line: str) -> None:
        self._left = line.strip()

    def at_end(self) -> bool:
        return not self._left

    def peek(self) -> str:
        return self._left.split(None, 1)[0]

    def word(self) -> str:
        value, self._left = _value(self._left)
        return value

    def rest(self) -> str:
        taken, self._left = self._left, ""
        return taken

    def key(self, keys: Collection[str]) -> tuple[str, str] | None:
        found = _TOKEN.match(self._left)
        if not found or found[1].lower() not in keys:
            return None
        value, self._left = _value(self._left[found.end() :])
        return found[1].lower(), value


class _Words:
    """Reads the words that a shell gave: each is one token."""

    def __init__(self, words: Sequence[str]) -> None:
        self._left = list(words)

    def at_end(self) -> bool:
        return not self._left

    def peek(self) -> str:
        return self._left[0]

    def word(self) -> str:
        return self._left.pop(0)

    def rest(self) -> str:
        taken, self._left = " ".join(self._left), []
        return taken

    def key(self, keys: Collection[str]) -> tuple[str, str] | None:
        found = _TOKEN.match(self._left[0]) if self._left else None
        if not found or found[1].lower() not in keys:
            return None
        return found[1].lower(), self._left.pop(0)[found.end() :]


def _value(text: str) -> tuple[str, str]:
    """The first value of a line, quotes taken off, and what follows it."""
    closing = _QUOTES.get(text[0]) if text else None
    end = text.find(closing, 1) if closing else -1
    if end > 0:
        return text[1:end], text[end + 1 :].lstrip()
    head, *tail = text.split(None, 1)
    return head, tail[0] if tail else ""
