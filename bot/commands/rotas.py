"""The verb `rotas`: managers keep rotas in a form; the same as `deskbell oncall`.

A rota is chosen, then what of it; on the phone then one part and its value. Fields are named by rota and part
(`NIGHTS.layer:1.members`), so that no value of one is taken for another's.
"""

from collections.abc import Mapping
from dataclasses import replace

from bot.commands import rota_lines
from bot.commands.calls import Call
from bot.commands.setting_forms import mark
from bot.commands.verbs import verb
from bot.desk import oncall, rota_json
from bot.desk.oncall import Rota
from bot.desk.rota_layers import PARTS
from bot.errors import FieldErrors, Stale
from bot.outgoing.cards import Answer, Field, Form, Option

NEW = "+new"
GENERAL, LAYER, REMOVE, OVERRIDE, UNDO = "general", "layer", "remove", "override", "undo"
UNFOLLOW, ALL = "unfollow", "all"
LABELS = {
    "code": "Code",
    "name": "Name",
    "zone": "Time zone",
    "active": "In use",
    "user_group": "Slack's user group",
    "members": "Agents in the order of their turns",
    "days": "A turn lasts",
    "handover": "Handed over at",
    "starts": "First day",
    "ends": "Last day",
    "hours": "Only in these hours",
    "agent": "Agent",
    "since": "From",
    "until": "Until",
}
HINTS = {
    "user_group": "Whoever is on call is its only member: an id (S…) or a handle.",
    "members": "Addresses with commas between them.",
    "days": "day, week, or a number of days",
    "ends": "Empty: it goes on.",
    "hours": "As in “mon-fri 18:00-08:00”; empty: always.",
    "since": "2026-03-05 18:00, 09:00, monday or tomorrow evening",
    "until": "2026-03-05 18:00, 09:00, monday, or how long: 12h",
}
ASKED = {NEW: ("code", "name"), LAYER: ("members", "days"), OVERRIDE: ("agent", "since", "until")}
"""What is asked for something new where questions come one at a time; the rest has a value that will do."""


@verb(
    "rotas [list|add|set|layer|override|remove] [ROTA] [key:value …]",
    "who is on call when: rotas, their layers and overrides",
    writes=True,
    keys=rota_lines.KEYS,
)
def rotas(call: Call) -> Answer:
    """`add NIGHT members:"sam, bob" days:week`, `override NIGHT agent:sam since:18:00 until:12h`; else a form opens."""
    now = call.desk.clock.now()
    known = {rota.code: rota for rota in oncall.every(now)}
    if call.text("scope") in rota_lines.WAYS:
        return rota_lines.carried_out(call)
    if call.has("scope") or call.request.caller.platform == "cli":
        return _listed(call, known)
    code = call.text("which") or call.text("rota").upper()
    if code != NEW and code not in known:
        return call.ask(_form(call, _choice(call, known, "")))
    rota, fields = known.get(code), [_choice(call, known, code)]
    what = NEW if rota is None else call.text("what")
    if rota is not None:
        fields.append(_matters(call, rota, what))
        if what not in {option.value for option in fields[-1].options}:
            return call.ask(_form(call, *fields[:-1], replace(fields[-1], value="")))
    return _asked_or_saved(call, rota, what, fields)


def _listed(call: Call, known: Mapping[str, Rota]) -> Answer:
    now = call.desk.clock.now()
    lines = tuple(f"{rota.code} — {rota.name}" for rota in known.values())
    data = [rota_json.as_json(one, now) for one in known.values()]
    return Answer(text=call.words("Rotas"), lines=lines, data=data)


def _asked_or_saved(call: Call, rota: Rota | None, what: str, fields: list[Field]) -> Answer:
    values = _values(rota, what)
    phone = call.request.caller.platform == "telegram"
    parts = _questions(call, rota, what, values) if phone else _parts(call, rota, what, values)
    complete = call.has("draft") or (phone and all(call.has(part.key) for part in parts if not part.optional))
    if call.request.submitted and complete:
        return _saved(call, rota, what, values)
    form = _form(call, *fields, *parts, draft="" if phone else _mark(what, values))
    return call.ask(replace(form, confirm=not parts))


def _form(call: Call, *fields: Field, draft: str = "") -> Form:
    return Form("rotas", call.words("Rotas"), call.words("Save"), fields, draft=draft)


def _mark(what: str, values: Mapping[str, str]) -> str:
    return mark({"what": what, **values})


def _choice(call: Call, known: Mapping[str, Rota], code: str) -> Field:
    options = [Option(rota.code, f"{rota.code} · {rota.name}") for rota in known.values()]
    options.append(Option(NEW, call.words("a new one")))
    return Field("which", call.words("Rota"), "select", code, tuple(options), asks=True)


