"""The commands that run the bot and look after it: run, check, migrate."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import structlog
import typer

from bot.cli.terminal import ConfigOption, JsonOption, end, open_office, print_json

app = typer.Typer()


@app.command()
def run(
    config: ConfigOption = None,
    roles: Annotated[str, typer.Option(help="slack,telegram,mail,worker")] = "slack,telegram,mail,worker",
    migrate: Annotated[bool, typer.Option("--migrate/--no-migrate")] = True,
) -> None:
    """Run the bot until SIGTERM. Example: deskbell run --config /etc/deskbell.toml"""
    from bot import logs
    from bot.app import ROLES, App, stop_on_signals
    from bot.backoffice import open_backoffice
    from bot.config import load_config, secrets_of
    from storage.exclusive import AlreadyRunning, only_one

    wanted = [role.strip() for role in roles.split(",") if role.strip()]
    unknown = [role for role in wanted if role not in ROLES]
    if unknown or not wanted:
        end(f"--roles: there is no role {', '.join(unknown) or '(none)'}; there are {', '.join(ROLES)}", 2)
    settings = load_config(config)
    logs.set_up(secrets=secrets_of(settings))
    office = open_backoffice(settings, migrate=migrate)
    for sentence in _missing(office):
        structlog.get_logger("deskbell.intake").warning(sentence)

    async def work() -> None:
        stop = asyncio.Event()
        stop_on_signals(stop)
        await App(office, wanted).run(stop)

    try:
        with only_one("run"):
            asyncio.run(work())
    except AlreadyRunning as fault:
        end(f"database.url: {fault}", 3)
    except OSError as fault:
        end(f"web.listen: {settings.web.listen}: {fault.strerror or fault}", 1)


@app.command()
def check(
    config: ConfigOption = None,
    config_only: Annotated[bool, typer.Option("--config-only", help="No network, no write.")] = False,
    deep: Annotated[bool, typer.Option("--deep", help="The invariants on the database.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Look whether all is well. Example: deskbell check --config-only"""
    from bot import interpreter
    from bot.config import load_config
    from bot.ports import Finding

    settings = load_config(config)
    findings = [Finding("configuration", True, "understood")]
    findings += [Finding("configuration", True, warning) for warning in settings.warnings]
    if deep:
        findings += _deep(config)
    elif not config_only:
        from bot.app import check_connections

        office = open_office(config)
        if interpreter.warning():
            findings.append(Finding("python", True, interpreter.warning()))
        findings.append(Finding("database", True, "up to date"))
        findings += [Finding("rules", False, sentence) for sentence in _missing(office)]
        findings += asyncio.run(check_connections(settings, office))
    if as_json:
        print_json([{"what": one.what, "ok": one.ok, "sentence": one.sentence} for one in findings])
    else:
        for one in findings:
            print(f"{'ok  ' if one.ok else 'FAIL'}  {one.what}: {one.sentence}")
    raise typer.Exit(0 if all(one.ok for one in findings) else 1)


def _missing(office: Any) -> list[str]:
    """What rules of mailboxes set that the desk does not have."""
    from bot.intake.assigned import missing
    from storage.database import session

    with session():
        return list(missing(office.config.mailboxes))


def _deep(config: Path | None) -> list[Any]:
    from bot.desk import invariants
    from bot.ports import Finding
    from storage.database import session

    files = open_office(config).desk.files
    with session():
        broken = [Finding("invariant", False, sentence) for sentence in invariants.broken(files, at_rest=False)]
    return broken or [Finding("invariants", True, "all hold")]


@app.command()
def migrate(config: ConfigOption = None) -> None:
    """Bring the database up to date (also done by run). Example: deskbell migrate"""
    open_office(config)
    print("the database is up to date")
