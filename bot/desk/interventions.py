"""Interventions: visits and sessions of work on a ticket, prefilled from it, with a number and a report of their own.

A method locks the ticket, changes the intervention and records that as an event of the ticket. From validated on the
time of its lines counts into the ticket; it is taken back when the intervention becomes a draft again.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.cleaning import clean_line, clean_text
from bot.clock import Clock
from bot.desk import worksheet
from bot.desk.changes import Changes, acting
from bot.desk.ending import check_unmerged
from bot.desk.fields import SUBJECT_LIMIT
from bot.desk.numbering import Occasion
from bot.desk.people import Actor, Agent
from bot.desk.settings import Settings
from bot.desk.worksheet import DONE, DRAFT, KINDS, VALIDATED, InterventionView
from bot.errors import NotFound, Refusal, Stale
from storage.database import transaction
from storage.models import Ticket
from storage.queries import desk as desk_rows
from storage.queries import interventions as rows

COUNTER = "intervention"
RIGHT = "intervention"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is said of a new intervention; "" and None: as the ticket says."""

    subject: str = ""
    description: str = ""
    planned_at: datetime | None = None
    technician: Agent | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """One piece of work: when it began, how long it took, what was done."""

    at: datetime
    minutes: int
    text: str


class Interventions:
    """What can be done about interventions. Every method that changes one returns it as it is afterwards."""

    def __init__(self, clock: Clock, settings: Settings, changes: Changes) -> None:
        self._clock = clock
        self._settings = settings
        self._changes = changes

    # finding ---------------------------------------------------------------------------------------------------------

    def find(self, number: str, agent: Agent) -> InterventionView:
        """By its number, if this agent may see its ticket. NotFound otherwise."""
        row = rows.numbered(number.strip().upper())
        try:
            if row is None:
                raise NotFound("")
            self._changes.visible_id(row.ticket.reference, agent)
        except NotFound:
            sentence = "There is no intervention {number} that you can see."
            raise NotFound(sentence, number=number.strip().upper()) from None
        return InterventionView.of(row, rows.lines([row.id])[row.id])

    def of(self, ticket_id: int) -> list[InterventionView]:
        """All of a ticket, oldest first."""
        found = rows.of_ticket(ticket_id)
        lines = rows.lines(row.id for row in found)
        return [InterventionView.of(row, lines[row.id]) for row in found]

    # drafts ----------------------------------------------------------------------------------------------------------

    def plan(self, reference: str, plan: Plan, by: Actor) -> InterventionView:
        """A new draft, prefilled from its ticket; the technician is the assignee, else whoever makes it."""
        with transaction():
            ticket = self._changes.grab(reference, by, RIGHT)
            check_unmerged(ticket)
            technician = plan.technician or (Agent.of(ticket.assignee) if ticket.assignee else acting(by))
            self._check_sees(technician, ticket)
            made = rows.add(
                number=self._next_number(),
                ticket=ticket.id,
                subject=clean_line(plan.subject)[:SUBJECT_LIMIT] or ticket.subject,
                description=clean_text(plan.description) or ticket.description,
                technician=technician.id,
                planned_at=plan.planned_at,
                created_by=acting(by).id,
                created_at=self._clock.now(),
                **_of_ticket(ticket),
            )
            return self._told(ticket, made.number, by, "intervention_planned")

    def edit(self, number: str, by: Actor, *, version: int | None = None, **changes: Any) -> InterventionView:
        """Change subject, description, planned_at or technician (an Agent) of a draft. Stale for an older version."""
        with transaction():
            ticket, row = self._grab(number, by, version)
            worksheet.check_draft(row.state, row.number)
            wanted = _checked(changes)
            if "technician" in changes:
                self._check_sees(changes["technician"], ticket)
            if all(getattr(row, name) == value for name, value in wanted.items()):
                return row
            rows.change(row.id, **{name: getattr(value, "id", value) for name, value in wanted.items()})
            return self._told(ticket, row.number, by, "intervention_edited")

    def add(self, number: str, work: Work, by: Actor) -> InterventionView:
        """One more line of a draft."""
        with transaction():
            ticket, row = self._grab(number, by)
            worksheet.check_draft(row.state, row.number)
            rows.add_line(row.id, work.at, work.minutes, clean_text(work.text))
            rows.change(row.id)
            return self._told(ticket, row.number, by, "intervention_edited")

    def remove(self, number: str, line: int, by: Actor) -> InterventionView:
        """A line of a draft goes, by its number in the report."""
        with transaction():
            ticket, row = self._grab(number, by)
            worksheet.check_draft(row.state, row.number)
            lines = rows.lines([row.id])[row.id]
            if not 1 <= line <= len(lines):
                raise NotFound("{number} has no line {line}.", number=row.number, line=line)
            rows.drop_line(lines[line - 1].id)
            rows.change(row.id)
            return self._told(ticket, row.number, by, "intervention_edited")

    # steps -----------------------------------------------------------------------------------------------------------

    def step(self, number: str, step: str, by: Actor, *, version: int | None = None) -> InterventionView:
        """One of worksheet.STEPS. Refusal where it leads nowhere, and for a validation without any line."""
        with transaction():
            ticket, row = self._grab(number, by, version)
            return self._step(ticket, row, step, by)

    def finish(self, reference: str, by: Actor) -> list[InterventionView]:
        """All of a ticket that have lines are validated and done; they are returned."""
        with transaction():
            ticket_id = self._changes.allowed_id(reference, by, RIGHT)
            return [self._finish(one, by) for one in self.of(ticket_id) if one.is_open and one.lines]

    def _finish(self, one: InterventionView, by: Actor) -> InterventionView:
        if one.state == DRAFT:
            self.step(one.number, "validate", by)
        return self.step(one.number, "done", by)

    def _step(self, ticket: Ticket, row: InterventionView, step: str, by: Actor) -> InterventionView:
        state, now = worksheet.after(step, row.state, row.number), self._clock.now()
        if step == "validate" and not row.lines:
            raise Refusal("{number} says nothing yet of what was done.", number=row.number)
        minutes = {"validate": self._count, "draft": self._take_back}.get(step, _nothing)(ticket, row)
        moments: dict[str, dict[str, Any]] = {
            DRAFT: {"validated_at": None, "done_at": None},
            VALIDATED: {"validated_at": now},
            DONE: {"done_at": now},
        }
        rows.change(row.id, state=state, **moments[state])
        return self._told(ticket, row.number, by, KINDS[step], minutes=minutes)

    def _count(self, ticket: Ticket, row: InterventionView) -> int:
        assert row.technician is not None
        whose = {"ticket": ticket.id, "agent": row.technician.id, "intervention": row.id}
        rows.count_time([{**whose, "minutes": line.minutes, "text": line.text, "at": line.at} for line in row.lines])
        return row.minutes

    def _take_back(self, ticket: Ticket, row: InterventionView) -> int:
        return -rows.take_time_back(ticket.id, row.id)

    # all of them -----------------------------------------------------------------------------------------------------

    def _grab(self, number: str, by: Actor, version: int | None = None) -> tuple[Ticket, InterventionView]:
        """Its ticket's row, locked, and the intervention; Stale when the caller saw another version of it."""
        found = self.find(number, acting(by))
        ticket = self._changes.grab(found.ticket, by, RIGHT)
        now = self.find(number, acting(by))
        if now.ticket_id != ticket.id or version not in (None, now.version):
            raise Stale("{reference} has just been changed by somebody else.", reference=now.number)
        return ticket, now

    def _told(self, ticket: Ticket, number: str, by: Actor, kind: str, minutes: int = 0) -> InterventionView:
        """Write the event, with the minutes that the ticket gains or loses."""
        changes = {"minutes": ticket.minutes + minutes} if minutes else {}
        data = {"intervention": number, **({"minutes": minutes} if minutes else {})}
        self._changes.apply(ticket, by, kind, data=data, **changes)
        return self.find(number, acting(by))

    def _next_number(self) -> str:
        occasion = Occasion.of(self._clock.now(), ZoneInfo(self._settings.get("timezone")))
        return worksheet.number_of(desk_rows.next_number(COUNTER), occasion)

    def _check_sees(self, technician: Agent, ticket: Ticket) -> None:
        try:
            self._changes.visible_id(ticket.reference, technician)
        except NotFound:
            sentence = "{name} may not see {reference}."
            raise Refusal(sentence, name=technician.name, reference=ticket.reference) from None


def _of_ticket(ticket: Ticket) -> dict[str, Any]:
    """What an intervention takes over from its ticket."""
    name, address = ticket.requester_name, ticket.requester_address
    return {
        "client": ticket.third_party.name if ticket.third_party else "",
        "contact": f"{name} <{address}>" if name and address else name or address,
        "project": ticket.project_id,
        "contract": ticket.contract_id,
    }


def _checked(changes: dict[str, Any]) -> dict[str, Any]:
    """The columns of what was said. Refusal for an empty subject."""
    kept = dict(changes)
    if "subject" in kept:
        kept["subject"] = clean_line(kept["subject"])[:SUBJECT_LIMIT]
        if not kept["subject"]:
            raise Refusal("A subject has from 1 to {n} characters.", n=SUBJECT_LIMIT)
    if "description" in kept:
        kept["description"] = clean_text(kept["description"])
    return kept


def _nothing(ticket: Ticket, row: InterventionView) -> int:
    return 0
