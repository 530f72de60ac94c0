"""The command `export`: everything the desk keeps, as it streams."""

import json
import sys
from typing import Annotated, Any

import typer

from bot.cli.terminal import ConfigOption, end, open_office, print_json

app = typer.Typer()


@app.command()
def export(
    config: ConfigOption = None,
    what: Annotated[str, typer.Option(help="tickets, events or messages")] = "tickets",
    form: Annotated[str, typer.Option("--format", help="jsonl or csv")] = "jsonl",
) -> None:
    """Everything, as it streams. Example: deskbell export --what messages --format jsonl"""
    import csv

    from bot.exporting import WHAT
    from storage.database import session

    if what not in WHAT or form not in ("jsonl", "csv"):
        end("export: --what is tickets, events or messages, --format jsonl or csv", 2)
    open_office(config)
    writer: Any = None
    with session():
        for one in WHAT[what]():
            if form == "jsonl":
                print_json(one)
                continue
            if writer is None:
                writer = csv.DictWriter(sys.stdout, list(one))
                writer.writeheader()
            writer.writerow({key: _cell(value) for key, value in one.items()})


def _cell(value: object) -> object:
    """A cell that no spreadsheet takes for a formula."""
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value
    return f"'{text}" if isinstance(text, str) and text[:1] in "=+-@\t\r" and text else text
