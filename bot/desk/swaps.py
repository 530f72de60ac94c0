"""Shifts that change hands: offered to a colleague or to everybody and accepted with one press, or taken over.

Whoever accepts gets an override for what is left of the shift. The first who accepts has it; an offer of a shift that
is not its agent's any more is worth nothing.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.clock import Clock
from bot.desk import audit, oncall
from bot.desk.alarms import Alarms
from bot.desk.oncall import Rota, Turn
from bot.desk.outbox import Spot
from bot.desk.people import Actor, Agent
from bot.desk.rota_layers import able
from bot.errors import NotAllowed, NotFound, Refusal, Stale
from storage.database import transaction
from storage.models import RotaSwap
from storage.queries import oncall as rows
from storage.queries import people as people_rows


class Swaps:
    """Offers, acceptances, shifts taken over; `spots` are the team's own places on every platform."""

    def __init__(self, clock: Clock, alarms: Alarms, spots: Sequence[Spot] = ()) -> None:
        self._clock = clock
        self._alarms = alarms
        self._spots = spots

    def offers(self) -> list[RotaSwap]:
        """Those that can be accepted now, the soonest first."""
        return rows.open_swaps(self._clock.now())

    def offer(self, code: str, start: datetime, end: datetime, by: Actor, to: Agent | None = None) -> RotaSwap:
        """Offer one's own shift, or a part of it. Refusal for somebody else's."""
        audit.allow(by, "swap")
        giver, start = _acting(by), max(start, self._clock.now())
        if to is not None and able(to).id == giver.id:
            raise Refusal("That is you. Choose a colleague, or everybody.")
        with transaction():
            rota = oncall.find(code, self._clock.now())
            if not _is_all_of(giver.id, rota, start, end):
                raise Refusal("This shift is not yours.")
            values = {"rota": rota.id, "agent": giver.id, "to": to.id if to else None}
            made = rows.add_swap(**values, starts_at=start, ends_at=end, created_at=self._clock.now())
            self._record("swap_offered", by, rota.code, made, to=to.email if to else "")
            self._alarms.offer(made.id, self._places(to.id if to else None))
        return _whole(made.id)

    def accept(self, number: int, by: Actor) -> RotaSwap:
        """Take what was offered. Stale when somebody was faster, or the shift is not its agent's any more."""
        audit.allow(by, "swap")
        taker, now = able(_acting(by)), self._clock.now()
        with transaction():
            swap = _whole(number)
            self._check(swap, taker)
            rota = oncall.find(swap.rota.code, now)
            start = max(swap.starts_at, now)
            if not _is_all_of(swap.agent_id, rota, start, swap.ends_at):
                raise Stale("This shift is not {name}'s any more.", name=swap.agent.name)
            if not rows.settle(swap.id, "accepted", now, taker.id):
                raise Stale("Somebody else was faster.")
            self._override(rota, taker, start, swap.ends_at)
            self._record("swap_accepted", by, rota.code, swap, agent=taker.email)
            self._alarms.offer(swap.id, self._places(swap.to_id))
        return _whole(number)

    def withdraw(self, number: int, by: Actor) -> RotaSwap:
        """Take one's own offer back. Refusal for somebody else's, Stale when it was accepted."""
        audit.allow(by, "swap")
        with transaction():
            swap = _whole(number)
            if swap.agent_id != _acting(by).id:
                raise NotAllowed("This offer is {name}'s.", name=swap.agent.name)
            if not rows.settle(swap.id, "withdrawn", self._clock.now()):
                raise _settled(swap)
            self._record("swap_withdrawn", by, swap.rota.code, swap)
            self._alarms.offer(swap.id, self._places(swap.to_id))
        return _whole(number)

    def take_over(self, code: str, start: datetime, end: datetime, by: Actor) -> Rota:
        """Be on call oneself for what is left of somebody else's shift. Refusal where it is one's own, or over."""
        audit.allow(by, "swap")
        taker, now = able(_acting(by)), self._clock.now()
        with transaction():
            rota, start = oncall.find(code, now), max(start, now)
            if end <= start:
                raise Stale("This shift is over.")
            if _is_all_of(taker.id, rota, start, end):
                raise Refusal("This shift is yours already.")
            before = {turn.agent.email for turn in rota.turns(start, end)} - {taker.email}
            self._override(rota, taker, start, end)
            told = {"name": taker.name, "rota": rota.name, "end": f"{end.astimezone(rota.zone):%d/%m %H:%M}"}
            sentence = "🔁 {name} takes over the shift of {rota} until {end}."
            self._alarms.say(f"shift:{rota.id}:{start.isoformat()}", sentence, **told)
            span = {"from": start.isoformat(), "to": end.isoformat()}
            old = {"agents": sorted(before), **span}
            audit.record(
                "shift_taken_over", by, self._clock, about=f"rota {rota.code}", old=old, new={"agent": taker.email}
            )
        return oncall.find(code, now)

    def _check(self, swap: RotaSwap, taker: Agent) -> None:
        if swap.state != "open":
            raise _settled(swap)
        if swap.ends_at <= self._clock.now():
            raise Stale("This shift is over.")
        if swap.agent_id == taker.id:
            raise Refusal("This is your own offer.")
        if swap.to_id not in (None, taker.id):
            raise NotAllowed("This shift is offered to {name}.", name=swap.to.name if swap.to else "")

    def _override(self, rota: Rota, agent: Agent, start: datetime, end: datetime) -> None:
        rows.add_override(rota=rota.id, agent=agent.id, starts_at=start, ends_at=end, created_at=self._clock.now())

    def _record(self, kind: str, by: Actor, code: str, swap: RotaSwap, **new: str) -> None:
        span = {"from": swap.starts_at.isoformat(), "to": swap.ends_at.isoformat()}
        audit.record(kind, by, self._clock, about=f"rota {code}", old={}, new={"swap": swap.id, **span, **new})

    def _places(self, to_id: int | None) -> Iterable[Spot]:
        """The team's places, and the phone of the one it is offered to."""
        yield from self._spots
        phone = people_rows.accounts(to_id).get("telegram") if to_id else None
        if phone:
            yield "telegram", phone, 0


def _acting(by: Actor) -> Agent:
    if by.agent is None:
        raise NotAllowed("Only agents have shifts.")
    return by.agent


def _whole(number: int) -> RotaSwap:
    swap = rows.swap(number)
    if swap is None:
        raise NotFound("There is no offer {number}.", number=number)
    return swap


def _settled(swap: RotaSwap) -> Stale:
    if swap.state == "accepted" and swap.taken_by is not None:
        return Stale("{name} has taken this shift already.", name=swap.taken_by.name)
    return Stale("{name} has withdrawn this offer.", name=swap.agent.name)


def _is_all_of(agent_id: int, rota: Rota, start: datetime, end: datetime) -> bool:
    """Whether an agent is on call for all of a span of time."""
    turns: list[Turn] = rota.turns(start, end) if start < end else []
    return [(turn.start, turn.end, turn.agent.id) for turn in turns] == [(start, end, agent_id)]
