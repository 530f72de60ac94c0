"""Tells the team of deadlines: a warning, the breach, its repetitions, each once; many at once become one notice.

What is due stands in `next_alert_at` of each ticket, so looking costs the same however many tickets there are. What
was told is a row that can exist once; neither a restart nor a clock that jumps tells it again.
"""

import time
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.desk import deadlines, outbox
from bot.desk.alarms import Alarms
from bot.desk.changes import Changes
from bot.desk.deadlines import BREACH, NOTHING, Outlook, Rules, Told, Wait
from bot.desk.dictionaries import Group
from bot.desk.people import DESK
from bot.desk.settings import Settings
from bot.desk.timetable import Timetable, standing
from bot.errors import NotFound
from bot.texts import Words
from storage.database import transaction
from storage.models import Ticket
from storage.queries import deadlines as rows
from storage.queries import desk as desk_rows
from storage.queries import tickets as ticket_rows
from storage.queries.dictionaries import entries

FEW, BATCH = 5, 25
"""More than so many at once are told in one notice; so many tickets are written in one transaction."""
BREATH = 0.005  # seconds between two batches in which others get the write lock
MARK, FOR_EVER = "deadlines", timedelta(days=36_500)


class Alerts:
    """Looks after the deadlines of all tickets; `look` is called every few seconds, by one process or several."""

    def __init__(self, clock: Clock, settings: Settings, announce: outbox.Announce, alarms: Alarms) -> None:
        self._clock = clock
        self._settings = settings
        self._announce = announce
        self._alarms = alarms
        self._changes = Changes(clock, settings, announce)
        self._timetable = Timetable(settings)

    def look(self) -> int:
        """Work deadlines out anew where the rules have changed, then tell what is to be told; of how many tickets."""
        return self.follow_rules() or self.tell()

    def outlook(self, ticket_id: int) -> Outlook:
        """What a ticket is waiting for, until when and by which rules."""
        ticket = ticket_rows.read(ticket_id)
        if ticket is None:
            raise NotFound("There is no such ticket.")
        return Outlook(standing(ticket, {}), self._timetable.waits(ticket, {}))

    # telling ---------------------------------------------------------------------------------------------------------

    def tell(self, *, together: bool = False, moved: Mapping[int, int] | None = None) -> int:
        """Tell what is to be told by now; of how many tickets. `moved` are new due dates by group, for the notice."""
        now = self._clock.now()
        few = len(list(rows.to_tell(now, FEW + 1))) <= FEW
        if few and not together:
            return self._tell_all(now, together=False)
        self._post_digests(now, moved or {})
        return self._tell_all(now, together=True)

    def _tell_all(self, now: datetime, *, together: bool) -> int:
        told = 0
        while done := self._tell_some(now, together=together):
            told += done
            time.sleep(BREATH)
        return told

    def _tell_some(self, now: datetime, *, together: bool) -> int:
        if not rows.to_tell(now, 1).exists():
            return 0
        with transaction():
            tickets = rows.take_to_tell(now, BATCH)
            told, rules = rows.told(ticket.id for ticket in tickets), self._timetable.rules()
            for ticket in tickets:
                self._tell_of(ticket, dict(told[ticket.id]), rules, now, together=together)
            return len(tickets)

    def _tell_of(
        self, ticket: Ticket, told: dict[tuple[str, datetime], int], rules: Rules, now: datetime, *, together: bool
    ) -> None:
        waits = self._timetable.waits(ticket, {}, rules)
        reached = [(wait.step(now), wait) for wait in waits if _is_to_tell(wait, told, ticket.acted_at, now)]
        for step, wait in reached:
            rows.add_alert(ticket.id, wait.kind, wait.since, step, now)
            told[wait.kind, wait.since] = step
        following = {"next_alert_at": deadlines.next_alert(standing(ticket, {}), waits, told)}
        if not reached:
            rows.set_next_alert(ticket.id, following["next_alert_at"])
            return
        step, wait = max(reached, key=lambda one: (one[0] >= BREACH, -one[1].due_at.timestamp()))
        kind = "overdue" if step >= BREACH else "warned"
        data: dict[str, object] = {"wait": wait.kind, "due_at": wait.due_at.isoformat(), "told_at": now.isoformat()}
        data |= {"step": step, "together": together}
        self._changes.write(ticket, DESK, kind, following, data=data)

    # rules that have changed -----------------------------------------------------------------------------------------

    def follow_rules(self) -> int:
        """When delays or business hours have changed since the last look: new due dates for all open tickets.

        The team gets one notice that says how many there are, and how many are overdue now. Of how many was told.
        """
        inputs = self._timetable.inputs()
        known = desk_rows.jotted(MARK, self._clock.now())
        if known == inputs:
            return 0
        moved = self._work_out_anew()
        told = self.tell(together=True, moved=moved) if known else 0
        desk_rows.jot(MARK, inputs, self._clock.now() + FOR_EVER)
        return told

    def _work_out_anew(self) -> Counter[int]:
        moved: Counter[int] = Counter()
        last = 0
        while tickets := self._work_out_some(last, moved):
            last = tickets[-1].id
            time.sleep(BREATH)
        return moved

    def _work_out_some(self, last: int, moved: Counter[int]) -> list[Ticket]:
        with transaction():
            tickets = rows.take_open_after(last, BATCH)
            told, rules = rows.told(ticket.id for ticket in tickets), self._timetable.rules()
            for ticket in tickets:
                moved[ticket.group_id] += self._move(ticket, told[ticket.id], rules)
        return tickets

    def _move(self, ticket: Ticket, told: Told, rules: Rules) -> bool:
        columns = self._timetable.columns(ticket, {}, told, rules)
        if not columns.keys() - {"next_alert_at"}:
            if columns:
                rows.set_next_alert(ticket.id, columns["next_alert_at"])
            return False
        self._changes.write(ticket, DESK, "rescheduled", columns)
        return True

    # one notice for many ---------------------------------------------------------------------------------------------

    def _post_digests(self, now: datetime, moved: Mapping[int, int]) -> None:
        numbers = {group: Counter(moved=count) for group, count in moved.items()}
        for group, tickets, overdue in rows.count_to_tell(now):
            numbers.setdefault(group, Counter()).update(overdue=overdue, near=tickets - overdue)
        words = Words(self._settings.get("language"), self._settings.get("timezone"))
        with transaction():
            for spot, total in self._by_spot(numbers).items():
                self._alarms.post(f"deadlines:{now.isoformat()}", digest(total, words), [spot])

    def _by_spot(self, numbers: Mapping[int, Counter[str]]) -> dict[outbox.Spot, Counter[str]]:
        sums: dict[outbox.Spot, Counter[str]] = {}
        for group in entries("group"):
            for spot in self._announce.spots(Group.of(group)) if numbers.get(group.id) else ():
                sums.setdefault(spot, Counter()).update(numbers[group.id])
        return {spot: total for spot, total in sums.items() if total.total()}


def digest(numbers: Mapping[str, int], words: Words) -> str:
    """One notice for many tickets: how many have new due dates ("moved"), are "overdue", and are "near" it."""
    said = (
        ("moved", "⏱ Delays have changed: 1 open ticket has a new due date.",
         "⏱ Delays have changed: {n} open tickets have new due dates."),
        ("overdue", "⏰ 1 ticket is overdue.", "⏰ {n} tickets are overdue: `list overdue` shows them."),
        ("near", "⏳ 1 ticket is near its deadline.", "⏳ {n} tickets are near their deadlines."),
    )  # fmt: skip
    return " ".join(words.plural(one, many, numbers[name]) for name, one, many in said if numbers[name])


def _is_to_tell(wait: Wait, told: Told, acted_at: datetime | None, now: datetime) -> bool:
    following = wait.next_at(told.get((wait.kind, wait.since), NOTHING), acted_at)
    return following is not None and following <= now
