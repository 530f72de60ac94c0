"""`why`: what a ticket's status is, who is responsible, what is due when and by which rule, and what happens next."""

from typing import Any

from bot.commands import plans
from bot.commands.calls import Call
from bot.commands.verbs import verb
from bot.desk.business_time import RoundTheClock
from bot.desk.deadlines import ACTION, PAUSED, RESPONSE, Outlook, Wait
from bot.desk.views import TicketView
from bot.desk.workflow import LABELS
from bot.outgoing import telling
from bot.outgoing.cards import Answer
from storage.queries import mails

DUE = {
    (RESPONSE, False): "⏳ The first answer is due {time}, in {span}: {rule}.",
    (RESPONSE, True): "⏰ The first answer was due {time}, {span} ago: {rule}.",
    (ACTION, False): "⏳ The next step is due {time}, in {span}: {rule}.",
    (ACTION, True): "⏰ The next step was due {time}, {span} ago: {rule}.",
}
RULES = {
    "severity": "{hours} h by the severity {code}, {counted}, since {since}",
    "group": "{hours} h by the group {code}, {counted}, since {since}",
    "desk": "{hours} h by the desk's settings, {counted}, since {since}",
}


@verb("why REF", "say where a ticket stands, who is responsible, what is due when, what happens next, and why")
def why(call: Call) -> Answer:
    """The status, the holder, each deadline with the level its delay came from, the next alert, the rule."""
    ticket = call.ticket
    outlook = call.desk.alerts.outlook(ticket.id)
    lines = [_standing(ticket, call), *_deadlines(ticket, outlook, call)]
    following = telling.what_next(ticket, call.pen)
    lines += plans.line(ticket, call)
    filed = mails.reason_of_ticket(ticket.id) if ticket.routed_by else ""
    lines += [call.words("Filed by {reason}.", reason=filed)] if filed else []
    lines.append(call.words("Next: {what}.", what=following) if following else call.words("Nothing else is planned."))
    return Answer(
        text=f"{ticket.reference} · {ticket.subject}",
        lines=tuple(lines),
        reference=ticket.reference,
        version=ticket.version,
        data=_as_json(ticket, outlook, call),
    )


def _standing(ticket: TicketView, call: Call) -> str:
    status = call.words(LABELS[ticket.status])
    if ticket.assignee is not None:
        return call.words("{status}: {name} is responsible.", status=status, name=ticket.assignee.name)
    if not ticket.status.is_open:
        return call.words("{status}: nobody had it.", status=status)
    group = call.words.label(ticket.group.labels, ticket.group.code)
    return call.words(
        "{status}: nobody has it; whoever is in the group {group} may take it.", status=status, group=group
    )


def _deadlines(ticket: TicketView, outlook: Outlook, call: Call) -> list[str]:
    if not ticket.status.is_open:
        return []
    running = {wait.kind: _due(wait, call) for wait in outlook.waits}
    idle = {RESPONSE: _no_answer(ticket, outlook, call), ACTION: _no_step(ticket, call)}
    return [running.get(kind, idle[kind]) for kind in (RESPONSE, ACTION)]


def _due(wait: Wait, call: Call) -> str:
    now = call.desk.clock.now()
    sentence = DUE[wait.kind, wait.due_at <= now]
    time = call.words.clock(wait.due_at, now)
    return call.words(sentence, time=time, span=abs(wait.due_at - now), rule=_rule(wait, call))


def _rule(wait: Wait, call: Call) -> str:
    words = call.words
    counted = words("round the clock") if isinstance(wait.calendar, RoundTheClock) else words("in business hours")
    since = words.clock(wait.since, call.desk.clock.now())
    delay = wait.delay
    return words(RULES[delay.source], hours=f"{delay.hours:g}", code=delay.code, counted=counted, since=since)


def _no_answer(ticket: TicketView, outlook: Outlook, call: Call) -> str:
    if ticket.first_response_at is not None:
        time = call.words.clock(ticket.first_response_at, call.desk.clock.now())
        return call.words("The first answer was given {time}.", time=time)
    if outlook.standing.response_from is None:
        return call.words("Nobody outside waits for a first answer.")
    return call.words("There is no limit for the first answer.")


def _no_step(ticket: TicketView, call: Call) -> str:
    if ticket.status in PAUSED:
        return call.words("The time for the next step stands still.")
    return call.words("There is no limit for the next step.")


def _as_json(ticket: TicketView, outlook: Outlook, call: Call) -> dict[str, Any]:
    now = call.desk.clock.now()
    return {
        "reference": ticket.reference,
        "status": ticket.status.code,
        "responsible": ticket.assignee.email if ticket.assignee else None,
        "group": ticket.group.code,
        "deadlines": [_wait_as_json(wait, overdue=wait.due_at <= now) for wait in outlook.waits],
        "paused": ticket.status in PAUSED,
        "next_alert_at": ticket.next_alert_at.isoformat() if ticket.next_alert_at else None,
        "snoozed_until": ticket.snoozed_until.isoformat() if ticket.snoozed_until else None,
        "rule": ticket.routed_by or None,
        "next": telling.what_next(ticket, call.pen) or None,
        "rings": plans.as_json(ticket, call),
    }


def _wait_as_json(wait: Wait, *, overdue: bool) -> dict[str, Any]:
    return {
        "kind": wait.kind,
        "since": wait.since.isoformat(),
        "warn_at": wait.warn_at.isoformat(),
        "due_at": wait.due_at.isoformat(),
        "overdue": overdue,
        "hours": wait.delay.hours,
        "from": wait.delay.source,
        "code": wait.delay.code or None,
        "counted": "always" if isinstance(wait.calendar, RoundTheClock) else "business_hours",
    }
