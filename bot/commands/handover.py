"""Handing a shift over: the verb `handover`, its notes, and the press that accepts.

Whoever goes writes the notes, before the change and after it until it is accepted; whoever comes accepts. A press
carries the number of the hand-over as its reference. An answer under the post is a line of the notes; "ok" accepts.
"""

from dataclasses import replace
from typing import Any

from bot.commands.calls import Call
from bot.commands.requests import Request
from bot.commands.setting_forms import mark
from bot.commands.verbs import verb
from bot.desk import oncall
from bot.desk.handover_json import as_json
from bot.desk.handover_list import HandedOver
from bot.desk.handovers import find
from bot.desk.oncall import Rota
from bot.desk.people import Agent
from bot.errors import NotAllowed, NotFound, Refusal, Stale, Unrecognised, WrongUsage
from bot.outgoing import handover_notices, telling
from bot.outgoing.cards import Answer, Button, Field, Form, Option
from storage.models import Handover
from storage.queries import notices as notice_rows

MOST_OFFERED = 48
SAID = {"note": "handover_notes", "take": "handover_accept"}
"""What is said under a post as it would be under a card, and what it means there."""


@verb("handover [ROTA] [TEXT]", "hand your shift over: notes for whoever comes next", writes=True)
def hand_over(call: Call) -> Answer:
    """A text is one more line of your notes; without one they open, or what waits for you to accept it is shown."""
    rota, text = _meant(call)
    if rota is None:
        return _which(call)
    if text:
        return _noted(call, rota, text)
    one = call.desk.handovers.of_rota(rota, call.agent)
    if one is None:
        raise NotFound("Nothing is handed over in {rota} now.", rota=rota.name)
    if one.goes_id == call.agent.id and call.request.caller.platform != "cli":
        return call.ask(_form(call, one))
    return shown(call, one)


def _noted(call: Call, rota: Rota, text: str) -> Answer:
    one = call.desk.handovers.own(rota, call.agent)
    if one is None:
        raise NotAllowed("You are not on call in {rota}, and hand nothing over.", rota=rota.name)
    return _kept(call, call.desk.handovers.write(one.id, call.actor, line=text))


def shown(call: Call, one: Handover) -> Answer:
    """All of it; with a button for whoever may accept."""
    words, now = call.words, call.desk.clock.now()
    handed = call.desk.handovers.tickets(one)
    seen = [each for each in handed if _may_see(call, each)]
    first, *rest = handover_notices.lines(one, seen, len(handed) - len(seen), words, now)
    verb_, label, style = handover_notices.ACCEPT
    waits = one.state == "open" and one.comes_id == call.agent.id
    buttons = (Button(verb_, words(label), style),) if waits else ()
    return Answer(text=first, lines=tuple(rest), buttons=buttons, reference=str(one.id), data=_data(call, one))


def _may_see(call: Call, handed: HandedOver) -> bool:
    try:
        call.desk.tickets.find(handed.ticket.reference, call.agent)
    except NotFound:
        return False
    return True


def _meant(call: Call) -> tuple[Rota | None, str]:
    """The rota and the text: what is no rota's code begins the text, where one hands over by one rota alone."""
    now, typed = call.desk.clock.now(), call.text("rota")
    known = {rota.code: rota for rota in oncall.in_use(now)}
    if typed.upper() in known:
        return known[typed.upper()], call.text()
    text = " ".join(part for part in (typed, call.text()) if part)
    handing = call.desk.handovers.handing(call.agent)
    waiting = [one.rota.code for one in call.desk.handovers.accepting(call.agent)]
    mine = handing if text else list(dict.fromkeys([*waiting, *handing]))
    if len(mine) == 1:
        return known.get(mine[0]), text
    if typed and not mine:
        oncall.find(typed, now)
    return None, text


def _which(call: Call) -> Answer:
    """Several rotas are meant, or none."""
    handovers, words = call.desk.handovers, call.words
    accepting = [one.rota.code for one in handovers.accepting(call.agent)]
    mine = list(dict.fromkeys([*accepting, *handovers.handing(call.agent)]))
    if not mine:
        raise Refusal("You are not on call now, and nothing waits for you to accept it.")
    options = tuple(Option(code, code) for code in mine)
    field = Field("rota", words("Rota"), "select", options=options, asks=True)
    return call.ask(Form("handover", words("Hand-over"), words("Save"), (field,)))


