"""The commands put together, and what becomes of what they raise.

Exit codes: 0 done, 1 refused or failed, 2 wrong usage or configuration, 3 a second `run` on one SQLite database, 130
stopped with Ctrl-C. Whoever reads the output may go away before its end (`| head -1`): that is no fault to tell of.
"""

import os
import sys
from typing import NoReturn

import typer

from bot.cli import (
    agents,
    backups,
    canned,
    clients,
    deliveries,
    dictionaries,
    escalation,
    exporting,
    mail,
    oncall,
    quarantine,
    serving,
    settings,
    tickets,
)
from bot.cli.terminal import end
from bot.errors import ConfigError, DeskbellError, WrongUsage

app = typer.Typer(name="deskbell", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
for part in (serving.app, mail.app, tickets.app, exporting.app, backups.app):
    app.add_typer(part)
for name, group in {
    "agent": agents.app,
    "canned": canned.app,
    "client": clients.app,
    "contact": clients.contacts,
    "project": clients.engagement_app("project"),
    "contract": clients.engagement_app("contract"),
    "deliveries": deliveries.app,
    "dictionary": dictionaries.app,
    "oncall": oncall.app,
    "escalation": escalation.app,
    "settings": settings.app,
    "quarantine": quarantine.app,
}.items():
    app.add_typer(group, name=name)


def run() -> None:
    """Run the command that was typed; what goes wrong is one line on stderr and an exit code."""
    try:
        _end_with_its_code()
    finally:
        _say_the_rest()


def _end_with_its_code() -> NoReturn:
    try:
        sys.exit(_run(sys.argv[1:]))
    except typer.TyperException as fault:
        if not fault.format_message():
            sys.exit(2)  # help was shown instead
        end(fault.format_message(), 2)
    except (ConfigError, WrongUsage) as fault:
        end(str(fault), 2)
    except DeskbellError as fault:
        end(str(fault), 1)
    except typer.Abort:
        end("stopped", 1)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(1)
    except Exception as fault:
        end(_database_trouble(fault), 1)


def _say_the_rest() -> None:
    """Nobody may listen any more; then what is left goes nowhere, else Python would complain at its end."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    finally:
        _forget_what_cannot_be_told()


def _forget_what_cannot_be_told() -> None:
    """A full disk under the log is no failure of what was done."""
    try:
        if sys.stderr is not None:
            sys.stderr.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def _run(words: list[str]) -> int:
    if words[:1] == ["ticket"]:
        return tickets.run(words[1:])
    return int(app(words, standalone_mode=False) or 0)


def _database_trouble(fault: Exception) -> str:
    """In words; whatever else it is is a fault of ours and raised again."""
    from storage.database import DatabaseBusy, DatabaseUnavailable, StorageFull, damage

    if damage(fault):
        return f"database.url: {damage(fault)}"
    if isinstance(fault, DatabaseBusy):
        return "the database is busy: nothing was done; try again in a moment"
    if isinstance(fault, StorageFull):
        return "the storage is full: nothing was done; make room"
    if isinstance(fault, DatabaseUnavailable):
        return f"the database cannot be reached: {fault}"
    raise fault
