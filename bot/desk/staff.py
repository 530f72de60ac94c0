"""Agents as administrators keep them: added, changed, put out of use; their accounts and the groups they may see.

There is always an admin. Whoever leaves stays in what was done; new tickets of a group go to nobody in their place.
Every change is an event: `agent_changed`, or `preferences_changed` where it concerns nobody else.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.clock import Clock
from bot.desk import audit, people, setting_values
from bot.desk.people import Actor, Agent
from bot.errors import FieldErrors, NotFound, Refusal, WrongUsage, WrongValue
from bot.texts import LANGUAGES
from storage.database import transaction
from storage.queries import dictionaries as dictionary_rows
from storage.queries import people as rows

PLATFORMS = ("slack", "telegram")


@dataclass(frozen=True, slots=True)
class Record:
    """An agent whole: accounts by platform, codes of the limited groups that are seen."""

    agent: Agent
    accounts: Mapping[str, str]
    groups: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        agent = self.agent
        return {
            "email": agent.email,
            "name": agent.name,
            "role": agent.role,
            "active": agent.active,
            "language": agent.language or None,
            "timezone": agent.timezone or None,
            "quiet_hours": agent.quiet_hours or None,
            "accounts": dict(self.accounts),
            "groups": list(self.groups),
        }


def everybody() -> list[Record]:
    """All agents by name, those who left too."""
    return [_record(Agent.of(row)) for row in rows.agents(active_only=False)]


def record(address: str) -> Record:
    """One agent. NotFound otherwise."""
    return _record(people.agent(address))


def add(
    address: str,
    name: str,
    role: str,
    clock: Clock,
    by: Actor,
    *,
    accounts: Mapping[str, str] | None = None,
    groups: Iterable[str] = (),
    **values: Any,
) -> Record:
    """A new agent, with further values as for `change`."""
    audit.allow(by, "agents")
    with transaction():
        made = people.add_agent(address, name, role, clock)
        return _change(made, {}, clock, by, accounts=accounts or {}, groups=groups, values=values)


def change(
    address: str,
    clock: Clock,
    by: Actor,
    *,
    accounts: Mapping[str, str] | None = None,
    groups: Iterable[str] | None = None,
    **values: Any,
) -> Record:
    """Change name, role, active, language, timezone, quiet_hours; accounts by platform ("" unlinks), limited groups.

    Refusal where it would leave the desk without an admin, and for values that cannot be.
    """
    audit.allow(by, "agents")
    with transaction():
        known = people.agent(address)
        before = _record(known).as_json()
        return _change(known, before, clock, by, accounts=accounts or {}, groups=groups, values=values)


def prefer(known: Agent, clock: Clock, by: Actor, **wanted: str) -> Agent:
    """What agents set for themselves: language, timezone and quiet_hours; "" = as the desk. FieldErrors by name."""
    checked = _preferences(wanted)
    old = {name: getattr(known, name) for name in checked}
    if checked != old:
        with transaction():
            rows.change_agent(known.id, **checked)
            audit.record("preferences_changed", by, clock, about=f"agent {known.id}", old=old, new=checked)
    return people.agent(known.email)


def _preferences(wanted: Mapping[str, str]) -> dict[str, Any]:
    checked: dict[str, Any] = {}
    faults: dict[str, Refusal] = {}
    for name, text in wanted.items():
        try:
            checked[name] = _CHECKS[name](text)
        except WrongUsage as fault:
            faults[name] = fault
    if faults:
        raise FieldErrors(faults)
    return checked


def open_tickets(address: str) -> int:
    """How many open tickets are this agent's."""
    return rows.open_tickets(people.agent(address).id)


def _change(
    known: Agent,
    before: Mapping[str, Any],
    clock: Clock,
    by: Actor,
    *,
    accounts: Mapping[str, str],
    groups: Iterable[str] | None,
    values: Mapping[str, Any],
) -> Record:
    wanted = {name: _CHECKS[name](value) for name, value in values.items()}
    _check_last_admin(known, wanted)
    if wanted:
        rows.change_agent(known.id, **wanted)
    for platform, ident in accounts.items():
        _link(known, platform, ident, clock)
    if groups is not None:
        _see(known, groups)
    if wanted.get("active") is False:
        dictionary_rows.forget_assignee(known.id)
    now = record(known.email)
    after = now.as_json()
    new = {name: value for name, value in after.items() if value != before.get(name)}
    if new:
        old = {name: before[name] for name in new if name in before}
        audit.record("agent_changed", by, clock, about=f"agent {known.id}", old=old, new=new)
    return now


def _check_last_admin(known: Agent, wanted: Mapping[str, Any]) -> None:
    loses = wanted.get("role", known.role) != "admin" or wanted.get("active", known.active) is False
    if known.role == "admin" and known.active and loses and not rows.other_admins(known.id):
        raise Refusal("{name} is the last admin. Make somebody else admin first.", name=known.name)


def _link(known: Agent, platform: str, ident: str, clock: Clock) -> None:
    """An id belongs to one agent: linking one that is another's is refused."""
    if not ident.strip():
        rows.unlink_account(known.id, platform)
        return
    taken = rows.account(platform, ident.strip())
    if taken is not None and taken.agent.id != known.id:
        sentence = "{id} is {name}'s account already. Unlink it there first."
        raise Refusal(sentence, id=ident.strip()[:40], name=taken.agent.email)
    if taken is None:
        rows.link_account(known.id, platform, ident.strip(), known.name, clock.now())


def _see(known: Agent, codes: Iterable[str]) -> None:
    """Just these limited groups; one that everybody sees is not limited by the way."""
    wanted = {_limited(code).id for code in codes}
    for group in dictionary_rows.entries("group"):
        agents = {agent.id for agent in dictionary_rows.agents_of(group.id)} if group.restricted else set()
        if group.restricted and (known.id in agents) != (group.id in wanted):
            dictionary_rows.set_agents(group.id, sorted(agents ^ {known.id}))


def _limited(code: str) -> Any:
    group = dictionary_rows.by_code("group", code)
    if group is None:
        raise NotFound("There is no group {code}.", code=code[:40])
    if not group.restricted:
        raise Refusal(
            "All agents see {code}: `deskbell dictionary set group {code} agents=…` limits it.", code=group.code
        )
    return group


def _record(agent: Agent) -> Record:
    groups = tuple(group.code for group in dictionary_rows.groups_of(agent.id))
    return Record(agent, rows.accounts(agent.id), groups)


# values --------------------------------------------------------------------------------------------------------------


def _language(raw: str) -> str:
    if raw not in ("", *LANGUAGES):
        raise WrongUsage(
            "{language} is not a language I speak. There are: {names}.", language=raw, names=", ".join(LANGUAGES)
        )
    return raw


def _setting(name: str, read: Callable[[object], str]) -> Callable[[str], str]:
    """A value as the desk's setting of this name is read."""

    def check(raw: str) -> str:
        try:
            return read(raw) if raw else ""
        except WrongValue as fault:
            raise WrongUsage("{name} {fault}", name=name, fault=fault) from None

    return check


_CHECKS: Mapping[str, Callable[[Any], Any]] = {
    "name": people.named_as,
    "role": people.checked_role,
    "active": bool,
    "language": _language,
    "timezone": _setting("timezone", setting_values.timezone),
    "quiet_hours": _setting("quiet_hours", setting_values.hours),
}
