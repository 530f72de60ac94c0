"""The dictionaries in the verb `settings`: an entry is chosen, then its properties are shown and changed.

Fields are named by entry and property (`HIGH.label:en`), so that no value of one entry is taken for another's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from bot.commands.calls import Call
from bot.commands.setting_forms import form, mark
from bot.desk import dictionary_table, oncall, people
from bot.desk.dictionary_editing import Entry
from bot.desk.dictionary_table import FIELD_KINDS, Property
from bot.desk.fields import is_empty
from bot.errors import FieldErrors, Stale
from bot.outgoing.cards import Answer, Field, Option
from storage.queries import dictionaries as rows

NEW = "+new"
FIRST = ("label:en", "label:fr", "kind", "choices")
"""What is asked for a new entry where questions come one at a time."""


def serve(call: Call, kind: str, sections: Field) -> Answer:
    """The next form of a dictionary, or what was changed. `sections`: the field by which one got here."""
    platform, code = call.request.caller.platform, call.text(f"{kind}.entry") or call.text("value").upper()
    known = {entry.code: entry for entry in call.desk.dictionaries.every(kind)}
    if platform == "cli":
        return _listed(call, known.values())
    chosen = _choice(call, kind, known.values(), code)
    if code != NEW and code not in known:
        return call.ask(form(call, sections, replace(chosen, value="")))
    entry = known.get(code)
    if call.request.submitted and _is_complete(call, entry):
        return _saved(call, kind, entry)
    if platform == "telegram":
        return call.ask(form(call, sections, chosen, *_questions(call, kind, entry)))
    fields = _fields(call, kind, entry)
    return call.ask(form(call, sections, chosen, *fields, draft=_mark(entry)))


def _is_complete(call: Call, entry: Entry | None) -> bool:
    """Whether all was asked: a whole form, or the last of the questions."""
    last = (f"{NEW}.code",) if entry is None else ("name", "value")
    return call.has("draft") or all(map(call.has, last))


def _listed(call: Call, entries: Iterable[Entry]) -> Answer:
    found = list(entries)
    lines = tuple(f"{entry.code} — {_title(call, entry)}" for entry in found)
    return Answer(text=call.words("Settings"), lines=lines, data=[entry.as_json() for entry in found])


def _choice(call: Call, kind: str, entries: Iterable[Entry], code: str) -> Field:
    words = call.words
    options = [Option(entry.code, f"{entry.code} · {_title(call, entry)}") for entry in entries]
    options.append(Option(NEW, words("a new one")))
    return Field(f"{kind}.entry", words("Entry"), "select", code, tuple(options), asks=True)


def _title(call: Call, entry: Entry) -> str:
    words = call.words
    label = entry.values.get(f"label:{words.language}") or entry.values["label:en"]
    marks = [words("the default")] if entry.values.get("default") == "yes" else []
    marks += [] if entry.active else [words("out of use")]
    return label + (f" ({', '.join(marks)})" if marks else "")


# all properties at once ----------------------------------------------------------------------------------------------


def _fields(call: Call, kind: str, entry: Entry | None) -> list[Field]:
    values = entry.values if entry else _blank(kind)
    fields = [_field(call, entry, one, values[name]) for name, one in dictionary_table.of(kind).items()]
    return fields if entry else [_code_field(call), *fields]


def _blank(kind: str) -> dict[str, str]:
    usual = {"active": "yes", "default": "no", "rings": "yes", "kind": "text"}
    return {name: usual.get(name, "") for name in dictionary_table.of(kind)}


def _code_field(call: Call) -> Field:
    return Field(
        f"{NEW}.code", call.words("Code"), hint=call.words("Letters, digits and _; it never changes."), limit=24
    )


def _key(entry: Entry | None, name: str) -> str:
    return f"{entry.code if entry else NEW}.{name}"


def _field(call: Call, entry: Entry | None, one: Property, value: str) -> Field:
    options = _options(call, one, value)
    key, label = _key(entry, one.name), call.words(one.label)
    if options:
        optional = options[0].value == "-"
        return Field(key, label, "select", value or ("-" if optional else ""), options, optional=optional)
    hint = call.words("Addresses with commas; empty = everybody.") if one.name == "agents" else ""
    return Field(key, label, value=value, optional=True, hint=hint)


def _options(call: Call, one: Property, value: str) -> tuple[Option, ...]:
    """The choices of a property, "-" for none first where it may be left out; () where it is typed."""
    words = call.words
    if one.form == "yes_no":
        return Option("yes", words("Yes")), Option("no", words("No"))
    if one.form == "kind":
        return tuple(Option(kind, kind) for kind in FIELD_KINDS)
    if one.form == "agent":
        return Option("-", "–"), *(Option(agent.email, agent.name) for agent in people.agents())
    if one.form == "rota":
        return Option("-", "–"), *(Option(rota.code, rota.name) for rota in oncall.in_use(call.desk.clock.now()))
    if one.form in ("severity", "group"):
        used = [row for row in rows.entries(one.form) if row.active or row.code == value]
        return Option("-", "–"), *(Option(row.code, words.label(row.labels, row.code)) for row in used)
    return ()


def _mark(entry: Entry | None) -> str:
    return mark(entry.values if entry else {})


# saving --------------------------------------------------------------------------------------------------------------


def _saved(call: Call, kind: str, entry: Entry | None) -> Answer:
    """Change what differs, or add the entry; a fault stands at its field."""
    if call.has("draft") and call.text("draft") != _mark(entry):
        raise Stale("Somebody else has changed this meanwhile. Please open it again.")
    try:
        return _carried_out(call, kind, entry)
    except FieldErrors as faults:
        raise FieldErrors({_place(call, entry, name): fault for name, fault in faults.faults.items()}) from None


def _place(call: Call, entry: Entry | None, name: str) -> str:
    return "value" if call.has("name") else _key(entry, name)


def _carried_out(call: Call, kind: str, entry: Entry | None) -> Answer:
    dictionaries = call.desk.dictionaries
    typed = _typed(call, kind, entry)
    if entry is None:
        made = dictionaries.add(kind, call.text(f"{NEW}.code"), typed, call.actor)
        return Answer(text=call.words("{code} is added.", code=made.code), data=made.as_json())
    if not typed:
        return Answer(text=call.words("Nothing changes."), data=entry.as_json())
    changed = dictionaries.change(kind, entry.code, typed, call.actor)
    return _told(call, kind, entry, changed)


def _typed(call: Call, kind: str, entry: Entry | None) -> dict[str, str]:
    """What was typed for the properties that a form had, where it differs from what stands there."""
    names = [call.text("name")] if call.has("name") else list(dictionary_table.of(kind))
    values = entry.values if entry else dict.fromkeys(names, "")
    given = {name: call.text("value" if call.has("name") else _key(entry, name)) for name in names}
    plain = {name: "" if is_empty(text) else text for name, text in given.items()}
    return {name: text for name, text in plain.items() if text != values.get(name, "")}


def _told(call: Call, kind: str, before: Entry, after: Entry) -> Answer:
    words, known = call.words, dictionary_table.of(kind)
    lines = [
        f"{words(known[name].label)}: {before.values[name] or '–'} → {value or '–'}"
        for name, value in after.values.items()
        if value != before.values[name]
    ]
    if after.moved:
        lines.append(words.plural("The card of 1 ticket moves.", "The cards of {n} tickets move.", after.moved))
    return Answer(text=words("{code} is changed.", code=after.code), lines=tuple(lines), data=after.as_json())


# one at a time -------------------------------------------------------------------------------------------------------


def _questions(call: Call, kind: str, entry: Entry | None) -> list[Field]:
    """For a new entry its code and labels; else which property, then its value."""
    words, known = call.words, dictionary_table.of(kind)
    if entry is None:
        asked = [_field(call, None, known[name], "") for name in FIRST if name in known]
        required = [replace(field, optional=field.key.endswith("choices")) for field in asked]
        return [_code_field(call), *required]
    name = call.text("name")
    names = _names(call, known, entry.values, name)
    if name not in known:
        return [replace(names, value="")]
    asked_for = _field(call, entry, known[name], "")
    now = words("Now: {value}", value=entry.values[name] or "–")
    hint = now if asked_for.options else now + " " + words("- for nothing.")
    return [names, replace(asked_for, key="value", value="", optional=False, hint=hint)]


def _names(call: Call, known: Mapping[str, Property], values: Mapping[str, str], chosen: str) -> Field:
    options = [Option(name, f"{call.words(one.label)}: {values[name][:40] or '–'}") for name, one in known.items()]
    return Field("name", call.words("What is to change?"), "select", chosen, tuple(options), asks=True)
