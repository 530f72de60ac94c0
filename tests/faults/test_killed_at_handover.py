"""kill -9 while a shift change is told, before its row is written and after its post hangs: it is told once."""

import asyncio
import signal
from datetime import timedelta
from pathlib import Path

import pytest

from bot.backoffice import open_backoffice
from bot.config import load_config
from bot.desk import people
from bot.desk.audit import at_the_server
from bot.desk.people import Actor
from bot.sandbox.slack import Message, PretendSlack
from storage.database import close_database, session
from storage.models import Handover
from storage.queries import notices
from tests.faults.test_killed_sending import running, time_passes
from tests.sections import DESK, SLACK
from tests.servers import free_port, until

CHANNEL, AT_SERVER = "C0SUPPORT", at_the_server()
CONFIGURATION = DESK + SLACK


def furnish(config: Path) -> None:
    """Carol has just come on call in Bob's place."""
    office = open_backoffice(load_config(config, {}))
    with session():
        now, desk = office.clock.now(), office.desk
        bob, carol = (
            people.add_agent(f"{name.lower()}@example.org", name, "agent", office.clock) for name in ("Bob", "Carol")
        )
        desk.rotas.add("NIGHTS", AT_SERVER, name="Nights", zone="UTC")
        desk.rotas.set_layer("NIGHTS", {"members": bob.email, "starts": "2020-01-01"}, AT_SERVER)
        desk.handovers.look()
        desk.swaps.take_over("NIGHTS", now, now + timedelta(days=1), Actor.of(carol, "slack"))


def posts(slack: PretendSlack) -> list[Message]:
    """The hand-overs in the channel."""
    return [one for one in slack.messages(CHANNEL) if "hands over" in one.words]


def hung() -> bool:
    """Whether the desk knows that it hangs."""
    with session():
        return bool(notices.spots("handover", 1))


@pytest.mark.usefixtures("desks_hold")
async def test_a_shift_change_is_told_once_however_often_the_bot_is_killed_at_it(
    tmp_path: Path, database_url: str
) -> None:
    config, slack = tmp_path / "deskbell.toml", PretendSlack()
    slack.add_channel(CHANNEL, "support")
    await slack.start()
    config.write_text(CONFIGURATION.format(url=database_url, web=free_port(), slack=slack))
    furnish(config)
    for place in ("act.before_commit", "send.after_send"):
        process = await running(config, place)
        assert await asyncio.wait_for(process.wait(), 60) == -signal.SIGKILL
        time_passes()

    process = await running(config)
    await until(hung, 60)
    process.terminate()
    await asyncio.wait_for(process.wait(), 20)
    await slack.stop()

    with session():
        assert Handover.select().count() == 1
    close_database()
    assert len(posts(slack)) == 1
