"""Questions about hand-overs: which waits to be accepted, what whoever goes has written, which tickets they have."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from peewee import JOIN, SQL

from storage.database import locked
from storage.models import Agent, Handover, Rota, Ticket
from storage.queries.filters import OPEN
from storage.queries.tickets import whole

MOST = 300
IS_OPEN = Handover.state == SQL("'open'")  # a literal, as in the partial index


def handover(number: int) -> Handover | None:
    """By its number; its rota and people joined."""
    return next(iter(_whole().where(Handover.id == number)), None)


def open_ones() -> list[Handover]:
    """Those that wait to be accepted, the newest first; one for each rota at most."""
    return list(_whole().where(IS_OPEN).order_by(Handover.at.desc()))


def first_since(moment: datetime) -> Handover | None:
    """The first change of all rotas that was told since then."""
    return Handover.select().where(Handover.at > moment).order_by(Handover.at).first()


def is_known(rota_id: int, at: datetime) -> bool:
    """Whether this change of a rota was told."""
    return Handover.select().where((Handover.rota == rota_id) & (Handover.at == at)).exists()


def keep_draft(rota_id: int, goes_id: int | None, at: datetime) -> int:
    """The number of the draft of whoever is on call; a new one where there is none."""
    same = (Handover.rota == rota_id) & Handover.at.is_null()
    same &= Handover.goes.is_null() if goes_id is None else Handover.goes == goes_id
    known = Handover.select(Handover.id).where(same).first()
    return known.id if known else Handover.create(rota=rota_id, goes=goes_id, created_at=at).id


def lock_rota(rota_id: int) -> None:
    """Nobody else tells of its changes in this transaction."""
    list(locked(Rota.select(Rota.id).where(Rota.id == rota_id)))


def lock(number: int) -> None:
    """Nobody else changes it in this transaction."""
    list(locked(Handover.select(Handover.id).where(Handover.id == number)))


def change(number: int, **values: Any) -> None:
    """Change columns of one."""
    Handover.update(**values).where(Handover.id == number).execute()


def settle(number: int, state: str, **values: Any) -> bool:
    """One that waits is accepted or over; False when it was settled already."""
    values |= {"state": state, "remind_at": None}
    return bool(Handover.update(**values).where((Handover.id == number) & IS_OPEN).execute())


def to_remind(now: datetime) -> list[Handover]:
    """Those about which somebody is to be reminded by now."""
    return list(_whole().where(Handover.remind_at.is_null(False) & (Handover.remind_at <= now)).order_by(Handover.id))


def remind_again(number: int, reminders: int, at: datetime | None) -> bool:
    """Somebody is reminded for the time after `reminders`, next `at`; False when another process did it."""
    this = (Handover.id == number) & (Handover.reminders == reminders) & IS_OPEN
    return bool(Handover.update(reminders=reminders + 1, remind_at=at).where(this).execute())


def tickets(agent_id: int) -> list[Ticket]:
    """The open tickets of an agent, whole, the first that is due first: as many as anybody can hand over."""
    mine = whole().where(OPEN & Ticket.deleted_at.is_null() & (Ticket.assignee == agent_id))
    return list(mine.order_by(Ticket.due_at.is_null(), Ticket.due_at, Ticket.id).limit(MOST))


def _whole() -> Any:
    goes, comes, by = Agent.alias(), Agent.alias(), Agent.alias()
    found: Any = Handover.select(Handover, Rota, goes, comes, by).join(Rota)
    for other, column, name in ((goes, Handover.goes, "goes"), (comes, Handover.comes, "comes")):
        found = found.switch(Handover).join(other, JOIN.LEFT_OUTER, on=(column == other.id), attr=name)
    on = Handover.accepted_by == by.id
    return found.switch(Handover).join(by, JOIN.LEFT_OUTER, on=on, attr="accepted_by")
