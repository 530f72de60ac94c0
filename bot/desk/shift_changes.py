"""Changes of who is on call: each is told once where the rota's team is, and reminded of until somebody accepts it.

A change is a row that can exist once, written with what tells of it; after a long stop only the last one of a rota is
told, and nothing older than a day.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.desk import oncall
from bot.desk.alarms import Alarms
from bot.desk.dictionaries import Group
from bot.desk.oncall import Change
from bot.desk.outbox import Spot
from bot.failpoints import reach
from storage.database import transaction
from storage.models import Handover
from storage.queries import desk as desk_rows
from storage.queries import dictionaries, notices
from storage.queries import handovers as rows
from storage.queries import people as people_rows

MARK, FOR_EVER = "handovers", timedelta(days=36_500)
OLDEST = timedelta(days=1)
"""What has changed before that is told to nobody any more, and nobody is reminded of it."""
BEHIND = timedelta(minutes=10)
"""So far the mark of what was looked at stays behind: what is written late is seen, and rows are written seldom."""
REMIND_AFTER = timedelta(minutes=30)
REMINDERS = 2
WAITS_FOR_YOU = "⏰ {name}, the hand-over of {rota} waits for you to accept it."
WAITS_STILL = "⏰ Nobody has accepted the hand-over of {rota} for {ago}. A manager may accept it in {name}'s place."
Places = Callable[[Group], Iterable[Spot]]


class ShiftChanges:
    """Tells of them and reminds; what hangs says how it is now (`show`).

    A rota's places are those of the groups whose new tickets go to it (`places`), else the team's own (`spots`).
    """

    def __init__(self, clock: Clock, alarms: Alarms, places: Places, spots: Sequence[Spot] = ()) -> None:
        self._clock = clock
        self._alarms = alarms
        self._places = places
        self._spots = spots

    def look(self) -> int:
        """Tell of the changes up to now, and remind of those that nobody accepts; how many. Called every moment."""
        return self._tell_changes() + self._remind()

    def _tell_changes(self) -> int:
        now = self._clock.now()
        seen = desk_rows.jotted(MARK, now)
        since = max(datetime.fromisoformat(seen), now - OLDEST) if seen else now
        last = {change.rota.id: change for change in oncall.shift_changes(since, now)}
        fresh = [change for change in last.values() if not rows.is_known(change.rota.id, change.at)]
        told = sum(self._begin(change, now) for change in fresh)
        if not seen or now - since > BEHIND:
            desk_rows.jot(MARK, (now - BEHIND / 2 if seen else now).isoformat(), now + FOR_EVER)
        return told

    def _begin(self, change: Change, now: datetime) -> bool:
        """A change is a hand-over that waits, unless whoever comes has nobody to take over from."""
        with transaction():
            rows.lock_rota(change.rota.id)
            if rows.is_known(change.rota.id, change.at):
                return False
            older = open_of(change.rota.id)
            goes, comes = _goes(change, older), change.after.id if change.after else None
            waits = comes is None or goes not in (None, comes)
            number = self._kept(change, older, goes, now)
            values = {"goes": goes, "comes": comes, "state": "open" if waits else "over"}
            rows.change(number, at=change.at, remind_at=now + REMIND_AFTER if waits and comes else None, **values)
            if older is not None and rows.settle(older.id, "over"):
                self.show(older.id)
            self.show(number)
            reach("act.before_commit")
        return True

    def _kept(self, change: Change, older: Handover | None, goes: int | None, now: datetime) -> int:
        """The draft of whoever goes; where nobody was on call in between, with what was written before that."""
        number = rows.keep_draft(change.rota.id, goes, now)
        if change.before is None and older is not None:
            rows.change(number, notes=older.notes, chosen=older.chosen)
        return number

    def show(self, number: int) -> None:
        """Where it hangs, and where it is to hang, it says how it is now."""
        one = rows.handover(number)
        assert one is not None
        phones = [_phone(agent) for agent in (one.goes_id, one.comes_id)]
        hangs = notices.spots("handover", number)
        places = [*self._of_rota(one.rota_id), *(phone for phone in phones if phone), *hangs]
        self._alarms.handover(number, dict.fromkeys(places))

    def _of_rota(self, rota_id: int) -> list[Spot]:
        """Where the rota's team is told."""
        groups = [Group.of(row) for row in dictionaries.giving_to(rota_id) if row.active]
        return [spot for group in groups for spot in self._places(group)] or list(self._spots)

    # reminding -------------------------------------------------------------------------------------------------------

    def _remind(self) -> int:
        now = self._clock.now()
        due = rows.to_remind(now)
        for one in due:
            with transaction():
                again = now + REMIND_AFTER if one.reminders + 1 < REMINDERS else None
                if rows.remind_again(one.id, one.reminders, again) and one.at and now - one.at < OLDEST:
                    self._say(one, now - one.at)
        return len(due)

    def _say(self, one: Handover, ago: timedelta) -> None:
        """First to whoever comes, by name; then to the team, among whom a manager may accept."""
        told = {"name": one.comes.name if one.comes else "", "rota": one.rota.name}
        if one.reminders:
            team = self._of_rota(one.rota_id)
            self._alarms.reminder(one.id, 2, dict.fromkeys(team), None, WAITS_STILL, **told, ago=ago)
            return
        phone = _phone(one.comes_id)
        team = [spot for spot in self._of_rota(one.rota_id) if not (phone and spot[0] == "telegram")]
        places = dict.fromkeys([*team, *([phone] if phone else [])])
        self._alarms.reminder(one.id, 1, places, one.comes_id, WAITS_FOR_YOU, **told)


def _goes(change: Change, older: Handover | None) -> int | None:
    """Whoever was on call last: before a time without anybody, that is who handed over to nobody."""
    if change.before is not None:
        return change.before.id
    return older.goes_id if older is not None and older.comes_id is None else None


def open_of(rota_id: int) -> Handover | None:
    """The hand-over of a rota that waits to be accepted."""
    return next((one for one in rows.open_ones() if one.rota_id == rota_id), None)


def _phone(agent_id: int | None) -> Spot | None:
    """An agent's own Telegram chat."""
    chat = people_rows.accounts(agent_id).get("telegram") if agent_id else None
    return ("telegram", chat, 0) if chat else None
