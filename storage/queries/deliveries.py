"""Questions about deliveries and postings: what waits, what is being sent, what hangs where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from peewee import JOIN, IntegrityError, ModelSelect, fn

from storage.database import attempt, is_sqlite, locked, shared_now, transaction
from storage.models import Delivery, Event, Posting, Ticket
from storage.prepared import insert, prepared
from storage.rows import db

ORDER = (Delivery.urgency, Delivery.created_at, Delivery.id)
"""What goes first."""

# deliveries ----------------------------------------------------------------------------------------------------------


def add(**values: Any) -> None:
    """A delivery, unless one of the same key is pending: that one will say it all."""
    insert(Delivery(**values), "ON CONFLICT (key) WHERE state = 'pending' DO NOTHING")


def claim(platform: str, busy: Iterable[str], now: datetime, until: datetime, most: int) -> list[Delivery]:
    """Take up to `most` due deliveries of a platform, the most urgent first, none for a busy place.

    Nobody else gets them before `until`. A place where another process is sending is busy, too: what is said in one
    place is said by one at a time, or an older card could be drawn over a newer one.
    """
    due = (
        Delivery.select(Delivery.id)
        .where((Delivery.state == "pending") & (Delivery.next_at <= now) & (Delivery.platform == platform))
        .where(Delivery.place.not_in(list(busy)))
    )
    if not due.exists():
        return []
    chosen = due.order_by(*ORDER).limit(most)
    with transaction():
        ids = [row.id for row in (chosen if is_sqlite() else _nobody_elses(platform, chosen))]
        if not ids:
            return []
        good_until = shared_now(now) + (until - now)
        Delivery.update(state="sending", claimed_until=good_until, attempts=Delivery.attempts + 1).where(
            Delivery.id.in_(ids)
        ).execute()
        return list(Delivery.select().where(Delivery.id.in_(ids)).order_by(*ORDER))


def _nobody_elses(platform: str, chosen: ModelSelect[Delivery]) -> ModelSelect[Delivery]:
    """Those of these whose places are free; one process at a time looks, until the end of its transaction."""
    db.execute_sql("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"deliveries:{platform}",))
    sending = Delivery.alias()
    there = sending.select(sending.id).where((sending.state == "sending") & (sending.place == Delivery.place))
    return chosen.where(~fn.EXISTS(there)).for_update(skip_locked=True)


def renew(delivery_ids: Iterable[int], now: datetime, until: datetime) -> None:
    """These are still being sent; nobody else gets them before `until`."""
    ids = list(delivery_ids)
    if ids:
        good_until = shared_now(now) + (until - now)
        Delivery.update(claimed_until=good_until).where(Delivery.id.in_(ids) & (Delivery.state == "sending")).execute()


def reclaim(now: datetime) -> int:
    """Put back what was being sent by somebody who did not finish; how many."""
    lost = Delivery.select().where((Delivery.state == "sending") & (Delivery.claimed_until <= shared_now(now)))
    if not lost.exists():
        return 0
    return _interrupted(lost, now)


def let_go(delivery_ids: Iterable[int], now: datetime) -> int:
    """Put back those of these that are still being sent, because nobody sends them any more; how many."""
    return _interrupted(
        Delivery.select().where(Delivery.id.in_(list(delivery_ids)) & (Delivery.state == "sending")), now
    )


def _interrupted(lost: Any, now: datetime) -> int:
    with transaction():
        rows = list(locked(lost))
        for row in rows:
            _back_to_pending(row, now, row.error or "interrupted")
        return len(rows)


def sent(delivery_id: int, at: datetime, external_id: str) -> None:
    """It arrived."""
    Delivery.update(state="sent", sent_at=at, external_id=external_id, error="", claimed_until=None).where(
        Delivery.id == delivery_id
    ).execute()


def again(delivery_id: int, at: datetime, error: str) -> None:
    """Try once more, not before `at`."""
    with transaction():
        _back_to_pending(delivery(delivery_id), at, error)


def bring_forward(place: str, at: datetime) -> None:
    """What has failed in a place and would wait longer is tried again at `at`."""
    waits = (Delivery.state == "pending") & (Delivery.place == place) & (Delivery.attempts > 0)
    Delivery.update(next_at=at).where(waits & (Delivery.next_at > at)).execute()


def not_tried(delivery_ids: Iterable[int], at: datetime, error: str) -> None:
    """These were taken and are as if they had not been; not before `at`."""
    with transaction():
        for delivery_id in delivery_ids:
            Delivery.update(attempts=Delivery.attempts - 1).where(Delivery.id == delivery_id).execute()
            _back_to_pending(delivery(delivery_id), at, error)


def _back_to_pending(delivery: Delivery, at: datetime, error: str) -> None:
    """Wait again, or hand the turn over to what waits already under the same key."""
    turn = {"attempts": Delivery.attempts + delivery.attempts, "created_at": delivery.created_at}
    newer = Delivery.update(**turn).where((Delivery.key == delivery.key) & (Delivery.state == "pending"))
    while not newer.execute():
        if _waits_again(delivery, at, error):
            return
    over = {"state": "withdrawn", "next_at": at, "error": error, "claimed_until": None}
    Delivery.update(over).where(Delivery.id == delivery.id).execute()


def _waits_again(delivery: Delivery, at: datetime, error: str) -> bool:
    """False where another process has asked for the same at this very moment."""
    waiting = {"state": "pending", "next_at": at, "error": error, "claimed_until": None}
    try:
        with attempt():
            Delivery.update(waiting).where(Delivery.id == delivery.id).execute()
    except IntegrityError:
        return False
    return True


def mark(delivery_id: int, **more: Any) -> None:
    """Add to what a delivery says of itself."""
    payload = {**delivery(delivery_id).payload, **more}
    Delivery.update(payload=payload).where(Delivery.id == delivery_id).execute()


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


def withdraw_one(delivery_id: int, reason: str) -> None:
    """Nobody is to be told this any more."""
    Delivery.update(state="withdrawn", error=reason, claimed_until=None).where(Delivery.id == delivery_id).execute()


def is_overtaken(delivery: Delivery) -> bool:
    """Whether a later event of the same kind, on the same ticket, is told in the same place as well."""
    event = delivery.event
    if event is None:
        return False
    later = Delivery.select(Delivery.id).join(Event).where((Event.kind == event.kind) & (Event.id > event.id))
    return bool(later.where((Delivery.ticket == delivery.ticket_id) & (Delivery.place == delivery.place)).exists())


def withdraw_pending(key: str) -> None:
    """What waits under this key is not needed any more."""
    Delivery.update(state="withdrawn").where((Delivery.key == key) & (Delivery.state == "pending")).execute()


def retry_failed(delivery_ids: Iterable[int] | None, now: datetime) -> int:
    """Try failed ones again, for as long as new ones: these, or all. How many."""
    with transaction():
        rows = Delivery.select().where(Delivery.state == "failed")
        if delivery_ids is not None:
            rows = rows.where(Delivery.id.in_(list(delivery_ids)))
        found = list(rows)
        for row in found:
            _back_to_pending(row, now, row.error)
        Delivery.update(created_at=now).where(Delivery.id.in_([row.id for row in found])).execute()
        return len(found)


def undelivered() -> list[Delivery]:
    """What failed and what waits, oldest first, each with the reference of its ticket."""
    waits = Delivery.state.in_(["pending", "sending", "failed"])
    rows = Delivery.select(Delivery, Ticket.reference).join(Ticket, JOIN.LEFT_OUTER).where(waits)
    return list(rows.order_by(Delivery.id))


def failed_letters(ticket_id: int) -> list[Delivery]:
    """The letters of one ticket that could not be delivered, since something else was written that could."""
    failed = _failed_letters.all(ticket_id)
    if not failed:
        return []
    letters = (Delivery.ticket == ticket_id) & (Delivery.kind == "letter")
    sent = letters & (Delivery.state == "sent") & Delivery.message.is_null(False)
    newest = Delivery.select(fn.MAX(Delivery.event)).where(sent).scalar() or 0
    return [letter for letter in failed if (letter.event_id or 0) >= newest]


@prepared
def _failed_letters(ticket_id: Any) -> ModelSelect[Delivery]:
    letters = (Delivery.ticket == ticket_id) & (Delivery.kind == "letter")
    return Delivery.select().where(letters & (Delivery.state == "failed")).order_by(Delivery.id)


def came_back(ticket_id: int, recipients: Iterable[str], error: str) -> list[str]:
    """Letters that had left and were returned: of each recipient the newest. Whose letters there were."""
    found: list[str] = []
    for address in {recipient.lower() for recipient in recipients}:
        letters = (Delivery.ticket == ticket_id) & (Delivery.kind == "letter") & (Delivery.channel == address)
        last = Delivery.select().where(letters & (Delivery.state == "sent")).order_by(Delivery.id.desc()).first()
        if last is not None:
            fail(last.id, error)
            found.append(address)
    return found


def counts(now: datetime) -> dict[str, Any]:
    """How many failed, and since when the oldest waits that could have left."""
    oldest = (
        Delivery.select(fn.MIN(Delivery.next_at))
        .where(Delivery.state.in_(["pending", "sending"]) & (Delivery.next_at <= now))
        .scalar()
    )
    return {"dead": Delivery.select().where(Delivery.state == "failed").count(), "oldest": oldest}


def delivery(delivery_id: int) -> Delivery:
    """One delivery."""
    return Delivery.get(Delivery.id == delivery_id)


def add_notice(
    text: str,
    *,
    key: str,
    platform: str,
    channel: str,
    topic: int,
    at: datetime,
    about: Mapping[str, Any] | None = None,
    kind: str = "notice",
    urgency: int = 5,
) -> None:
    """Something to say in a channel that belongs to no ticket; a "post" is drawn anew where it hangs.

    `about` is what else is known of it: `under`, the message there that it answers; `mail`, what it is drawn from.
    """
    add(
        key=key,
        kind=kind,
        platform=platform,
        place=f"{platform}:{channel}" + (f"/{topic}" if topic > 0 else ""),
        channel=channel,
        topic=max(topic, 0),
        payload={"text": text, **(about or {})},
        urgency=urgency,
        next_at=at,
        created_at=at,
    )


def was_shared(ticket_id: int, place: str, sha256: str) -> bool:
    """Whether a file with this content hangs under the ticket's card in this place."""
    files = (Delivery.ticket == ticket_id) & (Delivery.kind == "file") & (Delivery.state == "sent")
    sent = Delivery.select(Delivery.payload).where(files & (Delivery.place == place))
    return any(delivery.payload["sha256"] == sha256 for delivery in sent)


