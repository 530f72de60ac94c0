"""`deskbell export`: no cell of a table is a formula, and no line is lost."""

import csv
import io
import json

import pytest

from bot.backoffice import open_backoffice
from bot.config import load_config
from bot.desk.opening import Opening
from bot.desk.people import Actor
from storage import database
from tests.bot.cli.conftest import Shell

FORMULAS = (
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1)",
    '=HYPERLINK("http://evil.example","x")',
    '"=1"',
    "a,b;c",
    "Ça = bien",
)


@pytest.mark.row("SE-19")
def test_no_cell_of_a_table_is_a_formula(deskbell: Shell) -> None:
    desk = open_backoffice(load_config(deskbell.folder / "deskbell.toml", {})).desk
    with database.session():
        for subject in FORMULAS:
            desk.tickets.open(Opening(subject, ""), Actor("client", "Ann", "chat"))
    database.close_database()

    table = list(csv.DictReader(io.StringIO(deskbell("export", "--format", "csv").stdout)))
    lines = [json.loads(line) for line in deskbell("export").stdout.splitlines()]

    assert [row["subject"].removeprefix("'") for row in table] == list(FORMULAS)
    assert [cell for row in table for cell in row.values() if cell[:1] in tuple("=+-@\t\r")] == []
    assert [line["subject"] for line in lines] == list(FORMULAS)
