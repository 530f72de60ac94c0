"""The commands put together, and what becomes of what they raise.

Exit codes: 0 done, 1 refused or failed, 2 wrong usage or configuration, 3 a second `run` on one SQLite database.
"""

import sys

import typer

from bot.cli import agents, clients, exporting, mail, serving, tickets
from bot.cli.terminal import end
from bot.errors import ConfigError, DeskbellError, WrongUsage

app = typer.Typer(name="deskbell", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
for part in (serving.app, mail.app, tickets.app, exporting.app):
    app.add_typer(part)
for name, group in {
    "agent": agents.app,
    "client": clients.app,
    "contact": clients.contacts,
    "project": clients.engagement_app("project"),
    "contract": clients.engagement_app("contract"),
}.items():
    app.add_typer(group, name=name)


def run() -> None:
    """Run the command that was typed; what goes wrong is one line on stderr and an exit code."""
    try:
        if sys.argv[1:2] == ["ticket"] and "--help" not in sys.argv[2:3]:
            sys.exit(tickets.run(sys.argv[2:]))
        app(standalone_mode=True)
    except (ConfigError, WrongUsage) as fault:
        end(str(fault), 2)
    except DeskbellError as fault:
        end(str(fault), 1)
