"""Questions about what can be taken back."""

from collections.abc import Iterable
from datetime import datetime

from storage.models import Delivery, Event

NEAR = 5000
"""How many events apart those of one act are looked for."""


def acts_of(agent_id: int, kinds: Iterable[str], since: datetime, most: int = 1000) -> list[Event]:
    """What an agent did of these kinds since then, the newest first."""
    done = (Event.agent == agent_id) & Event.kind.in_(list(kinds)) & (Event.at >= since)
    return list(Event.select().where(done).order_by(Event.id.desc()).limit(most))


def of_act(event: Event) -> list[Event]:
    """The events of the same kind that are one act with this one, the newest first; else this one alone."""
    if not event.data.get("act"):
        return [event]
    near = (Event.agent == event.agent_id) & Event.id.between(event.id - NEAR, event.id + NEAR)
    rows = Event.select().where(near & (Event.kind == event.kind)).order_by(Event.id.desc())
    return [row for row in rows if row.data.get("act") == event.data["act"]]


def act_before(event: Event) -> Event | None:
    """What happened to the same ticket just before."""
    earlier = Event.select().where((Event.ticket == event.ticket_id) & (Event.id < event.id))
    return earlier.order_by(Event.id.desc()).first()


def happened_after(event: Event, kind: str) -> bool:
    """Whether anything of this kind happened to the same ticket later."""
    return (
        Event.select().where((Event.ticket == event.ticket_id) & (Event.id > event.id) & (Event.kind == kind)).exists()
    )


def withdraw_letters(event_id: int, ticket_id: int) -> bool:
    """Take back the letters of an event; False when one has left already, and then none is."""
    letters = (Delivery.ticket == ticket_id) & (Delivery.event == event_id) & (Delivery.kind == "letter")
    if Delivery.select().where(letters & Delivery.state.not_in(["pending", "withdrawn"])).exists():
        return False
    Delivery.update(state="withdrawn").where(letters & (Delivery.state == "pending")).execute()
    return True
