"""What must always be true, as checks: no mail lost, none twice, nothing told twice, no act without the right to it.

Used after every test that has a desk, and by `deskbell check --deep` on a real database. A new kind of event that an
agent causes is named in RIGHT_OF with the right it needs; one that a client causes in BY_CLIENTS.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from bot import cleaning
from bot.desk import allocation, permissions, workflow
from bot.desk.changes import INTERVENTION
from bot.desk.files import FileStore
from bot.desk.workflow import Status
from storage.database import snapshot
from storage.models import Event, Mail, Ticket
from storage.queries import invariants as rows

RIGHT_OF = {
    "opened": "new",
    "read": "read",
    "assigned": "assign",
    "unassigned": "assign",
    "taken": "take",
    "taken_over": "takeover",
    "noted": "note",
    "note_changed": "note",
    "note_withdrawn": "note",
    "replied": "reply",
    "reply_withdrawn": "undo",
    "letters_retried": "reply",
    "waiting": "wait",
    "held": "hold",
    "resumed": "resume",
    "snoozed": "snooze",
    "closed": "close",
    "abandoned": "abandon",
    "reopened": "reopen",
    "edited": "edit",
    "merged": "merge",
    "merged_in": "merge",
    "split": "split",
    "linked": "link",
    "unlinked": "unlink",
    "deleted": "delete",
    "undeleted": "undelete",
    "closing_withdrawn": "undo",
    "escalated": "escalate",
    "time_spent": "time",
    **dict.fromkeys(INTERVENTION, "intervention"),
    "client_linked": "link",
    "problem_linked": "link",
    "problem_unlinked": "unlink",
    "setting_changed": "settings",
    "dictionary_changed": "dictionaries",
    "agent_changed": "agents",
    "preferences_changed": "preferences",
    "phone_linked": "pair",
    "phone_unlinked": "unpair",
    "rota_changed": "rotas",
    "chain_changed": "escalation",
    **dict.fromkeys(("shift_taken_over", "swap_offered", "swap_accepted", "swap_withdrawn"), "swap"),
    **dict.fromkeys(("handover_noted", "handover_accepted"), "handover"),
}
BY_CLIENTS = frozenset(("opened", "client_replied", "reopened", "noted"))
REPLAYED = (
    "status type_id group_id severity_id assignee_id project_id contract_id notify progress minutes reopened read_at "
    "assigned_at taken_at first_response_at waiting_since closed_at snoozed_until merged_into_id problem_id deleted_at"
).split()


def broken(files: FileStore | None = None, *, at_rest: bool = True) -> Iterator[str]:
    """A sentence for each thing that is not as it must be.

    `files`: where the bytes of mails are looked for; `at_rest`: nothing is being worked on now.
    """
    with snapshot():
        yield from _all(files, at_rest=at_rest)


def _all(files: FileStore | None, *, at_rest: bool) -> Iterator[str]:
    if at_rest:
        for mail in rows.unfinished_mails():
            yield f"INV-01: mail {mail.uid} of {mail.mailbox} has no final state"
    yield from _mails(files)
    for key, number in rows.doubled_deliveries():
        yield f"INV-03: {key} was sent {number} times"
    for delivery in rows.sent_without_a_trace():
        yield f"INV-03: {delivery.key} was sent at no time"
    for event in rows.acts():
        yield from _without_right(event)
    for ticket_id, told, kept in rows.told_too_often():
        yield f"INV-13: ticket {ticket_id} was told of {told} times for {kept} alerts"
    for ticket_id, told, kept in rows.rung_too_often():
        yield f"INV-13: about ticket {ticket_id} people were rung {told} times for {kept} rings"
    for ticket, events in rows.histories():
        yield from _untold(ticket, events)
        yield from _illegal(ticket, events)
    yield from _numbers()
    yield from _unsafe()


def _mails(files: FileStore | None) -> Iterator[str]:
    for mail in rows.mails_without_their_ticket():
        yield f"INV-01: mail {mail.uid} of {mail.mailbox} became a ticket that is not there"
    if files:
        yield from _changed_bytes(files)
    for mailbox, identity, number in rows.doubled_mails():
        yield f"INV-02: one mail of {mailbox} became {number} tickets ({identity[:12]})"
    for ticket in rows.mail_tickets_without_a_mail():
        yield f"INV-02: no mail stands behind {ticket.reference}"


def _changed_bytes(files: FileStore) -> Iterator[str]:
    for mail in rows.kept_mails():
        if _digest(mail, files) != mail.sha256:
            yield f"INV-01: the bytes of mail {mail.uid} of {mail.mailbox} are not what came"


def _digest(mail: Mail, files: FileStore) -> str:
    if mail.content is None and not files.path(mail.sha256).exists():
        return ""
    content = files.read(mail.sha256) if mail.content is None else bytes(mail.content)
    return hashlib.sha256(content).hexdigest()


def _without_right(event: Event) -> Iterator[str]:
    if event.actor == "client" and event.kind not in BY_CLIENTS:
        yield f"INV-04: event {event.id}: a client did “{event.kind}”"
    if event.actor != "agent":
        return
    right = RIGHT_OF.get(event.kind)
    if right is None:
        yield f"INV-04: event {event.id}: it is not known what right “{event.kind}” needs"
    elif not permissions.may(event.role, right):
        yield f"INV-04: event {event.id}: a {event.role or 'nobody'} did “{event.kind}”"


def _untold(ticket: Ticket, events: Iterable[Event]) -> Iterator[str]:
    """What the events do not tell of the ticket as it is; texts and people's data are in no event."""
    told: dict[str, Any] = {}
    changes = 0
    for event in events:
        changes += bool(event.new)
        for name in REPLAYED:
            if name in told and event.old.get(name, told[name]) != told[name]:
                yield f"INV-05: {ticket.reference}: {name} had changed before event {event.id} without one"
        told |= {name: value for name, value in event.new.items() if name in REPLAYED}
    if changes != ticket.version:
        yield f"INV-05: {ticket.reference} has version {ticket.version} and {changes} changes on record"
    for name, value in told.items():
        now = getattr(ticket, name)
        if (now.isoformat() if isinstance(now, datetime) else now) != value:
            yield f"INV-05: {ticket.reference}: {name} is {now}, its events say {value}"


def _illegal(ticket: Ticket, events: Iterable[Event]) -> Iterator[str]:
    """Steps that lead nowhere from where the ticket was; that only the closed have a closing date, the table holds."""
    for event in events:
        if "status" not in event.old or "status" not in event.new:
            continue
        before, now = Status(event.old["status"]), Status(event.new["status"])
        if not workflow.is_legal(event.kind, before, now):
            yield f"INV-07: {ticket.reference}: event {event.id} “{event.kind}” led from {before.code} to {now.code}"


def _numbers() -> Iterator[str]:
    """Numbers that a counter gave and no ticket has; purged tickets keep theirs."""
    references = rows.references()
    for name, last in rows.counters(allocation.SIMPLE_COUNTER):
        pattern, offset = allocation.counted_under(name)
        given = {int(found[1]) - offset for reference in references if (found := pattern.fullmatch(reference))}
        missing = sorted(set(range(1, last + 1)) - given)
        if missing:
            yield f"INV-06: {len(missing)} of the numbers of “{name}” have no ticket, first {missing[0] + offset}"


def _unsafe() -> Iterator[str]:
    unsafe = Counter(column for column, text in rows.texts() if text and cleaning.clean_text(text) != text)
    for column, number in unsafe.items():
        yield f"INV-12: {number} texts in {column} hold a character that must never pass"
