"""How a ticket looks as a card: drawn from its state alone, without any question to the database.

Which buttons stand where is one table for each state; a button whose verb does not exist is not drawn.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.desk import engagements, workflow
from bot.desk.views import LastEvent, TicketView, Visit
from bot.desk.workflow import Status
from bot.outgoing.cards import Button, Card, Row
from bot.texts import Words

EXCERPT = 280
MOST_UNDELIVERED = 2
SHOWN = 4
"""At most so many buttons stand beside each other."""

_OPEN_MENU = "takeover assign edit intervention document escalate snooze log history merge".split()
_NEW = ("take reply note snooze".split(), "assign edit escalate close log history abandon linkclient".split())
_WORKING = ("reply note wait close".split(), _OPEN_MENU)
_WAITING = ("reply resume note close".split(), _OPEN_MENU)
_ENDED = ("reopen log".split(), "document history".split())
LAYOUT: dict[Status, tuple[list[str], list[str]]] = {
    Status.UNREAD: _NEW,
    Status.READ: _NEW,
    Status.ASSIGNED: _WORKING,
    Status.IN_PROGRESS: _WORKING,
    Status.WAITING: _WAITING,
    Status.ON_HOLD: _WAITING,
    Status.CLOSED: _ENDED,
    Status.ABANDONED: _ENDED,
}
LABELS = {
    "take": "Take it",
    "takeover": "Take over",
    "reply": "Reply…",
    "note": "Note…",
    "wait": "Wait",
    "resume": "Resume",
    "close": "Close…",
    "reopen": "Reopen",
    "snooze": "Snooze",
    "escalate": "Escalate",
    "log": "Timeline",
    "history": "History",
    "assign": "Assign…",
    "edit": "Edit…",
    "intervention": "Intervention…",
    "document": "Document…",
    "merge": "Merge…",
    "linkclient": "Link client",
    "abandon": "Not a ticket",
    "undo": "Undo",
    "retry": "Retry",
    "problem": "Same problem",
}

_SNOOZE = (("snooze", "💤 1 h", "1h"), ("snooze", "💤 4 h", "4h"), ("snooze", "💤 09:00", "0900"))
PHONE: dict[bool, tuple[tuple[tuple[str, str, str], ...], ...]] = {
    True: (
        (("take", "✅ Take it", ""),),
        _SNOOZE,
        (("close", "✔ Close", ""), ("more", "ℹ More", "")),
    ),
    False: ((("reopen", "Reopen", ""), ("more", "ℹ More", "")),),
}
PHONE_MORE = "reply note wait resume takeover assign escalate log history".split()

_LAST: dict[str, str] = {
    "opened": "Opened by {who}",
    "assigned": "Assigned by {who}",
    "unassigned": "Assignment taken back by {who}",
    "taken": "Taken by {who}",
    "taken_over": "Taken over by {who}",
    "noted": "Note by {who}",
    "replied": "Answered by {who}",
    "letter_sent": "✉️ Answered by {who}",
    "letter_lighter": "✉️ Answered by {who}, without the files: too large for a reader’s mail server",
    "letter_dry": "🧪 Dry run, nothing left: answered by {who}",
    "letters_retried": "Letters tried again by {who}",
    "reply_withdrawn": "Answer taken back by {who}",
    "waiting": "Set to waiting by {who}",
    "held": "Put on hold by {who}",
    "resumed": "Resumed by {who}",
    "snoozed": "Snoozed by {who}",
    "closed": "Closed by {who}",
    "abandoned": "Abandoned by {who}",
    "reopened": "Reopened by {who}",
    "client_replied": "{who} replied",
    "client_linked": "Client linked by {who}",
    "edited": "Edited by {who}",
    "merged": "Merged by {who}",
    "merged_in": "Another ticket merged into it by {who}",
    "split": "Split by {who}",
    "linked": "Linked by {who}",
    "unlinked": "Link taken back by {who}",
    "deleted": "Deleted by {who}",
    "undeleted": "Brought back by {who}",
    "closing_withdrawn": "Closing taken back by {who}",
    "escalated": "Escalated by {who}",
    "time_spent": "Time noted by {who}",
    "problem_linked": "Linked as one problem by {who}",
    "problem_unlinked": "Parted from its problem by {who}",
    "alike": "Another ticket looks like this one",
    "intervention_planned": "Intervention planned by {who}",
    "intervention_edited": "Intervention written by {who}",
    "intervention_validated": "Intervention validated by {who}",
    "intervention_done": "Intervention done by {who}",
    "intervention_reopened": "Intervention made a draft again by {who}",
    "client_reminded": "✉️ The client was reminded",
    "overdue": "Overdue",
    "warned": "Deadline is near",
    "rescheduled": "New due dates",
    "bounced": "A letter could not be delivered",
}
PLATFORMS = {"slack": "Slack", "telegram": "Telegram", "mail": "mail", "cli": "command line", "desk": "Deskbell"}


@dataclass(frozen=True, slots=True)
class Pen:
    """What drawing needs beside the ticket: the reader's words, the moment, and which verbs there are."""

    words: Words
    now: datetime
    verbs: Collection[str]


