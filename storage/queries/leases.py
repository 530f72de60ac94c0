"""Leases: work that one process at a time may do, by the database's word; whoever dies loses it when it runs out."""

from __future__ import annotations

from datetime import datetime

from storage.database import transaction
from storage.models import Lease


def take(name: str, holder: str, now: datetime, until: datetime) -> bool:
    """Have a lease until a moment, or have it for longer; False while somebody else does."""
    free = (Lease.holder == holder) | (Lease.until <= now)
    taking = Lease.insert(name=name, holder=holder, until=until).on_conflict(
        conflict_target=[Lease.name], update={Lease.holder: holder, Lease.until: until}, where=free
    )
    with transaction():
        return bool(list(taking.returning(Lease.name).execute()))


def let_go(holder: str) -> None:
    """This holder has no leases any more."""
    with transaction():
        Lease.delete().where(Lease.holder == holder).execute()
