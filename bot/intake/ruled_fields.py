"""Which of the fields that rules name a ticket can have now: what is not there (any more) never costs a mail."""

from collections.abc import Mapping
from typing import Any

from bot.desk import custom_fields, dictionaries
from bot.errors import NotFound, Refusal
from storage.queries import people as people_rows

OWN = "custom."


def standard(fields: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """Those of every ticket, and why some of it cannot be taken."""
    usable, misfits = {}, []
    for name in ("type", "group", "severity", "assignee", "third_party", "notify"):
        if name not in fields:
            continue
        if _exists(name, fields[name]):
            usable[name] = fields[name]
        else:
            misfits.append(f"there is no {name} {fields[name]}")
    return usable, misfits


def own(fields: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """What a rule found for own fields (`custom.order`), and why some of it cannot be taken."""
    usable, misfits = {}, []
    for name, value in fields.items():
        if not name.startswith(OWN):
            continue
        try:
            field = custom_fields.find(name.removeprefix(OWN))
            usable[field.code] = custom_fields.parse(field, value)
        except Refusal as fault:
            misfits.append(str(fault))
    return usable, misfits


def _exists(kind: str, value: str) -> bool:
    if kind == "notify":
        return True
    if kind == "assignee":
        agent = people_rows.agent_by_email(value)
        return agent is not None and agent.active
    if kind == "third_party":
        return people_rows.third_party(value) is not None
    try:
        dictionaries.find(kind, value)
    except NotFound:
        return False
    return True
