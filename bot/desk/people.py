"""The people of the desk as values: agents who answer, clients who ask, and whoever just acted.

An agent is recognised by a stored account, else by an address that the platform vouches for; nobody else ever is.
"""

from dataclasses import dataclass

from bot.cleaning import clean_line
from bot.clock import Clock
from bot.desk import addresses, permissions
from bot.errors import NotFound, Refusal, UnknownValue
from storage.database import transaction
from storage.models import Agent as AgentRow
from storage.queries import people as rows


@dataclass(frozen=True, slots=True)
class Agent:
    """Somebody who answers. `language` and `timezone` are "" where the desk's are used.

    `quiet_hours`: when nothing that goes to the person alone makes a sound, "" = never.
    """

    id: int
    email: str
    name: str
    role: str
    active: bool = True
    language: str = ""
    timezone: str = ""
    quiet_hours: str = ""

    @classmethod
    def of(cls, row: AgentRow) -> "Agent":
        """From its row."""
        return cls(row.id, row.email, row.name, row.role, row.active, row.language, row.timezone, row.quiet_hours)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something, and from where: an agent, a client, or the desk by itself."""

    kind: str
    name: str
    platform: str
    agent: Agent | None = None

    @classmethod
    def of(cls, agent: Agent, platform: str) -> "Actor":
        """An agent acting on a platform."""
        return cls("agent", agent.name, platform, agent)

    @property
    def role(self) -> str:
        """The role that allowed it, "" for clients and the desk."""
        return self.agent.role if self.agent else ""


DESK = Actor("desk", "Deskbell", "desk")


@dataclass(frozen=True, slots=True)
class Client:
    """Who asks: what we know of an address. Ids are None for strangers."""

    address: str
    name: str = ""
    contact_id: int | None = None
    third_party_id: int | None = None
    language: str = ""


def known(platform: str, external_id: str, name: str, email: str, clock: Clock) -> Agent | None:
    """The active agent with this stored account, else the one with an address that the platform vouches for."""
    return recognise(platform, external_id, name) or adopt(platform, external_id, name, email, clock)


def recognise(platform: str, external_id: str, name: str = "") -> Agent | None:
    """The active agent with this stored account; what the person is called there is kept up to date."""
    account = rows.account(platform, external_id)
    if account is None or not account.agent.active:
        return None
    if name and account.name != name:
        rows.rename_account(account.id, name)
    return Agent.of(account.agent)


def adopt(platform: str, external_id: str, name: str, email: str, clock: Clock) -> Agent | None:
    """The active agent with an address the platform vouches for; the account is stored for next time."""
    row = rows.agent_by_email(email) if email else None
    if row is None or not row.active:
        return None
    if platform in rows.accounts(row.id):
        return recognise(platform, external_id, name)  # stored a moment ago by another request of theirs, if at all
    rows.link_account(row.id, platform, external_id, name, clock.now())
    return Agent.of(row)


def agent(address: str) -> Agent:
    """By address. NotFound with the nearest way out."""
    row = rows.agent_by_email(address)
    if row is None:
        raise NotFound("There is no agent {address}. `deskbell agent list` shows all.", address=address)
    return Agent.of(row)


def named(text: str, platform: str = "") -> Agent:
    """By address, by an id or `@name` on this platform, or by the beginning of a name that only one agent has.

    NotFound otherwise.
    """
    wanted = text.removeprefix("@").strip().lower()
    if "@" in wanted:
        return agent(wanted)
    found = _on_platform(platform, text.strip()) or _called(wanted)
    if len(found) != 1:
        raise NotFound("I know no agent called {name}, or several. Please give the address.", name=text)
    return Agent.of(found[0])


def _on_platform(platform: str, text: str) -> list[AgentRow]:
    account = rows.account(platform, text.removeprefix("@"))
    if account is not None:
        return [account.agent] if account.agent.active else []
    return [called.agent for called in rows.accounts_called(platform, text)] if text.startswith("@") else []


def _called(wanted: str) -> list[AgentRow]:
    agents = rows.agents()
    exactly = [row for row in agents if row.name.lower() == wanted]
    return exactly or [row for row in agents if row.name.lower().startswith(wanted)]


def agents() -> list[Agent]:
    """All active agents, by name."""
    return [Agent.of(row) for row in rows.agents()]


def add_agent(address: str, name: str, role: str, clock: Clock) -> Agent:
    """A new agent, as they are added by `bot.desk.staff`. Refusal when the address is taken or the role unknown."""
    values = {"email": addresses.address(address), "name": named_as(name), "role": checked_role(role)}
    if rows.agent_by_email(values["email"]):
        raise Refusal("There is already an agent {address}.", address=address)
    with transaction():
        return Agent.of(rows.add_agent(**values, created_at=clock.now()))


def named_as(typed: str) -> str:
    """A name as it is kept. Refusal for none, and for a long one."""
    name = clean_line(typed)
    if not 0 < len(name) <= 100:
        raise Refusal("A name has from 1 to {n} characters.", n=100)
    return name


def checked_role(role: str) -> str:
    """The role. Refusal when there is no such one."""
    if role not in permissions.ROLES:
        known = ", ".join(permissions.ROLES)
        raise UnknownValue("{role} is not a role. There are: {roles}.", role=role[:40], roles=known)
    return role


def client_of(address: str, name: str = "") -> Client:
    """What we know of an address: its contact, else the third party of its domain."""
    contact = rows.contact_of(address)
    if contact is not None and contact.active:
        party = contact.third_party
        language = contact.language or (party.language if party else "")
        return Client(address.lower(), contact.name or name, contact.id, party.id if party else None, language)
    party = rows.third_party_of_domain(address.rpartition("@")[2])
    return Client(address.lower(), name, None, party.id if party else None, party.language if party else "")
