"""Questions about the dictionaries: types, groups, severities, own fields. They are small and read whole."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from peewee import JOIN

from storage.models import (
    Agent,
    CustomField,
    CustomValue,
    EscalationChain,
    GroupAgent,
    Severity,
    Ticket,
    TicketGroup,
    TicketType,
)
from storage.prepared import prepared

MODELS: dict[str, Any] = {"type": TicketType, "severity": Severity, "group": TicketGroup, "field": CustomField}
_USED_BY: dict[str, tuple[Any, ...]] = {
    "type": (Ticket.type,),
    "severity": (Ticket.severity, TicketGroup.forced_severity, TicketGroup.default_severity, EscalationChain.severity),
    "group": (Ticket.group, TicketGroup.parent, EscalationChain.group),
    "field": (CustomValue.field,),
}
"""The columns that may point to an entry."""


def entries(kind: str) -> list[Any]:
    """All entries of one dictionary ("type", "severity", "group", "field") in their order."""
    model = MODELS[kind]
    return list(model.select().order_by(model.position, model.id))


def by_code(kind: str, code: str) -> Any | None:
    """The entry with this code, whatever its case."""
    return _BY_CODE[kind].first(code.lower() if kind == "field" else code.upper())


def _coded(kind: str, code: Any) -> Any:
    return _whole(kind).where(MODELS[kind].code == code)


_BY_CODE = {kind: prepared(partial(_coded, kind)) for kind in MODELS}


def _whole(kind: str) -> Any:
    """Entries; groups with the severities that they give."""
    if kind != "group":
        return MODELS[kind].select()
    forced, usual, group = Severity.alias(), Severity.alias(), TicketGroup
    rows: Any = group.select(group, forced, usual)
    rows = rows.join(forced, JOIN.LEFT_OUTER, on=(group.forced_severity == forced.id), attr="forced_severity")
    on = group.default_severity == usual.id
    return rows.switch(group).join(usual, JOIN.LEFT_OUTER, on=on, attr="default_severity")


def default(kind: str) -> Any:
    """The one default entry."""
    return _DEFAULT[kind].all()[0]


def _default(kind: str) -> Any:
    return _whole(kind).where(MODELS[kind].is_default)


_DEFAULT = {kind: prepared(partial(_default, kind)) for kind in ("type", "severity", "group")}


def is_used(kind: str, entry_id: int) -> bool:
    """Whether a ticket, or another entry, points to this one. All tickets may have to be looked at, as for deleting."""
    return any(column.model.select().where(column == entry_id).exists() for column in _USED_BY[kind])


def giving(severity_id: int) -> list[str]:
    """The codes of the groups that give this severity to tickets."""
    gives = (TicketGroup.forced_severity == severity_id) | (TicketGroup.default_severity == severity_id)
    return [row.code for row in TicketGroup.select(TicketGroup.code).where(gives)]


def giving_to(rota_id: int) -> list[TicketGroup]:
    """The groups whose new tickets go to whoever is on call by this rota."""
    return list(TicketGroup.select().where(TicketGroup.default_rota == rota_id).order_by(TicketGroup.id))


def add(kind: str, /, **values: Any) -> Any:
    """A new entry."""
    return MODELS[kind].create(**values)


def change(kind: str, entry_id: int, /, **values: Any) -> None:
    """Change columns of one entry."""
    model = MODELS[kind]
    model.update(**values).where(model.id == entry_id).execute()


def remove(kind: str, entry_id: int) -> None:
    """Delete an entry that nothing points to, and who sees it."""
    if kind == "group":
        GroupAgent.delete().where(GroupAgent.group == entry_id).execute()
    model = MODELS[kind]
    model.delete().where(model.id == entry_id).execute()


def clear_default(kind: str) -> None:
    """No entry is the default, until one is made it in the same transaction."""
    model = MODELS[kind]
    model.update(is_default=False).where(model.is_default).execute()


# who sees a group ----------------------------------------------------------------------------------------------------


def agents_of(group_id: int) -> list[Agent]:
    """The agents who see a restricted group, by address."""
    return list(Agent.select().join(GroupAgent).where(GroupAgent.group == group_id).order_by(Agent.email))


def set_agents(group_id: int, agent_ids: Iterable[int]) -> None:
    """These agents and no others."""
    GroupAgent.delete().where(GroupAgent.group == group_id).execute()
    rows = [{"group": group_id, "agent": agent_id} for agent_id in agent_ids]
    if rows:
        GroupAgent.insert_many(rows).execute()


def groups_of(agent_id: int) -> list[TicketGroup]:
    """The restricted groups that an agent sees."""
    seen = TicketGroup.select().join(GroupAgent).where((GroupAgent.agent == agent_id) & TicketGroup.restricted)
    return list(seen.order_by(TicketGroup.position, TicketGroup.id))


def forget_assignee(agent_id: int) -> list[str]:
    """No group gives its new tickets to this agent any more; the codes of those that did."""
    did = TicketGroup.default_assignee == agent_id
    codes = [row.code for row in TicketGroup.select(TicketGroup.code).where(did)]
    TicketGroup.update(default_assignee=None).where(did).execute()
    return codes
