"""Whose phone rings next about a ticket, in words: `03:17 Sam · 03:22 Bob (rota B) · again every 9 min until taken`."""

from itertools import groupby
from typing import Any

from bot.commands.calls import Call
from bot.desk.escalating import Coming, Planned
from bot.desk.views import TicketView
from bot.texts import Words

WAITS_FOR = {
    "new": "📟 Nobody has taken it: {plan}.",
    "overdue": "📟 It is overdue: {plan}.",
    "client": "📟 The client waits for an answer: {plan}.",
    "asked": "📟 It was escalated: {plan}.",
}


def line(ticket: TicketView, call: Call) -> list[str]:
    """One line, none where nothing rings."""
    planned = call.desk.escalating.planned(ticket)
    return [call.words(WAITS_FOR[planned.cause], plan=_plan(planned, call))] if planned else []


def as_json(ticket: TicketView, call: Call) -> list[dict[str, Any]]:
    """The rings of a round: when, what the step says (an address, rota:CODE, channel), and whose phone it is."""
    planned = call.desk.escalating.planned(ticket)
    whom = {"agent": "{}", "rota": "rota:{}", "channel": "channel"}
    return [
        {
            "at": ring.at.isoformat(),
            "who": whom[ring.step.kind].format(ring.step.target),
            "agent": ring.agent.email if ring.agent else None,
        }
        for ring in (planned.rings if planned else ())
    ]


def _plan(planned: Planned, call: Call) -> str:
    together = groupby(planned.rings, key=lambda ring: (id(ring.step), ring.agent))
    parts = [_step(list(rings), call) for _, rings in together]
    return " · ".join([*parts, *_and_then(planned, call.words)])


def _step(rings: list[Coming], call: Call) -> str:
    words, first = call.words, rings[0]
    said = f"{words.clock(first.at, call.desk.clock.now())} {_who(first, words)}"
    return said + (f" ×{len(rings)}" if len(rings) > 1 else "")


def _who(ring: Coming, words: Words) -> str:
    name = ring.agent.name if ring.agent else words("the channel")
    return f"{name} ({words('rota {code}', code=ring.step.target)})" if ring.step.kind == "rota" else name


def _and_then(planned: Planned, words: Words) -> list[str]:
    """What comes after the rings that are named."""
    if planned.more is not None:
        return [words.plural("then 1 more ring", "then {n} more rings", planned.more)] if planned.more else []
    if planned.every is None:
        return [words("and so on until taken")]
    return [words("again every {span} until taken", span=planned.every)]
