"""Rotas as managers keep them: made, given layers and overrides, put out of use, removed. Every change is an event."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.cleaning import clean_line
from bot.clock import Clock
from bot.desk import audit, oncall, rota_layers, setting_values, user_groups
from bot.desk.oncall import Rota
from bot.desk.people import Actor, Agent
from bot.desk.rota_json import layer_json
from bot.desk.settings import Settings
from bot.errors import FieldErrors, NotFound, Refusal, WrongValue
from storage.database import transaction
from storage.queries import dictionaries
from storage.queries import escalation as chains
from storage.queries import oncall as rows

CODE = re.compile(r"[A-Z0-9][A-Z0-9_-]{0,23}")
MOST_LAYERS = 8


class Rotas:
    """Changes the rotas, one transaction each; every method returns the rota as it is afterwards."""

    def __init__(self, clock: Clock, settings: Settings) -> None:
        self._clock = clock
        self._settings = settings

    def find(self, code: str) -> Rota:
        """By code. NotFound otherwise."""
        return oncall.find(code, self._clock.now())

    def add(self, code: str, by: Actor, *, name: str = "", zone: str = "") -> Rota:
        """A new rota in a time zone, the desk's if none is named. FieldErrors for values that cannot be."""
        audit.allow(by, "rotas")
        wanted = code.strip().upper()
        if not CODE.fullmatch(wanted):
            fault = Refusal("A code has from 1 to 24 letters, digits and _, not “{code}”.", code=code.strip()[:40])
            raise FieldErrors({"code": fault})
        values = {"name": clean_line(name)[:80] or wanted, "zone": _zone(zone or self._settings.get("timezone"))}
        with transaction():
            if rows.by_code(wanted):
                raise FieldErrors({"code": Refusal("There is already a rota {code}.", code=wanted)})
            rows.add(code=wanted, created_at=self._clock.now(), **values)
            self._record(by, wanted, {}, values)
        return self.find(wanted)

    def change(
        self,
        code: str,
        by: Actor,
        *,
        name: str | None = None,
        zone: str | None = None,
        active: bool | None = None,
        user_group: str | None = None,
    ) -> Rota:
        """Another name, time zone or Slack user group ("" or - for none), or in use or not. FieldErrors by value."""
        audit.allow(by, "rotas")
        with transaction():
            rota = self.find(code)
            old = {"name": rota.name, "zone": rota.zone.key, "active": rota.active, "slack_user_group": rota.user_group}
            said = {
                "name": clean_line(name or "")[:80] or None,
                "zone": _zone(zone) if zone else None,
                "active": active,
                "slack_user_group": None if user_group is None else user_groups.named(user_group),
            }
            new = {key: value for key, value in said.items() if value not in (None, old[key])}
            if new:
                rows.change(rota.id, **new)
                self._record(by, rota.code, {key: old[key] for key in new}, new)
        return self.find(rota.code)

    def remove(self, code: str, by: Actor) -> None:
        """Delete a rota with all its past. Refusal where a group gives its new tickets to it, or a chain rings it."""
        audit.allow(by, "rotas")
        with transaction():
            rota = self.find(code)
            groups = [group.code for group in dictionaries.giving_to(rota.id)]
            if groups:
                sentence = "New tickets of {group} go to {code}. Change that first."
                raise Refusal(sentence, group=", ".join(groups), code=rota.code)
            if chains.ring(rota.code):
                raise Refusal("A chain of escalation rings {code}. Change that first.", code=rota.code)
            rows.remove(rota.id)
            self._record(by, rota.code, {"name": rota.name}, {})

    # layers ----------------------------------------------------------------------------------------------------------

    def set_layer(self, code: str, typed: Mapping[str, str], by: Actor, number: int | None = None) -> Rota:
        """A new layer above all, or other parts (`rota_layers.PARTS`) for the one with this number, from 1 up."""
        audit.allow(by, "rotas")
        with transaction():
            rota = self.find(code)
            number = len(rota.layers) + 1 if number is None else number
            known = _columns(rota, number)
            if number > MOST_LAYERS:
                raise Refusal("A rota has at most {n} layers.", n=MOST_LAYERS)
            today = self._clock.now().astimezone(rota.zone).date()
            rows.set_layer(rota.id, number - 1, **rota_layers.columns(typed, today, known))
            changed = self.find(rota.code)
            old = {"layer": layer_json(rota, number - 1)} if known else {}
            self._record(by, rota.code, old, {"layer": layer_json(changed, number - 1)})
        return changed

    def remove_layer(self, code: str, number: int, by: Actor) -> Rota:
        """Take a layer away. NotFound where there is none with this number."""
        audit.allow(by, "rotas")
        with transaction():
            rota = self.find(code)
            if not 1 <= number <= len(rota.layers):
                raise NotFound("{code} has no layer {number}.", code=rota.code, number=number)
            rows.remove_layer(rota.id, number - 1)
            self._record(by, rota.code, {"layer": layer_json(rota, number - 1)}, {})
        return self.find(rota.code)

    # overrides -------------------------------------------------------------------------------------------------------

    def override(self, code: str, agent: Agent, start: datetime, end: datetime, by: Actor) -> Rota:
        """An agent is on call in a span of time, whoever it would be. Refusal for one that is over or empty."""
        audit.allow(by, "rotas")
        if end <= max(start, self._clock.now()):
            raise FieldErrors({"until": Refusal("This time is over before it begins.")})
        with transaction():
            rota = self.find(code)
            made = rows.add_override(
                rota=rota.id,
                agent=rota_layers.able(agent).id,
                starts_at=start,
                ends_at=end,
                created_at=self._clock.now(),
            )
            self._record(by, rota.code, {}, {"override": made.id, "agent": agent.email, **_span(start, end)})
        return self.find(rota.code)

    def remove_override(self, code: str, number: int, by: Actor) -> Rota:
        """Take an override back. NotFound where the rota has none with this number."""
        audit.allow(by, "rotas")
        with transaction():
            rota = self.find(code)
            known = next((one for one in rota.overrides if one.id == number), None)
            if known is None:
                raise NotFound("{code} has no override {number}.", code=rota.code, number=number)
            rows.remove_override(number)
            old = {"override": number, "agent": known.shift.who, **_span(known.shift.start, known.shift.end)}
            self._record(by, rota.code, old, {})
        return self.find(rota.code)

    def _record(self, by: Actor, code: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        audit.record("rota_changed", by, self._clock, about=f"rota {code}", old=old, new=new)


def _zone(text: str) -> str:
    try:
        return setting_values.timezone(text.strip())
    except WrongValue as fault:
        raise FieldErrors({"zone": Refusal("{name} {fault}", name="timezone", fault=fault)}) from None


def _span(start: datetime, end: datetime) -> dict[str, str]:
    return {"from": start.isoformat(), "to": end.isoformat()}


def _columns(rota: Rota, number: int) -> dict[str, Any] | None:
    """The columns of a layer as it is; None for the next new one. NotFound for any other number."""
    if number == len(rota.layers) + 1:
        return None
    if not 1 <= number <= len(rota.layers):
        raise NotFound("{code} has no layer {number}.", code=rota.code, number=number)
    layer = rota.layers[number - 1]
    return {
        "members": list(layer.members),
        "days": layer.days,
        "handover": f"{layer.handover:%H:%M}",
        "starts_on": layer.starts,
        "ends_on": layer.ends,
        "hours": rota.hours[number - 1],
    }
