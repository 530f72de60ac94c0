"""What the demo's desk begins with: its configuration file, and the people of the cast. Done once for each folder."""

import json
import os
import secrets
import socket
import zoneinfo
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.backoffice import Backoffice
from bot.desk import people
from bot.errors import ConfigError
from bot.sandbox.cast import AgentInSlack, Cast, PersonOnCall
from bot.sandbox.mail import AUTHSERV_ID, PretendMail
from bot.sandbox.slack import PretendSlack
from bot.sandbox.telegram import PretendTelegram
from storage.database import session, transaction
from storage.queries import people as rows
from storage.queries import tickets

FILE = "deskbell.toml"
MARK = "# Written by `deskbell demo` at each start; everything in it points at loopback."
UNDO_SECONDS, LONGEST_UNDO = 5, 3600


def configuration(cast: Cast, slack: PretendSlack, telegram: PretendTelegram, mail: PretendMail) -> dict[str, Any]:
    """The sections of a configuration that points at these started platforms; free ports are taken for the rest."""
    server = {"host": "127.0.0.1", "security": "none"}
    return {
        "": {"timezone": _timezone(), "undo_seconds": UNDO_SECONDS},
        "web": {"listen": f"127.0.0.1:{_free_port()}"},
        "slack": {
            "bot_token": slack.bot_token,
            "app_token": slack.app_token,
            "channel": cast.channel_name,
            "api_url": slack.api_url,
        },
        "telegram": {"token": telegram.token, "chat": cast.group, "api_url": telegram.api_url},
        "smtp": {**server, "port": mail.smtp_port, "sender": f"{cast.workspace} Support <{cast.desk}>"},
        "[mailbox]": {
            **server,
            "name": "support",
            "address": cast.desk,
            "port": mail.imap_port,
            "username": mail.user,
            "password": mail.password,
            "authserv_id": AUTHSERV_ID,
        },
        "[mailbox.rule]": {"name": "blocking", "subject": r"/\bblocking\b/i", "set.severity": "BLOCKING"},
    }


def post_to_the_desk(sections: dict[str, dict[str, Any]], slack: PretendSlack) -> None:
    """Have Slack and Telegram post to the desk's own web server, as where several machines share the work."""
    address = f"http://{sections['web']['listen']}"
    sections["slack"] |= {"mode": "http", "signing_secret": slack.signing_secret}
    slack.deliver_to = f"{address}/slack/events"
    hook = {"webhook_url": f"{address}/telegram", "webhook_secret": secrets.token_urlsafe(24)}
    sections["telegram"] |= {"mode": "webhook", **hook}


def write(folder: Path, sections: dict[str, dict[str, Any]]) -> Path:
    """Write the file that `load_config` reads. ConfigError where a file that is not the demo's stands."""
    path = folder / FILE
    if path.exists() and not path.read_text("utf-8").startswith(MARK):
        raise ConfigError(f"{path}: is not the demo's own: choose another folder with --data")
    path.touch(mode=0o600)
    path.write_text("\n".join([MARK, *_lines(sections)]) + "\n", "utf-8")
    return path


def seed(office: Backoffice, cast: Cast) -> None:
    """Make the cast agents and clients of the desk, unless it has people already."""
    with session(patience=30):
        if rows.agents(active_only=False):
            return
        with transaction():
            _add_agents(office, cast)
            _add_clients(office, cast)


def last_moment() -> datetime:
    """When something happened last on the desk, whose time may have run ahead of the world's."""
    with session():
        return tickets.last_moment() or datetime.min.replace(tzinfo=UTC)


def _lines(sections: dict[str, dict[str, Any]]) -> Iterable[str]:
    for name, values in sections.items():
        yield f"\n[{name}]" if name else ""
        yield from (f"{key} = {json.dumps(value)}" for key, value in values.items())


def _timezone(localtime: Path = Path("/etc/localtime")) -> str:
    """This machine's, for the page shows its reader's own; UTC where it does not tell its name."""
    name = os.environ.get("TZ") or str(localtime.resolve()).partition("zoneinfo/")[2]
    return name if name in zoneinfo.available_timezones() else "UTC"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _add_agents(office: Backoffice, cast: Cast) -> None:
    for agent in cast.agents:
        people.add_agent(agent.address, agent.name, "admin" if agent.admin else "agent", office.clock)
        _link(office, agent, "slack", agent.slack)
    for phone in cast.phones:
        if rows.agent_by_email(phone.address) is None:
            people.add_agent(phone.address, phone.name, "agent", office.clock)
        _link(office, phone, "telegram", str(phone.telegram))


def _link(office: Backoffice, agent: AgentInSlack | PersonOnCall, platform: str, account: str) -> None:
    rows.link_account(people.agent(agent.address).id, platform, account, agent.name, office.clock.now())


def _add_clients(office: Backoffice, cast: Cast) -> None:
    now = office.clock.now()
    for client in cast.clients:
        domain = client.address.partition("@")[2]
        company = rows.add_third_party([domain], name=client.company, code=client.company.upper(), created_at=now)
        rows.add_contact([client.address], name=client.name, third_party=company, created_at=now)
