"""The ticket service: everything that can be done to a ticket, one transaction each, by an actor who may do it.

A method finds and locks the ticket, checks, changes it and so records the event. Nothing is sent from here.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.clock import Clock
from bot.desk import outbox, requesters, workflow
from bot.desk.alarms import Alarms
from bot.desk.changes import Changes, Writing, acting, after
from bot.desk.conversation import Conversation
from bot.desk.deleting import Bin
from bot.desk.editing import Editor
from bot.desk.ending import Ending, Notify
from bot.desk.interventions import Interventions
from bot.desk.joining import Joiner
from bot.desk.opening import Opener, Opening
from bot.desk.people import DESK, Actor, Agent, Client
from bot.desk.problems import Problems
from bot.desk.settings import Settings
from bot.desk.timekeeping import Timekeeper
from bot.desk.undoing import Undoer
from bot.desk.views import TicketView
from bot.desk.waiting import begun
from bot.desk.workflow import Status
from bot.errors import HeldByAnother, Refusal
from storage.database import transaction
from storage.models import Contact, Ticket


class TicketService:
    """What can be done to tickets. Every method returns the ticket as it is afterwards."""

    def __init__(
        self, clock: Clock, settings: Settings, announce: outbox.Announce, alarms: Alarms | None = None
    ) -> None:
        self._clock = clock
        self._settings = settings
        self._changes = Changes(clock, settings, announce)
        self.editor = Editor(clock, settings, self._changes)
        self._opener = Opener(clock, settings, self._changes, self.editor, alarms)
        self._conversation = Conversation(clock, self._changes)
        self._ending = Ending(clock, settings, self._changes)
        self.joiner = Joiner(clock, self._changes, self._opener)
        self.problems = Problems(clock, self._changes)
        self.bin = Bin(clock, self._changes)
        self.time = Timekeeper(clock, self._changes)
        self.interventions = Interventions(clock, settings, self._changes)
        self.undoer = Undoer(clock, settings, self._conversation, self._ending, self.bin, self.problems)

    def find(self, typed: str, agent: Agent) -> TicketView:
        """The ticket of a reference, whole or short (`TS-42`, `42`), if this agent may see it. NotFound otherwise."""
        return self.view(self._changes.visible_id(typed, agent))

    def view(self, ticket_id: int) -> TicketView:
        """The ticket as it is now."""
        return self._changes.view(ticket_id)

    def open(self, opening: Opening, by: Actor) -> TicketView:
        """A new ticket with its first message."""
        with transaction():
            return self._opener.open(opening, by)

    # taking and handing over -----------------------------------------------------------------------------------------

    def read(self, reference: str, by: Actor) -> TicketView:
        """An agent has looked at it."""
        with transaction():
            ticket = self._changes.grab(reference, by, "read")
            status = after("read", ticket)
            if status == ticket.status:
                return self._changes.view(ticket.id)
            return self._changes.apply(ticket, by, "read", status=status)

    def take(self, reference: str, by: Actor, *, over: bool = False) -> TicketView:
        """Acknowledge: the agent starts working on it. HeldByAnother for somebody else's ticket unless over=True."""
        with transaction():
            ticket = self._changes.grab(reference, by, "takeover" if over else "take")
            status = after("take", ticket)
            held = ticket.assignee_id not in (None, acting(by).id)
            if held and not over:
                raise self._held(ticket)
            if not held and ticket.assignee_id and status == ticket.status:
                return self._changes.view(ticket.id)
            now = self._clock.now()
            return self._changes.apply(
                ticket,
                by,
                "taken_over" if held else "taken",
                data={"kept": True} if ticket.assignee_id == acting(by).id else None,
                assignee_id=acting(by).id,
                status=status,
                assigned_at=now,
                taken_at=now,
                snoozed_until=None,
            )

    def _held(self, ticket: Ticket) -> HeldByAnother:
        holder = ticket.assignee.name if ticket.assignee else ""
        if ticket.taken_at is None:
            return HeldByAnother("{reference} is assigned to {name}.", reference=ticket.reference, name=holder)
        ago = max(self._clock.now() - ticket.taken_at, timedelta(seconds=1))
        return HeldByAnother("Already taken by {name} {ago} ago.", name=holder, ago=ago, reference=ticket.reference)

    def assign(self, reference: str, to: Agent, by: Actor) -> TicketView:
        """Give it to an agent."""
        with transaction():
            ticket = self._changes.grab(reference, by, "assign")
            self._changes.check_may_see(to, ticket)
            status = after("assign", ticket)
            if ticket.assignee_id == to.id:
                return self._changes.view(ticket.id)
            now = self._clock.now()
            changes: dict[str, Any] = {"assignee_id": to.id, "status": status, "assigned_at": now, "taken_at": None}
            return self._changes.apply(ticket, by, "assigned", data={"to": to.name}, **changes)

    def unassign(self, reference: str, by: Actor) -> TicketView:
        """Nobody's again."""
        with transaction():
            ticket = self._changes.grab(reference, by, "assign")
            status = after("unassign", ticket)
            if ticket.assignee_id is None:
                return self._changes.view(ticket.id)
            changes: dict[str, Any] = {"assignee_id": None, "status": status, "assigned_at": None, "taken_at": None}
            return self._changes.apply(ticket, by, "unassigned", **changes)

    def snooze(self, reference: str, until: datetime, by: Actor) -> TicketView:
        """No alerts about it before this moment."""
        with transaction():
            ticket = self._changes.grab(reference, by, "snooze")
            after("snooze", ticket)
            return self._changes.apply(ticket, by, "snoozed", snoozed_until=until)

    def escalate(self, reference: str, by: Actor) -> TicketView:
        """Somebody has to look at it now: on-call is rung, and it is snoozed no more."""
        with transaction():
            ticket = self._changes.grab(reference, by, "escalate")
            after("escalate", ticket)
            return self._changes.apply(ticket, by, "escalated", snoozed_until=None)

    def link_client(self, reference: str, contact: Contact, by: Actor) -> TicketView:
        """This contact asks; so on the other open tickets that came from the same unknown address."""
        with transaction():
            return requesters.link(self._changes, reference, contact, by)

    # talking ---------------------------------------------------------------------------------------------------------

    def note(self, reference: str, writing: Writing, by: Actor, *, to: Iterable[str] = ()) -> TicketView:
        """Something only the team reads; those in `to`, picked one by one, get it by mail as well."""
        with transaction():
            return self._conversation.note(reference, writing, by, to)

    def rewrite(self, message_id: int, text: str, by: Actor) -> TicketView | None:
        """Say a note of one's own in other words; None where there is nothing to change."""
        with transaction():
            return self._conversation.rewrite(message_id, text, by)

    def enclose(self, message_id: int, writing: Writing, by: Actor) -> TicketView | None:
        """Add words and files to a note of one's own."""
        with transaction():
            return self._conversation.enclose(message_id, writing, by)

    def unsay(self, message_id: int, by: Actor) -> TicketView | None:
        """Take back a note of one's own; None where there is none."""
        with transaction():
            return self._conversation.unsay(message_id, by)

    def reply(
        self,
        reference: str,
        writing: Writing,
        by: Actor,
        *,
        to: Iterable[str],
        cc: Iterable[str] = (),
        step: str = "reply",
        closes: bool = False,
    ) -> TicketView:
        """A public answer; `step` "wait" leaves the ticket waiting for the client."""
        with transaction():
            return self._conversation.reply(reference, writing, by, to=to, cc=cc, step=step, closes=closes)

    def undo_reply(self, by: Actor) -> TicketView:
        """Take back the agent's own last reply before it leaves. Refusal when it has left or there is none."""
        with transaction():
            return self._conversation.undo_reply(by)

    def retry_letters(self, reference: str, by: Actor) -> TicketView:
        """Try the letters of a ticket that could not be delivered once more. Refusal when there are none."""
        with transaction():
            return self._conversation.retry_letters(reference, by)

    def client_writes(self, ticket_id: int, writing: Writing, client: Client, *, stranger: bool = False) -> TicketView:
        """The client's reply. It wakes what waits; a ticket closed too long ago gets a new one linked to it.

        A machine's mail opens nothing again, or two desks would do so for each other for ever.

        A stranger's mail is added and marked, and changes neither the requester nor who may write.
        """
        by = Actor("client", client.name or client.address, "mail")
        with transaction():
            ticket = self._changes.row(ticket_id)
            if self._closed_for_good(ticket):
                return self._follow_up(ticket, writing, client, by)
            message = self._changes.say(ticket, "client", writing, by, client)
            if writing.automatic and not Status(ticket.status).is_open:
                return self._changes.apply(ticket, by, "client_replied", message=message)
            status = workflow.after_client_wrote(Status(ticket.status), has_assignee=ticket.assignee_id is not None)
            now = self._clock.now()
            changes: dict[str, Any] = {"status": status, "client_wrote_at": now, "snoozed_until": None}
            changes["verdict"] = writing.verdict
            if writing.reply_address and not stranger:
                changes["reply_address"] = writing.reply_address
            if not Status(ticket.status).is_open:
                changes |= {"closed_at": None, "reopened": ticket.reopened + 1}
            return self._changes.apply(ticket, by, "client_replied", message=message, **changes)

    def answer_to_note(self, ticket_id: int, writing: Writing, sender: Client, *, waits: bool = False) -> TicketView:
        """A mail that only the team reads, with no effect but that: an answer to a mailed note, or a doubtful one.

        One that `waits` can be sent as a reply by an agent.
        """
        with transaction():
            return self._conversation.answer_to_note(ticket_id, writing, sender, waits=waits)

    def _closed_for_good(self, ticket: Ticket) -> bool:
        if ticket.closed_at is None:
            return False
        return self._clock.now() - ticket.closed_at > timedelta(days=self._settings.get("reopen_days"))

    def _follow_up(self, old: Ticket, writing: Writing, client: Client, by: Actor) -> TicketView:
        opening = Opening(
            subject=old.subject,
            text=writing.full_text or writing.text,
            full_text=writing.full_text,
            type=old.type.code,
            group=old.group.code,
            client=client,
            reply_address=writing.reply_address,
            mailbox=old.mailbox,
            message_id=writing.message_id,
            files=writing.files,
            verdict=writing.verdict,
            automatic=writing.automatic,
            previous_id=old.id,
            routed_by=old.routed_by,
        )
        return self._opener.open(opening, by)

    # waiting and ending ----------------------------------------------------------------------------------------------

    def wait(self, reference: str, by: Actor) -> TicketView:
        """Waiting for the client; the action delay stands still."""
        return self._step(reference, by, "wait", "waiting", **begun(self._clock.now()))

    def hold(self, reference: str, by: Actor) -> TicketView:
        """On hold; only where the setting on_hold is on."""
        if not self._settings.is_on("on_hold"):
            raise Refusal("The status On hold is switched off (setting on_hold).")
        return self._step(reference, by, "hold", "held", **begun(self._clock.now()))

    def resume(self, reference: str, by: Actor) -> TicketView:
        """Work goes on."""
        return self._step(reference, by, "resume", "resumed", waiting_since=None)

    def close(self, reference: str, by: Actor, *, text: str = "", notify: Notify = None) -> TicketView:
        """Solved. `notify` says who gets the closing letter; None as the setting notify_on_close says."""
        with transaction():
            return self._ending.close(reference, by, text=text, notify=notify)

    def abandon(self, reference: str, reason: str, by: Actor, *, notify: Notify = None) -> TicketView:
        """Ended without a solution; the reason is required. Nobody outside is told unless that is said."""
        with transaction():
            return self._ending.abandon(reference, reason, by, notify=notify)

    def reopen(self, reference: str, by: Actor) -> TicketView:
        """Open again; the closing date is cleared and stays in the history."""
        with transaction():
            return self._ending.reopen(reference, by)

    def hangs_here(self, ticket: TicketView, place: str) -> bool:
        """Whether a ticket's card belongs in this place (a delivery's word for it)."""
        return self._changes.hangs_here(ticket, place)

    def redraw(self, ticket_id: int, kind: str, by: Actor = DESK, data: Mapping[str, Any] | None = None) -> TicketView:
        """Something around the ticket changed (a letter bounced, a client was linked): an event and a new card."""
        with transaction():
            return self._changes.apply(self._changes.row(ticket_id), by, kind, data=data)

    def _step(self, reference: str, by: Actor, step: str, kind: str, **changes: Any) -> TicketView:
        with transaction():
            ticket = self._changes.grab(reference, by, step)
            return self._changes.apply(ticket, by, kind, status=after(step, ticket), **changes)
