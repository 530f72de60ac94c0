"""Questions about what was answered and filed lately: the measure of how much more may be."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from peewee import ModelSelect, fn

from storage.database import is_sqlite
from storage.models import Delivery, Mail
from storage.prepared import Prepared, prepared
from storage.rows import db

MOST = 100
"""No question is answered with more rows than this."""
_LOCK = 7_315_004


def one_at_a_time() -> None:
    """Until the end of the transaction no other process counts; SQLite's write lock does it already."""
    if not is_sqlite():
        db.execute_sql("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))


def answers_to(address: str, since: datetime) -> list[datetime]:
    """When automatic answers to this address were written after a moment, the newest first."""
    return [row.created_at for row in _answers_to.all(address, since)]


@prepared
def _answers_to(address: Any, since: Any) -> ModelSelect[Delivery]:
    return _answers(since).where(Delivery.channel == address)


def answers_about(ticket_id: int, since: datetime) -> list[datetime]:
    """The same about one ticket."""
    return [row.created_at for row in _answers_about.all(ticket_id, since)]


@prepared
def _answers_about(ticket_id: Any, since: Any) -> ModelSelect[Delivery]:
    return _answers(since).where(Delivery.ticket == ticket_id)


def _answers(since: Any) -> ModelSelect[Delivery]:
    rows = Delivery.select(Delivery.created_at).where(Delivery.automatic & (Delivery.created_at > since))
    return rows.order_by(Delivery.created_at.desc()).limit(MOST)


def count_answers(since: datetime) -> int:
    """How many automatic answers were written to anybody after a moment."""
    (number,) = _count_answers.all(since)[0]
    return int(number)


@prepared
def _count_answers(since: Any) -> Any:
    return Delivery.select(fn.COUNT(Delivery.id)).where(Delivery.automatic & (Delivery.created_at > since)).tuples()


def filed_from(address: str, since: datetime, most: int) -> list[datetime]:
    """When the last mails of this address were filed after a moment, the newest first, at most so many."""
    return [row.finished_at for row in _filed_from(most).all(address, since)]


@cache
def _filed_from(most: int) -> Prepared[Mail]:
    def build(address: Any, since: Any) -> ModelSelect[Mail]:
        rows = Mail.select(Mail.finished_at).where((Mail.sender == address) & (Mail.sender != ""))
        return rows.where(Mail.finished_at > since).order_by(Mail.finished_at.desc()).limit(most)

    return prepared(build)
