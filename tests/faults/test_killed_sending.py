"""kill -9 while letters are being sent: every one arrives, and each kill doubles one at most."""

import asyncio
import os
import random
import signal
import sys
from collections import Counter
from pathlib import Path

import pytest

from bot.backoffice import open_backoffice
from bot.config import load_config
from bot.desk.opening import Opening
from bot.desk.people import Actor, client_of
from storage.database import close_database, session
from storage.models import Delivery
from tests.faults.smtp_server import PostOffice
from tests.servers import free_port, until

PLACES = ("send.after_claim", "send.after_send", "send.after_complete")
CONFIGURATION = """
[database]
url = "{url}"
[web]
listen = "127.0.0.1:{web}"
[smtp]
host = "127.0.0.1"
port = {port}
security = "none"
sender = "support@example.org"
"""


def furnish(config: Path, letters: int) -> None:
    """As many people have written, and wait for their confirmations."""
    office = open_backoffice(load_config(config, {}))
    with session():
        office.desk.settings.set("auto_answers", letters * 2, "test")
        for number in range(letters):
            client = client_of(f"ann{number}@acme.example", "Ann")
            opening = Opening(f"Request {number}", "Please help.", client=client, reply_address=client.address)
            office.desk.tickets.open(opening, Actor("client", "Ann", "mail"))


def time_passes() -> None:
    """What the dead process held belongs to nobody any more."""
    with session():
        Delivery.update(claimed_until=Delivery.created_at).where(Delivery.state == "sending").execute()


def unsent() -> int:
    """How many letters have not arrived as far as the desk knows."""
    with session():
        return Delivery.select().where((Delivery.kind == "letter") & (Delivery.state != "sent")).count()


async def running(config: Path, fail: str = "") -> asyncio.subprocess.Process:
    """`deskbell run` in a process of its own, which may be told where to die."""
    quiet = asyncio.subprocess.DEVNULL
    command = [sys.executable, "-m", "bot", "run", "--config", str(config)]
    environ = {**os.environ, "DESKBELL_FAIL": fail}
    return await asyncio.create_subprocess_exec(*command, env=environ, stdout=quiet, stderr=quiet)


async def killed_while_sending(folder: Path, url: str, *, letters: int, kills: int, seed: int) -> Counter[str]:
    """Kill so often at places of this seed, then let it end; where the kills landed.

    AssertionError when a letter is lost, or more are doubled than there were kills.
    """
    chance, landed = random.Random(seed), Counter[str]()
    config = folder / "deskbell.toml"
    async with PostOffice() as post:
        config.write_text(CONFIGURATION.format(url=url, web=free_port(), port=post.port))
        furnish(config, letters)
        for number in range(kills):
            place = PLACES[number % len(PLACES)]
            most = max(1, letters // kills) if place != PLACES[0] else 2
            process = await running(config, f"{place}:{chance.randint(1, most)}")
            ended = await asyncio.wait_for(process.wait(), 60)
            landed[place] += ended == -signal.SIGKILL
            time_passes()
        process = await running(config)
        await until(lambda: unsent() == 0, 60)
        process.terminate()
        await asyncio.wait_for(process.wait(), 20)
    arrived = Counter(recipient for letter in post.letters for recipient in letter.recipients)
    close_database()
    assert set(arrived) == {f"ann{number}@acme.example" for number in range(letters)}
    assert arrived.total() - letters <= landed.total()
    return landed


@pytest.mark.row("MO-08", "INV-03")
async def test_kills_while_sending_lose_no_letter_and_double_one_each_at_most(
    tmp_path: Path, database_url: str
) -> None:
    landed = await killed_while_sending(tmp_path, database_url, letters=60, kills=10, seed=1)

    assert landed.total() >= 8


async def full(folder: Path, url: str) -> None:
    """100 letters under 100 kills, for three seeds; prints where they landed."""
    for seed in (1, 2, 3):
        place = folder / str(seed)
        place.mkdir()
        print(seed, dict(await killed_while_sending(place, url.format(seed), letters=400, kills=100, seed=seed)))
