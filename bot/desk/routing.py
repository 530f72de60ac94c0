"""What a new ticket is filed under: explicit fields first, then its group's defaults, then the dictionaries'. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Route:
    """The rows a ticket is filed under; `assignee` is an agent's id or None."""

    type: Any
    group: Any
    severity: Any
    assignee: int | None


def route(
    *,
    type_row: Any | None,
    group_row: Any | None,
    severity_row: Any | None,
    assignee: int | None,
    creator: int | None,
    auto_assign: str,
    default: Callable[[str], Any],
    on_call: Callable[[Any], int | None] = lambda group: None,
) -> Route:
    """Fill what was left open. A group's forced severity wins over everything; `default(kind)` is the dictionary's.

    `creator` is the agent who opens it, `auto_assign` the setting: "always", "if_nobody" is there, or "never";
    `on_call(group)` is whoever its rota calls now.
    """
    group = group_row or default("group")
    severity = group.forced_severity or severity_row or group.default_severity or default("severity")
    first = creator if auto_assign == "always" else None
    last = creator if auto_assign == "if_nobody" else None
    holder = first or assignee or on_call(group) or group.default_assignee_id or last
    return Route(type_row or default("type"), group, severity, holder)
