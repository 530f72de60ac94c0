"""Shift changes: told once where a rota's team is, with what is handed over, and accepted by whoever comes, once.

Each change of person is a row that can exist once, written with what tells of it; after a long stop only the last one
of a rota is told. Notes are written before the change too; with the acceptance the overdue tickets move.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.cleaning import clean_text
from bot.clock import Clock
from bot.desk import audit, oncall, permissions
from bot.desk.alarms import Alarms
from bot.desk.handover_list import HandedOver, listed
from bot.desk.oncall import Change, Rota
from bot.desk.outbox import Spot
from bot.desk.people import Actor, Agent
from bot.desk.views import TicketView
from bot.errors import NotAllowed, NotFound, Refusal, Stale
from bot.failpoints import reach
from storage.database import attempt, transaction
from storage.models import Handover
from storage.queries import desk as desk_rows
from storage.queries import handovers as rows
from storage.queries import notices
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
MOST_NOTES, MOST_MOVED = 5000, 100
STAND_IN = "rotas"
"""The right with which somebody accepts in another's place."""
Assign = Callable[[str, Agent, Actor], TicketView]


class Handovers:
    """Tells of changes, keeps notes, hands over. `spots` are the team's own places; `assign` gives a ticket away."""

    def __init__(self, clock: Clock, alarms: Alarms, assign: Assign, spots: Sequence[Spot] = ()) -> None:
        self._clock = clock
        self._alarms = alarms
        self._assign = assign
        self._spots = spots

    # telling ---------------------------------------------------------------------------------------------------------

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
            older = _waiting(change.rota.id)
            goes, comes = _goes(change, older), change.after.id if change.after else None
            waits = comes is None or goes not in (None, comes)
            number = self._kept(change, older, goes, now)
            values = {"goes": goes, "comes": comes, "state": "open" if waits else "over"}
            rows.change(number, at=change.at, remind_at=now + REMIND_AFTER if waits and comes else None, **values)
            if older is not None and rows.settle(older.id, "over"):
                self._show(older.id)
            self._show(number)
            reach("act.before_commit")
        return True

    def _kept(self, change: Change, older: Handover | None, goes: int | None, now: datetime) -> int:
        """The draft of whoever goes; where nobody was on call in between, with what was written before that."""
        number = rows.keep_draft(change.rota.id, goes, now)
        if change.before is None and older is not None:
            rows.change(number, notes=older.notes, chosen=older.chosen)
        return number

    def _show(self, number: int) -> None:
        """Where it hangs, and where it is to hang, it says how it is now."""
        one = find(number)
        phones = [_phone(agent) for agent in (one.goes_id, one.comes_id)]
        places = [*self._spots, *(phone for phone in phones if phone), *notices.spots("handover", number)]
        self._alarms.handover(number, dict.fromkeys(places))

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
            self._alarms.reminder(one.id, 2, self._spots, None, WAITS_STILL, **told, ago=ago)
            return
        phone = _phone(one.comes_id)
        team = [spot for spot in self._spots if not (phone and spot[0] == "telegram")]
        self._alarms.reminder(one.id, 1, [*team, *([phone] if phone else [])], one.comes_id, WAITS_FOR_YOU, **told)

    # notes -----------------------------------------------------------------------------------------------------------

    def handing(self, agent: Agent) -> list[str]:
        """The codes of the rotas by which an agent hands over: an open one, or the shift that they are on call for."""
        left = [one.rota.code for one in rows.open_ones() if one.goes_id == agent.id]
        now = self._clock.now()
        current = [rota.code for rota, turn in oncall.turns_of(agent, now) if turn.start <= now]
        return list(dict.fromkeys([*left, *current]))

    def accepting(self, agent: Agent) -> list[Handover]:
        """Those that wait for an agent to accept them."""
        return [one for one in rows.open_ones() if one.comes_id == agent.id]

    def of_rota(self, rota: Rota, agent: Agent) -> Handover | None:
        """The one an agent means: what waits for them, else what they write themselves, else what waits at all."""
        waiting = _waiting(rota.id)
        if waiting is not None and waiting.comes_id == agent.id:
            return waiting
        return self.own(rota, agent) or waiting

    def own(self, rota: Rota, agent: Agent) -> Handover | None:
        """The one for which an agent writes notes: what they left, or a draft while they are on call."""
        waiting, now = _waiting(rota.id), self._clock.now()
        if waiting is not None and waiting.goes_id == agent.id:
            return waiting
        current = rota.current(now)
        if current is None or current.id != agent.id:
            return None
        return find(rows.keep_draft(rota.id, agent.id, now))

    def write(
        self, number: int, by: Actor, *, line: str = "", notes: str | None = None, chosen: Iterable[int] | None = None
    ) -> Handover:
        """One more line, all notes anew, or other tickets that move beside the overdue ones.

        NotAllowed for anybody but whoever goes, Stale when it was accepted.
        """
        audit.allow(by, "handover")
        with transaction():
            one = _still_open(_theirs(_locked(number), _acting(by)))
            kept = one.notes if notes is None else notes
            written = clean_text("\n".join(part for part in (kept, line) if part.strip())).strip()
            if len(written) > MOST_NOTES:
                raise Refusal("The notes of a hand-over have at most {n} characters.", n=MOST_NOTES)
            mine = {ticket.id for ticket in rows.tickets(one.goes_id or 0)}
            marked = one.chosen if chosen is None else sorted(set(chosen) & mine)
            rows.change(one.id, notes=written, chosen=marked)
            self._record("handover_noted", by, one, old={"chosen": one.chosen}, new={"chosen": marked})
            if one.at is not None:
                self._show(one.id)
        return find(number)

    # accepting -------------------------------------------------------------------------------------------------------

    def tickets(self, one: Handover) -> list[HandedOver]:
        """What is handed over, as it is now."""
        mine = [TicketView.of(row) for row in rows.tickets(one.goes_id)] if one.goes_id else []
        return listed(mine, frozenset(one.chosen), self._clock.now())

    def accept(self, number: int, by: Actor) -> Handover:
        """Whoever comes accepts, or a manager in their place; the overdue tickets and the chosen ones move."""
        audit.allow(by, "handover")
        agent = _acting(by)
        with transaction():
            one = _still_open(_locked(number))
            if one.comes is None:
                raise Refusal("Nobody is on call after this, so there is nobody to hand over to.")
            if agent.id != one.comes_id and not permissions.may(by.role, STAND_IN):
                raise NotAllowed("{name} accepts this hand-over, or a manager does.", name=one.comes.name)
            rows.settle(one.id, "accepted", accepted_by=agent.id, accepted_at=self._clock.now())
            moved = list(self._move(one, Agent.of(one.comes), by))
            rows.change(one.id, moved=moved)
            self._record("handover_accepted", by, one, new={"comes": one.comes.email, "moved": moved})
            self._show(one.id)
        return find(number)

    def _move(self, one: Handover, to: Agent, by: Actor) -> Iterator[str]:
        """Each ticket with its own event; one that may not be theirs, or is changed right now, stays."""
        moving = [handed.ticket.reference for handed in self.tickets(one) if handed.moves]
        for reference in moving[:MOST_MOVED]:
            try:
                with attempt():
                    self._assign(reference, to, by)
            except Refusal:
                continue
            yield reference

    def _record(
        self, kind: str, by: Actor, one: Handover, *, new: Mapping[str, Any], old: Mapping[str, Any] | None = None
    ) -> None:
        about = f"rota {one.rota.code}"
        audit.record(kind, by, self._clock, about=about, old=old or {}, new={"handover": one.id, **new})