# notes ---------------------------------------------------------------------------------------------------------------


@verb("handover_notes", "notes for whoever comes on call next", right="handover", writes=True, hidden=True)
def notes(call: Call) -> Answer:
    """All notes in a form, and the tickets that move beside the overdue ones; on the phone only what is added."""
    draft, _, standing = call.text("draft").partition(":")
    one = find(_number(call.text("reference") or draft))
    if not (call.request.submitted or call.has("text")):
        if one.goes_id != call.agent.id:
            raise NotAllowed("These are the notes of {name}.", name=one.goes.name if one.goes else "")
        return call.ask(_form(call, one))
    marked = {int(part) for part in call.text("tickets").split(",") if part.isascii() and part.isdecimal()}
    if not standing:
        chosen = marked | set(one.chosen)
        return _kept(call, call.desk.handovers.write(one.id, call.actor, line=call.text(), chosen=chosen))
    if standing != _mark(one):
        raise Stale("Somebody else has changed this meanwhile. Please open it again.")
    return _kept(call, call.desk.handovers.write(one.id, call.actor, notes=call.text("notes"), chosen=marked))


def _form(call: Call, one: Handover) -> Form:
    """In a window everything anew; where questions come one at a time, what is added."""
    words, phone = call.words, call.request.caller.platform == "telegram"
    handed = [each for each in call.desk.handovers.tickets(one) if not each.ticket.is_overdue(call.desk.clock.now())]
    left = [each for each in handed if not (phone and each.moves)][:MOST_OFFERED]
    options = tuple(Option(str(each.ticket.id), _title(each)) for each in left)
    chosen = "" if phone else ",".join(str(each.ticket.id) for each in left if each.moves)
    hint = telling.excerpt(one.notes) if phone else ""
    said = Field(
        "text" if phone else "notes", words("Notes"), "text", "" if phone else one.notes, optional=True, hint=hint
    )
    moves = Field("tickets", words("Also hand over (overdue ones move anyway)"), "several", chosen, options)
    fields = (said, replace(moves, optional=not phone)) if options else (said,)
    draft = f"{one.id}:" + ("" if phone else _mark(one))
    return Form("handover_notes", words("Hand-over"), words("Save"), fields, draft=draft)


def _title(handed: HandedOver) -> str:
    return f"{handed.ticket.reference} · {handed.ticket.subject}"[:75]


def _mark(one: Handover) -> str:
    return mark({"notes": one.notes, "chosen": repr(one.chosen)})


def _kept(call: Call, one: Handover) -> Answer:
    return Answer(text=call.words("Noted for the hand-over of {rota}.", rota=one.rota.name), data=_data(call, one))


# accepting -----------------------------------------------------------------------------------------------------------


@verb("handover_accept", "accept what is handed over to you", right="handover", writes=True, hidden=True)
def accept(call: Call) -> Answer:
    """One press; the overdue tickets and those that were marked move."""
    done = call.desk.handovers.accept(_number(call.text("reference")), call.actor)
    text = "\n".join(handover_notices.lines(done, (), 0, call.words, call.desk.clock.now()))
    return Answer(text=text, data=_data(call, done))


def under_post(request: Request, agent: Agent | None) -> Request | None:
    """What is said under a hand-over by somebody who has a part in it, as what it means there; None otherwise."""
    spot, name = request.spot, SAID.get(request.verb, "")
    number = notice_rows.number_at("handover", spot.platform, spot.channel, spot.message) if spot and name else None
    if number is None or (agent is None and not request.caller.unasked):
        return None
    if agent is None:
        raise Unrecognised("I do not know you yet.")
    one = find(number)
    if agent.id != (one.goes_id if name == "handover_notes" else one.comes_id):
        return None
    return replace(request, verb=name, spot=None, source=None, fields={**request.fields, "reference": str(number)})


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 15):
        raise WrongUsage("There is no hand-over {number}.", number=text[:20])
    return int(text)


def _data(call: Call, one: Handover) -> dict[str, Any]:
    return as_json(one, [each for each in call.desk.handovers.tickets(one) if _may_see(call, each)])