def draw(ticket: TicketView, pen: Pen, *, here: bool = True) -> Card:
    """The card of a ticket; one line instead where it was deleted, or where it hangs no more (not `here`)."""
    words = pen.words
    return Card(
        ticket=ticket.id,
        reference=ticket.reference,
        version=ticket.version,
        subject=ticket.subject,
        status=words(workflow.LABELS[ticket.status]),
        emoji=workflow.EMOJI[ticket.status],
        colour=workflow.COLOURS[ticket.status],
        client=_client(ticket, words),
        facts=_facts(ticket, words),
        excerpt=excerpt(ticket.description),
        assignee=ticket.assignee.name if ticket.assignee else words("nobody"),
        deadline=deadline(ticket, pen),
        last=happened(ticket.last, pen),
        next=what_next(ticket, pen),
        severity=ticket.severity.emoji,
        buttons=_buttons(ticket, _layout(ticket)[0], pen),
        menu=_buttons(ticket, _layout(ticket)[1], pen),
        phone=_phone(ticket, pen),
        phone_more=_phone_more(ticket, pen),
        notes=_notes(ticket, pen),
        instead=_instead(ticket, pen, here=here),
    )


def _instead(ticket: TicketView, pen: Pen, *, here: bool) -> str:
    words = pen.words
    if ticket.deleted_at is not None:
        by = ticket.last.actor_name if ticket.last and ticket.last.kind == "deleted" else ""
        sentence = "🗑 {reference} was deleted by {who}." if by else "🗑 {reference} was deleted."
        return words(sentence, reference=ticket.reference, who=by)
    group = words.label(ticket.group.labels, ticket.group.code)
    return "" if here else words("➡️ {reference} has moved to {group}.", reference=ticket.reference, group=group)


def row(ticket: TicketView, pen: Pen) -> Row:
    """A ticket in a list."""
    words = pen.words
    assignee = ticket.assignee.name if ticket.assignee else words("nobody")
    details = [words(workflow.LABELS[ticket.status]), assignee, _client(ticket, words), deadline(ticket, pen)]
    return Row(
        reference=ticket.reference,
        subject=ticket.subject,
        emoji=ticket.severity.emoji or workflow.EMOJI[ticket.status],
        status=words(workflow.LABELS[ticket.status]),
        details=" · ".join(part for part in details if part),
    )


