"""From a ticket's row to its deadlines: which rules, which calendar, and the columns that follow from them.

Everything is worked out anew at each change of a ticket; the only thing remembered is what was told.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from bot.desk import business_time, deadlines
from bot.desk.business_time import BusinessHours, Calendar, RoundTheClock
from bot.desk.deadlines import ACTION, RESPONSE, Level, Rules, Standing, Told, Wait
from bot.desk.settings import Settings
from bot.desk.workflow import Status
from storage.models import Ticket
from storage.queries import deadlines as rows

_INPUTS = (
    *("response_delay", "action_delay", "warn_at", "delays_count", "business_hours", "holidays_country", "timezone"),
)


class Timetable:
    """The deadlines of tickets by the settings and dictionaries in force."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def rules(self) -> Rules:
        """What is the same for all tickets."""
        get = self._settings.get
        return Rules(
            desk=Level("desk", "", get("response_delay"), get("action_delay")),
            severities={ident: Level("severity", *values) for ident, *values in rows.delays_of_severities()},
            groups={ident: Level("group", *values) for ident, *values in rows.delays_of_groups()},
            warn_at=get("warn_at"),
        )

    def calendar(self, ticket: Ticket) -> Calendar:
        """The time that counts for this ticket: the one place where it is chosen."""
        if self._settings.get("delays_count") == "always":
            return RoundTheClock()
        return self.business_hours()

    def business_hours(self) -> BusinessHours:
        """When the desk is staffed."""
        get = self._settings.get
        is_holiday = partial(business_time.is_holiday, get("holidays_country"))
        return BusinessHours(business_time.week(get("business_hours")), ZoneInfo(get("timezone")), is_holiday)

    def waits(self, ticket: Ticket, changes: Mapping[str, Any], rules: Rules | None = None) -> tuple[Wait, ...]:
        """The waits of the row after these changes; none for a deleted ticket."""
        if changes.get("deleted_at", ticket.deleted_at) is not None:
            return ()
        return deadlines.waits(standing(ticket, changes), rules or self.rules(), self.calendar(ticket))

    def columns(
        self, ticket: Ticket, changes: Mapping[str, Any], told: Told, rules: Rules | None = None
    ) -> dict[str, Any]:
        """The columns about deadlines of the row after these changes: only those that differ from the row's."""
        waits = self.waits(ticket, changes, rules)
        due = {wait.kind: wait.due_at for wait in waits}
        wanted = {
            "response_due_at": due.get(RESPONSE),
            "action_due_at": due.get(ACTION),
            "due_at": min(due.values(), default=None),
            "next_alert_at": deadlines.next_alert(standing(ticket, changes), waits, told),
        }
        return {name: value for name, value in wanted.items() if value != getattr(ticket, name)}

    def inputs(self) -> list[Any]:
        """All that deadlines depend on beside the tickets: when it differs, they have to be worked out anew."""
        values = [self._settings.get(name) for name in _INPUTS]
        return [*values, *rows.delays_of_severities(), *rows.delays_of_groups()]


def standing(ticket: Ticket, changes: Mapping[str, Any]) -> Standing:
    """What the deadlines of a row depend on, after these changes."""

    def value(name: str) -> Any:
        return changes.get(name, getattr(ticket, name))

    return Standing(
        status=Status(value("status")),
        severity_id=_entry(ticket, changes, "severity"),
        group_id=_entry(ticket, changes, "group"),
        last_activity_at=value("last_activity_at"),
        response_from=value("response_from"),
        answered=value("first_response_at") is not None,
        acted_at=value("acted_at"),
        snoozed_until=value("snoozed_until"),
    )


def _entry(ticket: Ticket, changes: Mapping[str, Any], name: str) -> int:
    """The id of an entry, without a look at its row; a change may name the column or the row."""
    column = f"{name}_id"
    changed = changes.get(column, changes.get(name, getattr(ticket, column)))
    return changed if isinstance(changed, int) else changed.id
