"""Which chain is a ticket's, and what starts and stops it: in the transaction of the event that does.

Starting writes one row with the moment of the first ring; whatever rings it looks at nothing else
(`bot.desk.escalating`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.desk import audit, escalation, oncall, people
from bot.desk.dictionaries import find
from bot.desk.escalation import CAUSES, Chain
from bot.desk.people import DESK, Actor
from bot.desk.settings import Settings
from bot.desk.views import TicketView
from bot.desk.workflow import Status
from bot.errors import UnknownValue, WrongUsage
from storage.database import transaction
from storage.models import Escalation, EscalationChain
from storage.queries import escalation as rows

STARTS = {"opened": "new", "overdue": "overdue", "client_replied": "client", "escalated": "asked"}
AGAIN = frozenset("reopened closing_withdrawn undeleted".split())
"""What brings a ticket back, as good as new unless somebody is at it."""
CHOOSES = frozenset(("group_id", "severity_id"))
"""The columns by which a ticket's chain is chosen."""
STOPS = frozenset("taken taken_over closed abandoned merged deleted replied waiting held".split())
ACTS = STOPS | frozenset("noted resumed reopened edited assigned time_spent snoozed".split())
"""What answers "still on it?" before it is asked."""
ALWAYS = "asked"
"""Whoever presses Escalate starts the chain, whatever it is for."""
RIGHT = "escalation"
MOST_ROUNDS = 1000


class Chains:
    """The chains of a desk, and what tickets go through them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    # what happens to tickets -----------------------------------------------------------------------------------------

    def heed(self, kind: str, ticket: TicketView, at: datetime, old: Mapping[str, Any]) -> None:
        """Start or stop what an event starts or stops; only inside its transaction. `old`: columns before it."""
        if kind in ACTS:
            self._stop(kind, ticket, at)
        if not ticket.status.is_open:
            return
        if old.keys() & CHOOSES:
            self._choose_anew(ticket, at)
        else:
            self._start(_causes_of(kind, ticket, old), ticket, at)

    def _start(self, causes: Iterable[str], ticket: TicketView, at: datetime) -> None:
        """Start the ticket's chain for the first of these causes that starts it."""
        row = rows.chain_of(ticket.group.id, ticket.severity.id)
        cause = next((one for one in causes if row and (one == ALWAYS or one in row.causes)), None)
        if row is None or cause is None:
            return
        chain = self.chain(row)
        begins = at + chain.steps[0].wait if cause == "client" else at
        first = chain.ring(0, max(begins, ticket.snoozed_until or begins))
        if first is not None:
            self._make_way(ticket.id, at)
            rows.start(ticket.id, row.id, cause, at, first.at)

    def _choose_anew(self, ticket: TicketView, at: datetime) -> None:
        """Another group or severity: where that means another chain, it takes the place of the one that runs."""
        running, row = rows.running(ticket.id), rows.chain_of(ticket.group.id, ticket.severity.id)
        if running is not None and (running.cause == "taken" or (row and running.chain_id == row.id)):
            return
        if running is not None:
            rows.end(running.id, at, "moved")
        before = [running.cause] if running else []
        self._start([*before, *_new(ticket)], ticket, at)

    def _make_way(self, ticket_id: int, at: datetime) -> None:
        """A chain goes before the question to whoever took the ticket, and before one that has come to its end."""
        running = rows.running(ticket_id)
        if running is not None and (running.cause == "taken" or running.next_at is None):
            rows.end(running.id, at, "escalated")

    def _stop(self, kind: str, ticket: TicketView, at: datetime) -> None:
        running = rows.running(ticket.id)
        if running is None:
            return
        if running.cause == "taken":
            rows.end(running.id, at, kind)
        elif kind in STOPS:
            rows.end(running.id, at, kind)
            self._ask_later(kind, ticket, at)
        elif kind == "snoozed" and ticket.snoozed_until:
            self._sleep(running, ticket.snoozed_until)

    def _ask_later(self, kind: str, ticket: TicketView, at: datetime) -> None:
        """Whoever took a ticket that has rung is asked after a while whether they are still on it."""
        minutes = self._settings.get("still_on_it")
        if minutes and kind.startswith("taken"):
            rows.start(ticket.id, None, "taken", at, at + timedelta(minutes=minutes))

    def _sleep(self, running: Escalation, until: datetime) -> None:
        """The chain begins anew when the snooze is over."""
        row = rows.chain(running.chain_id) if running.chain_id else None
        number = self.chain(row).next_round(running.number) if row and running.number else running.number
        rows.go_on(running.id, running.number, number, until)

    # the chains themselves -------------------------------------------------------------------------------------------

    def chain(self, row: EscalationChain) -> Chain:
        """A chain as a value."""
        return escalation.chain(row.steps, row.rounds, self._zone)

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self._settings.get("timezone"))

    def every(self) -> list[dict[str, Any]]:
        """All chains, the first that fits a ticket first: group, severity ("" = all), steps, rounds, causes."""
        return [_as_json(row) for row in rows.chains()]

    def read(self, one: Mapping[str, Any]) -> Chain:
        """One of `every` as a value."""
        return escalation.chain(one["steps"], one["rounds"], self._zone)

    def understood(self, steps: Sequence[str], rounds: int, at: datetime) -> Chain:
        """Steps as they are typed, with people and rotas that there are. WrongUsage or NotFound otherwise."""
        if not 0 <= rounds <= MOST_ROUNDS:
            raise WrongUsage("A chain is gone through up to {most} times.", most=MOST_ROUNDS)
        chain = escalation.chain(steps, rounds, self._zone)
        for one in chain.steps:
            _CHECK[one.kind](one.target, at)
        return chain

    def set(
        self,
        group: str,
        severity: str,
        steps: Sequence[str],
        at: datetime,
        *,
        rounds: int = 0,
        causes: Sequence[str] = (),
        by: Actor = DESK,
    ) -> dict[str, Any]:
        """Keep a chain for a group and a severity ("" = all). WrongUsage or NotFound say what is wrong with it.

        Without `causes` all start one for a severity; any other one is not started by new tickets.
        """
        audit.allow(by, RIGHT)
        typed = [" ".join(step.split()) for step in steps]
        self.understood(typed, rounds, at)
        usual = CAUSES if severity else CAUSES[1:]
        values: dict[str, Any] = {"steps": typed, "rounds": rounds, "causes": _causes(causes or usual)}
        with transaction():
            ids = _ids(group, severity)
            old = rows.exactly(*ids)
            rows.set_chain(*ids, created_at=at, **values)
            _record(by, at, group, severity, _values(old) if old else {}, values)
        return {"group": group.upper(), "severity": severity.upper(), **values}

    def remove(self, group: str, severity: str, at: datetime, by: Actor = DESK) -> bool:
        """Take a chain away: what goes through it ends. Whether there was one."""
        audit.allow(by, RIGHT)
        with transaction():
            ids = _ids(group, severity)
            old = rows.exactly(*ids)
            if old is not None:
                rows.remove_chain(*ids, at)
                _record(by, at, group, severity, _values(old), {})
        return old is not None


