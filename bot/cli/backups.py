"""The commands `backup` and `restore`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.terminal import ConfigOption, JsonOption, end, open_office, print_json

if TYPE_CHECKING:
    from bot.backups import Summary

app = typer.Typer()


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="Where it goes; replaced when the new one is whole.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Everything in one file, while the bot runs. Example: deskbell backup /var/backups/desk.zip"""
    from bot.backups import back_up

    office = open_office(config)
    try:
        summary = back_up(file, office.config, office.clock, _progress)
    except OSError as fault:
        end(f"{file}: {fault.strerror or fault}", 1)
    _tell(summary, f"{file} holds", as_json=as_json)


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A backup.")],
    config: ConfigOption = None,
    replace: Annotated[bool, typer.Option(help="Move the SQLite file that is there aside.")] = False,
    as_json: JsonOption = False,
) -> None:
    """The desk as it was, in a new database. Example: deskbell restore /var/backups/desk.zip"""
    from bot import logs
    from bot.backups import restore as bring_back
    from bot.config import load_config, secrets_of
    from storage.exclusive import AlreadyRunning

    settings = load_config(config)
    logs.set_up(level="WARNING", secrets=secrets_of(settings))
    try:
        summary = bring_back(file, settings, _progress, replace=replace)
    except AlreadyRunning as fault:
        end(f"database.url: {fault}: stop it first", 3)
    except OSError as fault:
        end(f"{file}: {fault.strerror or fault}", 1)
    _tell(summary, f"{file} gave back", as_json=as_json)


def _progress(line: str) -> None:
    """For whoever waits in front of it."""
    if sys.stderr.isatty():
        print(line, file=sys.stderr)


def _tell(summary: "Summary", what: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"rows": summary.rows, "files": summary.files, "bytes": summary.bytes, "broken": summary.broken})
    else:
        tickets, rows = summary.rows.get("ticket", 0), sum(summary.rows.values())
        print(f"{what} {tickets} tickets ({rows} rows) and {summary.files} files")
    for sentence in summary.broken:
        print(sentence, file=sys.stderr)
    raise typer.Exit(1 if summary.broken else 0)
