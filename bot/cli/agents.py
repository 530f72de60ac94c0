"""The commands `agent …`: who answers, and as whom on which platform."""

from typing import Annotated, Any

import typer

from bot.cli.terminal import ConfigOption, JsonOption, at_desk, print_all

app = typer.Typer(no_args_is_help=True, help="Who answers: add, list, set, remove.")

Given = Annotated[str, typer.Option()]
Role = Annotated[str, typer.Option(help="viewer, agent, manager or admin")]
Slack = Annotated[str, typer.Option(help="Slack member id")]
Telegram = Annotated[str, typer.Option(help="Telegram id")]


@app.command()
def add(
    email: str,
    name: Given = "",
    role: Role = "agent",
    slack: Slack = "",
    telegram: Telegram = "",
    config: ConfigOption = None,
) -> None:
    """Add an agent. Example: deskbell agent add bob@example.org --name Bob --role admin"""
    from bot.desk import people
    from storage.database import transaction

    with at_desk(config) as office, transaction():
        agent = people.add_agent(email, name or email.partition("@")[0], role, office.clock)
        _link(office, agent, slack=slack, telegram=telegram)
    print(f"{agent.email} is {role}")


@app.command("list")
def list_(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List all agents. Example: deskbell agent list --json"""
    from storage.queries import people as rows

    with at_desk(config):
        found = [_as_json(row, rows.accounts(row.id)) for row in rows.agents(active_only=False)]
    print_all(found, _line, as_json=as_json)


@app.command("set")
def set_(
    email: str,
    name: Given = "",
    role: Role = "",
    language: Given = "",
    timezone: Given = "",
    slack: Slack = "",
    telegram: Telegram = "",
    config: ConfigOption = None,
) -> None:
    """Change an agent. Example: deskbell agent set bob@example.org --role manager"""
    from bot.desk import people
    from storage.database import transaction

    values = {"name": name, "role": role, "language": language, "timezone": timezone}
    with at_desk(config) as office, transaction():
        agent = people.agent(email)
        changes = {key: value for key, value in values.items() if value}
        if changes:
            people.change_agent(email, **changes)
        _link(office, agent, slack=slack, telegram=telegram)
    print(f"{agent.email} is changed")


@app.command()
def remove(email: str, config: ConfigOption = None) -> None:
    """Remove an agent; what was done stays. Example: deskbell agent remove bob@example.org"""
    from bot.desk import people

    with at_desk(config):
        people.change_agent(email, active=False)
    print(f"{email} is removed")


def _link(office: Any, agent: Any, **accounts: str) -> None:
    from storage.queries import people as rows

    for platform, ident in accounts.items():
        if ident:
            rows.link_account(agent.id, platform, ident, agent.name, office.clock.now())


def _as_json(row: Any, accounts: dict[str, str]) -> dict[str, Any]:
    told = {"email": row.email, "name": row.name, "role": row.role, "active": row.active}
    return told | {"accounts": accounts}


def _line(one: dict[str, Any]) -> str:
    return f"{one['email']}  {one['name']}  {one['role']}" + ("" if one["active"] else "  (removed)")
