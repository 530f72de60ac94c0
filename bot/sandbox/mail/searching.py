"""IMAP SEARCH: keys become questions about one mail, all of which must be answered with yes."""

import email
import email.policy
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.sandbox.mail.folders import StoredMail
from bot.sandbox.mail.syntax import SyntaxMistake, Words, day, is_set, numbers, text

FLAGS = {"SEEN": "\\Seen", "ANSWERED": "\\Answered", "FLAGGED": "\\Flagged", "DELETED": "\\Deleted", "DRAFT": "\\Draft"}
HEADERS = ("FROM", "TO", "CC", "BCC", "SUBJECT")


@dataclass(frozen=True)
class Found:
    """A mail and its place in the folder, as questions see it."""

    number: int
    mail: StoredMail


Question = Callable[[Found], bool]


def question(words: Words, *, highest_number: int, highest_uid: int) -> Question:
    """What the search asks; raises SyntaxMistake for keys that are not known."""
    return _Reader(list(words), highest_number, highest_uid).read_all()


class _Reader:
    def __init__(self, words: Words, highest_number: int, highest_uid: int) -> None:
        self.words = words
        self.highest_number, self.highest_uid = highest_number, highest_uid

    def read_all(self) -> Question:
        questions = []
        while self.words:
            questions.append(self._read())
        return lambda found: all(one(found) for one in questions)

    def _next(self) -> Any:
        if not self.words:
            raise SyntaxMistake("a search key lacks its value")
        return self.words.pop(0)

    def _read(self) -> Question:
        word = self._next()
        if isinstance(word, list):
            return _Reader(list(word), self.highest_number, self.highest_uid).read_all()
        if is_set(word):
            chosen = numbers(word, self.highest_number)
            return lambda found: found.number in chosen
        key = text(word).upper()
        read = {
            "ALL": lambda: _everything, "CHARSET": self._charset, "UID": self._uid, "NOT": self._not, "OR": self._or,
            "HEADER": lambda: _header(text(self._next()), text(self._next())),
            "KEYWORD": lambda: _flag(text(self._next())), "UNKEYWORD": lambda: _negated(_flag(text(self._next()))),
            "SINCE": lambda: self._dated(lambda at, limit: at >= limit),
            "BEFORE": lambda: self._dated(lambda at, limit: at < limit),
            "ON": lambda: self._dated(lambda at, limit: at == limit),
            "LARGER": lambda: self._sized(lambda size, limit: size > limit),
            "SMALLER": lambda: self._sized(lambda size, limit: size < limit),
            "TEXT": lambda: _holds(text(self._next())), "BODY": lambda: _holds(text(self._next())),
            "NEW": lambda: _negated(_flag("\\Seen")), "RECENT": lambda: _everything,
            "OLD": lambda: _negated(_everything),
        }.get(key)  # fmt: skip
        return read() if read else self._simple(key)

    def _simple(self, key: str) -> Question:
        if key in FLAGS:
            return _flag(FLAGS[key])
        if key.removeprefix("UN") in FLAGS:
            return _negated(_flag(FLAGS[key.removeprefix("UN")]))
        if key in HEADERS:
            return _header(key, text(self._next()))
        raise SyntaxMistake(f"unknown search key {key}")

    def _charset(self) -> Question:
        self._next()
        return _everything

    def _uid(self) -> Question:
        chosen = numbers(self._next(), self.highest_uid)
        return lambda found: found.mail.uid in chosen

    def _not(self) -> Question:
        return _negated(self._read())

    def _or(self) -> Question:
        one, other = self._read(), self._read()
        return lambda found: one(found) or other(found)

    def _dated(self, holds: Callable[[Any, Any], bool]) -> Question:
        limit = day(self._next()).date()
        return lambda found: holds(datetime.fromtimestamp(found.mail.received_at, UTC).date(), limit)

    def _sized(self, holds: Callable[[int, int], bool]) -> Question:
        limit = int(text(self._next()))
        return lambda found: holds(len(found.mail.raw), limit)


def _everything(_found: Found) -> bool:
    return True


def _negated(one: Question) -> Question:
    return lambda found: not one(found)


def _flag(name: str) -> Question:
    return lambda found: name.lower() in {flag.lower() for flag in found.mail.flags}


def _header(name: str, part: str) -> Question:
    def holds(found: Found) -> bool:
        message = email.message_from_bytes(found.mail.raw, policy=email.policy.default)
        return any(part.lower() in str(value).lower() for value in message.get_all(name, []))

    return holds


def _holds(part: str) -> Question:
    return lambda found: part.lower().encode() in found.mail.raw.lower()
