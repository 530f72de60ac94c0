"""Verbs about interventions: `intervention REF` begins one or shows the open one, `intervention FI2611-0001 …` goes on.

Whoever presses a button or submits a form about a state that is over is told so; nothing is done then.
"""

from datetime import datetime, timedelta
from typing import Any

from bot.commands import grammar, moments
from bot.commands import intervention_forms as forms
from bot.commands.calls import Call
from bot.commands.drafts import Drafts
from bot.commands.verbs import verb
from bot.desk import fields, spans, views, worksheet
from bot.desk.interventions import Plan, Work
from bot.desk.people import Agent
from bot.desk.views import TicketView
from bot.desk.worksheet import DONE, DRAFT, VALIDATED, InterventionView
from bot.errors import FieldErrors, NotFound, Refusal, Stale, WrongUsage
from bot.outgoing import telling
from bot.outgoing.cards import Answer, Button

SENTENCES = {"validate": "{number} is validated.", "done": "{number} is done.", "draft": "{number} is a draft again."}
BUTTONS = {
    DRAFT: ("interventionadd", "interventionedit", "interventionvalidate"),
    VALIDATED: ("interventiondone", "interventiondraft"),
    DONE: ("interventiondraft",),
}
LABELS = {
    "interventionadd": "Add work…",
    "interventionedit": "Edit…",
    "interventionvalidate": "Validate",
    "interventiondone": "Done",
    "interventiondraft": "Back to draft",
    "interventionnew": "New intervention…",
}
TYPED = {"interventionvalidate": "validate", "interventiondone": "done", "interventiondraft": "draft"}
TYPED |= {"interventionadd": "time:1h30 …", "interventionedit": "at:… technician:…"}


@verb(
    "intervention REF [at:… technician:… time:…] [TEXT]",
    "plan a visit; by its number (FI…) go on: time:1h30 and what was done, validate, done, draft, remove 2",
    writes=True,
)
def intervention(call: Call) -> Answer:
    """By a ticket's reference a new one, unless one is open; by its own number whatever the words say."""
    if worksheet.is_number(call.text("reference")):
        return _go_on(call)
    ticket, asked = call.ticket, any(call.has(key) for key in ("text", "at", "technician", "time"))
    if call.request.submitted or (call.request.caller.platform == "cli" and (asked or not ticket.visits)):
        return _planned(call, ticket)
    if ticket.visits and not asked:
        return _shown(call, _find(call, ticket.visits[-1].number), new=True)
    return call.ask(forms.new(call, ticket))


def is_named(verb_name: str, words: str | tuple[str, ...]) -> bool:
    """Whether the words of a verb begin with an intervention's number in place of a ticket's reference."""
    return verb_name == "intervention" and worksheet.is_number(grammar.first_word(words)[0])


def _go_on(call: Call) -> Answer:
    """One that is there: other plans, a piece of work, a step, or a look at it."""
    found = _found(call)
    replanned = call.has("technician") or (call.has("at") and not call.has("time"))
    if replanned:
        found = _edited(call, found)
    if call.has("time"):
        return _added(call, found, call.text())
    if call.has("text"):
        return _acted(call, found, call.text())
    return _shown(call, found, "{number} is changed." if replanned else "")


def _acted(call: Call, found: InterventionView, said: str) -> Answer:
    """What a text says that has no time with it."""
    first, *rest = said.lower().split()
    if first in worksheet.STEPS and not rest:
        return _stepped(call, found, first)
    if first == "remove" and len(rest) == 1:
        return _removed(call, found, rest[0])
    return _how_long(call, found, said)


def _how_long(call: Call, found: InterventionView, said: str) -> Answer:
    """What was done without its time: a form asks for it, where one can open."""
    worksheet.check_draft(found.state, found.number)
    if call.request.can_ask and call.request.caller.platform != "cli":
        return call.ask(forms.work(call, found, said))
    sentence = "How long did that take? For example: intervention {number} time:1h30 {text}"
    raise WrongUsage(sentence, number=found.number, text=said)


def _planned(call: Call, ticket: TicketView) -> Answer:
    """A new one; with a time there is a first line in it, and a typed text is what was done."""
    done = call.text("done") if call.request.submitted else call.text() if call.has("time") else ""
    if done and not _has(call, "time"):
        raise FieldErrors({"time": Refusal("How long did that take?")})
    plan = Plan(
        subject=call.text("subject"),
        description=call.text() if call.request.submitted or not done else "",
        planned_at=_moment(call, has_begun=_has(call, "time")) if _has(call, "at") else None,
        technician=_technician(call),
    )
    work = _work(call, done) if _has(call, "time") else None
    service = call.desk.tickets.interventions
    made = service.plan(ticket.reference, plan, call.actor)
    if work is not None:
        made = service.add(made.number, work, call.actor)
    Drafts(call.desk, "intervention", call.agent).forget(ticket.reference)
    return _shown(call, made, "{number} is there for {ticket}.")