def _matters(call: Call, rota: Rota, what: str) -> Field:
    """What of a rota may be changed."""
    words = call.words
    options = [Option(GENERAL, words("Name, time zone, in use, Slack group"))]
    for number, layer in enumerate(rota.layers, 1):
        who = ", ".join(rota.staff[one].name if one in rota.staff else "–" for one in layer.members)
        options.append(Option(f"{LAYER}:{number}", words("Layer {number}: {who}", number=number, who=who)))
        options.append(Option(f"{REMOVE}:{number}", words("Remove layer {number}", number=number)))
    options.append(Option(f"{LAYER}:{len(rota.layers) + 1}", words("A new layer")))
    if rota.followed:
        options.append(Option(UNFOLLOW, words("Follow no calendar any more")))
    options.append(Option(ALL, words("Remove the whole rota")))
    options.append(Option(OVERRIDE, words("An override: somebody in place of whoever it would be")))
    for one in rota.pending(call.desk.clock.now()):
        name = rota.staff[one.shift.who].name if one.shift.who in rota.staff else "–"
        start = words.clock(one.shift.start, call.desk.clock.now())
        options.append(
            Option(f"{UNDO}:{one.id}", words("Remove {name}'s override from {start}", name=name, start=start))
        )
    return Field("what", words("What is to change?"), "select", what, tuple(options[:90]), asks=True)


# parts ---------------------------------------------------------------------------------------------------------------


def _values(rota: Rota | None, what: str) -> dict[str, str]:
    """The parts and what stands there now; "" for those of something new."""
    kind, _, number = what.partition(":")
    if rota is None:
        return dict.fromkeys(("code", "name", "zone"), "")
    if kind == GENERAL:
        values = {"name": rota.name, "zone": rota.zone.key, "active": "yes" if rota.active else "no"}
        return values | {"user_group": rota.user_group}
    if kind == OVERRIDE:
        return dict.fromkeys(("agent", "since", "until"), "")
    if kind != LAYER:
        return {}
    if int(number) > len(rota.layers):
        return dict.fromkeys(PARTS, "") | {"days": "week", "handover": "08:00"}
    layer = rota_json.layer_json(rota, int(number) - 1)
    shown = {name: str(layer[name] or "") for name in PARTS}
    return shown | {"members": ", ".join(filter(None, layer["members"]))}


def _parts(call: Call, rota: Rota | None, what: str, values: Mapping[str, str]) -> list[Field]:
    optional = {"name", "zone", "user_group", "ends", "hours", "starts"}
    return [_part(call, rota, what, name, value, optional=name in optional) for name, value in values.items()]


def _part(call: Call, rota: Rota | None, what: str, name: str, value: str, *, optional: bool = False) -> Field:
    words = call.words
    key, label, hint = _key(rota, what, name), words(LABELS[name]), words(HINTS.get(name, ""))
    if name == "active":
        options = (Option("yes", words("Yes")), Option("no", words("No")))
        return Field(key, label, "select", value, options)
    if name == "agent":
        able = oncall.able_agents()
        return Field(key, label, "select", value, tuple(Option(one.email, one.name) for one in able))
    return Field(key, label, value=value, hint=hint, optional=optional)


def _key(rota: Rota | None, what: str, name: str) -> str:
    return f"{rota.code}.{what}.{name}" if rota else f"{NEW}.{name}"


def _questions(call: Call, rota: Rota | None, what: str, values: Mapping[str, str]) -> list[Field]:
    """On the phone: what something new needs; else which part, then its value."""
    kind = what.partition(":")[0]
    is_new = kind in (NEW, OVERRIDE) or (kind == LAYER and not values["members"])
    if is_new:
        return [_part(call, rota, what, name, "") for name in ASKED[kind]]
    if not values:
        return []
    words, part = call.words, call.text("part")
    options = tuple(Option(name, f"{words(LABELS[name])}: {value[:40] or '–'}") for name, value in values.items())
    names = Field("part", words("What is to change?"), "select", part if part in values else "", options, asks=True)
    if part not in values:
        return [names]
    asked = _part(call, rota, what, part, "")
    return [names, replace(asked, hint=f"{asked.hint} {words('- for nothing.')}".strip())]


# saving --------------------------------------------------------------------------------------------------------------


def _saved(call: Call, rota: Rota | None, what: str, values: Mapping[str, str]) -> Answer:
    """Change what differs. Stale where somebody else was faster, and each fault at its field."""
    if call.has("draft") and call.text("draft") != _mark(what, values):
        raise Stale("Somebody else has changed this meanwhile. Please open it again.")
    if rota is not None and what == ALL:
        return rota_lines.removed(call, rota.code)
    whole = call.has("draft")
    keys = {name: _key(rota, what, name) for name in values}
    typed = {name: call.text(key) for name, key in keys.items() if whole or call.has(key)}
    try:
        changed = _change(call, rota, what, {name: text for name, text in typed.items() if text != values[name]})
    except FieldErrors as faults:
        raise FieldErrors({keys.get(name, name): fault for name, fault in faults.faults.items()}) from None
    return rota_lines.changed(call, changed)


def _change(call: Call, rota: Rota | None, what: str, typed: Mapping[str, str]) -> Rota:
    kind, _, number = what.partition(":")
    desk, by = call.desk.rotas, call.actor
    if rota is None:
        return desk.add(typed.get("code", ""), by, name=typed.get("name", ""), zone=typed.get("zone", ""))
    if kind == GENERAL:
        return rota_lines.change(call, rota.code, dict(typed))
    if kind == LAYER:
        said = {name: text for name, text in typed.items() if text or name in ("ends", "hours", "members")}
        return desk.set_layer(rota.code, said, by, int(number))
    if kind == REMOVE:
        return desk.remove_layer(rota.code, int(number), by)
    if kind == UNDO:
        return desk.remove_override(rota.code, int(number), by)
    if kind == UNFOLLOW:
        return call.desk.feeds.drop(rota.code, by)
    return rota_lines.override(call, rota.code, dict(typed))
