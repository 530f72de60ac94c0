"""Rings people about tickets that nobody has taken: what is due stands in rows, so that a restart forgets none.

A ring is a row that can exist once, moved on by whoever comes first of several processes; what should have rung more
than a day ago is passed over. Who is told how is decided from the event, as for every other.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from bot.clock import Clock
from bot.desk import outbox
from bot.desk.alarms import Alarms
from bot.desk.chains import Chains
from bot.desk.changes import Changes
from bot.desk.doors import takes_messages
from bot.desk.escalation import TOO_OLD, Ring, Step
from bot.desk.loudness import Loudness
from bot.desk.people import DESK, Agent
from bot.desk.settings import Settings
from bot.desk.views import TicketView
from bot.errors import NotFound
from storage.database import transaction
from storage.models import Escalation, EscalationChain
from storage.queries import desk as desk_rows
from storage.queries import escalation as rows
from storage.queries import people as people_rows

OnDuty = Callable[[str, datetime], Agent | None]
BATCH = 25
MOST_PLANNED = 60
DIGEST_EVERY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Coming:
    """One ring that is planned, and whose phone it will be; nobody's is the channel's."""

    at: datetime
    step: Step
    agent: Agent | None


@dataclass(frozen=True, slots=True)
class Planned:
    """What a ticket's chain does next: rings of one round; `more` after them, `every` so often (None = unevenly).

    `more` None: until somebody takes it.
    """

    cause: str
    rings: tuple[Coming, ...]
    more: int | None
    every: timedelta | None


class Escalating:
    """Looks after all tickets that go through a chain; `look` is called every few seconds, by one process or several.

    `on_duty` says who is on call by a rota: NotFound for an unknown one, None for nobody.
    """

    def __init__(
        self, clock: Clock, settings: Settings, announce: outbox.Announce, alarms: Alarms, on_duty: OnDuty
    ) -> None:
        self._clock = clock
        self._announce = announce
        self._alarms = alarms
        self._loudness = Loudness(settings)
        self._changes = Changes(clock, settings, announce)
        self.chains = Chains(settings)
        self._on_duty = on_duty

    def look(self) -> int:
        """Ring what is due by now; of how many tickets."""
        rung = 0
        together = self._loudness.are_many(self._clock.now())
        while done := self._ring_some(together=together):
            rung += done
        return rung

    def of_storm(self, number: int, most: int) -> list[str]:
        """The references of tickets that nobody has, of the digest with this number; NotFound for none such."""
        began = rows.started_at(number)
        if began is None:
            raise NotFound("No tickets here.")
        return rows.waiting(began + DIGEST_EVERY, most)

    def planned(self, ticket: TicketView) -> Planned | None:
        """What comes next for a ticket, as it will be if nothing changes; None where nothing does."""
        running = rows.running(ticket.id)
        row = rows.chain(running.chain_id) if running and running.chain_id else None
        if running is None or running.next_at is None or row is None:
            return None
        chain = self.chains.chain(row)
        rings = list(islice(chain.plan(running.number, running.next_at), MOST_PLANNED))
        coming = tuple(Coming(ring.at, ring.step, self._whom(ring.step, ticket, ring.at)) for ring in rings)
        return Planned(running.cause, coming, chain.left(rings[-1].number), chain.every)

    # ringing ---------------------------------------------------------------------------------------------------------

    def _ring_some(self, *, together: bool) -> int:
        now = self._clock.now()
        if not rows.due(now, 1).exists():
            return 0
        with transaction():
            due = rows.take_due(now, BATCH)
            chains = {row.id: row for row in rows.chains()}
            for one in due:
                self._go_on(one, chains.get(one.chain_id or 0), now, together=together)
            return len(due)

    def _go_on(self, one: Escalation, row: EscalationChain | None, now: datetime, *, together: bool) -> None:
        ticket = self._changes.view(one.ticket_id)
        assert one.next_at is not None
        if now - one.next_at > TOO_OLD or not ticket.status.is_open or ticket.deleted_at:
            rows.end(one.id, now, "too old" if ticket.status.is_open else "over")
        elif one.cause == "taken":
            self._ask(one, ticket, now)
        elif row is None:
            rows.end(one.id, now, "no chain")
        else:
            self._ring(one, row, ticket, now, together=together)

    def _ring(
        self, one: Escalation, row: EscalationChain, ticket: TicketView, now: datetime, *, together: bool
    ) -> None:
        chain = self.chains.chain(row)
        ring = chain.ring(one.number, one.next_at or now)
        if ring is None or ring.at > now:
            rows.go_on(one.id, one.number, one.number, ring.at if ring else None)
            return
        following = chain.following(ring, now)
        number = following.number if following else ring.number + 1
        if rows.go_on(one.id, one.number, number, following.at if following else None):
            self._tell(one, ring, ticket, now, together=together)

    def _tell(self, one: Escalation, ring: Ring, ticket: TicketView, now: datetime, *, together: bool) -> None:
        agent = self._whom(ring.step, ticket, now)
        chat = _phone(agent, now) if agent else ""
        if rows.add_ring(one, ring.number, now, "" if together else chat):
            data = {"number": ring.number + 1, "cause": one.cause, "chat": chat, "together": together}
            data |= {"to": agent.name, "agent": agent.id} if agent else {}
            data |= {"rota": ring.step.target} if ring.step.kind == "rota" else {}
            self._changes.record(ticket.id, DESK, "rang", data=data)
            if together:
                self._post_digest(one, ticket, chat, now)

    def _post_digest(self, one: Escalation, ticket: TicketView, chat: str, now: datetime) -> None:
        """One for all, in the places where this would have rung; not again there for a while."""
        spots = [_own(spot, chat) for spot in self._announce.spots(ticket.group)]
        fresh = [spot for spot in spots if desk_rows.jotted(_digest(spot), now) is None]
        for spot in fresh:
            desk_rows.jot(_digest(spot), True, now + DIGEST_EVERY)
        if fresh:
            self._alarms.storm(one.id, fresh)

    def _whom(self, step: Step, ticket: TicketView, now: datetime) -> Agent | None:
        """Who is rung; None for the channel, and where there is nobody who may see the ticket."""
        found = _FIND[step.kind](self, step.target, now)
        if found is None or not found.active:
            return None
        hidden = ticket.group.restricted and not people_rows.sees_group(found.id, ticket.group.id)
        return None if hidden else found

    def _agent(self, address: str, now: datetime) -> Agent | None:
        row = people_rows.agent_by_email(address)
        return Agent.of(row) if row else None

    def _of_rota(self, code: str, now: datetime) -> Agent | None:
        try:
            return self._on_duty(code, now)
        except NotFound:
            return None

    def _ask(self, one: Escalation, ticket: TicketView, now: datetime) -> None:
        """Whoever took it is asked, once, whether they are still on it."""
        if not rows.end(one.id, now, "asked") or ticket.assignee is None:
            return
        chat = people_rows.accounts(ticket.assignee.id).get("telegram", "")
        if rows.add_ring(one, 0, now, chat if chat in ticket.rung_in else ""):
            data: dict[str, Any] = {"to": ticket.assignee.name, "agent": ticket.assignee.id}
            self._changes.record(ticket.id, DESK, "still_on_it", data=data | {"chat": chat})


def _phone(agent: Agent, now: datetime) -> str:
    """Their own chat, "" without one that takes messages."""
    chat = people_rows.accounts(agent.id).get("telegram", "")
    return chat if chat and takes_messages("telegram", chat, now) else ""


def _own(spot: outbox.Spot, chat: str) -> outbox.Spot:
    """The person's own chat in place of the group's."""
    return ("telegram", chat, 0) if chat and spot[0] == "telegram" else spot


def _digest(spot: outbox.Spot) -> str:
    return f"storm:{outbox.place(*spot)}"


_FIND: dict[str, Callable[[Escalating, str, datetime], Agent | None]] = {
    "agent": Escalating._agent,
    "rota": Escalating._of_rota,
    "channel": lambda desk, target, now: None,
}
