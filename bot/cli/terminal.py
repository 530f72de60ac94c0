"""What every command needs: the desk opened from the configuration, JSON printed, an end with a code.

A command prints its result on stdout and nothing else there; what goes wrong is one line on stderr.
"""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

ConfigOption = Annotated[Path | None, typer.Option("--config", help="The configuration file.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON value and nothing else.")]

PATIENCE = 30.0


def end(line: str, code: int) -> NoReturn:
    """One line on stderr, and the exit code."""
    print(" ".join(line.split()), file=sys.stderr)
    sys.exit(code)


def open_office(config: Path | None, *, migrate: bool = True) -> Any:
    """The desk of a configuration file, its database brought up to date (`bot.backoffice.Backoffice`)."""
    from bot import logs
    from bot.backoffice import open_backoffice
    from bot.config import load_config, secrets_of

    settings = load_config(config)
    logs.set_up(level="WARNING", secrets=secrets_of(settings))
    return open_backoffice(settings, migrate=migrate)


@contextmanager
def at_desk(config: Path | None) -> Iterator[Any]:
    """The desk as above, with a connection to its database for as long as it lasts."""
    from storage.database import session

    office = open_office(config)
    with session(patience=PATIENCE):
        yield office


def print_json(value: object) -> None:
    """A JSON value on a line of its own."""
    print(json.dumps(value, ensure_ascii=False))


def print_all(
    found: Iterable[dict[str, Any]], line: Callable[[dict[str, Any]], str], *, as_json: bool, nothing: str = ""
) -> None:
    """A list as one JSON value, or a line for each; the sentence `nothing` where there are none."""
    found = list(found)
    if as_json:
        print_json(found)
        return
    if nothing and not found:
        print(nothing)
    for one in found:
        print(line(one))


def given(**values: Any) -> dict[str, Any]:
    """The options that were given: those that are not None."""
    return {name: value for name, value in values.items() if value is not None}
