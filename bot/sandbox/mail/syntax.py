"""IMAP's grammar: a command line with its literals becomes words and lists; answers are quoted; sets are resolved."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

LITERAL = re.compile(rb"\{(\d+)(\+?)\}\r\n\Z")
TOKEN = re.compile(
    rb' *(?:(?P<open>\()|(?P<close>\))|"(?P<quoted>(?:[^"\\]|\\.)*)"|\{(?P<literal>\d+)\+?\}\r\n'
    rb"|(?P<atom>[^\s()\"\[{]*\[[^\[\]]*\](?:<[\d.]+>)?|[^\s()\"]+))"
)
Words = list[Any]


class SyntaxMistake(Exception):
    """A command that cannot be read; answered with BAD."""


def words(line: bytes) -> Words:
    """The words of a command: bytes, and lists for what stands in parentheses."""
    stack: list[Words] = [[]]
    at, end = 0, len(line.rstrip(b"\r\n")) if not LITERAL.search(line) else len(line)
    while at < end:
        found = TOKEN.match(line, at)
        if not found or found.end() == at:
            raise SyntaxMistake("cannot be read")
        at = found.end()
        if found["literal"] is not None:
            length = int(found["literal"])
            stack[-1].append(line[at : at + length])
            at += length
        else:
            _place(stack, found)
    if len(stack) != 1:
        raise SyntaxMistake("a parenthesis is not closed")
    return stack[0]


def _place(stack: list[Words], found: re.Match[bytes]) -> None:
    if found["open"]:
        inner: Words = []
        stack[-1].append(inner)
        stack.append(inner)
    elif found["close"]:
        if len(stack) == 1:
            raise SyntaxMistake("a parenthesis too many")
        stack.pop()
    elif found["quoted"] is not None:
        stack[-1].append(re.sub(rb"\\(.)", rb"\1", found["quoted"]))
    else:
        stack[-1].append(found["atom"])


def text(word: Any) -> str:
    """A word as text; a list is a mistake here."""
    if not isinstance(word, bytes):
        raise SyntaxMistake("a word is expected")
    return word.decode("utf-8", "replace")


def quoted(value: str) -> str:
    """The text as a quoted string of an answer."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def is_set(word: Any) -> bool:
    return isinstance(word, bytes) and bool(re.fullmatch(rb"[\d:*,]+", word))


def numbers(word: Any, highest: int) -> "NumberSet":
    """A sequence set such as `1:3,7,9:*`."""
    if not is_set(word):
        raise SyntaxMistake("a set of numbers is expected")
    return NumberSet(text(word), highest)


class NumberSet:
    """What a sequence set holds; `*` is the highest number there is, and ranges may stand the wrong way round."""

    def __init__(self, source: str, highest: int) -> None:
        self._ranges = [self._range(part, highest) for part in source.split(",")]

    @staticmethod
    def _range(part: str, highest: int) -> tuple[int, int]:
        ends = [highest if end == "*" else int(end or 0) for end in part.split(":")[:2]]
        return min(ends), max(ends)

    def __contains__(self, number: int) -> bool:
        return any(low <= number <= high for low, high in self._ranges)


def flags(word: Any) -> set[str]:
    """A list of flags, in parentheses or not."""
    given: Sequence[Any] = word if isinstance(word, list) else [word]
    return {text(one) for one in given}


def moment(seconds: float) -> str:
    """INTERNALDATE."""
    return quoted(datetime.fromtimestamp(seconds, UTC).strftime("%d-%b-%Y %H:%M:%S +0000"))


def day(word: Any) -> datetime:
    """A date such as 24-Nov-2026, at midnight UTC."""
    try:
        return datetime.strptime(text(word), "%d-%b-%Y").replace(tzinfo=UTC)
    except ValueError:
        raise SyntaxMistake("a date is expected") from None
