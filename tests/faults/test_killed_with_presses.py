"""kill -9 while twenty Telegram presses are in flight: every one is carried out, none twice.

On SQLite they come by webhook, on PostgreSQL by polling.
"""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.backoffice import Backoffice, open_backoffice
from bot.config import load_config
from bot.desk import people
from bot.desk.opening import Opening
from bot.desk.people import Actor, client_of
from bot.sandbox.telegram import PretendTelegram
from storage.database import close_database, session
from storage.queries import exports
from storage.queries import people as people_rows
from tests.sections import DESK, TELEGRAM, WEBHOOK
from tests.servers import free_port, until

GROUP, SAM, PRESSES = -1001000000001, 7003, 20
CONFIGURATION = DESK + TELEGRAM + 'mode = "{mode}"' + WEBHOOK


def furnish(config: Path) -> Backoffice:
    """A desk with Sam, whose phone is linked, and twenty tickets."""
    office = open_backoffice(load_config(config, {}))
    with session():
        sam = people.add_agent("sam@example.org", "Sam", "agent", office.clock)
        people_rows.link_account(sam.id, "telegram", str(SAM), "Sam", office.clock.now())
        for number in range(PRESSES):
            opening = Opening(f"Request {number}", "Please help.", client=client_of("ann@acme.example", "Ann"))
            office.desk.tickets.open(opening, Actor("client", "Ann", "mail"))
    return office


def running(config: Path) -> subprocess.Popen[bytes]:
    """`deskbell run` in a process of its own."""
    command = [sys.executable, "-m", "bot", "run", "--config", str(config)]
    environ = {**os.environ, "DESKBELL_FAIL": ""}
    return subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def taken() -> dict[str, str | None]:
    """Who has each ticket."""
    with session():
        return {row.reference: row.assignee.name if row.assignee else None for row in exports.tickets()}


@pytest.mark.database
@pytest.mark.row("PR-01", "INV-03", "CI-08")
async def test_twenty_presses_survive_a_kill(tmp_path: Path, database_url: str) -> None:
    telegram = PretendTelegram()
    await telegram.start()
    sam = telegram.add_person(SAM, "Sam")
    group = telegram.add_group(GROUP, "On call", members=[sam])
    config = tmp_path / "deskbell.toml"
    mode = "webhook" if database_url.startswith("sqlite") else "polling"
    values = {"url": database_url, "telegram": telegram, "group": GROUP, "web": free_port(), "mode": mode}
    config.write_text(CONFIGURATION.format(**values))
    furnish(config)
    process = running(config)
    try:
        await until(lambda: len(telegram.messages(GROUP)) == PRESSES)
        presses = [
            asyncio.ensure_future(telegram.press(sam, group, message.id, "✅ Take it"))
            for message in telegram.messages(GROUP)
        ]
        await until(lambda: len(telegram.calls_of("answerCallbackQuery")) >= 3)
        process.kill()
        process.wait()
        done_before = sum(name is not None for name in taken().values())
        process = running(config)
        await until(lambda: all(taken().values()))
        await asyncio.gather(*presses)
    finally:
        process.terminate()
        process.wait(15)
        await telegram.stop()

    assert done_before < PRESSES
    assert bool(telegram.calls_of("getUpdates")) == (mode == "polling")
    assert PRESSES <= len(telegram.messages(GROUP)) <= PRESSES + 1
    with session():
        takes = [event["ticket"] for event in _events() if event["kind"] == "taken"]
    close_database()
    assert len(takes) == len(set(takes)) == PRESSES


def _events() -> list[dict[str, object]]:
    from bot.exporting import events

    return list(events())
