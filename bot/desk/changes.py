"""The one way a ticket changes: found, locked and allowed first, then changed with its event in one transaction.

The row as it was is kept in the event, the version goes up by one, the deadlines are worked out anew, and the
deliveries that tell people are written with it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.cleaning import clean_line, clean_text
from bot.clock import Clock
from bot.desk import acts, addressees, kinship, outbox, permissions, references, workflow
from bot.desk.budgets import Budget
from bot.desk.chains import Chains
from bot.desk.files import StoredFile
from bot.desk.people import Actor, Agent, Client
from bot.desk.settings import Settings
from bot.desk.timetable import Timetable
from bot.desk.views import TicketView
from bot.desk.workflow import Status
from bot.errors import NotAllowed, NotFound, Refusal, Stale
from bot.failpoints import reach
from storage.models import Event, Ticket
from storage.queries import deadlines as deadline_rows
from storage.queries import deliveries, escalation, failing, interventions, joining, labels
from storage.queries import people as people_rows
from storage.queries import tickets as rows

INTERVENTION = tuple(f"intervention_{what}" for what in "planned edited validated done reopened".split())
HUMAN = frozenset(INTERVENTION) | frozenset(
    (
        "opened assigned unassigned taken taken_over noted note_changed note_withdrawn replied "
        "reply_withdrawn waiting held resumed snoozed closed abandoned reopened client_replied client_linked "
        "edited merged merged_in split linked unlinked deleted undeleted closing_withdrawn escalated "
        "time_spent problem_linked problem_unlinked"
    ).split()
)
SHOWN = HUMAN | frozenset(
    "overdue bounced client_reminded letter_sent letter_dry letter_lighter letters_retried".split()
)
NO_WORK = frozenset(
    "snoozed note_changed note_withdrawn edited linked unlinked escalated client_linked problem_linked "
    "problem_unlinked".split()
)
ACTIVITY = {"agent": HUMAN - NO_WORK | {"read"}, "client": frozenset(("client_replied",))}
"""What restarts the action delay, by who does it."""
TEXTS = frozenset("subject description resolution requester_name requester_address reply_address".split())
"""Columns whose words stand in no event: events outlive what people wrote and who they were."""


@dataclass(frozen=True, slots=True)
class Writing:
    """One more message for a ticket. `mark` says what is odd about it, "" when nothing.

    mark      "stranger": somebody who was no part of it; "unverified": a mail in an agent's name that nobody vouches
              for, or whose sender is not genuine; "unsent": a mail of an agent that could not be sent as a reply
    verdict   what the mailbox's server says of the sender: pass, fail, unknown; "" where none is believed
    automatic why a machine wrote it, "" for a person's
    """

    text: str
    full_text: str = ""
    message_id: str = ""
    files: tuple[StoredFile, ...] = ()
    mark: str = ""
    at: datetime | None = None
    reply_address: str = ""
    verdict: str = ""
    automatic: str = ""


class Changes:
    """Finds, locks and changes tickets; only inside a transaction."""

    def __init__(self, clock: Clock, settings: Settings, announce: outbox.Announce) -> None:
        self._clock = clock
        self._timetable = Timetable(settings)
        self._announce = announce
        self._budget = Budget(clock, settings)
        self._chains = Chains(settings)

    # finding ---------------------------------------------------------------------------------------------------------

    def view(self, ticket_id: int, said: Event | None = None) -> TicketView:
        """The ticket as it is now; `said` is what was said of it last, where that is known. NotFound without one."""
        row = rows.read(ticket_id)
        if row is None:
            raise NotFound("There is no such ticket.")
        said, labelled = said or rows.last_event(ticket_id, SHOWN), labels.of([ticket_id]).get(ticket_id)
        failed, visits = deliveries.failed_letters(ticket_id), interventions.open_of_ticket(ticket_id)
        view = TicketView.of(row, said, labelled, failed, visits)
        rung_in = escalation.chats(ticket_id)
        return replace(view, alike=kinship.offered(row), unreachable=_unreachable(view), rung_in=rung_in)

    def visible_id(self, typed: str, agent: Agent, *, deleted: bool = False) -> int:
        """The id behind a reference, whole or short. NotFound too where this agent may not see the ticket.

        A deleted ticket is seen by nobody, unless just those are looked for.
        """
        whole, short = references.full(typed), references.short(typed)
        found = rows.id_of_reference(whole) if whole else None
        if found is None and short is not None:
            found = rows.id_of_number(*short)
        if found is None or not self._sees(agent, found, deleted=deleted):
            raise NotFound("There is no ticket {reference} that you can see.", reference=typed.strip())
        return found

    def _sees(self, agent: Agent, ticket_id: int, *, deleted: bool) -> bool:
        group = rows.group_of(ticket_id, deleted=deleted)
        return group is not None and (not group.restricted or people_rows.sees_group(agent.id, group.id))

    def check_may_see(self, agent: Agent, ticket: Ticket) -> None:
        """Refusal where an agent may not see a ticket that is to be theirs."""
        if not self._sees(agent, ticket.id, deleted=False):
            raise Refusal("{name} may not see {reference}.", name=agent.name, reference=ticket.reference)

    def hangs_here(self, ticket: TicketView, place: str) -> bool:
        """Whether a place, as deliveries name it, is one of those where this ticket's team is told."""
        spots = [*self._announce.spots(ticket.group), *(("telegram", chat, 0) for chat in ticket.rung_in)]
        return place in {outbox.place(*spot) for spot in spots}

    def grab(self, reference: str, by: Actor, right: str) -> Ticket:
        """The row, locked, if this actor has the right and may see the ticket."""
        return self.row(self.allowed_id(reference, by, right))

    def allowed_id(self, reference: str, by: Actor, right: str, *, deleted: bool = False) -> int:
        """The id, if this actor has the right and may see the ticket."""
        agent = acting(by)
        permissions.allow(agent.role, right)
        return self.visible_id(reference, agent, deleted=deleted)

    def row(self, ticket_id: int) -> Ticket:
        """The row, locked."""
        ticket = rows.lock(ticket_id)
        if ticket is None:
            raise NotFound("There is no such ticket.")
        return ticket

    # writing ---------------------------------------------------------------------------------------------------------

    def say(
        self,
        ticket: Ticket,
        kind: str,
        writing: Writing,
        by: Actor,
        client: Client | None = None,
        recipients: Iterable[str] = (),
        cc: Iterable[str] = (),
    ) -> int:
        """One more message of the ticket; its row's id."""
        agent = by.agent
        text = clean_text(writing.text)
        message = rows.add_message(
            ticket.id,
            kind=kind,
            agent=agent.id if agent else None,
            contact=client.contact_id if client and not agent else None,
            author_name=clean_line(by.name),
            author_address=agent.email if agent else (client.address.lower() if client else ""),
            text=text,
            full_text=clean_text(writing.full_text) or text,
            message_id=writing.message_id,
            recipients=list(recipients),
            cc=list(cc),
            origin=by.platform,
            mark=writing.mark,
            verdict=writing.verdict,
            created_at=writing.at or self._clock.now(),
        )
        rows.add_attachments(message.id, [file.row() for file in writing.files])
        return message.id

    def apply(
        self,
        ticket: Ticket,
        by: Actor,
        kind: str,
        *,
        message: int | None = None,
        data: Mapping[str, Any] | None = None,
        **changes: Any,
    ) -> TicketView:
        """Change the row and record why. Stale when somebody else was faster."""
        now = self._clock.now()
        if kind in ACTIVITY.get(by.kind, ()):
            changes["last_activity_at"] = now
            if by.kind == "agent":
                changes["acted_at"] = now
        if by.kind == "agent" and ticket.read_at is None:
            changes["read_at"] = now
        if by.kind == "agent" and ticket.status == Status.UNREAD:
            changes.setdefault("status", Status.READ)
        told = deadline_rows.told([ticket.id])[ticket.id]
        changes |= self._timetable.columns(ticket, changes, told)
        return self.write(ticket, by, kind, changes, message=message, data=data)

    def write(
        self,
        ticket: Ticket,
        by: Actor,
        kind: str,
        changes: Mapping[str, Any],
        *,
        message: int | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> TicketView:
        """Write these columns, whatever follows from them being among them already. Stale as for `apply`."""
        old = {name: _plain(getattr(ticket, name)) for name in changes if name not in TEXTS}
        if not rows.update(ticket.id, ticket.version, changes):
            raise Stale("{reference} has just been changed by somebody else.", reference=ticket.reference)
        new = {name: _plain(value) for name, value in changes.items() if name not in TEXTS}
        new["version"] = ticket.version + 1
        return self.record(ticket.id, by, kind, message=message, old=old, new=new, data=data)

    def record(
        self,
        ticket_id: int,
        by: Actor,
        kind: str,
        *,
        message: int | None = None,
        old: Mapping[str, Any] | None = None,
        new: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
        silent: bool = False,
    ) -> TicketView:
        """Write down what happened and, unless `silent`, the deliveries that tell people."""
        now, data = self._clock.now(), acts.marked(data)
        event = rows.add_event(
            ticket=ticket_id,
            kind=kind,
            actor=by.kind,
            agent=by.agent.id if by.agent else None,
            role=by.role,
            actor_name=by.name,
            platform=by.platform,
            at=now,
            message=message,
            old=dict(old or {}),
            new=dict(new or {}),
            data=data,
        )
        view = self.view(ticket_id, event if kind in SHOWN else None)
        if not silent:
            self._chains.heed(kind, view, now, old or {})
            happened = outbox.Happened(event.id, kind, by, now, message, data, _files(message))
            parcels = self._budget.within(self._announce(happened, view), view, self._announce.spots(view.group))
            outbox.send(parcels, happened, ticket_id)
        reach("act.before_commit")
        return view


def acting(by: Actor) -> Agent:
    """The agent who acts. NotAllowed for everybody else."""
    if by.kind != "agent" or by.agent is None or not by.agent.active:
        raise NotAllowed("Only an agent can do this.")
    return by.agent


def after(step: str, ticket: Ticket) -> Status:
    """The status that a step leads to from where the ticket is."""
    other = joining.references([ticket.merged_into_id])[ticket.merged_into_id] if ticket.merged_into_id else ""
    return workflow.after(step, Status(ticket.status), ticket.reference, other)


def _unreachable(ticket: TicketView) -> str:
    """Why letters to the client come back; only contacts have addresses of which that is known."""
    address = addressees.reply_to(ticket).lower()
    return failing.among([address]).get(address, "") if ticket.requester_id is not None else ""


def _files(message: int | None) -> tuple[StoredFile, ...]:
    return tuple(map(StoredFile.of, rows.attachments([message]))) if message else ()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return int(value) if isinstance(value, Status) else value
