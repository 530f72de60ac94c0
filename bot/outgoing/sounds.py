"""Which of the things that are told make a sound on a phone: one method for each kind. All of them are told.

A person's own quiet hours count in their own chat, before everything but what is blocking.
"""

from dataclasses import replace

from bot.desk.desk import Desk
from bot.desk.dictionaries import Severity
from bot.desk.loudness import LOUD, Loudness
from bot.desk.views import TicketView
from storage.models import Delivery, Event
from storage.queries import escalation, people

CALLS = frozenset(("rang", "still_on_it"))
"""What is said to somebody by a plan of rings, or after one: it sounds in the desk's quiet hours as well."""
NEVER = frozenset(("warned",))
IN_ANY_SEVERITY = frozenset(("overdue",))


class Sounds:
    """Says what is silent."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._loudness = Loudness(desk.settings)

    def is_silent_card(self, delivery: Delivery, ticket: TicketView) -> bool:
        """A card: by its severity and the hour."""
        rings = "silent" not in delivery.payload and self._loudness.rings(ticket.severity, self._desk.clock.now())
        return not rings or self._sleeps(delivery, ticket.severity)

    def is_silent_line(self, delivery: Delivery, event: Event, ticket: TicketView) -> bool:
        """A line under a card, by what it tells as well."""
        severity = replace(ticket.severity, rings=True) if event.kind in IN_ANY_SEVERITY else ticket.severity
        rings = event.kind in CALLS or self._loudness.rings(severity, self._desk.clock.now())
        return event.kind in NEVER or not rings or self._sleeps(delivery, ticket.severity)

    def is_silent_notice(self, delivery: Delivery) -> bool:
        """What belongs to no ticket; a digest in place of rings sounds as they would."""
        now = self._desk.clock.now()
        if "storm" not in delivery.payload:
            return self._loudness.is_quiet(now) or self._sleeps(delivery)
        return self._sleeps(delivery) and not escalation.is_waiting(now, LOUD)

    def _sleeps(self, delivery: Delivery, severity: Severity | None = None) -> bool:
        """Whether it goes to a person's own chat, in the person's quiet hours, and is not blocking."""
        if delivery.platform != "telegram" or delivery.channel.startswith("-") or (severity and severity.code == LOUD):
            return False
        account = people.account("telegram", delivery.channel)
        return account is not None and self._loudness.sleeps(account.agent, self._desk.clock.now())