def find(number: int) -> Handover:
    """By its number. NotFound otherwise."""
    one = rows.handover(number)
    if one is None:
        raise NotFound("There is no hand-over {number}.", number=number)
    return one


def _goes(change: Change, older: Handover | None) -> int | None:
    """Whoever was on call last: before a time without anybody, that is who handed over to nobody."""
    if change.before is not None:
        return change.before.id
    return older.goes_id if older is not None and older.comes_id is None else None


def _waiting(rota_id: int) -> Handover | None:
    return next((one for one in rows.open_ones() if one.rota_id == rota_id), None)


def _locked(number: int) -> Handover:
    rows.lock(number)
    return find(number)


def _theirs(one: Handover, agent: Agent) -> Handover:
    if one.goes_id != agent.id:
        raise NotAllowed("These are the notes of {name}.", name=one.goes.name if one.goes else "")
    return one


def _still_open(one: Handover) -> Handover:
    """Stale where it was accepted, or somebody else is on call by now."""
    if one.state == "accepted":
        who = one.accepted_by.name if one.accepted_by else ""
        raise Stale("{name} has accepted this hand-over already.", name=who)
    if one.state == "over":
        raise Stale("This hand-over is over.")
    return one


def _acting(by: Actor) -> Agent:
    if by.agent is None:
        raise NotAllowed("Only agents have shifts.")
    return by.agent


def _phone(agent_id: int | None) -> Spot | None:
    """An agent's own Telegram chat."""
    chat = people_rows.accounts(agent_id).get("telegram") if agent_id else None
    return ("telegram", chat, 0) if chat else None