def letters_out(message_id: int) -> list[Delivery]:
    """The letters of a message, one for each recipient."""
    return list(Delivery.select().where((Delivery.message == message_id) & (Delivery.kind == "letter")))


# postings ------------------------------------------------------------------------------------------------------------


def posting(ticket_id: int, place: str) -> Posting | None:
    """The card of a ticket in one place."""
    return Posting.get_or_none((Posting.ticket == ticket_id) & (Posting.place == place))


def posting_at(platform: str, channel: str, message: str) -> Posting | None:
    """The card that this message is."""
    is_it = (Posting.platform == platform) & (Posting.channel == channel) & (Posting.message == message)
    return Posting.get_or_none(is_it)


def hang(ticket_id: int, place: str, *, version: int, at: datetime, **where: Any) -> None:
    """A card hangs now and shows this version: in this place there is no other of this ticket.

    `where`: platform, channel, topic, message.
    """
    Posting.insert(ticket=ticket_id, place=place, drawn_version=version, posted_at=at, **where).on_conflict(
        conflict_target=[Posting.ticket, Posting.place],
        update={**{getattr(Posting, name): value for name, value in where.items()}, Posting.drawn_version: version},
    ).execute()


def unhang(ticket_id: int, place: str) -> None:
    """The card is not there any more."""
    Posting.delete().where((Posting.ticket == ticket_id) & (Posting.place == place)).execute()
