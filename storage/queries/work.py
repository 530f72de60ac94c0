"""Questions about work done on tickets: time spent."""

from typing import Any

from storage.models import TimeEntry


def add_time(**values: Any) -> None:
    """An entry of time; the ticket's sum is changed with it."""
    TimeEntry.create(**values)


def times(ticket_id: int) -> list[TimeEntry]:
    """The entries of a ticket, oldest first."""
    return list(TimeEntry.select().where(TimeEntry.ticket == ticket_id).order_by(TimeEntry.id))
