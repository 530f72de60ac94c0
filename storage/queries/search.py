"""Full text: which tickets hold all of some words, the newest first. What people type is words and never operators.

SQLite reads its index backwards and stops when it has enough. PostgreSQL cannot, so it is asked for the newest tickets
alone, then for more of them, then for all: a frequent word ends early, a rare one has little to look at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from unicodedata import normalize

from peewee import JOIN, Expression, ModelSelect, Table, Value, fn

from storage.database import is_sqlite
from storage.models import Ticket
from storage.rows import db

TEXT = Table("search_text")  # SQLite's
WORDS = Table("search_words")  # PostgreSQL's
WINDOWS = (("a", 4096, 2), ("b", 65536, 2))  # lexeme, how many tickets share it, how many of these are asked for
FEW = 2000  # tickets that are looked at one by one

_WORD = re.compile(r"(?:[^\W_]|[\u0300-\u036f])+")
_LONGEST, _MOST = 60, 20


def words(text: str) -> list[str]:
    """The words of what somebody typed, at most twenty; all that is no letter or digit parts them."""
    typed = _WORD.findall(normalize("NFC", text).lower())
    return list(dict.fromkeys(word[:_LONGEST] for word in typed))[:_MOST]


def newest(tickets: ModelSelect[Ticket], text: str, most: int, *, narrow: bool = False) -> list[int]:
    """The ids of at most so many tickets of a query that hold all words of a text, the newest first.

    `narrow`: the query has an index of its own and may give few tickets.
    """
    if not words(text):
        return []
    if is_sqlite():
        few = narrow and _is_frequent(text) and not _more_than_few(tickets)
        return _ids((_tickets_first(tickets, text) if few else _words_first(tickets, text)).limit(most))
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
        return tickets.join_from(Ticket, TEXT, on=(TEXT.c.rowid == Ticket.id)).where(_matches(text))
    return _joined(tickets, _query(text))


def _words_first(tickets: ModelSelect[Ticket], text: str) -> ModelSelect[Ticket]:
    return holding(tickets, text).order_by(TEXT.c.rowid.desc())


def _tickets_first(tickets: ModelSelect[Ticket], text: str) -> ModelSelect[Ticket]:
    here = (TEXT.c.rowid == Ticket.id) & _matches(text)
    return tickets.join_from(Ticket, TEXT, JOIN.CROSS).where(here).order_by(Ticket.id.desc())


def _is_frequent(text: str) -> bool:
    return _more_than_few(TEXT.select(TEXT.c.rowid).where(_matches(text)).bind(db))


def _more_than_few(query: Any) -> bool:
    return len(_ids(query.limit(FEW + 1))) > FEW


def _matches(text: str) -> Expression:
    return Expression(TEXT.c.search_text, "MATCH", Value(" ".join(f'"{word}"' for word in words(text))))


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


def _ids(query: Any) -> list[int]:
    rows: Any = query.tuples()
    return [row[0] for row in rows]