def excerpt(text: str, length: int = EXCERPT) -> str:
    """The beginning of a text, its blank lines taken out, cut at a word."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    joined = "\n".join(lines)
    if len(joined) <= length:
        return joined
    cut = joined[: length - 1]
    return (cut.rsplit(None, 1)[0] if " " in cut[length // 2 :] else cut) + "…"


def deadline(ticket: TicketView, pen: Pen) -> str:
    """`⏳ first answer due 14:30 (1 h 40)` or `⏰ OVERDUE 2 h`; "" without a deadline."""
    if ticket.due_at is None or not ticket.status.is_open:
        return ""
    words = pen.words
    if ticket.is_overdue(pen.now):
        return words("⏰ OVERDUE {span}", span=pen.now - ticket.due_at)
    answer = ticket.due_at == ticket.response_due_at
    sentence = "⏳ first answer due {time} ({span})" if answer else "⏳ next step due {time} ({span})"
    return words(sentence, time=words.clock(ticket.due_at, pen.now), span=ticket.due_at - pen.now)


def happened(last: LastEvent | None, pen: Pen) -> str:
    """`Taken by Sam · 13:02 (Telegram)`."""
    if last is None:
        return ""
    words = pen.words
    said = words(_LAST.get(last.kind, "Changed by {who}"), who=last.actor_name)
    return f"{said} · {words.clock(last.at, pen.now)} ({words(PLATFORMS.get(last.platform, last.platform))})"


def what_next(ticket: TicketView, pen: Pen) -> str:
    """What happens next and why: the next alert, what is waited for, which rule filed it."""
    words = pen.words
    parts = [_next_alert(ticket, pen)]
    if ticket.status in (Status.WAITING, Status.ON_HOLD):
        parts.append(words("the clock stands still until the client answers"))
    if ticket.routed_by:
        parts.append(words("routed by rule “{rule}”", rule=ticket.routed_by))
    return " · ".join(part for part in parts if part)


def _next_alert(ticket: TicketView, pen: Pen) -> str:
    words = pen.words
    if not ticket.status.is_open:
        return ""
    if ticket.snoozed_until and ticket.snoozed_until > pen.now:
        return words("quiet until {time}", time=words.clock(ticket.snoozed_until, pen.now))
    if ticket.next_alert_at is None:
        return ""
    early = ticket.due_at is not None and ticket.next_alert_at < ticket.due_at
    sentence = "{time} the team is warned" if early else "{time} the team is alerted"
    return words(sentence, time=words.clock(ticket.next_alert_at, pen.now))


def _client(ticket: TicketView, words: Words) -> str:
    if not ticket.who:
        return words("unknown sender" if ticket.origin == "mail" else "internal")
    if ticket.third_party:
        return f"{ticket.who}, {ticket.third_party}"
    address = ticket.requester_address
    return f"{ticket.requester_name} <{address}>" if ticket.requester_name and address else ticket.who


def _facts(ticket: TicketView, words: Words) -> tuple[tuple[str, str], ...]:
    severity = words.label(ticket.severity.labels, ticket.severity.code)
    extras = (
        (words("Project"), ticket.project),
        (words("Contract"), ticket.contract.reference if ticket.contract else ""),
        (words("Tags"), ", ".join(ticket.tags)),
        (words("Progress"), f"{ticket.progress} %" if ticket.progress else ""),
        (words("Time spent"), words.span(timedelta(minutes=ticket.minutes)) if ticket.minutes else ""),
    )
    return (
        (words("Group"), words.label(ticket.group.labels, ticket.group.code)),
        (words("Type"), words.label(ticket.type.labels, ticket.type.code)),
        (words("Severity"), f"{ticket.severity.emoji} {severity}".strip()),
        *((label, value) for label, value in extras if value),
    )


def _notes(ticket: TicketView, pen: Pen) -> tuple[str, ...]:
    words, notes = pen.words, []
    for letter in ticket.undelivered[:MOST_UNDELIVERED]:
        sentence = "✉️❌ the letter to {address} could not be delivered: {error}"
        notes.append(words(sentence, address=letter.address, error=letter.error[:120]))
    if ticket.contract and ticket.status.is_open:
        outside = engagements.outside(ticket.contract, pen.now, words.zone)
        notes += [words(outside.sentence, **outside.values)] if outside else []
    notes += [visit(one, pen) for one in ticket.visits]
    if ticket.automatic:
        notes.append(words("🤖 automatic mail ({reason}): no automatic answer goes out", reason=ticket.automatic))
    if ticket.doubtful:
        notes.append(words("⚠️ the sender could not be told for certain"))
    if ticket.merged_into:
        notes.append(words("🔀 merged into {reference}", reference=ticket.merged_into))
    if ticket.links:
        notes.append(words("🔗 linked with {references}", references=", ".join(ticket.links)))
    if ticket.problem:
        notes.append(words("🧩 one problem with others: {title}", title=ticket.problem))
    if ticket.alike:
        notes.append(words.plural("🧩 1 ticket looks like this one", "🧩 {n} tickets look like this one", ticket.alike))
    if ticket.reopened:
        notes.append(words.plural("reopened once", "reopened {n} times", ticket.reopened))
    return tuple(notes)


def visit(one: Visit, pen: Pen) -> str:
    """`🔧 FI2603-0001 (draft): Bob, 5 Mar 09:00`."""
    when = pen.words.clock(one.planned_at, pen.now) if one.planned_at else ""
    return f"🔧 {one.number} ({pen.words(one.state)}): {', '.join(filter(None, [one.technician, when]))}"


def _layout(ticket: TicketView) -> tuple[list[str], list[str]]:
    """Where the buttons stand; a letter that came back and tickets alike bring theirs, beside the next step."""
    shown, menu = LAYOUT[ticket.status]
    brought = _brought(ticket)
    kept = SHOWN - len(brought)
    return [shown[0], *brought, *shown[1:kept]], [*shown[kept:], *menu]


def _brought(ticket: TicketView) -> list[str]:
    """The buttons that are there only when there is something for them."""
    return [name for name, wanted in (("retry", ticket.undelivered), ("problem", ticket.alike)) if wanted]


def _buttons(ticket: TicketView, names: list[str], pen: Pen) -> tuple[Button, ...]:
    usable = [name for name in names if name in pen.verbs and _makes_sense(name, ticket)]
    return tuple(_button(name, ticket, pen.words, first=name == names[0]) for name in usable)


def _button(name: str, ticket: TicketView, words: Words, *, first: bool) -> Button:
    style = "primary" if first else "danger" if name == "abandon" else ""
    confirm = CONFIRM[name](ticket, words) if name in CONFIRM else ""
    return Button(name, words(LABELS[name]), style, confirm)


def _makes_sense(name: str, ticket: TicketView) -> bool:
    """Buttons that would do nothing are not drawn."""
    if name == "reopen":
        return not ticket.merged_into
    if name == "takeover":
        return ticket.assignee is not None
    if name == "linkclient":
        return ticket.requester_id is None and bool(ticket.requester_address)
    return name != "reply" or bool(ticket.requester_address or ticket.reply_address)


CONFIRM: dict[str, Callable[[TicketView, Words], str]] = {
    "takeover": lambda ticket, words: words(
        "{name} has this ticket. Take it over?", name=ticket.assignee.name if ticket.assignee else ""
    ),
    "abandon": lambda ticket, words: words("Abandon {reference}? Nobody is told.", reference=ticket.reference),
}


def _phone(ticket: TicketView, pen: Pen) -> tuple[tuple[Button, ...], ...]:
    rows = PHONE[ticket.status.is_open]
    if ticket.status >= Status.IN_PROGRESS and ticket.status.is_open:
        rows = rows[2:]
    rows = (*rows[:1], *(((name, LABELS[name], ""),) for name in _brought(ticket)), *rows[1:])
    return tuple(
        tuple(
            Button(verb, pen.words(label), argument=argument)
            for verb, label, argument in row
            if _makes_sense(verb, ticket)
        )
        for row in rows
    )


def _phone_more(ticket: TicketView, pen: Pen) -> tuple[tuple[Button, ...], ...]:
    steps = [
        name
        for name in PHONE_MORE
        if name in pen.verbs
        and _makes_sense(name, ticket)
        and (name not in workflow.NEXT or workflow.allowed(name, ticket.status))
    ]
    buttons = [Button(name, pen.words(LABELS[name])) for name in steps]
    rows = [tuple(buttons[start : start + 2]) for start in range(0, len(buttons), 2)]
    return (*rows, (Button("back", pen.words("« Back")),))
