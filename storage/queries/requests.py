"""Questions about requests already served, and updates stored before they are confirmed."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from peewee import Expression

from storage.database import is_sqlite, shared_now, transaction
from storage.models import ChatUpdate, Receipt
from storage.rows import db


def receipt(key: str) -> dict[str, Any] | None:
    """The answer that was given to this request, or None for a new one; only inside a transaction.

    Who asks the same at the same time waits for the end of it: SQLite's write lock does that already.
    """
    if not is_sqlite():
        db.execute_sql("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (key,))
    row = Receipt.get_or_none(Receipt.key == key)
    return row.answer if row else None


def add_receipt(key: str, answer: dict[str, Any], at: datetime) -> None:
    """This request is served; only inside its transaction."""
    Receipt.create(key=key, answer=answer, at=at)


def drop_receipts(before: datetime) -> int:
    """Forget old ones."""
    with transaction():
        return Receipt.delete().where(Receipt.at < before).execute()


def store_update(platform: str, update_id: int, payload: str, at: datetime, *, ours_for: timedelta) -> bool:
    """Keep an update, which is this process's for a while; False when it was known."""
    with transaction():
        until = shared_now(at) + ours_for
        cursor = ChatUpdate.insert(
            platform=platform, update_id=update_id, payload=payload, stored_at=at, claimed_until=until
        )
        return bool(list(cursor.on_conflict_ignore().returning(ChatUpdate.id).execute()))


def claim_updates(platform: str, at: datetime, *, ours_for: timedelta, most: int = 1000) -> list[tuple[int, str]]:
    """Kept, not done and no living process's, oldest first; now this one's for a while.

    On SQLite there is one process: it is given all, also those it has.
    """
    with transaction():
        now = shared_now(at)
        rows = ChatUpdate.select().where(_undone(platform)).order_by(ChatUpdate.update_id).limit(most)
        if not is_sqlite():
            is_free = ChatUpdate.claimed_until.is_null() | (ChatUpdate.claimed_until <= now)
            rows = rows.where(is_free).for_update(skip_locked=True)
        found = [(row.update_id, row.payload) for row in rows]
        if found:
            _claim(platform, [number for number, _ in found], now + ours_for)
    return found


def keep_updates(platform: str, update_ids: Iterable[int], at: datetime, *, ours_for: timedelta) -> None:
    """They are still this process's."""
    with transaction():
        _claim(platform, update_ids, shared_now(at) + ours_for)


def let_updates_go(platform: str, update_ids: Iterable[int]) -> None:
    """Any process may have them."""
    with transaction():
        _claim(platform, update_ids, None)


def update_done(platform: str, update_id: int, at: datetime) -> None:
    """It is done."""
    with transaction():
        ChatUpdate.update(done_at=at).where(
            (ChatUpdate.platform == platform) & (ChatUpdate.update_id == update_id)
        ).execute()


def drop_updates(before: datetime) -> int:
    """Forget old ones that are done."""
    with transaction():
        return ChatUpdate.delete().where(ChatUpdate.done_at < before).execute()


def _undone(platform: str) -> Expression:
    return (ChatUpdate.platform == platform) & ChatUpdate.done_at.is_null()


def _claim(platform: str, update_ids: Iterable[int], until: datetime | None) -> None:
    which = _undone(platform) & ChatUpdate.update_id.in_(list(update_ids))
    ChatUpdate.update(claimed_until=until).where(which).execute()
