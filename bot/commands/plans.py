"""Whose phone rings next about a ticket, in words: `03:17 Sam · 03:22 rota NIGHT · again every 10 min until taken`."""

from typing import Any

from bot.commands.calls import Call
from bot.desk.escalating import Planned
from bot.desk.escalation import Ring, by_step
from bot.texts import Words

WAITS_FOR = {
    "new": "📟 Nobody has taken it: {plan}.",
    "overdue": "📟 It is overdue: {plan}.",
    "client": "📟 The client waits for an answer: {plan}.",
    "asked": "📟 It was escalated: {plan}.",
}


def line(ticket_id: int, call: Call) -> list[str]:
    """One line, none where nothing rings."""
    planned = call.desk.escalating.planned(ticket_id)
    if planned is None or not planned.rings:
        return []
    return [call.words(WAITS_FOR[planned.cause], plan=_plan(planned, call))]


def as_json(ticket_id: int, call: Call) -> list[dict[str, Any]]:
    """The rings of a round: when, and who (an address, rota:CODE, or channel)."""
    planned = call.desk.escalating.planned(ticket_id)
    whom = {"agent": "{}", "rota": "rota:{}", "channel": "channel"}
    return [
        {"at": ring.at.isoformat(), "who": whom[ring.step.kind].format(ring.step.target)}
        for ring in (planned.rings if planned else ())
    ]


def _plan(planned: Planned, call: Call) -> str:
    parts = [_step(rings, call) for rings in by_step(planned.rings)]
    if planned.every is not None:
        parts.append(call.words("again every {span} until taken", span=planned.every))
    return " · ".join(parts)


def _step(rings: list[Ring], call: Call) -> str:
    words, first = call.words, rings[0]
    said = f"{words.clock(first.at, call.desk.clock.now())} {_who(first, call, words)}"
    return said + (f" ×{len(rings)}" if len(rings) > 1 else "")


def _who(ring: Ring, call: Call, words: Words) -> str:
    if ring.step.kind == "channel":
        return words("the channel")
    name = call.desk.escalating.name(ring.step)
    return name if ring.step.kind == "agent" else words("rota {code}", code=name)
