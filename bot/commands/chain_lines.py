"""Chains of escalation as they are typed after `escalation`: listed, set, removed; and what is said of it."""

from collections.abc import Callable, Mapping
from typing import Any

from bot.commands import chain_words
from bot.commands.calls import Call
from bot.desk.escalation import steps_in
from bot.errors import FieldErrors, NotFound, Refusal
from bot.outgoing.cards import Answer

ALL = "-"
Chain = Mapping[str, Any]
"""One of `Chains.every`."""


def _list(call: Call) -> Answer:
    """All chains, the first that fits a ticket first."""
    found = call.desk.escalating.chains.every()
    lines = tuple(chain_words.line(call, one) for one in found)
    text = call.words("Escalation") if found else call.words("There is no chain yet.")
    return Answer(text=text, lines=lines, data=found)


def _set(call: Call) -> Answer:
    rounds = call.text("rounds") or "0"
    causes = [one.strip() for one in call.text("on").split(",") if one.strip()]
    steps = steps_in(call.text())
    return saved(call, {**codes(call), "steps": steps, "rounds": number(rounds), "causes": causes})


def _remove(call: Call) -> Answer:
    return removed(call, **codes(call))


def codes(call: Call) -> dict[str, str]:
    """The group and the severity that are named; "" = all."""
    typed = {kind: call.text(kind).upper() for kind in ("group", "severity")}
    return {kind: "" if code == ALL else code for kind, code in typed.items()}


def number(text: str) -> int:
    """How often a chain is gone through. FieldErrors for what is no number."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 4):
        raise FieldErrors({"rounds": Refusal("{text} is no number of times.", text=text[:20])})
    return int(text)


def saved(call: Call, one: Chain) -> Answer:
    """Keep a chain, and say what will ring."""
    now, chains = call.desk.clock.now(), call.desk.escalating.chains
    values = {"rounds": one["rounds"], "causes": one["causes"], "by": call.actor}
    kept = chains.set(one["group"], one["severity"], one["steps"], now, **values)
    text = call.words("{chain} is saved.", chain=chain_words.title(call, kept["group"], kept["severity"]))
    return Answer(text=text, lines=tuple(plan(call, kept)), data=kept)


def removed(call: Call, group: str, severity: str) -> Answer:
    """Take a chain away. NotFound where there is none."""
    if not call.desk.escalating.chains.remove(group, severity, call.desk.clock.now(), call.actor):
        raise NotFound("There is no such chain. `escalation list` shows all.")
    text = call.words("{chain} is removed.", chain=chain_words.title(call, group, severity))
    return Answer(text=text, data={"group": group, "severity": severity, "removed": True})


def plan(call: Call, one: Chain) -> list[str]:
    """What would ring, and what starts it."""
    lines = chain_words.plan(call, call.desk.escalating.chains.read(one))
    return [*lines, chain_words.started_by(call, one["causes"])]


WAYS: dict[str, Callable[[Call], Answer]] = {"list": _list, "set": _set, "remove": _remove}
