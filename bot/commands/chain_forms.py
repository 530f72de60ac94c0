"""The form in which chains of escalation are kept: filled in, shown as they would ring, saved when that is confirmed.

What was shown is kept as a draft meanwhile. Fields are named by chain and part (`BILLING/HIGH.steps`), so that no
value of one is taken for another's.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.commands import chain_lines, chain_words
from bot.commands.calls import Call
from bot.commands.chain_lines import ALL, Chain
from bot.commands.drafts import Draft, Drafts
from bot.commands.setting_forms import mark
from bot.desk import dictionaries
from bot.desk.escalation import CAUSES, steps_in
from bot.errors import FieldErrors, Refusal, Stale
from bot.outgoing.cards import Answer, Button, Field, Form, Option

NEW, REMOVE = "+new", "remove"
KEPT_AS = "chain"
CODES = ("group", "severity")
LABELS = {
    "group": "Group",
    "severity": "Severity",
    "steps": "Steps",
    "rounds": "How often in all",
    "causes": "Started by",
}
HINTS = {
    "steps": "One in a line: an address, rota:CODE or channel, then 5m, x3 and hours as in “sam@example.org 5m x3”.",
    "rounds": "0: until somebody takes the ticket.",
}


def serve(call: Call) -> Answer:
    """The next form, or what was done by the last one."""
    if call.request.changed == "edit":
        return _edited(call)
    if call.request.submitted and _draft(call) is not None:
        return _confirmed(call)
    return _asked_or_shown(call, _known(call))


def _known(call: Call) -> dict[str, Chain]:
    return {_code(one["group"], one["severity"]): one for one in call.desk.escalating.chains.every()}


def _code(group: str, severity: str) -> str:
    return f"{group or ALL}/{severity or ALL}"


def _asked_or_shown(call: Call, known: Mapping[str, Chain]) -> Answer:
    """The form of a chain, or what was filled in as it would ring."""
    which = call.text("which") or _named(call)
    if which != NEW and which not in known:
        return call.ask(_form(call, [_choice(call, known, "")]))
    one = known.get(which)
    phone = call.request.caller.platform == "telegram"
    parts = _questions(call, which, one) if phone else _parts(call, which, one)
    goes = phone and one is not None and call.text("part") == REMOVE
    if goes or (call.request.submitted and _is_complete(call, which, parts)):
        return _shown(call, which, one)
    return call.ask(_form(call, [_choice(call, known, which), *parts], "" if phone else _mark(one)))


def _named(call: Call) -> str:
    """The chain that was named by its group and severity."""
    codes = chain_lines.codes(call)
    return _code(**codes) if any(codes.values()) else ""


def _is_complete(call: Call, which: str, parts: list[Field]) -> bool:
    if call.request.caller.platform == "telegram":
        return all(call.has(part.key) for part in parts if not part.optional)
    return call.has("draft") and call.has(f"{which}.steps")


def _form(call: Call, fields: list[Field], draft: str = "") -> Form:
    return Form("escalation", call.words("Escalation"), call.words("Preview"), tuple(fields), draft=draft)


def _mark(one: Chain | None) -> str:
    return mark({name: str(value) for name, value in (one or {}).items()})


def _choice(call: Call, known: Mapping[str, Chain], which: str) -> Field:
    options = [Option(code, chain_words.title(call, one["group"], one["severity"])) for code, one in known.items()]
    options.append(Option(NEW, call.words("a new one")))
    return Field("which", call.words("Chain"), "select", which, tuple(options), asks=True)


def _parts(call: Call, which: str, one: Chain | None) -> list[Field]:
    if one is None:
        return [_part(call, which, name, "") for name in LABELS]
    words = call.words
    options = (Option("keep", words("Keep it as it is below")), Option(REMOVE, words("Remove it")))
    values = _values(one)
    parts = [_part(call, which, name, values[name]) for name in ("steps", "rounds", "causes")]
    return [*parts, Field(f"{which}.what", words("This chain"), "select", "keep", options)]


def _values(one: Chain) -> dict[str, str]:
    return {"steps": "\n".join(one["steps"]), "rounds": str(one["rounds"]), "causes": ",".join(one["causes"])}


def _part(call: Call, which: str, name: str, value: str) -> Field:
    words, key = call.words, f"{which}.{name}"
    label, hint = words(LABELS[name]), words(HINTS.get(name, ""))
    if name in CODES:
        return Field(key, label, "select", value, _entries(call, name))
    if name == "causes":
        options = tuple(Option(cause, words(chain_words.CAUSES[cause])) for cause in CAUSES)
        return Field(key, label, "several", value, options, optional=True)
    if name == "rounds":
        return Field(key, label, value=value or "0", hint=hint)
    return Field(key, label, "text", value, hint=hint)


def _entries(call: Call, kind: str) -> tuple[Option, ...]:
    entries = [Option(entry.code, call.words.label(entry.labels, entry.code)) for entry in dictionaries.active(kind)]
    return (Option(ALL, call.words("all")), *entries)


def _questions(call: Call, which: str, one: Chain | None) -> list[Field]:
    """On the phone: what a new chain needs; else which part of it, then its value."""
    if one is None:
        return [_part(call, which, name, "") for name in ("group", "severity", "steps")]
    words, values, part = call.words, _values(one), call.text("part")
    options = [Option(name, f"{words(LABELS[name])}: {value[:40] or '–'}") for name, value in values.items()]
    options.append(Option(REMOVE, words("Remove it")))
    chosen = part if part in (*values, REMOVE) else ""
    names = Field("part", words("What is to change?"), "select", chosen, tuple(options), asks=True)
    if chosen in ("", REMOVE):
        return [names]
    return [names, replace(_part(call, which, chosen, ""), value="", optional=False)]


# the preview ---------------------------------------------------------------------------------------------------------


def _shown(call: Call, which: str, one: Chain | None) -> Answer:
    """What would ring, to be looked at; a fault stands at its field."""
    if call.has("draft") and call.text("draft") != _mark(one):
        raise Stale("Somebody else has changed this meanwhile. Please open it again.")
    values = _filled(call, which, one)
    if one is None and _code(values["group"], values["severity"]) in _known(call):
        raise FieldErrors({f"{which}.group": Refusal("There is already a chain for these tickets.")})
    if values.get("what") != REMOVE:
        try:
            _check(call, values)
        except FieldErrors as faults:
            raise FieldErrors({f"{which}.{name}": fault for name, fault in faults.faults.items()}) from None
    draft = Draft({**values, "which": which, "mark": _mark(one)})
    Drafts(call.desk, "escalation", call.agent).keep(KEPT_AS, draft)
    return call.ask(_preview(call, draft))


def _filled(call: Call, which: str, one: Chain | None) -> dict[str, str]:
    """What was filled in, and what stands there for the rest; "" for all groups or severities."""
    codes = {"group": one["group"], "severity": one["severity"]} if one else dict.fromkeys(CODES, ALL)
    standing = codes | (_values(one) if one else {"rounds": "0"})
    names = [name for name in (*LABELS, "what") if one is None or name not in CODES]
    typed = {name: call.text(f"{which}.{name}") for name in names if call.has("draft") or call.has(f"{which}.{name}")}
    values = standing | typed | ({"what": REMOVE} if call.text("part") == REMOVE else {})
    return {name: "" if name in CODES and value == ALL else value for name, value in values.items()}


def _check(call: Call, values: Mapping[str, str]) -> None:
    """FieldErrors for what could not be saved."""
    chain = _as_chain(values)
    try:
        call.desk.escalating.chains.understood(chain["steps"], chain["rounds"], call.desk.clock.now())
    except Refusal as fault:
        raise FieldErrors({"steps": fault}) from None


def _as_chain(values: Mapping[str, str]) -> dict[str, Any]:
    usual = CAUSES if values["severity"] else CAUSES[1:]
    causes = [one for one in values.get("causes", "").split(",") if one in CAUSES]
    return {
        "group": values["group"],
        "severity": values["severity"],
        "steps": steps_in(values.get("steps", "")),
        "rounds": chain_lines.number(values.get("rounds") or "0"),
        "causes": causes or list(usual),
    }


def _preview(call: Call, draft: Draft) -> Form:
    words, values = call.words, draft.values
    chain = _as_chain(values)
    said = (
        words("It is removed; what rings by it is silent.")
        if _goes(draft)
        else "\n".join(chain_lines.plan(call, chain))
    )
    shown = {words("Tickets"): chain_words.title(call, chain["group"], chain["severity"]), words("What rings"): said}
    fields = tuple(Field(f"shown{n}", label, "shown", text) for n, (label, text) in enumerate(shown.items()))
    buttons = (Button("escalation", words("Edit"), argument="edit"),)
    title, submit = words("Escalation"), words("Remove") if _goes(draft) else words("Save")
    return Form("escalation", title, submit, fields, draft=draft.name, buttons=buttons, confirm=True)


def _goes(draft: Draft) -> bool:
    return draft.values.get("what") == REMOVE


def _draft(call: Call) -> Draft | None:
    """What the preview showed."""
    if not call.has("draft") or call.has("which"):
        return None
    return Drafts(call.desk, "escalation", call.agent).recall(KEPT_AS, call.text("draft"))


def _edited(call: Call) -> Answer:
    """Back from the preview to the form, with what was typed."""
    draft, known = _draft(call), _known(call)
    if draft is None:
        return call.ask(_form(call, [_choice(call, known, "")]))
    which = draft.values["which"]
    parts = [_with_draft(one, draft) for one in _parts(call, which, known.get(which))]
    return call.ask(_form(call, [_choice(call, known, which), *parts], draft.values["mark"]))


def _with_draft(one: Field, draft: Draft) -> Field:
    name = one.key.rpartition(".")[2]
    value = draft.values.get(name, "") or (ALL if name in CODES else one.value)
    return replace(one, value=value)


def _confirmed(call: Call) -> Answer:
    """What was shown is carried out, unless somebody has changed the chain meanwhile."""
    draft = _draft(call)
    assert draft is not None
    if draft.values["mark"] != _mark(_known(call).get(draft.values["which"])):
        raise Stale("Somebody else has changed this meanwhile. Please open it again.")
    chain = _as_chain(draft.values)
    answer = (
        chain_lines.removed(call, chain["group"], chain["severity"]) if _goes(draft) else chain_lines.saved(call, chain)
    )
    Drafts(call.desk, "escalation", call.agent).forget(KEPT_AS)
    return answer
