"""Hand-overs: what whoever goes writes for whoever comes, who accepts it once and then has the overdue tickets.

Notes are written before the change too, as a draft; they are closed with the acceptance, or by the next change.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from bot.cleaning import clean_text
from bot.clock import Clock
from bot.desk import audit, oncall, permissions
from bot.desk.handover_list import HandedOver, listed
from bot.desk.oncall import Rota
from bot.desk.people import Actor, Agent
from bot.desk.shift_changes import ShiftChanges, open_of
from bot.desk.views import TicketView
from bot.errors import NotAllowed, NotFound, Refusal, Stale
from storage.database import attempt, transaction
from storage.models import Handover
from storage.queries import handovers as rows

MOST_NOTES, MOST_MOVED = 3000, 100
STAND_IN = "rotas"
"""The right with which somebody accepts in another's place."""
Assign = Callable[[str, Agent, Actor], TicketView]


class Handovers:
    """Keeps notes and hands over; `changes` tells of it, `assign` gives a ticket away."""

    def __init__(self, clock: Clock, changes: ShiftChanges, assign: Assign) -> None:
        self._clock = clock
        self._changes = changes
        self._assign = assign

    def look(self) -> int:
        """Tell of changes and remind, as far as it is time; how many."""
        return self._changes.look()

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
        waiting = open_of(rota.id)
        if waiting is not None and waiting.comes_id == agent.id:
            return waiting
        return self.own(rota, agent) or waiting

    def own(self, rota: Rota, agent: Agent) -> Handover | None:
        """The one for which an agent writes notes: what they left, or a draft while they are on call."""
        waiting, now = open_of(rota.id), self._clock.now()
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
                self._changes.show(one.id)
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
            self._changes.show(one.id)
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
