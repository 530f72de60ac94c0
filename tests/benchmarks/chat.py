"""How soon Slack is acknowledged: `python -m tests.benchmarks --chat`. 50 commands and 50 presses a second, a minute.

Twenty agents list, look, search, note and press on the cards of 400 tickets. The floor is an empty Bolt listener; bot
and floor are processes of their own on one pretend Slack each, and take turns. Seconds from the envelope written to its
acknowledgement read.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count, cycle
from pathlib import Path
from random import Random
from typing import Any

from bot.backoffice import open_backoffice
from bot.config import load_config
from bot.desk import people
from bot.desk.opening import Opening
from bot.desk.people import Actor, agent
from bot.sandbox.slack import PretendSlack
from bot.sandbox.slack.gesture import Gesture
from storage.database import close_database, session
from tests.sections import DESK, SLACK
from tests.servers import free_port

CHANNEL, AGENTS, TICKETS = "C0SUPPORT", 20, 400
RATE = 50
CONFIG = 'data_dir = "{folder}/data"' + DESK + SLACK
COMMANDS = ("list", "list open", "show {}", "search printer", "note {} seen", "why {}", "list unassigned", "log {}")
PRESSES = ("wait", "resume", "back", "history")


@dataclass
class Taken:
    """Seconds to each acknowledgement, and what was not acknowledged in time."""

    seconds: list[float] = field(default_factory=list)
    late: int = 0

    def add(self, gesture: Gesture) -> None:
        assert "🚫" not in str(gesture.ack), gesture.ack  # a refusal is quick, and no work
        if gesture.acked and gesture.ack_seconds is not None:
            self.seconds.append(gesture.ack_seconds)
        else:
            self.late += 1

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    @property
    def p99(self) -> float:
        return statistics.quantiles(self.seconds, n=100)[98]


def measure(folder: Path, seconds: int, url: str = "") -> dict[str, Taken]:
    """The bot's and the floor's acknowledgements; the floor before and after the bot, a quarter of the time each."""
    folder.mkdir(parents=True, exist_ok=True)
    return asyncio.run(_measure(folder, seconds, url or f"sqlite:///{folder}/desk.db"))


def shown(found: dict[str, Taken]) -> str:
    """A table, milliseconds, and the ratio that counts."""
    lines = [f"{'':8}{'requests':>10}{'late':>6}{'median':>10}{'p99':>10}"]
    for name, taken in found.items():
        medians = f"{taken.median * 1000:7.2f} ms{taken.p99 * 1000:7.1f} ms"
        lines.append(f"{name:8}{len(taken.seconds):>10,}{taken.late:>6}{medians}")
    return "\n".join([*lines, f"median: {found['bot'].median / found['floor'].median:.1f} × the floor"])


async def _measure(folder: Path, seconds: int, url: str) -> dict[str, Taken]:
    floor, bot = Taken(), Taken()
    async with _pretending() as empty, _pretending() as full:
        references = _filled(folder, full, url)
        arguments = [empty.api_url, empty.bot_token, empty.app_token]
        async with (
            _process(empty, "tests.benchmarks.empty_listener", *arguments),
            _process(full, "bot", "run", "--config", str(folder / "deskbell.toml")),
        ):
            await _ask(empty, references, seconds // 4, floor)
            await _ask(full, references, 2, Taken())  # the first of everything is no measure
            await _ask(full, references, seconds, bot)
            await _ask(empty, references, seconds // 4, floor)
    return {"floor": floor, "bot": bot}


@asynccontextmanager
async def _pretending() -> AsyncIterator[PretendSlack]:
    slack = PretendSlack()
    for number in range(AGENTS):
        slack.add_member(_user(number), f"agent{number}", f"agent{number}@example.org")
    slack.add_channel(CHANNEL, "support", members=tuple(map(_user, range(AGENTS))))
    await slack.start()
    yield slack
    await slack.stop()


def _user(number: int) -> str:
    return f"U0AGENT{number:02d}"


def _filled(folder: Path, slack: PretendSlack, url: str) -> list[str]:
    """A desk with its agents and tickets; their references."""
    file = folder / "deskbell.toml"
    file.write_text(CONFIG.format(folder=folder, url=url, slack=slack, web=free_port()), encoding="utf-8")
    file.chmod(0o600)
    office = open_backoffice(load_config(file, {}))
    with session():
        for number in range(AGENTS):
            people.add_agent(f"agent{number}@example.org", f"Agent {number}", "agent", office.clock)
        by = Actor.of(agent("agent0@example.org"), "cli")
        made = [office.desk.tickets.open(Opening(f"Printer {n} on fire"), by).reference for n in range(TICKETS)]
        for reference in made:
            office.desk.tickets.take(reference, by)
    close_database()
    return made


@asynccontextmanager
async def _process(slack: PretendSlack, module: str, *arguments: str) -> AsyncIterator[None]:
    quiet = {**os.environ, "PYTHONUNBUFFERED": "1"}
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *arguments, stdout=DEVNULL, stderr=DEVNULL, env=quiet
    )
    try:
        await slack.connected(timeout=30)
        yield
    finally:
        child.terminate()
        await child.wait()


async def _ask(slack: PretendSlack, references: list[str], seconds: int, taken: Taken) -> None:
    """So many commands and presses each second, evenly, whether the ones before are answered or not."""
    loop, tasks = asyncio.get_running_loop(), []
    begun = loop.time()
    for number, gesture in zip(range(seconds * RATE * 2), _gestures(slack, references), strict=False):
        await asyncio.sleep(max(0.0, begun + number / (RATE * 2) - loop.time()))
        tasks.append(asyncio.create_task(gesture))
    for done in await asyncio.gather(*tasks):
        taken.add(done)


def _gestures(slack: PretendSlack, references: list[str]) -> Iterator[Any]:
    """A command and a press in turn."""
    random, users, numbers = Random(7), cycle(map(_user, range(AGENTS))), count()
    for command, press in zip(cycle(COMMANDS), cycle(PRESSES), strict=False):
        yield slack.slash(next(users), CHANNEL, command.format(random.choice(references)))
        yield slack.send_raw(_press(slack, next(users), press, random.choice(references), next(numbers)))


def _press(slack: PretendSlack, user: str, verb: str, reference: str, number: int) -> dict[str, Any]:
    """A press under an answer, which only its reader sees: it needs no card to hang there."""
    payload = {
        "type": "block_actions",
        "user": {"id": user, "username": user.lower(), "team_id": slack.team},
        "team": {"id": slack.team, "domain": "sandbox"},
        "api_app_id": "A0",
        "container": {"type": "message", "message_ts": "1.1", "channel_id": CHANNEL, "is_ephemeral": True},
        "channel": {"id": CHANNEL, "name": "support"},
        "trigger_id": f"{number}.{user}",
        "response_url": slack.api_url,
        "actions": [{"type": "button", "action_id": f"verb:{verb}", "block_id": "b", "value": f"{reference}|1"}],
    }
    return {"type": "interactive", "payload": payload}
