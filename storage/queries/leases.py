"""Leases: work that one process at a time may do, by the database's word; whoever dies loses it when it runs out.

On PostgreSQL its own clock counts, for whoever has a lease and for whoever waits: those of the machines may differ.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from storage.database import shared_now, transaction
from storage.models import Lease


def take(name: str, holder: str, now: datetime, good_for: timedelta) -> bool:
    """Have a lease for so long from now, or have it for longer; False while somebody else does."""
    with transaction():
        at = shared_now(now)
        until = at + good_for
        free = (Lease.holder == holder) | (Lease.until <= at)
        taking = Lease.insert(name=name, holder=holder, until=until).on_conflict(
            conflict_target=[Lease.name], update={Lease.holder: holder, Lease.until: until}, where=free
        )
        return bool(list(taking.returning(Lease.name).execute()))


def let_go(holder: str) -> None:
    """This holder has no leases any more."""
    with transaction():
        Lease.delete().where(Lease.holder == holder).execute()
