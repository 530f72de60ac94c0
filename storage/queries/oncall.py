"""Questions about who is on call. Rotas are few and read whole; calendars are read without their text."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from peewee import JOIN

from storage.models import Agent, Handover, Rota, RotaCalendar, RotaLayer, RotaOverride, RotaSwap

_KNOWN = [field for field in RotaCalendar._meta.sorted_fields if field.name != "content"]


# rotas ---------------------------------------------------------------------------------------------------------------


def rotas() -> list[Rota]:
    """All, by code."""
    return list(Rota.select().order_by(Rota.code))


def by_code(code: str) -> Rota | None:
    """By code, whatever its case."""
    return Rota.get_or_none(Rota.code == code.upper())


def add(**values: Any) -> Rota:
    """A new one; the code must be in capitals and new."""
    return Rota.create(**values)


def change(rota_id: int, **values: Any) -> None:
    """Change columns of one."""
    Rota.update(**values).where(Rota.id == rota_id).execute()


def remove(rota_id: int) -> None:
    """Delete one with all that belongs to it."""
    for model in (RotaLayer, RotaCalendar, RotaOverride, RotaSwap, Handover):
        model.delete().where(model.rota == rota_id).execute()
    Rota.delete().where(Rota.id == rota_id).execute()


# layers --------------------------------------------------------------------------------------------------------------


def layers() -> list[RotaLayer]:
    """Those of all rotas, the lowest first."""
    return list(RotaLayer.select().order_by(RotaLayer.rota, RotaLayer.position))


def set_layer(rota_id: int, position: int, **values: Any) -> None:
    """Keep a layer, in place of the one in this position."""
    columns = [RotaLayer.members, RotaLayer.days, RotaLayer.handover, RotaLayer.starts_on, RotaLayer.ends_on]
    RotaLayer.insert(rota=rota_id, position=position, **values).on_conflict(
        conflict_target=[RotaLayer.rota, RotaLayer.position], preserve=[*columns, RotaLayer.hours]
    ).execute()


def remove_layer(rota_id: int, position: int) -> None:
    """Take a layer away; those above it come down."""
    of_rota = RotaLayer.rota == rota_id
    RotaLayer.delete().where(of_rota & (RotaLayer.position == position)).execute()
    above = RotaLayer.select().where(of_rota & (RotaLayer.position > position)).order_by(RotaLayer.position)
    for layer in list(above):
        RotaLayer.update(position=layer.position - 1).where(RotaLayer.id == layer.id).execute()


# calendars -----------------------------------------------------------------------------------------------------------


def calendars() -> list[RotaCalendar]:
    """Those of all rotas, without their text."""
    return list(RotaCalendar.select(*_KNOWN))


def calendars_to_read(before: datetime) -> list[RotaCalendar]:
    """Those with an address, of rotas in use, that were not asked for since then; without their text."""
    due = (RotaCalendar.address != "") & (RotaCalendar.tried_at <= before) & Rota.active
    return list(RotaCalendar.select(*_KNOWN).join(Rota).where(due).order_by(RotaCalendar.tried_at))


def calendar_text(rota_id: int) -> str:
    """The text of a rota's calendar, "" without one."""
    row = RotaCalendar.get_or_none(RotaCalendar.rota == rota_id)
    return row.content if row else ""


def set_calendar(rota_id: int, **values: Any) -> None:
    """Keep a calendar in place of the one that the rota follows."""
    drop_calendar(rota_id)
    RotaCalendar.insert(rota=rota_id, **values).execute()


def change_calendar(rota_id: int, **values: Any) -> None:
    """Change columns of a rota's calendar."""
    RotaCalendar.update(**values).where(RotaCalendar.rota == rota_id).execute()


def drop_calendar(rota_id: int) -> None:
    """The rota follows no calendar."""
    RotaCalendar.delete().where(RotaCalendar.rota == rota_id).execute()


# overrides -----------------------------------------------------------------------------------------------------------


def overrides(since: datetime) -> list[RotaOverride]:
    """Those of all rotas that end after a moment, in the order in which they were made."""
    return list(RotaOverride.select().where(RotaOverride.ends_at > since).order_by(RotaOverride.id))


def add_override(**values: Any) -> RotaOverride:
    """A new one."""
    return RotaOverride.create(**values)


def remove_override(override_id: int) -> None:
    """Take one back."""
    RotaOverride.delete().where(RotaOverride.id == override_id).execute()


# swaps ---------------------------------------------------------------------------------------------------------------


def add_swap(**values: Any) -> RotaSwap:
    """A new offer."""
    return RotaSwap.create(**values)


def swap(swap_id: int) -> RotaSwap | None:
    """By its number; its rota and people joined."""
    return next(iter(_offers().where(RotaSwap.id == swap_id)), None)


def open_swaps(now: datetime) -> list[RotaSwap]:
    """The offers that somebody may accept now, the soonest first; their rotas and people joined."""
    living = (RotaSwap.state == "open") & (RotaSwap.ends_at > now)
    return list(_offers().where(living).order_by(RotaSwap.starts_at, RotaSwap.id))


def _offers() -> Any:
    to, taker = Agent.alias(), Agent.alias()
    offers: Any = RotaSwap.select(RotaSwap, Rota, Agent, to, taker).join(Rota)
    offers = offers.switch(RotaSwap).join(Agent, on=RotaSwap.agent)
    offers = offers.switch(RotaSwap).join(to, JOIN.LEFT_OUTER, on=(RotaSwap.to == to.id), attr="to")
    on = RotaSwap.taken_by == taker.id
    return offers.switch(RotaSwap).join(taker, JOIN.LEFT_OUTER, on=on, attr="taken_by")


def settle(swap_id: int, state: str, at: datetime, taken_by: int | None = None) -> bool:
    """An open offer is accepted or withdrawn; False when somebody was faster."""
    query = RotaSwap.update(state=state, settled_at=at, taken_by=taken_by)
    return bool(query.where((RotaSwap.id == swap_id) & (RotaSwap.state == "open")).execute())
