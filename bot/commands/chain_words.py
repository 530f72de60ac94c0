"""A chain in words, as it would ring about a ticket now: `at once: Sam`, `after 5 min: rota NIGHT (now Bob) ×3`."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bot.commands.calls import Call
from bot.desk import oncall, people
from bot.desk.escalation import Chain, Step
from bot.errors import NotFound
from storage.queries import dictionaries as rows

CAUSES = {
    "new": "a new ticket",
    "overdue": "a deadline that has passed",
    "client": "a client's reply that nobody has answered",
}


def title(call: Call, group: str, severity: str) -> str:
    """Which tickets a chain is for: `Billing · Blocking`; codes, "" = all."""
    words = call.words
    return " · ".join(
        (
            _label(call, "group", group) if group else words("all groups"),
            _label(call, "severity", severity) if severity else words("all severities"),
        )
    )


def _label(call: Call, kind: str, code: str) -> str:
    row = rows.by_code(kind, code)
    return call.words.label(row.labels, row.code) if row else code


def plan(call: Call, chain: Chain) -> list[str]:
    """A line for each step, and what comes after the last."""
    names = {one.email: one.name for one in people.agents()}
    lines, after = [], timedelta(0)
    for step in chain.steps:
        lines.append(_step(call, step, after, names))
        after += step.wait * step.times
    return [*lines, _and_then(call, chain.rounds)]


def _step(call: Call, step: Step, after: timedelta, names: Mapping[str, str]) -> str:
    words = call.words
    when = words("after {span}", span=after) if after else words("at once")
    often = f" ×{step.times}" if step.times > 1 else ""
    spaced = " " + words("({span} apart)", span=step.wait) if step.times > 1 else ""
    hours = ", " + words("only {hours}", hours=step.hours) if step.hours else ""
    return f"{when}: {_who(call, step, names)}{often}{spaced}{hours}"


def _who(call: Call, step: Step, names: Mapping[str, str]) -> str:
    words = call.words
    if step.kind == "channel":
        return words("the channel")
    if step.kind == "agent":
        return names.get(step.target, step.target)
    try:
        now = oncall.on_duty(step.target, call.desk.clock.now())
    except NotFound:
        now = None
    who = now.name if now else words("nobody")
    return words("rota {code} (now {name})", code=step.target, name=who)


def _and_then(call: Call, rounds: int) -> str:
    if rounds == 1:
        return call.words("then no more")
    if rounds:
        return call.words("then from the beginning, {n} times in all", n=rounds)
    return call.words("then from the beginning, until somebody takes it")


def started_by(call: Call, causes: list[str]) -> str:
    """What starts it."""
    return call.words("Started by: {causes}", causes=", ".join(call.words(CAUSES[cause]) for cause in causes))


def line(call: Call, one: dict[str, Any]) -> str:
    """A chain in one line."""
    chain = call.desk.escalating.chains.read(one)
    return f"📟 {title(call, one['group'], one['severity'])}: {' · '.join(plan(call, chain))}"
