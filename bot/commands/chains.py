"""The verb `escalation`: managers keep the chains by which people are rung; the same as `deskbell escalation`.

In chats a form asks, shows what would ring when, and saves that when it is confirmed; what was shown is kept meanwhile
as a draft. Fields are named by chain and part (`BILLING/HIGH.steps`), so that no value of one is taken for another's.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from bot.commands import chain_words
from bot.commands.calls import Call
from bot.commands.drafts import Draft, Drafts
from bot.commands.setting_forms import mark
from bot.commands.verbs import verb
from bot.desk import dictionaries
from bot.desk.escalation import CAUSES, steps_in
from bot.errors import FieldErrors, NotFound, Refusal, Stale, WrongUsage
from bot.outgoing.cards import Answer, Button, Field, Form, Option

NEW, ALL, REMOVE = "+new", "-", "remove"
KEPT_AS = "chain"
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
Chain = Mapping[str, Any]


@verb(
    "escalation [list|set|remove] [group:… severity:… on:… rounds:…] [TEXT]",
    "who is rung about a ticket that nobody has taken: chains of steps",
    writes=True,
)
def escalation(call: Call) -> Answer:
    """`set severity:BLOCKING sam@example.org 5m, rota:NIGHT 5m x3, channel` keeps one; without a word a form opens."""
    way = call.text("scope") or ("list" if call.request.caller.platform == "cli" else "")
    if way:
        return _TYPED[way](call)
    if call.has("text"):
        raise WrongUsage("I do not understand “{rest}”. Usage: {usage}", rest=call.text(), usage=call.verb.usage.line)
    if call.request.changed == "edit":
        return _edited(call)
    if call.request.submitted and _draft(call) is not None:
        return _confirmed(call)
    return _asked_or_shown(call, _known(call))


def _known(call: Call) -> dict[str, Chain]:
    return {_code(one["group"], one["severity"]): one for one in call.desk.escalating.chains.every()}


def _code(group: str, severity: str) -> str:
    return f"{group or ALL}/{severity or ALL}"


# typed ---------------------------------------------------------------------------------------------------------------


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
    return _saved(call, {**_typed_codes(call), "steps": steps, "rounds": _number(rounds), "causes": causes})


def _remove(call: Call) -> Answer:
    return _removed(call, **_typed_codes(call))


def _typed_codes(call: Call) -> dict[str, str]:
    return {kind: call.text(kind).upper().strip(ALL) for kind in ("group", "severity")}


_TYPED: dict[str, Callable[[Call], Answer]] = {"list": _list, "set": _set, "remove": _remove}


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 4):
        raise FieldErrors({"rounds": Refusal("{text} is no number of times.", text=text[:20])})
    return int(text)


def _saved(call: Call, one: Chain) -> Answer:
    """Keep a chain, and say what will ring."""
    now, chains = call.desk.clock.now(), call.desk.escalating.chains
    values = {"rounds": one["rounds"], "causes": one["causes"], "by": call.actor}
    kept = chains.set(one["group"], one["severity"], one["steps"], now, **values)
    text = call.words("{chain} is saved.", chain=chain_words.title(call, kept["group"], kept["severity"]))
    return Answer(text=text, lines=tuple(_plan(call, kept)), data=kept)


def _removed(call: Call, group: str, severity: str) -> Answer:
    if not call.desk.escalating.chains.remove(group, severity, call.desk.clock.now(), call.actor):
        raise NotFound("There is no such chain. `escalation list` shows all.")
    text = call.words("{chain} is removed.", chain=chain_words.title(call, group, severity))
    return Answer(text=text, data={"group": group, "severity": severity, "removed": True})


def _plan(call: Call, one: Chain) -> list[str]:
    lines = chain_words.plan(call, call.desk.escalating.chains.read(one))
    return [*lines, chain_words.started_by(call, one["causes"])]


# the form ------------------------------------------------------------------------------------------------------------


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
    codes = _typed_codes(call)
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
    if name in ("group", "severity"):
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
    """What was filled in, and what stands there for the rest."""
    standing = _values(one) | {"group": one["group"], "severity": one["severity"]} if one else {}
    names = (*LABELS, "what")
    whole = call.has("draft")
    typed = {name: call.text(f"{which}.{name}") for name in names if whole or call.has(f"{which}.{name}")}
    codes = {name: value for name, value in typed.items() if name in ("group", "severity")}
    values = {"rounds": "0", **standing, **{name: value for name, value in typed.items() if name not in codes}}
    if one is None:
        values |= {name: codes.get(name, "").strip(ALL) for name in ("group", "severity")}
    return values | ({"what": REMOVE} if call.text("part") == REMOVE else {})


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
        "rounds": _number(values.get("rounds") or "0"),
        "causes": causes or list(usual),
    }


def _preview(call: Call, draft: Draft) -> Form:
    words, values = call.words, draft.values
    chain = _as_chain(values)
    said = words("It is removed; what rings by it is silent.") if _goes(draft) else "\n".join(_plan(call, chain))
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
    value = draft.values.get(name, "") or (ALL if name in ("group", "severity") else one.value)
    return replace(one, value=value)


def _confirmed(call: Call) -> Answer:
    """What was shown is carried out, unless somebody has changed the chain meanwhile."""
    draft = _draft(call)
    assert draft is not None
    if draft.values["mark"] != _mark(_known(call).get(draft.values["which"])):
        raise Stale("Somebody else has changed this meanwhile. Please open it again.")
    chain = _as_chain(draft.values)
    answer = _removed(call, chain["group"], chain["severity"]) if _goes(draft) else _saved(call, chain)
    Drafts(call.desk, "escalation", call.agent).forget(KEPT_AS)
    return answer
