"""What a layer of a rota consists of, as people type it: one table of parts, each read into a column of its row.

"" or - empties a part; a part that is not named keeps its value.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from bot.desk import people, permissions
from bot.desk.business_time import week
from bot.desk.fields import is_empty
from bot.desk.oncall import ON_CALL
from bot.desk.people import Agent
from bot.errors import FieldErrors, Refusal, WrongValue

EVERY = {"day": 1, "daily": 1, "jour": 1, "week": 7, "weekly": 7, "semaine": 7}
MOST_DAYS, MOST_MEMBERS, YEARS = 366, 50, (2000, 2100)


def columns(typed: Mapping[str, str], today: date, known: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The columns of a layer from its parts, over those of the layer that is changed. FieldErrors by part."""
    faults: dict[str, Refusal] = {}
    read = dict(known or {"days": 7, "handover": "08:00", "starts_on": today, "ends_on": None, "hours": ""})
    for name, text in typed.items():
        column, reader = PARTS[name]
        try:
            read[column] = reader("" if is_empty(text) else text.strip())
        except Refusal as fault:
            faults[name] = fault
    if "members" not in read:
        faults.setdefault("members", Refusal("A layer needs at least one agent."))
    if not faults and read["ends_on"] and read["ends_on"] <= read["starts_on"]:
        faults["ends"] = Refusal("A layer ends after the day on which it begins.")
    if faults:
        raise FieldErrors(faults)
    return read


def able(agent: Agent) -> Agent:
    """An agent who may be on call. Refusal for anybody else."""
    if not (agent.active and permissions.may(agent.role, ON_CALL)):
        raise Refusal("{name} may not take tickets and cannot be on call.", name=agent.name)
    return agent


def _members(text: str) -> list[int]:
    """Addresses or names in the order of their turns; somebody may come more than once."""
    named = [part for part in re.split(r"[,;\s]+", text) if part]
    if not 0 < len(named) <= MOST_MEMBERS:
        raise Refusal("A layer needs at least one agent.")
    return [able(people.named(name)).id for name in named]


def _days(text: str) -> int:
    wanted = text.lower()
    days = EVERY.get(wanted, int(wanted) if re.fullmatch(r"\d{1,3}", wanted) else 0)
    if not 0 < days <= MOST_DAYS:
        raise Refusal(
            "A turn lasts a day, a week, or a number of days up to {n}, not “{value}”.", n=MOST_DAYS, value=text
        )
    return days


def _handover(text: str) -> str:
    found = re.fullmatch(r"(\d{1,2}):(\d{2})", text)
    if not found or int(found[1]) > 23 or int(found[2]) > 59:
        raise Refusal("{text} is no time of day.", text=text[:20])
    return f"{int(found[1]):02}:{found[2]}"


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Refusal("{value} is no date such as 2026-12-31.", value=text[:40]) from None
    if not YEARS[0] <= day.year <= YEARS[1]:
        raise Refusal("{value} is no date such as 2026-12-31.", value=text[:40])
    return day


def _hours(text: str) -> str:
    try:
        return text if not text or week(text) else ""
    except WrongValue as fault:
        raise Refusal("{name} {fault}", name="hours", fault=fault) from None


Read = Callable[[str], Any]
PARTS: Mapping[str, tuple[str, Read]] = {
    "members": ("members", _members),
    "days": ("days", lambda text: _days(text or "week")),
    "handover": ("handover", lambda text: _handover(text or "08:00")),
    "starts": ("starts_on", _day),
    "ends": ("ends_on", lambda text: _day(text) if text else None),
    "hours": ("hours", _hours),
}
