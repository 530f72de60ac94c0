"""What a new ticket is filed under: what was said, else the group's, else the dictionary's."""

from dataclasses import dataclass
from typing import Any

import pytest

from bot.desk.routing import Route, route


@dataclass(frozen=True)
class GroupRow:
    """As much of a group as decides."""

    forced_severity: str | None = None
    default_severity: str | None = None
    default_assignee_id: int | None = None


def filed(group: GroupRow | None = None, **said: Any) -> Route:
    """Where a ticket goes; the dictionaries' own defaults are a plain group, "usual" and "normal"."""
    usual = {"group": GroupRow(), "type": "usual", "severity": "normal"}
    nothing = dict.fromkeys(("type_row", "severity_row", "assignee", "creator"))
    values = {**nothing, "auto_assign": "never", **said}
    return route(group_row=group, default=usual.__getitem__, **values)


def test_what_nobody_said_comes_from_the_dictionaries() -> None:
    assert filed() == Route("usual", GroupRow(), "normal", None)


def test_what_was_said_is_kept() -> None:
    group = GroupRow(default_severity="low", default_assignee_id=7)

    assert filed(group, type_row="fault", severity_row="high", assignee=3) == Route("fault", group, "high", 3)


@pytest.mark.row("D12")
def test_a_group_brings_its_severity_and_its_assignee() -> None:
    group = GroupRow(default_severity="low", default_assignee_id=7)

    assert filed(group) == Route("usual", group, "low", 7)


@pytest.mark.row("R:forced severity")
@pytest.mark.parametrize("said", [None, "high"])
def test_a_forced_severity_wins_over_everything(said: str | None) -> None:
    group = GroupRow(forced_severity="urgent", default_severity="low")

    assert filed(group, severity_row=said).severity == "urgent"


@pytest.mark.row("C4")
@pytest.mark.parametrize(
    ("auto_assign", "creator", "said", "of_group", "holder"),
    [
        ("never", 1, None, None, None),
        ("never", 1, None, 7, 7),
        ("if_nobody", 1, None, None, 1),
        ("if_nobody", 1, None, 7, 7),
        ("if_nobody", 1, 3, None, 3),
        ("always", 1, None, 7, 1),
        ("always", 1, 3, 7, 1),
        ("always", None, 3, 7, 3),
        ("if_nobody", None, None, None, None),
    ],
)
def test_whoever_opens_a_ticket_may_have_it(
    auto_assign: str, creator: int | None, said: int | None, of_group: int | None, holder: int | None
) -> None:
    group = GroupRow(default_assignee_id=of_group)

    assert filed(group, assignee=said, creator=creator, auto_assign=auto_assign).assignee == holder
