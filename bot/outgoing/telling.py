"""What a card tells of a ticket in sentences: what happened last, what is due, what is odd about it.

From the ticket's state and the reader's words alone.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.desk import engagements
from bot.desk.addressees import reply_to
from bot.desk.views import LastEvent, TicketView, Visit
from bot.desk.workflow import Status
from bot.texts import Words

EXCERPT = 280
STANDING_STILL = {
    Status.WAITING: "the clock stands still until the client answers",
    Status.ON_HOLD: "the clock stands still until it is resumed",
}
MOST_UNDELIVERED = 2
LAST: dict[str, str] = {
    "opened": "Opened by {who}",
    "read": "Read by {who}",
    "assigned": "Assigned by {who}",
    "unassigned": "Assignment taken back by {who}",
    "taken": "Taken by {who}",
    "taken_over": "Taken over by {who}",
    "noted": "Note by {who}",
    "note_changed": "Note changed by {who}",
    "note_withdrawn": "Note taken back by {who}",
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
    "rang": "📟 Rang",
    "still_on_it": "⏱ Asked whether somebody is still on it",
    "rescheduled": "New due dates",
    "bounced": "A letter could not be delivered",
}
UNVERIFIED = {
    "fail": "⚠️ the last mail is not from its sender: the mail server says so",
    "unknown": "⚠️ nobody vouches for the sender of the last mail",
}
PLATFORMS = {"slack": "Slack", "telegram": "Telegram", "mail": "mail", "cli": "command line", "desk": "Deskbell"}


@dataclass(frozen=True, slots=True)
class Pen:
    """What drawing needs beside the ticket: the reader's words, the moment, and which verbs there are."""

    words: Words
    now: datetime
    verbs: Collection[str]


def excerpt(text: str, length: int = EXCERPT) -> str:
    """The beginning of a text, its blank lines taken out, cut at a word."""
    joined = _joined(text)
    if len(joined) <= length:
        return joined
    cut = joined[: length - 1]
    return (cut.rsplit(None, 1)[0] if " " in cut[length // 2 :] else cut) + "…"


def is_cut(text: str) -> bool:
    """Whether a card shows only its beginning."""
    return len(text) > EXCERPT and len(_joined(text)) > EXCERPT


def _joined(text: str) -> str:
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


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


def happened(last: LastEvent | None, pen: Pen, sentences: Mapping[str, str] = LAST) -> str:
    """`Taken by Sam · 13:02 (Telegram)`."""
    if last is None:
        return ""
    words = pen.words
    said = words(sentences.get(last.kind, "Changed by {who}"), who=last.actor_name)
    return f"{said} · {words.clock(last.at, pen.now)} ({words(PLATFORMS.get(last.platform, last.platform))})"


def what_next(ticket: TicketView, pen: Pen) -> str:
    """What happens next and why: the next alert, what is waited for, which rule filed it."""
    words = pen.words
    parts = [_next_alert(ticket, pen)]
    if ticket.status in STANDING_STILL:
        parts.append(words(STANDING_STILL[ticket.status]))
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


def client(ticket: TicketView, words: Words) -> str:
    """Who asks, and of which client."""
    if not ticket.who:
        return words("unknown sender" if ticket.origin == "mail" else "internal")
    if ticket.third_party:
        return f"{ticket.who}, {ticket.third_party}"
    address = ticket.requester_address
    return f"{ticket.requester_name} <{address}>" if ticket.requester_name and address else ticket.who


def facts(ticket: TicketView, words: Words) -> tuple[tuple[str, str], ...]:
    """What it is filed under: label and value."""
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


def notes(ticket: TicketView, pen: Pen) -> tuple[str, ...]:
    """What somebody should know before working on it, a line each."""
    words, told = pen.words, []
    for letter in ticket.undelivered[:MOST_UNDELIVERED]:
        sentence = "✉️❌ the letter to {address} could not be delivered: {error}"
        told.append(words(sentence, address=letter.address, error=letter.error[:120]))
    if ticket.unreachable and not ticket.undelivered:
        sentence = "📭 letters to {address} come back: {error}"
        told.append(words(sentence, address=reply_to(ticket), error=ticket.unreachable))
    if ticket.contract and ticket.status.is_open:
        outside = engagements.outside(ticket.contract, pen.now, words.zone)
        told += [words(outside.sentence, **outside.values)] if outside else []
    told += [visit(one, pen) for one in ticket.visits]
    if ticket.automatic:
        told.append(words("🤖 automatic mail ({reason}): no automatic answer goes out", reason=ticket.automatic))
    if ticket.doubtful:
        told.append(words("⚠️ the sender could not be told for certain"))
    if ticket.verdict in UNVERIFIED:
        told.append(words(UNVERIFIED[ticket.verdict]))
    if ticket.unsent_id is not None:
        told.append(words("✉️ a mail in a colleague’s name was kept as a note, and not sent"))
    if ticket.mentions:
        told.append(words("🔗 mentions {reference}", reference=ticket.mentions))
    if ticket.merged_into:
        told.append(words("🔀 merged into {reference}", reference=ticket.merged_into))
    if ticket.links:
        told.append(words("🔗 linked with {references}", references=", ".join(ticket.links)))
    if ticket.problem:
        told.append(words("🧩 one problem with others: {title}", title=ticket.problem))
    if ticket.alike:
        told.append(words.plural("🧩 1 ticket looks like this one", "🧩 {n} tickets look like this one", ticket.alike))
    if ticket.reopened:
        told.append(words.plural("reopened once", "reopened {n} times", ticket.reopened))
    return tuple(told)


def visit(one: Visit, pen: Pen) -> str:
    """`🔧 FI2603-0001 (draft): Bob, 5 Mar 09:00`."""
    when = pen.words.clock(one.planned_at, pen.now) if one.planned_at else ""
    return f"🔧 {one.number} ({pen.words(one.state)}): {', '.join(filter(None, [one.technician, when]))}"
