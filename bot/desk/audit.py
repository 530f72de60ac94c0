"""What administrators do is written down: one event without a ticket, in the transaction of the change.

Whoever works at the server itself has no account: such an event is the desk's own, with the name that was given.
"""

import getpass
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.clock import Clock
from bot.desk import permissions
from bot.desk.people import Actor
from storage.queries import tickets as rows


def at_the_server() -> Actor:
    """Whoever works on the command line of the server, by the name of the account there."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError, ImportError):
        name = "?"
    return Actor("desk", name, "cli")


def allow(by: Actor, right: str) -> None:
    """NotAllowed for an agent without the right; who works at the server has it."""
    if by.kind != "desk":
        permissions.allow(by.role, right)


def record(kind: str, by: Actor, clock: Clock, *, about: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    """What was changed, from what to what; only inside the transaction of the change. `about`: what has changed."""
    record_at(clock.now(), kind, by, about=about, old=old, new=new)


def record_at(
    at: datetime, kind: str, by: Actor, *, about: str, old: Mapping[str, Any], new: Mapping[str, Any]
) -> None:
    """As `record`, of a moment."""
    rows.add_event(
        ticket=None,
        kind=kind,
        actor=by.kind,
        agent=by.agent.id if by.agent else None,
        role=by.role,
        actor_name=by.name,
        platform=by.platform,
        at=at,
        old=dict(old),
        new=dict(new),
        data={"about": about},
    )
