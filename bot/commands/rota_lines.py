"""Rotas as they are typed after `rotas`: added, given layers and overrides, changed, removed. One table of ways."""

from collections.abc import Callable
from datetime import datetime

from bot.commands.calls import Call
from bot.commands.moments import planned
from bot.desk import rota_json
from bot.desk.oncall import Rota
from bot.desk.rota_layers import PARTS
from bot.errors import FieldErrors, Refusal, WrongUsage
from bot.outgoing.cards import Answer

GENERAL = ("name", "zone", "active", "user_group")
KEYS = (*GENERAL, *PARTS, "agent", "since", "until", "number", "layer", "override", "calendar")
NO = frozenset(("no", "off", "false", "0"))


def carried_out(call: Call) -> Answer:
    """What the line asks for. WrongUsage where the rota or a value is not named."""
    if not call.has("rota"):
        raise WrongUsage("Missing: {wanted}. Usage: {usage}", wanted="ROTA", usage=call.verb.usage.line)
    return WAYS[call.text("scope")](call)


def _add(call: Call) -> Answer:
    rota = call.desk.rotas.add(call.text("rota"), call.actor, name=call.text("name"), zone=call.text("zone"))
    typed = _layer_parts(call)
    return changed(call, call.desk.rotas.set_layer(rota.code, typed, call.actor) if typed else rota)


def _set(call: Call) -> Answer:
    return changed(call, change(call, call.text("rota"), {name: call.text(name) for name in GENERAL if call.has(name)}))


def change(call: Call, code: str, typed: dict[str, str]) -> Rota:
    """Other values for a rota itself; those of them that are named."""
    active = typed["active"].lower() not in NO if "active" in typed else None
    said = {name: typed.get(name) for name in ("name", "zone", "user_group")}
    return call.desk.rotas.change(code, call.actor, active=active, **said)


def _layer(call: Call) -> Answer:
    number = _number(call, "number") if call.has("number") else None
    return changed(call, call.desk.rotas.set_layer(call.text("rota"), _layer_parts(call), call.actor, number))


def _layer_parts(call: Call) -> dict[str, str]:
    return {name: call.text(name) for name in PARTS if call.has(name)}


def _override(call: Call) -> Answer:
    return changed(call, override(call, call.text("rota"), {name: call.text(name) for name in ("since", "until")}))


def override(call: Call, code: str, typed: dict[str, str]) -> Rota:
    """Somebody in place of whoever it would be; when it ends is counted from when it begins."""
    now = call.desk.clock.now()
    moments, faults = dict[str, datetime](), dict[str, Refusal]()
    for name in ("since", "until"):
        try:
            after = max(now, moments.get("since", now))
            moments[name] = planned(typed.get(name, ""), after, call.words.zone, call.words.language)
        except WrongUsage as fault:
            faults[name] = fault
    if faults:
        raise FieldErrors(faults)
    agent = call.person(typed.get("agent") or call.text("agent"))
    return call.desk.rotas.override(code, agent, moments["since"], moments["until"], call.actor)


def _remove(call: Call) -> Answer:
    code, rotas, by = call.text("rota"), call.desk.rotas, call.actor
    if call.has("layer"):
        return changed(call, rotas.remove_layer(code, _number(call, "layer"), by))
    if call.has("override"):
        return changed(call, rotas.remove_override(code, _number(call, "override"), by))
    if call.has("calendar"):
        return changed(call, call.desk.feeds.drop(code, by))
    return removed(call, code)


def removed(call: Call, code: str) -> Answer:
    """The whole rota is no more."""
    rota = call.desk.rotas.find(code)
    call.desk.rotas.remove(rota.code, call.actor)
    return Answer(text=call.words("{code} is removed.", code=rota.code), data={"code": rota.code, "removed": True})


def changed(call: Call, rota: Rota) -> Answer:
    """The rota as it is afterwards."""
    data = rota_json.as_json(rota, call.desk.clock.now())
    return Answer(text=call.words("{code} is changed.", code=rota.code), data=data)


def _number(call: Call, name: str) -> int:
    text = call.text(name)
    if not (text.isascii() and text.isdecimal() and len(text) <= 15):
        raise WrongUsage("{number} is no number. `oncall {code}` shows them.", number=text[:20], code=call.text("rota"))
    return int(text)


WAYS: dict[str, Callable[[Call], Answer]] = {
    "add": _add,
    "set": _set,
    "layer": _layer,
    "override": _override,
    "remove": _remove,
}