def _edited(call: Call, found: InterventionView, **changes: Any) -> InterventionView:
    technician = _technician(call)
    if technician is not None:
        changes["technician"] = technician
    if not call.has("time") and (call.has("at") or call.request.submitted):
        changes["planned_at"] = _moment(call) if _has(call, "at") else None
    return call.desk.tickets.interventions.edit(found.number, call.actor, version=_seen(call, found), **changes)


def _added(call: Call, found: InterventionView, said: str) -> Answer:
    added = call.desk.tickets.interventions.add(found.number, _work(call, said), call.actor)
    return _shown(call, added, "{time} noted in {number}.", time=_span(call, added.lines[-1].minutes))


def _removed(call: Call, found: InterventionView, line: str) -> Answer:
    if not (line.isascii() and line.isdecimal() and len(line) <= 9):
        raise WrongUsage("{number} has no line {line}.", number=found.number, line=line[:20])
    left = call.desk.tickets.interventions.remove(found.number, int(line), call.actor)
    return _shown(call, left, "Line {line} of {number} is gone.", line=line)


def _stepped(call: Call, found: InterventionView, step: str) -> Answer:
    version = _seen(call, found)
    stepped = call.desk.tickets.interventions.step(found.number, step, call.actor, version=version)
    return _shown(call, stepped, SENTENCES[step])


# buttons and their forms ---------------------------------------------------------------------------------------------


@verb("interventionnew", "a new intervention beside an open one", right="intervention", writes=True, hidden=True)
def interventionnew(call: Call) -> Answer:
    """Pressed under another one."""
    ticket = call.desk.tickets.find(_found(call).ticket, call.agent)
    return call.ask(forms.new(call, ticket))


@verb("interventionadd", "a piece of work", right="intervention", writes=True, hidden=True)
def interventionadd(call: Call) -> Answer:
    """Its form, and what was filled in."""
    found = _found(call)
    worksheet.check_draft(found.state, found.number)
    if not call.request.submitted:
        return call.ask(forms.work(call, found, call.text()))
    return _added(call, found, call.text())


@verb("interventionedit", "other plans", right="intervention", writes=True, hidden=True)
def interventionedit(call: Call) -> Answer:
    """Its form, and what was filled in."""
    found = _found(call)
    worksheet.check_draft(found.state, found.number)
    if not call.request.submitted:
        return call.ask(forms.edit(call, found))
    too_long = len(found.description) > forms.LONGEST
    description = found.description if too_long and not call.has("text") else call.text()
    changed = _edited(call, found, subject=call.text("subject"), description=description)
    return _shown(call, changed, "{number} is changed.")


@verb("interventionvalidate", "validate a report", right="intervention", writes=True, hidden=True)
def interventionvalidate(call: Call) -> Answer:
    """As typed."""
    return _stepped(call, _found(call), "validate")


@verb("interventiondone", "an intervention is over", right="intervention", writes=True, hidden=True)
def interventiondone(call: Call) -> Answer:
    """As typed."""
    return _stepped(call, _found(call), "done")


@verb("interventiondraft", "change a report once more", right="intervention", writes=True, hidden=True)
def interventiondraft(call: Call) -> Answer:
    """As typed."""
    return _stepped(call, _found(call), "draft")


# answers -------------------------------------------------------------------------------------------------------------


def _shown(call: Call, one: InterventionView, sentence: str = "", *, new: bool = False, **values: Any) -> Answer:
    """The whole of it, with what may be done next."""
    words = call.words
    ticket = call.desk.tickets.view(one.ticket_id)
    said = words(sentence, number=one.number, ticket=one.ticket, **values) if sentence else ""
    title = f"{one.number} ({words(one.state)}) · {one.ticket} · {one.subject}"
    others = [telling.visit(visit, call.pen) for visit in ticket.visits if visit.number != one.number]
    buttons, ways = _ways(call, one, new=new)
    return Answer(
        text="\n".join(filter(None, (said, title))),
        lines=(*lines(call, one), *others, *ways),
        buttons=buttons,
        reference=one.number,
        version=one.version,
        data={**views.as_json(ticket), **as_json(call, ticket), "intervention": worksheet.as_json(one)},
    )


