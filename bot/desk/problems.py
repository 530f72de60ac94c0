"""Several tickets, one problem: those that look alike are told of each other, linked by an agent, answered as one.

Each keeps its card, its thread and its client; only the answer and the closing are given once. One act, one undo.
"""

from collections.abc import Iterable, Sequence

from bot.cleaning import clean_line
from bot.clock import Clock
from bot.desk import acts, kinship, likeness
from bot.desk.changes import Changes, acting
from bot.desk.ending import check_unmerged
from bot.desk.fields import SUBJECT_LIMIT
from bot.desk.people import DESK, Actor
from bot.desk.views import TicketView
from bot.desk.workflow import Status
from bot.errors import NotFound, Refusal
from storage.database import transaction
from storage.models import Event, Ticket
from storage.queries import people
from storage.queries import problems as rows


class Problems:
    """Links tickets that are one problem, and parts them."""

    def __init__(self, clock: Clock, changes: Changes) -> None:
        self._clock = clock
        self._changes = changes

    def alike(self, ticket: TicketView) -> list[Ticket]:
        """The open tickets that look like this one and are not one problem with it, the newest first."""
        with transaction():
            found = kinship.around(self._changes.row(ticket.id))
        return [one for one in found if ticket.problem_id is None or one.problem_id != ticket.problem_id]

    def others(self, ticket: TicketView) -> list[Ticket]:
        """The tickets that are one problem with this one, the oldest first."""
        if ticket.problem_id is None:
            return []
        found = rows.members(ticket.problem_id, ticket.group.id, kinship.MOST + 1)
        return [one for one in found if one.id != ticket.id]

    def open_others(self, ticket: TicketView) -> list[Ticket]:
        """Those of them that are open; none where this ticket is not."""
        return [one for one in self.others(ticket) if Status(one.status).is_open] if ticket.status.is_open else []

    def link(self, reference: str, others: Iterable[str], by: Actor, title: str = "") -> TicketView:
        """One problem from now on: a new one, or that which some of them have; the first ticket is returned."""
        with transaction(), acts.as_one():
            tickets = self._locked((*others, reference), by)
            first = tickets[self._changes.visible_id(reference, acting(by))]
            known = {one.problem_id for one in tickets.values() if one.problem_id is not None}
            joining = [one for one in tickets.values() if one.problem_id is None]
            self._check(list(tickets.values()), known, joining)
            problem = known.pop() if known else self._new(title or first.subject, by)
            if title:
                rows.rename(problem, _titled(title))
            for ticket in joining:
                self._changes.apply(ticket, by, "problem_linked", problem_id=problem)
            return self._changes.view(first.id)

    def _locked(self, references: Iterable[str], by: Actor) -> dict[int, Ticket]:
        """The rows by id, locked in the order of their ids, so that two who link the same ones do not wait for ever."""
        ids = {self._changes.allowed_id(reference, by, "link") for reference in references}
        return {ticket_id: self._changes.row(ticket_id) for ticket_id in sorted(ids)}

    def _check(self, tickets: Sequence[Ticket], known: Iterable[int], joining: Sequence[Ticket]) -> None:
        if len(tickets) < 2:
            raise Refusal("One ticket alone is no problem of several. Which others are the same?")
        for ticket in tickets:
            check_unmerged(ticket)
        if len(list(known)) > 1:
            raise Refusal("These tickets belong to different problems already.")
        if not joining:
            raise Refusal("These tickets are one problem already.")

    def _new(self, title: str, by: Actor) -> int:
        return rows.add(_titled(title), acting(by).id, self._clock.now()).id

    def leave(self, reference: str, by: Actor) -> TicketView:
        """This ticket is not a part of the problem any more. Refusal when it is in none."""
        with transaction():
            ticket = self._changes.grab(reference, by, "unlink")
            if ticket.problem_id is None:
                raise Refusal("{reference} is not a part of any problem.", reference=ticket.reference)
            problem, parted = ticket.problem_id, self._part(ticket, by)
            self.dissolve_if_alone(problem, by)
            return parted

    def take_back(self, event: Event, by: Actor) -> TicketView | None:
        """Undo what linked one ticket; None when it does not stand any more. The problem may be of one ticket then."""
        try:
            ticket = self._changes.row(event.ticket_id or 0)
            if ticket.problem_id is None or ticket.problem_id != event.new["problem_id"]:
                return None
            self._changes.allowed_id(ticket.reference, by, "undo")
        except NotFound:
            return None
        return self._part(ticket, by)

    def _part(self, ticket: Ticket, by: Actor) -> TicketView:
        return self._changes.apply(ticket, by, "problem_unlinked", problem_id=None)

    def dissolve_if_alone(self, problem_id: int, by: Actor) -> None:
        """A problem of one ticket is none."""
        left = rows.every_member(problem_id)
        if len(left) < 2:
            rows.dissolve(problem_id, self._clock.now())
            for one in left:
                self._part(self._changes.row(one.id), by)


def _titled(title: str) -> str:
    return clean_line(title)[:SUBJECT_LIMIT]


class Lookout:
    """Sees that a new ticket looks like others; only inside the transaction that opens it."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes

    def note(self, ticket: Ticket) -> None:
        """Keep what it has in common with others."""
        party = people.third_party_by_id(ticket.third_party_id) if ticket.third_party_id else None
        names = (ticket.requester_name, party.name if party else "", party.code if party else "")
        found = likeness.signs(ticket.subject, ticket.description, address=ticket.requester_address, names=names)
        rows.keep_signs(ticket.id, found, ticket.created_at)

    def hand_on(self, ticket: Ticket, view: TicketView) -> None:
        """The newest of those alike offers it from now on; the card that did so far is drawn without."""
        before = self._changes.row(rows.count_alike(ticket, kinship.WINDOW)[1]) if view.alike else None
        if before is not None and before.problem_id is None:
            self._changes.apply(before, DESK, "alike", data={"to": view.reference})
