"""Slack's user groups of rotas: whoever is on call is the only member, on each change, and looked at every hour.

The desk asks by a delivery, of which one at a time waits for each group; who is meant is read when it leaves. Where
nobody is on call the group stays as it is: Slack has no empty ones.
"""

import re
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.desk import oncall
from bot.desk.alarms import Alarms
from bot.desk.fields import is_empty
from bot.desk.people import Agent
from bot.errors import FieldErrors, Refusal
from storage.database import transaction
from storage.queries import deliveries
from storage.queries import desk as desk_rows
from storage.queries import people as people_rows

NAME = re.compile(r"S[A-Z0-9]{2,20}|[a-z0-9][a-z0-9._-]{0,20}")
EVERY, FOR_EVER = timedelta(hours=1), timedelta(days=36_500)
KIND = "group"
OUT_OF_STEP = "⚠️ Slack's user group {group} does not follow who is on call: {error}"
IN_STEP = "✅ Slack's user group {group} follows who is on call again."


class UserGroups:
    """Asks Slack to put whoever is on call into the groups of the rotas; `look` is called every few seconds."""

    def __init__(self, clock: Clock, alarms: Alarms) -> None:
        self._clock = clock
        self._alarms = alarms

    def look(self) -> int:
        """Ask where somebody else is on call than before, and every hour; for how many groups."""
        now = self._clock.now()
        wanted = {group: ",".join(member(one) for one in people) for group, people in self._all(now).items() if people}
        due = [group for group, people in wanted.items() if desk_rows.jotted(_asked(group), now) != people]
        for group in due:
            with transaction():
                desk_rows.jot(_asked(group), wanted[group], now + EVERY)
                self._ask(group, now)
        return len(due)

    def groups(self) -> list[str]:
        """Those that rotas in use have, each once."""
        return sorted(self._all(self._clock.now()))

    def members(self, group: str) -> list[str]:
        """Who is to be in it now: a Slack id, or an address where that is not known. Empty: it stays as it is."""
        return [member(one) for one in self._all(self._clock.now()).get(group, ())]

    def kept(self, group: str) -> None:
        """It has these members now; where that had failed, the team is told."""
        with transaction():
            if desk_rows.jotted(_fault(group), self._clock.now()) is not None:
                desk_rows.forget(_fault(group))
                self._alarms.say(f"group:{group}", IN_STEP, group=group)

    def refused(self, group: str, error: str) -> None:
        """Slack does not take it: the team is told once, until it works again or something else is wrong."""
        now = self._clock.now()
        with transaction():
            if desk_rows.jotted(_fault(group), now) != error:
                desk_rows.jot(_fault(group), error, now + FOR_EVER)
                self._alarms.say(f"group:{group}", OUT_OF_STEP, group=group, error=error)

    def _all(self, now: datetime) -> dict[str, list[Agent]]:
        found: dict[str, list[Agent]] = {}
        for rota in (one for one in oncall.in_use(now) if one.user_group):
            agent = rota.current(now)
            found.setdefault(rota.user_group, []).extend([agent] if agent else [])
        return found

    def _ask(self, group: str, now: datetime) -> None:
        deliveries.add(
            key=f"{KIND}:{group}",
            kind=KIND,
            platform="slack",
            place=f"slack:{KIND}/{group}",
            channel=group,
            next_at=now,
            created_at=now,
        )


def member(agent: Agent) -> str:
    """The id of an agent in Slack, else the address, by which Slack knows it."""
    return people_rows.accounts(agent.id).get("slack") or agent.email


def named(typed: str) -> str:
    """A group as it is kept: an id (`S…`), or the handle without its @. FieldErrors for anything else."""
    text = typed.strip().removeprefix("@")
    if is_empty(text):
        return ""
    group = text if text.startswith("S") else text.lower()
    if not NAME.fullmatch(group):
        fault = Refusal("A user group of Slack is named by its id (S…) or its handle, not “{text}”.", text=typed[:40])
        raise FieldErrors({"user_group": fault})
    return group


def _asked(group: str) -> str:
    return f"user group:{group}"


def _fault(group: str) -> str:
    return f"user group out of step:{group}"