def _record(by: Actor, at: datetime, group: str, severity: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    about = " ".join(filter(None, ("chain", group.upper(), severity.upper())))
    audit.record_at(at, "chain_changed", by, about=about, old=old, new=new)


def _causes_of(kind: str, ticket: TicketView, old: Mapping[str, Any]) -> list[str]:
    """What an event starts a chain for, the first choice first."""
    cause = STARTS.get(kind)
    again = kind in AGAIN or (kind == "client_replied" and not Status(old.get("status", ticket.status)).is_open)
    return [*(_new(ticket) if again else ()), *([cause] if cause else ())]


def _new(ticket: TicketView) -> list[str]:
    """That it is new counts as long as nobody is at it."""
    return ["new"] if ticket.status < Status.IN_PROGRESS else []


def _ids(group: str, severity: str) -> tuple[int | None, int | None]:
    return (find("group", group).id if group else None, find("severity", severity).id if severity else None)


_CHECK: dict[str, Callable[[str, datetime], object]] = {
    "agent": lambda address, at: people.agent(address),
    "rota": oncall.find,
    "channel": lambda target, at: None,
}


def _causes(typed: Sequence[str]) -> list[str]:
    unknown = [cause for cause in typed if cause not in CAUSES]
    if unknown:
        raise UnknownValue(
            "A chain is started by {causes}, not by {cause}.", causes=", ".join(CAUSES), cause=unknown[0]
        )
    return sorted(set(typed), key=CAUSES.index)


def _as_json(row: EscalationChain) -> dict[str, Any]:
    return {
        "group": row.group.code if row.group else "",
        "severity": row.severity.code if row.severity else "",
        **_values(row),
    }


def _values(row: EscalationChain) -> dict[str, Any]:
    return {"steps": row.steps, "rounds": row.rounds, "causes": row.causes}
