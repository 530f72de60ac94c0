"""Questions about the desk itself: settings, its secret, numbers, jottings, leases."""

from datetime import datetime
from typing import Any

from storage.database import transaction
from storage.models import Counter, Jotting, Lease, Secret, Setting
from storage.prepared import insert, prepared


def settings() -> dict[str, Any]:
    """All settings that were set, by name."""
    return {row.name: row.value for row in _settings.all()}


@prepared
def _settings() -> Any:
    return Setting.select()


def set_setting(name: str, value: object, by: str, at: datetime) -> None:
    """Set one."""
    row = {Setting.name: name, Setting.value: value, Setting.set_by: by, Setting.set_at: at}
    with transaction():
        Setting.insert(row).on_conflict(
            conflict_target=[Setting.name], preserve=[Setting.value, Setting.set_by, Setting.set_at]
        ).execute()


def reset_setting(name: str) -> None:
    """Forget what was set."""
    with transaction():
        Setting.delete().where(Setting.name == name).execute()


def secret(name: str, made: str) -> str:
    """The desk's own secret of that name; `made` is kept when there is none yet."""
    with transaction():
        Secret.insert(name=name, value=made).on_conflict_ignore().execute()
        return Secret.get(Secret.name == name).value


def next_number(counter: str) -> int:
    """One more than the last one; the first is 1. Only inside the transaction that uses it, so that none is lost."""
    (number,) = _next.all(counter)[0]
    return number


@prepared
def _next(counter: Any) -> Any:
    first = Counter.insert(name=counter, value=1)
    more = first.on_conflict(conflict_target=[Counter.name], update={Counter.value: Counter.value + 1})
    return more.returning(Counter.value).tuples()


def last_number(counter: str) -> int:
    """The last number given, 0 before the first."""
    row = Counter.get_or_none(Counter.name == counter)
    return row.value if row else 0


def set_number(counter: str, number: int) -> None:
    """Go on from another number. Only inside the transaction that took one."""
    Counter.update(value=number).where(Counter.name == counter).execute()


def jot(key: str, value: object, expires_at: datetime) -> None:
    """Remember something small until a moment."""
    with transaction():
        insert(Jotting(key=key, value=value, expires_at=expires_at), _INSTEAD)


_INSTEAD = "ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value, expires_at = EXCLUDED.expires_at"


def jotted(key: str, now: datetime) -> Any:
    """What was remembered, or None."""
    row = _jotted.first(key, now)
    return row and row.value


@prepared
def _jotted(key: Any, now: Any) -> Any:
    return Jotting.select().where((Jotting.key == key) & (Jotting.expires_at > now))


def count_up(key: str, now: datetime, expires_at: datetime) -> int:
    """How often this was counted before; it is counted once more."""
    with transaction():
        before = jotted(key, now) or 0
        jot(key, before + 1, expires_at)
        return before


def forget(key: str) -> None:
    """Remember it no longer."""
    with transaction():
        Jotting.delete().where(Jotting.key == key).execute()


def forget_expired(now: datetime) -> int:
    """Drop what has run out."""
    with transaction():
        return Jotting.delete().where(Jotting.expires_at <= now).execute()


def take_lease(name: str, holder: str, now: datetime, until: datetime) -> bool:
    """Take or renew a lease; False while another holds it."""
    with transaction():
        Lease.insert(name=name, holder=holder, until=until).on_conflict_ignore().execute()
        return bool(
            Lease.update(holder=holder, until=until)
            .where((Lease.name == name) & ((Lease.holder == holder) | (Lease.until <= now)))
            .execute()
        )


def give_up_lease(name: str, holder: str) -> None:
    """Let others have it."""
    with transaction():
        Lease.delete().where((Lease.name == name) & (Lease.holder == holder)).execute()
