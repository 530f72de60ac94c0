"""Questions about requests already served, and updates stored before they are confirmed."""

from datetime import datetime
from typing import Any

from storage.database import is_sqlite, transaction
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


def store_update(platform: str, update_id: int, payload: str, at: datetime) -> bool:
    """Keep an update; False when it was known."""
    with transaction():
        cursor = ChatUpdate.insert(platform=platform, update_id=update_id, payload=payload, stored_at=at)
        return bool(list(cursor.on_conflict_ignore().returning(ChatUpdate.id).execute()))


def pending_updates(platform: str) -> list[tuple[int, str]]:
    """Kept and not done, oldest first."""
    rows = ChatUpdate.select().where((ChatUpdate.platform == platform) & ChatUpdate.done_at.is_null())
    return [(row.update_id, row.payload) for row in rows.order_by(ChatUpdate.update_id)]


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
