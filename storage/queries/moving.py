"""Questions about the cards of a whole group, when its channel changes: for many tickets at once."""

from collections.abc import Iterable, Mapping
from typing import Any

from peewee import SQL

from storage.database import is_sqlite
from storage.models import Delivery, Posting, Ticket

OPEN = 8
"""Statuses below are open."""
PART = 50


def open_postings(group_id: int) -> list[Posting]:
    """Where the cards of a group's open tickets hang."""
    is_open = (Ticket.group == group_id) & (Ticket.status < OPEN) & Ticket.deleted_at.is_null()
    return list(Posting.select().join(Ticket).where(is_open).order_by(Posting.ticket, Posting.id))


def draw_anew(posting_ids: Iterable[int]) -> None:
    """These cards are not as they are to be, though their tickets have not changed."""
    Posting.update(drawn_version=-1).where(Posting.id.in_(list(posting_ids))).execute()


def add_all(deliveries: Iterable[Mapping[str, Any]]) -> None:
    """Deliveries, but for those of a key that is pending already."""
    rows = list(deliveries)
    for start in range(0, len(rows), PART):
        Delivery.insert_many(rows[start : start + PART]).on_conflict(
            action="IGNORE" if is_sqlite() else None,
            conflict_target=None if is_sqlite() else (Delivery.key,),
            conflict_where=None if is_sqlite() else SQL("state = 'pending'"),
            update=None if is_sqlite() else {Delivery.key: Delivery.key},
        ).execute()
