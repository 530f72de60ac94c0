"""Full text: which tickets hold all of some words, the newest first. What people type is words and never operators.

SQLite reads its index backwards and stops when it has enough. PostgreSQL cannot, so it is asked for the newest tickets
alone, then for more of them, then for all: a frequent word ends early, a rare one has little to look at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from unicodedata import normalize

from peewee import Expression, ModelSelect, Table, Value, fn

from storage.database import is_sqlite
from storage.models import Ticket

TEXT = Table("search_text")  # SQLite's
WORDS = Table("search_words")  # PostgreSQL's
WINDOWS = (("a", 4096, 2), ("b", 65536, 2))  # lexeme, how many tickets share it, how many of these are asked for

_WORD = re.compile(r"(?:[^\W_]|[\u0300-\u036f])+")
_LONGEST, _MOST = 60, 20


def words(text: str) -> list[str]:
    """The words of what somebody typed, at most twenty; all that is no letter or digit parts them."""
    typed = _WORD.findall(normalize("NFC", text).lower())
    return list(dict.fromkeys(word[:_LONGEST] for word in typed))[:_MOST]


def newest(tickets: ModelSelect[Ticket], text: str, most: int) -> list[int]:
    """The ids of at most so many tickets of a query that hold all words of a text, the newest first."""
    if not words(text):
        return []
    if is_sqlite():
        return _ids(holding(tickets, text).order_by(TEXT.c.rowid.desc()).limit(most))
    for window in _windows():
        near = _ids(_near(tickets, text, window).order_by(WORDS.c.ticket_id.desc()).limit(most))
        if len(near) == most:
            return near
    by_words_first = (WORDS.c.ticket_id + 0).desc()  # an order that no index gives: else all tickets may be walked
    return _ids(holding(tickets, text).order_by(by_words_first).limit(most))


def holding(tickets: ModelSelect[Ticket], text: str) -> ModelSelect[Ticket]:
    """The tickets of a query that hold all words of a text, in no order; none where it has no word."""
    if not words(text):
        return tickets.where(Value(1) == Value(0))
    if is_sqlite():
        said = " ".join(f'"{word}"' for word in words(text))
        matches = Expression(TEXT.c.search_text, "MATCH", Value(said))
        return tickets.join_from(Ticket, TEXT, on=(TEXT.c.rowid == Ticket.id)).where(matches)
    return _joined(tickets, _query(text))


def _near(tickets: ModelSelect[Ticket], text: str, window: str) -> ModelSelect[Ticket]:
    return _joined(tickets, Expression(_query(text), "&&", Value(window).cast("tsquery")))


def _joined(tickets: ModelSelect[Ticket], query: object) -> ModelSelect[Ticket]:
    holds = Expression(WORDS.c.words, "@@", query)
    return tickets.join_from(Ticket, WORDS, on=(WORDS.c.ticket_id == Ticket.id)).where(holds)


def _query(text: str) -> object:
    return fn.search_query(" ".join(words(text)))


def _windows() -> Iterator[str]:
    """Queries for the newest tickets alone: first for a few, then for more."""
    last = Ticket.select(fn.MAX(Ticket.id)).scalar() or 0
    for name, size, count in WINDOWS:
        numbers = [last // size - step for step in range(count) if last // size >= step]
        yield " | ".join(f"'#{name}{number}'" for number in numbers)


def _ids(query: ModelSelect[Ticket]) -> list[int]:
    rows: Any = query.tuples()
    return [row[0] for row in rows]
