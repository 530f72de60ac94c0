"""Whether a phone makes a sound: by a ticket's severity, the quiet hours, and how many new tickets there are.

What is told is told in any case; this decides about the sound, and about one digest in place of many rings.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.desk.dictionaries import Severity
from bot.desk.settings import Settings
from storage.models import Agent
from storage.queries import escalation as rows

LOUD = "BLOCKING"
"""The severity that rings in quiet hours too."""
MINUTE = timedelta(minutes=1)


def is_within(hours: str, moment: datetime, zone: ZoneInfo) -> bool:
    """Whether a moment is within `22:00-07:00` of a zone's wall clock; never where that is ""."""
    first, _, last = (part.rjust(5, "0") for part in hours.partition("-"))
    now = f"{moment.astimezone(zone):%H:%M}"
    if first < last:
        return bool(hours) and first <= now < last
    return bool(hours) and (now >= first or now < last)


class Loudness:
    """The sound of a desk."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def rings(self, severity: Severity, now: datetime) -> bool:
        """Whether what happens to a ticket of this severity makes a sound."""
        quiet = severity.code != LOUD and self.is_quiet(now)
        return severity.rings and not (quiet or self.is_storm(now))

    def is_quiet(self, now: datetime) -> bool:
        """Whether these are the desk's quiet hours."""
        return is_within(self._settings.get("quiet_hours"), now, ZoneInfo(self._settings.get("timezone")))

    def sleeps(self, agent: Agent, now: datetime) -> bool:
        """Whether these are an agent's own quiet hours, where the agent is."""
        return is_within(agent.quiet_hours, now, ZoneInfo(agent.timezone or self._settings.get("timezone")))

    def is_storm(self, now: datetime) -> bool:
        """Whether there were more new tickets in the last minute than `storm_limit`."""
        limit = self._settings.get("storm_limit")
        return bool(limit) and rows.created_since(now - MINUTE, limit + 1) > limit

    def are_many(self, now: datetime) -> bool:
        """The same of new tickets, or of rings of this minute and the next: then one digest says it."""
        limit = self._settings.get("storm_limit")
        return self.is_storm(now) or (bool(limit) and rows.due_until(now + MINUTE, limit + 1) > limit)
