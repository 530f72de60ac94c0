"""kill -9 between the topic that was made and its number that was stored: one empty topic at most, and it is named."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from bot.desk.opening import Opening
from bot.desk.people import Actor, client_of
from bot.sandbox.telegram import PretendTelegram
from storage.database import close_database, session
from tests.handlers.telegram.forum import GROUP, SAM, configured, furnished
from tests.servers import until


async def running(config: Path, fail: str = "") -> asyncio.subprocess.Process:
    """`deskbell run` in a process of its own, which ends at the fail point."""
    command = [sys.executable, "-m", "bot", "run", "--config", str(config)]
    quiet = asyncio.subprocess.DEVNULL
    environ = {**os.environ, "DESKBELL_FAIL": fail}
    return await asyncio.create_subprocess_exec(*command, env=environ, stdout=quiet, stderr=quiet)


@pytest.mark.row("PR-01")
async def test_a_kill_after_a_topic_was_made_leaves_one_empty_one_that_is_named(tmp_path: Path) -> None:
    telegram = PretendTelegram()
    await telegram.start()
    sam = telegram.add_person(SAM, "Sam")
    group = telegram.add_group(GROUP, "On call", members=[sam], forum=True, bot_is_admin=True)
    config = configured(tmp_path, telegram)
    office = furnished(config)
    with session():
        opening = Opening("Printer on fire", "It burns.", client=client_of("ann@acme.example", "Ann"))
        office.desk.tickets.open(opening, Actor("client", "Ann", "mail"))
    close_database()
    try:
        killed = await running(config, "send.after_send:1")
        code = await asyncio.wait_for(killed.wait(), 20)
        made = [len(telegram.messages(group, topic=topic)) for topic in group.topics]
        again = await running(config)
        await until(lambda: len(telegram.messages(group)) >= 2, 40)
        again.terminate()
        await asyncio.wait_for(again.wait(), 20)
    finally:
        await telegram.stop()

    assert (code, made) == (-signal.SIGKILL, [0])
    assert [len(telegram.messages(group, topic=topic)) for topic in group.topics] == [0, 1]
    (said,) = telegram.messages(group, topic=0)
    assert "· Printer on fire”" in said.text
