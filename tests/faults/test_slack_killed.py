"""kill -9 around Slack's acknowledgement: what was acknowledged is done, what was done is done once."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from bot import exporting
from bot.backoffice import open_backoffice
from bot.config import load_config
from bot.desk import people
from bot.desk.opening import Opening
from bot.desk.people import Actor, client_of
from bot.sandbox.slack import PretendSlack
from storage.database import close_database, session
from tests.sections import DESK, SLACK
from tests.servers import free_port, until

BOB, CHANNEL = "U0BOB", "C0SUPPORT"
CONFIGURATION = DESK + SLACK


def furnish(config: Path) -> None:
    """A desk with Bob and a ticket of Ann's."""
    office = open_backoffice(load_config(config, {}))
    with session():
        people.add_agent("bob@example.org", "Bob", "admin", office.clock)
        opening = Opening("Printer on fire", "Please help.", client=client_of("ann@acme.example", "Ann"))
        office.desk.tickets.open(opening, Actor("client", "Ann", "mail"))


async def running(config: Path, fail: str = "") -> asyncio.subprocess.Process:
    """`deskbell run` in a process of its own, which may be told where to die."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", "run", "--config", str(config)),
        env={**os.environ, "DESKBELL_FAIL": fail},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )


def notes() -> list[str]:
    with session():
        return [str(message["text"]) for message in exporting.messages() if message["kind"] == "note"]


async def hung(slack: PretendSlack) -> str:
    """The card, once the process is connected and has hung it up."""
    await until(lambda: slack.messages(CHANNEL) and slack.sockets.links)
    return slack.messages(CHANNEL)[0].ts


@pytest.mark.database
@pytest.mark.row("CI-07", "INV-03")
@pytest.mark.parametrize("place", ["act.before_commit:2", "act.after_commit:2", "after the acknowledgement"])
async def test_what_was_acknowledged_is_done_after_a_kill_and_what_is_sent_again_is_done_once(
    tmp_path: Path, database_url: str, place: str
) -> None:
    """The message is the second thing that Bob does, and Slack sends it again because its answer was lost."""
    slack = PretendSlack()
    slack.add_member(BOB, "bob", "bob@example.org")
    slack.add_channel(CHANNEL, "support", members=(BOB,))
    await slack.start()
    config = tmp_path / "deskbell.toml"
    config.write_text(CONFIGURATION.format(url=database_url, slack=slack, web=free_port()))
    furnish(config)
    process = await running(config, place if place.startswith("act.") else "")
    try:
        card = await hung(slack)
        await slack.slash(BOB, CHANNEL, "note 1 First.")
        said = (await slack.say(BOB, CHANNEL, "Second.", thread_ts=card)).deliveries[0]
        if place.startswith("act."):
            assert await asyncio.wait_for(process.wait(), 20) == -9
            assert not said.acked
        else:
            assert said.acked
            process.kill()
            await process.wait()
        done = notes()
        process = await running(config)
        await until(lambda: slack.sockets.links)
        await slack.send_raw({"type": "events_api", "payload": said.payload, "retry_attempt": 1})
        await until(lambda: len(notes()) == 2)
    finally:
        process.terminate()
        await process.wait()
        await slack.stop()

    assert done == (["First."] if place.startswith("act.before") else ["First.", "Second."])
    assert notes() == ["First.", "Second."]
    assert len(slack.messages(CHANNEL)) == 1
    close_database()
