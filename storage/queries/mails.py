"""Questions about mails: the ledger of every mail ever taken, and how far each mailbox has been read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from peewee import ModelSelect, ModelUpdate, fn

from storage.database import locked, transaction
from storage.models import Mail, MailboxState
from storage.prepared import insert, prepared, update


def state(mailbox: str) -> MailboxState:
    """How far a mailbox was read; a new one was not read at all."""
    return _state.first(mailbox) or MailboxState(name=mailbox)


@prepared
def _state(mailbox: Any) -> ModelSelect[MailboxState]:
    return MailboxState.select().where(MailboxState.name == mailbox)


def set_state(mailbox: str, **values: Any) -> None:
    """Change what is known of a mailbox."""
    with transaction():
        MailboxState.insert(name=mailbox, **values).on_conflict(
            conflict_target=[MailboxState.name],
            update={getattr(MailboxState, name): value for name, value in values.items()},
        ).execute()


def states() -> list[MailboxState]:
    """All mailboxes that were ever tried."""
    return list(MailboxState.select().order_by(MailboxState.name))


def store(mails: Iterable[dict[str, Any]]) -> int:
    """Keep mails; how many were new. One that is kept already (same mailbox, UIDVALIDITY, UID) is passed over.

    One that was asked for in vain before (`missed`) is kept in the row that it has.
    """
    return sum(insert(Mail(**mail), _IF_MISSING) is not None for mail in mails)


_IF_MISSING = (
    "ON CONFLICT (mailbox, uidvalidity, uid) DO UPDATE SET identity = EXCLUDED.identity, sha256 = EXCLUDED.sha256, "
    "size = EXCLUDED.size, received_at = EXCLUDED.received_at, state = EXCLUDED.state, reason = EXCLUDED.reason, "
    "finished_at = EXCLUDED.finished_at, attempts = 0 WHERE mail.state = 'new' AND mail.sha256 = ''"
)
_PLACE = [Mail.mailbox, Mail.uidvalidity, Mail.uid]
_IS_MISSING = (Mail.state == "new") & (Mail.sha256 == "")


def missed(mail: dict[str, Any]) -> Mail:
    """Note a mail that was asked for in vain once more; its row, whose `attempts` counts. One that is kept stays so."""
    with transaction():
        Mail.insert(**mail, attempts=1).on_conflict(
            conflict_target=_PLACE,
            update={Mail.attempts: Mail.attempts + 1},
            where=_IS_MISSING,
        ).execute()
        at = (Mail.mailbox == mail["mailbox"]) & (Mail.uidvalidity == mail["uidvalidity"]) & (Mail.uid == mail["uid"])
        return Mail.get(at)


def unfetched(mailbox: str) -> list[Mail]:
    """Mails that were asked for in vain and are to be asked for again, in the order of their UIDs."""
    rows = Mail.select().where((Mail.mailbox == mailbox) & _IS_MISSING)
    return list(rows.order_by(Mail.uid))


def new(mailbox: str, now: datetime) -> list[int]:
    """The ids of mails that are kept, not yet read and held back no longer, oldest first."""
    rows = Mail.select(Mail.id).where((Mail.mailbox == mailbox) & (Mail.state == "new") & (Mail.sha256 != ""))
    free = Mail.held_until.is_null() | (Mail.held_until <= now)
    return [row.id for row in rows.where(free).order_by(Mail.id)]


def hold(mail_id: int, until: datetime) -> None:
    """Leave a mail kept and unread until a moment."""
    Mail.update(held_until=until).where(Mail.id == mail_id).execute()


def mail(mail_id: int) -> Mail:
    """One mail."""
    found = _mail.first(mail_id)
    assert found is not None, "a mail's row is never deleted"
    return found


@prepared
def _mail(mail_id: Any) -> ModelSelect[Mail]:
    return Mail.select().where(Mail.id == mail_id)


def state_of(mail_id: int) -> str:
    """The state of one mail, locked until the end of the transaction."""
    return _mail_state.all(mail_id)[0].state


@prepared
def _mail_state(mail_id: Any) -> ModelSelect[Mail]:
    return locked(Mail.select(Mail.state).where(Mail.id == mail_id))


def mail_or_none(mail_id: int) -> Mail | None:
    """One mail, if it is there."""
    return Mail.get_or_none(Mail.id == mail_id)


def try_once_more(mail_id: int) -> int:
    """Count a try at reading; the number of tries with this one."""
    with transaction():
        _one_more_try.run(mail_id)
        return _tries.all(mail_id)[0].attempts


@prepared
def _one_more_try(mail_id: Any) -> ModelUpdate:
    return Mail.update(attempts=Mail.attempts + 1).where(Mail.id == mail_id)


@prepared
def _tries(mail_id: Any) -> ModelSelect[Mail]:
    return Mail.select(Mail.attempts).where(Mail.id == mail_id)


def earlier(mailbox: str, identity: str, before_id: int) -> Mail | None:
    """An earlier mail of the same identity in this mailbox."""
    return _earlier.first(mailbox, identity, before_id)


@prepared
def _earlier(mailbox: Any, identity: Any, before_id: Any) -> ModelSelect[Mail]:
    same = (Mail.mailbox == mailbox) & (Mail.identity == identity) & (Mail.id < before_id)
    return Mail.select(Mail.id, Mail.uid, Mail.ticket).where(same).order_by(Mail.id).limit(1)


def finish(mail_id: int, at: datetime, **values: Any) -> bool:
    """Give a mail its final state and let go of its bytes; False when it had one already."""
    return bool(update(Mail, {**values, "finished_at": at, "content": None}, id=mail_id, state="new"))


def untidied(mailbox: str, uidvalidity: int) -> list[Mail]:
    """Finished mails that are not yet flagged or moved."""
    rows = Mail.select(Mail.id, Mail.uid, Mail.state).where(
        (Mail.mailbox == mailbox) & (Mail.uidvalidity == uidvalidity) & ~Mail.tidied & (Mail.state != "new")
    )
    return list(rows.order_by(Mail.uid))


def tidied(mail_ids: Iterable[int]) -> None:
    """These are flagged or moved."""
    with transaction():
        Mail.update(tidied=True).where(Mail.id.in_(list(mail_ids))).execute()


def quarantined() -> list[Mail]:
    """What could not be read, oldest first."""
    return list(Mail.select().where(Mail.state == "quarantined").order_by(Mail.id))


def retry(mail_id: int, *, attempts: int = 0) -> bool:
    """Read a quarantined mail again, as if tried so often; False when it is not in quarantine.

    From its bytes; one without is asked for again at its place.
    """
    with transaction():
        return bool(
            Mail.update(state="new", finished_at=None, attempts=attempts, reason="")
            .where((Mail.id == mail_id) & (Mail.state == "quarantined"))
            .execute()
        )


def drop(mail_id: int) -> bool:
    """Give a quarantined mail up; False when it is not in quarantine."""
    with transaction():
        return bool(Mail.update(state="dropped").where((Mail.id == mail_id) & (Mail.state == "quarantined")).execute())


def made_by_hand(mail_id: int) -> bool:
    """A quarantined mail becomes a ticket that somebody writes; False when it is not in quarantine (any more)."""
    with transaction():
        return bool(
            Mail.update(state="ticket", reason="made by hand")
            .where((Mail.id == mail_id) & (Mail.state == "quarantined"))
            .execute()
        )


def belongs_to(mail_id: int, ticket_id: int) -> None:
    """The ticket that a mail became."""
    Mail.update(ticket=ticket_id).where(Mail.id == mail_id).execute()


def reason_of_ticket(ticket_id: int) -> str:
    """Why the mail that became this ticket became one, "" where no mail did."""
    found = Mail.select(Mail.reason).where((Mail.ticket == ticket_id) & (Mail.state == "ticket")).order_by(Mail.id)
    return str(found.limit(1).scalar() or "")


def to_read_again(tries: int) -> set[str]:
    """The mailboxes with a mail that somebody wants to be read again: it had all its `tries` and is new once more."""
    asked = (Mail.state == "new") & (Mail.attempts >= tries) & (Mail.sha256 != "")
    return {row.mailbox for row in Mail.select(Mail.mailbox).where(asked).distinct()}


def highest_uid(mailbox: str, uidvalidity: int) -> int:
    """The highest UID that is kept of a folder, 0 for none."""
    return (
        Mail.select(fn.MAX(Mail.uid)).where((Mail.mailbox == mailbox) & (Mail.uidvalidity == uidvalidity)).scalar() or 0
    )


def count_quarantined() -> int:
    """How many lie in quarantine."""
    return Mail.select().where(Mail.state == "quarantined").count()
