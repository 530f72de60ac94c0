"""Who plays in the demo: clients, agents, the one on call, where they meet. `admit` lets them into the platforms."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Client:
    """Somebody who writes to the desk from a company."""

    name: str
    address: str
    company: str


@dataclass(frozen=True, slots=True)
class AgentInSlack:
    """Somebody who answers from Slack; `slack` is the member id."""

    name: str
    address: str
    slack: str
    admin: bool = False


@dataclass(frozen=True, slots=True)
class PersonOnCall:
    """Somebody whose phone rings; `telegram` is the account's id."""

    name: str
    address: str
    telegram: int


@dataclass(frozen=True, slots=True)
class Cast:
    """All of them, and the places: the team's channel, the on-call group, the desk's address, the bot's names."""

    clients: tuple[Client, ...] = (
        Client("Ann", "ann@acme.example", "ACME"),
        Client("Paul", "paul@globex.example", "Globex"),
    )
    agents: tuple[AgentInSlack, ...] = (
        AgentInSlack("Bob", "bob@example.org", "U0BOB", admin=True),
        AgentInSlack("Carol", "carol@example.org", "U0CAROL"),
    )
    on_call: PersonOnCall = PersonOnCall("Sam", "sam@example.org", 7003)
    second: PersonOnCall = PersonOnCall("Carol", "carol@example.org", 7002)
    workspace: str = "Example"
    channel: str = "C0SUPPORT"
    channel_name: str = "#support"
    group: int = -1001000000001
    group_title: str = "On call"
    bot_name: str = "Deskbell"
    bot_username: str = "deskbell_bot"
    desk: str = "support@example.org"

    @property
    def phones(self) -> tuple[PersonOnCall, ...]:
        """Whose phones there are; only the first one's owner is in the group."""
        return self.on_call, self.second

    def as_json(self) -> dict[str, Any]:
        """What the page needs to know before anything happens."""
        return {
            "workspace": self.workspace,
            "desk": self.desk,
            "clients": [{"name": c.name, "address": c.address, "company": c.company} for c in self.clients],
            "agents": [{"id": a.slack, "name": a.name, "address": a.address} for a in self.agents],
            "phones": [{"id": one.telegram, "name": one.name} for one in self.phones],
            "channel": {"id": self.channel, "name": self.channel_name},
            "group": {"id": self.group, "title": self.group_title, "about": f"{self.on_call.name}, {self.bot_name}"},
            "bot": {"name": self.bot_name, "username": self.bot_username},
        }


class HasMembers(Protocol):
    """The part of the pretend Slack that `admit` uses."""

    def add_member(self, user_id: str, name: str, email: str, *, admin: bool = False) -> Any: ...
    def add_channel(self, channel_id: str, name: str, *, members: Iterable[str] = ()) -> Any: ...


class HasPeople(Protocol):
    """The part of the pretend Telegram that `admit` uses."""

    def add_person(self, person_id: int, first_name: str, *, has_started: bool = False) -> Any: ...
    def add_group(self, chat_id: int, title: str, *, members: Iterable[Any] = ()) -> Any: ...


def admit(cast: Cast, slack: HasMembers, telegram: HasPeople) -> None:
    """Make the cast's people and places exist on the pretend platforms."""
    for agent in cast.agents:
        slack.add_member(agent.slack, agent.name, agent.address, admin=agent.admin)
    slack.add_channel(cast.channel, cast.channel_name.lstrip("#"), members=[agent.slack for agent in cast.agents])
    people = [telegram.add_person(one.telegram, one.name, has_started=True) for one in cast.phones]
    telegram.add_group(cast.group, cast.group_title, members=people[:1])
