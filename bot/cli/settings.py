"""The commands `settings …`: what an administrator sets while the bot runs, and what follows from it."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli.terminal import ConfigOption, JsonOption, at_desk, print_all, print_json

app = typer.Typer(
    no_args_is_help=True, help="What may be set while the bot runs: list, get, set, reset, export, import."
)

Value = Annotated[str, typer.Argument(help="The value as it is typed; - reads standard input.")]
Target = Annotated[Path | None, typer.Argument(help="The file to write; standard output without one.")]
Everything = Annotated[bool, typer.Option("--all", help="All settings, not only those that were set.")]
Dry = Annotated[bool, typer.Option("--dry-run", help="Check every value, keep nothing.")]


@app.command("list")
def list_(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List all with where each value comes from. Example: deskbell settings list --json"""
    from bot.desk.setting_table import SETTINGS

    with at_desk(config) as office:
        print_all([_as_json(office, name) for name in SETTINGS], _line, as_json=as_json)


@app.command()
def get(name: str, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Print the value in force. Example: deskbell settings get response_delay"""
    from bot.desk.setting_table import find

    with at_desk(config) as office:
        one = _as_json(office, find(name).name)
        print_json(one) if as_json else print(office.desk.settings.shown(name))


@app.command("set", context_settings={"ignore_unknown_options": True})
def set_(name: str, value: Value, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Set one and say what follows from it. Example: deskbell settings set response_delay 4"""
    from bot.desk.audit import at_the_server

    with at_desk(config) as office:
        office.desk.settings.set(name, sys.stdin.read() if value == "-" else value, at_the_server())
        _tell(office, name, as_json=as_json)


@app.command()
def reset(name: str, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Back to the file's value, or the default. Example: deskbell settings reset response_delay"""
    from bot.desk.audit import at_the_server

    with at_desk(config) as office:
        office.desk.settings.reset(name, at_the_server())
        _tell(office, name, as_json=as_json)


@app.command()
def export(
    file: Target = None, everything: Everything = False, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """Write what was set as TOML. Example: deskbell settings export settings.toml"""
    from bot.desk import setting_files
    from bot.desk.setting_table import SETTINGS
    from bot.errors import Refusal

    with at_desk(config) as office:
        settings = office.desk.settings
        if as_json:
            names = SETTINGS if everything else settings.chosen()
            print_json({name: settings.get(name) for name in names})
            return
        written = setting_files.written(settings, everything=everything)
    if file is None:
        print(written, end="")
        return
    try:
        file.write_text(written, "utf-8")
    except OSError as fault:
        raise Refusal("{file} cannot be written: {fault}", file=str(file), fault=fault.strerror) from None


@app.command("import")
def import_(file: Path, dry_run: Dry = False, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Set what stands in a TOML file, all of it or nothing. Example: deskbell settings import settings.toml"""
    from bot.desk import setting_files
    from bot.desk.audit import at_the_server

    text = _content(file)
    with at_desk(config) as office:
        changed = setting_files.take(office.desk.settings, text, at_the_server(), dry_run=dry_run)
        if as_json:
            print_json({"changed": changed, "dry_run": dry_run})
            return
        for name in changed:
            print(f"{name} {'would be' if dry_run else 'is'} changed")
        if not changed:
            print("nothing changes")


def _content(file: Path) -> str:
    from bot.errors import WrongUsage

    try:
        return sys.stdin.read() if str(file) == "-" else file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise WrongUsage("{file} cannot be read: {fault}", file=str(file), fault=str(fault)) from None


def _tell(office: Any, name: str, *, as_json: bool) -> None:
    """The value in force now, and what follows from it."""
    from bot.commands.effects import effects

    one = _as_json(office, name)
    follows = effects(name, office.desk, office.desk.words())
    if as_json:
        print_json({**one, "follows": follows})
        return
    print(_value(one))
    print("\n".join(follows), end="\n" if follows else "")


def _as_json(office: Any, name: str) -> dict[str, Any]:
    from bot.desk.setting_table import find

    settings, setting = office.desk.settings, find(name)
    return {
        "name": name,
        "value": settings.get(name),
        "origin": settings.origin(name),
        "default": setting.default,
        "choices": list(setting.choices) or None,
        "section": setting.section,
        "help": setting.help,
    }


def _value(one: dict[str, Any]) -> str:
    shown = f"{one['value']:g}" if isinstance(one["value"], float) else str(one["value"])
    return f"{one['name']} = {shown}  ({one['origin']})"


def _line(one: dict[str, Any]) -> str:
    return f"{_value(one)}  {one['help']}".replace("\n", " ↵ ")