def as_json(call: Call, ticket: TicketView) -> dict[str, Any]:
    """The interventions of a ticket, for programs."""
    return {"interventions": [worksheet.as_json(one) for one in call.desk.tickets.interventions.of(ticket.id)]}


def headline(call: Call, one: InterventionView) -> str:
    """One that is over, in a line under its ticket."""
    technician = one.technician.name if one.technician else ""
    return (
        f"🔧 {one.number} ({call.words(one.state)}): {', '.join(filter(None, [technician, _span(call, one.minutes)]))}"
    )


def lines(call: Call, one: InterventionView) -> list[str]:
    """What the report says, a line for each fact and each piece of work."""
    words, now = call.words, call.pen.now
    facts = (
        (words("Client"), ", ".join(filter(None, (one.client, one.contact)))),
        (words("Project"), one.project),
        (words("Contract"), one.contract),
        (words("Technician"), one.technician.name if one.technician else ""),
        (words("Planned for"), words.clock(one.planned_at, now) if one.planned_at else ""),
        (words("Description"), telling.excerpt(one.description)),
    )
    told = [f"{label}: {value}" for label, value in facts if value]
    for line in one.lines:
        length = _span(call, line.minutes)
        told.append(f"{line.number}. {words.clock(line.at, now)} · {length} · {line.text}".removesuffix(" · "))
    total = [f"{words('Time spent')}: {_span(call, one.minutes)}"] if len(one.lines) > 1 else []
    return [*told, *total]


def _ways(call: Call, one: InterventionView, *, new: bool) -> tuple[tuple[Button, ...], list[str]]:
    """Buttons; in a group on the phone, where they would be everybody's, what to type."""
    names = [*BUTTONS[one.state], *(["interventionnew"] if new else [])]
    caller = call.request.caller
    if caller.platform != "telegram" or caller.private:
        return tuple(Button(name, call.words(LABELS[name])) for name in names), []
    typed = [name for name in names if name in TYPED]
    return (), [f"{call.words(LABELS[name])}: /intervention {one.number} {TYPED[name]}" for name in typed]


# closing a ticket with them ------------------------------------------------------------------------------------------


def finish_if_asked(call: Call, ticket: TicketView) -> None:
    """Those of a ticket that is being closed are over as well, where the form or `intervention:done` says so."""
    said = call.text("intervention").lower()
    if not said or said == forms.KEEP:
        return
    if said != DONE:
        raise WrongUsage("intervention: is {one} or {two}.", one=DONE, two=forms.KEEP)
    call.desk.tickets.interventions.finish(ticket.reference, call.actor)


# what was said -------------------------------------------------------------------------------------------------------


def _find(call: Call, number: str) -> InterventionView:
    return call.desk.tickets.interventions.find(number, call.agent)


def _found(call: Call) -> InterventionView:
    """The one that was pressed or whose form this is."""
    return _find(call, call.text("reference"))


def _seen(call: Call, found: InterventionView) -> int | None:
    """The version that the caller saw: of what was pressed or filled in, not of what was typed."""
    if call.request.version is not None and call.request.version > found.version:
        raise Stale("{reference} has just been changed by somebody else.", reference=found.number)
    return call.request.version


def _has(call: Call, key: str) -> bool:
    """Whether something was said there, and not that there is nothing."""
    return not fields.is_empty(call.text(key))


def _technician(call: Call) -> Agent | None:
    if not call.has("technician"):
        return None
    try:
        return call.someone("technician")
    except NotFound as fault:
        raise _fault(call, "technician", fault) from None


def _moment(call: Call, *, has_begun: bool = False) -> datetime:
    at, now, zone = call.text("at"), call.desk.clock.now(), call.words.zone
    try:
        return moments.worked(at, now, zone) if has_begun else moments.planned(at, now, zone, call.words.language)
    except WrongUsage as fault:
        raise _fault(call, "at", fault) from None


def _work(call: Call, text: str) -> Work:
    """A piece of work: now, where nobody said when."""
    at = _moment(call, has_begun=True) if _has(call, "at") else call.desk.clock.now()
    try:
        return Work(at, spans.minutes(call.text("time")), text)
    except WrongUsage as fault:
        raise _fault(call, "time", fault) from None


def _fault(call: Call, key: str, fault: Refusal) -> Refusal:
    """What is wrong with a value: at its field in a form, else as it is."""
    return FieldErrors({key: fault}) if call.request.submitted else fault


def _span(call: Call, minutes: int) -> str:
    return call.words.span(timedelta(minutes=minutes))
