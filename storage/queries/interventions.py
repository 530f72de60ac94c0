"""Questions about interventions and their lines, and the writes that belong to them.

Writes only while the ticket's row is locked: that keeps two people from changing one intervention at a time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from peewee import JOIN, ModelSelect, fn

from storage.models import Agent, Contract, Intervention, InterventionLine, Project, Ticket, TimeEntry
from storage.prepared import prepared


def _whole() -> ModelSelect[Intervention]:
    """Interventions with all that their report shows joined."""
    return (
        Intervention.select(Intervention, Ticket, Project, Contract, Agent)
        .join(Ticket)
        .switch(Intervention)
        .join(Project, JOIN.LEFT_OUTER)
        .switch(Intervention)
        .join(Contract, JOIN.LEFT_OUTER)
        .switch(Intervention)
        .join(Agent, JOIN.LEFT_OUTER, on=(Intervention.technician == Agent.id))
    )


def numbered(number: str) -> Intervention | None:
    """By its number, in capitals."""
    return _whole().where(Intervention.number == number).first()


def of_ticket(ticket_id: int) -> list[Intervention]:
    """All of a ticket, oldest first."""
    return list(_whole().where(Intervention.ticket == ticket_id).order_by(Intervention.id))


def open_of_ticket(ticket_id: int) -> list[Intervention]:
    """Those of a ticket that are not done, oldest first, with their technicians."""
    return _open_ones.all(ticket_id)


@prepared
def _open_ones(ticket_id: Any) -> ModelSelect[Intervention]:
    technician = Intervention.technician == Agent.id
    rows = Intervention.select(Intervention, Agent).join(Agent, JOIN.LEFT_OUTER, on=technician)
    own = (Intervention.ticket == ticket_id) & (Intervention.state != "done")
    return rows.where(own).order_by(Intervention.id)


def lines(intervention_ids: Iterable[int]) -> Mapping[int, list[InterventionLine]]:
    """The lines of each of these, in their order."""
    found: dict[int, list[InterventionLine]] = defaultdict(list)
    rows = InterventionLine.select().where(InterventionLine.intervention.in_(list(intervention_ids)))
    for line in rows.order_by(InterventionLine.intervention, InterventionLine.position):
        found[line.intervention_id].append(line)
    return found


# writes --------------------------------------------------------------------------------------------------------------


def add(**values: Any) -> Intervention:
    """A new one."""
    return Intervention.create(**values)


def change(intervention_id: int, **changes: Any) -> None:
    """Change it; its version goes up by one."""
    Intervention.update(version=Intervention.version + 1, **changes).where(Intervention.id == intervention_id).execute()


def add_line(intervention_id: int, at: datetime, minutes: int, text: str) -> None:
    """One more piece of work, after those that are there."""
    last = InterventionLine.select(fn.MAX(InterventionLine.position))
    position = (last.where(InterventionLine.intervention == intervention_id).scalar() or 0) + 1
    InterventionLine.create(intervention=intervention_id, position=position, at=at, minutes=minutes, text=text)


def drop_line(line_id: int) -> None:
    """A piece of work that was none."""
    InterventionLine.delete().where(InterventionLine.id == line_id).execute()


def count_time(entries: Iterable[Mapping[str, Any]]) -> None:
    """Time that an intervention brings into its ticket; the ticket's sum is changed with it."""
    TimeEntry.insert_many(list(entries)).execute()


def take_time_back(ticket_id: int, intervention_id: int) -> int:
    """Take away the time that it brought into its ticket; how many minutes it was."""
    own = (TimeEntry.ticket == ticket_id) & (TimeEntry.intervention == intervention_id)
    minutes = TimeEntry.select(fn.SUM(TimeEntry.minutes)).where(own).scalar() or 0
    TimeEntry.delete().where(own).execute()
    return int(minutes)
