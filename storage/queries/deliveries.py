"""Questions about deliveries and postings: what waits, what is being sent, what hangs where."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from peewee import SQL, fn

from storage.database import is_sqlite, transaction
from storage.models import Delivery, Posting

# deliveries ----------------------------------------------------------------------------------------------------------


def add(**values: Any) -> None:
    """A delivery, unless one of the same key is pending: that one will say it all."""
    Delivery.insert(**values).on_conflict(
        action="IGNORE" if is_sqlite() else None,
        conflict_target=None if is_sqlite() else (Delivery.key,),
        conflict_where=None if is_sqlite() else SQL("state = 'pending'"),
        update=None if is_sqlite() else {Delivery.key: Delivery.key},
    ).execute()


def claim(platforms: Iterable[str], now: datetime, until: datetime, most: int) -> list[Delivery]:
    """Take up to `most` due deliveries for sending, the most urgent first; nobody else gets them until `until`."""
    chosen = (
        Delivery.select(Delivery.id)
        .where((Delivery.state == "pending") & (Delivery.next_at <= now) & Delivery.platform.in_(list(platforms)))
        .order_by(Delivery.urgency, Delivery.next_at, Delivery.id)
        .limit(most)
    )
    if not is_sqlite():
        chosen = chosen.for_update(skip_locked=True)
    with transaction():
        ids = [row.id for row in chosen]
        if not ids:
            return []
        Delivery.update(state="sending", claimed_until=until, attempts=Delivery.attempts + 1).where(
            Delivery.id.in_(ids)
        ).execute()
        return list(Delivery.select().where(Delivery.id.in_(ids)).order_by(Delivery.urgency, Delivery.id))


def reclaim(now: datetime) -> int:
    """Put back what was being sent by somebody who did not finish; how many."""
    with transaction():
        lost = Delivery.select().where((Delivery.state == "sending") & (Delivery.claimed_until <= now))
        for row in list(lost):
            _back_to_pending(row, now, row.error or "interrupted")
        return len(lost)


def sent(delivery_id: int, at: datetime, external_id: str) -> None:
    """It arrived."""
    Delivery.update(state="sent", sent_at=at, external_id=external_id, error="", claimed_until=None).where(
        Delivery.id == delivery_id
    ).execute()


def again(delivery: Delivery, at: datetime, error: str) -> None:
    """Try once more, not before `at`."""
    with transaction():
        _back_to_pending(delivery, at, error)


def _back_to_pending(delivery: Delivery, at: datetime, error: str) -> None:
    newer = Delivery.select().where((Delivery.key == delivery.key) & (Delivery.state == "pending")).exists()
    state = "withdrawn" if newer else "pending"
    Delivery.update(state=state, next_at=at, error=error, claimed_until=None).where(
        Delivery.id == delivery.id
    ).execute()


def fail(delivery_id: int, error: str) -> None:
    """It cannot be delivered; a person has to look."""
    Delivery.update(state="failed", error=error, claimed_until=None).where(Delivery.id == delivery_id).execute()


def withdraw(message_id: int) -> int:
    """Take back the letters of a message that have not left; how many. 0 when one has left already."""
    with transaction():
        rows = Delivery.select().where(
            (Delivery.message == message_id) & (Delivery.kind == "letter") & (Delivery.state != "withdrawn")
        )
        if any(row.state != "pending" for row in rows):
            return 0
        return (
            Delivery.update(state="withdrawn")
            .where((Delivery.message == message_id) & (Delivery.kind == "letter") & (Delivery.state == "pending"))
            .execute()
        )


def retry_failed(delivery_ids: Iterable[int] | None, now: datetime) -> int:
    """Try failed ones again: these, or all."""
    with transaction():
        rows = Delivery.select().where(Delivery.state == "failed")
        if delivery_ids is not None:
            rows = rows.where(Delivery.id.in_(list(delivery_ids)))
        found = list(rows)
        for row in found:
            _back_to_pending(row, now, row.error)
        return len(found)


def undelivered(most: int = 200) -> list[Delivery]:
    """What failed and what waits, oldest first."""
    return list(
        Delivery.select().where(Delivery.state.in_(["pending", "sending", "failed"])).order_by(Delivery.id).limit(most)
    )


def failed_of(ticket_id: int) -> list[Delivery]:
    """What could not be told about one ticket."""
    return list(Delivery.select().where((Delivery.ticket == ticket_id) & (Delivery.state == "failed")))


def counts(now: datetime) -> dict[str, Any]:
    """How many failed, and since when the oldest waits that could have left."""
    oldest = (
        Delivery.select(fn.MIN(Delivery.next_at))
        .where(Delivery.state.in_(["pending", "sending"]) & (Delivery.next_at <= now))
        .scalar()
    )
    return {"dead": Delivery.select().where(Delivery.state == "failed").count(), "oldest": oldest}


def next_due(platforms: Iterable[str]) -> datetime | None:
    """When the next pending delivery may leave."""
    return (
        Delivery.select(fn.MIN(Delivery.next_at))
        .where((Delivery.state == "pending") & Delivery.platform.in_(list(platforms)))
        .scalar()
    )


def letters_out(message_id: int) -> list[Delivery]:
    """The letters of a message, one for each recipient."""
    return list(Delivery.select().where((Delivery.message == message_id) & (Delivery.kind == "letter")))


# postings ------------------------------------------------------------------------------------------------------------


def posting(ticket_id: int, place: str) -> Posting | None:
    """The card of a ticket in one place."""
    return Posting.get_or_none((Posting.ticket == ticket_id) & (Posting.place == place))


def hang(ticket_id: int, place: str, *, platform: str, channel: str, topic: int, message: str, at: datetime) -> None:
    """A card hangs now: in this place there is no other of this ticket."""
    Posting.delete().where((Posting.ticket == ticket_id) & (Posting.place == place)).execute()
    Posting.create(
        ticket=ticket_id, place=place, platform=platform, channel=channel, topic=topic, message=message, posted_at=at
    )


def unhang(ticket_id: int, place: str) -> None:
    """The card is not there any more."""
    Posting.delete().where((Posting.ticket == ticket_id) & (Posting.place == place)).execute()


def drawn(posting_id: int, version: int) -> None:
    """The card shows this version now."""
    Posting.update(drawn_version=version).where(Posting.id == posting_id).execute()


def move_channel(platform: str, old: str, new: str) -> None:
    """A chat has another id now: its postings and what waits for it."""
    with transaction():
        Posting.update(channel=new).where((Posting.platform == platform) & (Posting.channel == old)).execute()
        Delivery.update(channel=new).where(
            (Delivery.platform == platform) & (Delivery.channel == old) & (Delivery.state == "pending")
        ).execute()
