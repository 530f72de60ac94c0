"""The commands `agent …`: who answers, as whom on which platform, and which limited groups they see."""

from typing import Annotated, Any

import typer

from bot.cli.terminal import ConfigOption, JsonOption, at_desk, given, print_all, print_json

app = typer.Typer(no_args_is_help=True, help="Who answers: add, list, show, set, remove.")

Name = Annotated[str, typer.Option()]
Changed = Annotated[str | None, typer.Option()]
NewRole = Annotated[str, typer.Option(help="viewer, agent, manager or admin")]
Role = Annotated[str | None, typer.Option(help="viewer, agent, manager or admin")]
Slack = Annotated[str | None, typer.Option(help="Slack member id; empty unlinks it.")]
Telegram = Annotated[str | None, typer.Option(help="Telegram id; empty unlinks it.")]
Language = Annotated[str | None, typer.Option(help="en or fr; empty = the desk's.")]
Timezone = Annotated[str | None, typer.Option(help="As Europe/Paris; empty = the desk's.")]
Quiet = Annotated[str | None, typer.Option(help="As 22:00-07:00: no sound in their own chat; empty = never.")]
Active = Annotated[bool | None, typer.Option("--active/--inactive")]
Groups = Annotated[str | None, typer.Option(help="The limited groups they see, with commas; empty = none.")]


@app.command()
def add(
    email: str,
    name: Name = "",
    role: NewRole = "agent",
    slack: Slack = None,
    telegram: Telegram = None,
    language: Language = None,
    timezone: Timezone = None,
    quiet_hours: Quiet = None,
    groups: Groups = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add an agent. Example: deskbell agent add bob@example.org --name Bob --role admin"""
    from bot.desk import staff
    from bot.desk.audit import at_the_server

    with at_desk(config) as office:
        made = staff.add(
            email,
            name or email.partition("@")[0],
            role,
            office.clock,
            at_the_server(),
            accounts=given(slack=slack, telegram=telegram),
            groups=_codes(groups) or (),
            **given(language=language, timezone=timezone, quiet_hours=quiet_hours),
        )
    _print(made, f"{made.agent.email} is {role}", as_json=as_json)


@app.command("list")
def list_(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List all agents. Example: deskbell agent list --json"""
    from bot.desk import staff

    with at_desk(config):
        print_all([one.as_json() for one in staff.everybody()], _line, as_json=as_json)


@app.command()
def show(email: str, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show an agent. Example: deskbell agent show bob@example.org"""
    from bot.desk import staff

    with at_desk(config):
        found = staff.record(email)
    _print(found, _line(found.as_json()), as_json=as_json)


@app.command("set")
def set_(
    email: str,
    name: Changed = None,
    role: Role = None,
    slack: Slack = None,
    telegram: Telegram = None,
    language: Language = None,
    timezone: Timezone = None,
    quiet_hours: Quiet = None,
    active: Active = None,
    groups: Groups = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change an agent. Example: deskbell agent set bob@example.org --role manager"""
    from bot.desk import staff
    from bot.desk.audit import at_the_server

    with at_desk(config) as office:
        changed = staff.change(
            email,
            office.clock,
            at_the_server(),
            accounts=given(slack=slack, telegram=telegram),
            groups=_codes(groups),
            **given(name=name, role=role, language=language, timezone=timezone, quiet_hours=quiet_hours, active=active),
        )
    _print(changed, f"{changed.agent.email} is changed", as_json=as_json)


@app.command()
def remove(email: str, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Remove an agent; what was done stays. Example: deskbell agent remove bob@example.org"""
    from bot.desk import staff
    from bot.desk.audit import at_the_server

    with at_desk(config) as office:
        gone = staff.change(email, office.clock, at_the_server(), active=False)
        left = staff.open_tickets(email)
    _print(gone, f"{gone.agent.email} is removed" + _left_behind(left), as_json=as_json)


def _left_behind(tickets: int) -> str:
    if not tickets:
        return ""
    return f"; {tickets} open ticket{'s are' if tickets > 1 else ' is'} still assigned to them"


def _codes(typed: str | None) -> list[str] | None:
    return None if typed is None else [code.strip() for code in typed.split(",") if code.strip()]


def _print(one: Any, line: str, *, as_json: bool) -> None:
    if as_json:
        print_json(one.as_json())
    else:
        print(line)


def _line(one: dict[str, Any]) -> str:
    accounts = ", ".join(f"{platform} {ident}" for platform, ident in one["accounts"].items())
    parts = [one["email"], one["name"], one["role"], accounts, ", ".join(one["groups"])]
    return "  ".join(part for part in parts if part) + ("" if one["active"] else "  (removed)")
