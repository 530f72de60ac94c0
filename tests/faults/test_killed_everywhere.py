"""kill -9 wherever the work can be cut off, with mails, presses and letters on their way: nothing lost, little doubled.

Every fail point has its turn. What the desk says afterwards is compared with what the pretend servers have seen.
"""

import ast
import asyncio
import random
import signal
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

import bot
from bot.backoffice import open_backoffice
from bot.config import load_config
from bot.desk import invariants, people
from bot.failpoints import NAMES
from bot.sandbox.telegram import PretendTelegram
from storage.database import close_database, session
from storage.models import Delivery, Event, Mail, Posting, Ticket
from storage.queries import people as people_rows
from tests.faults.imap_server import FaultImap
from tests.faults.mailboxes import FINAL, accounted_for, subjects
from tests.faults.smtp_server import PostOffice
from tests.faults.test_killed_sending import running, time_passes
from tests.sections import DESK, MAILBOX, SMTP, TELEGRAM
from tests.servers import free_port, until

GROUP, SAM = -1001000000001, 7003
OFTEN = 3
CONFIGURATION = 'data_dir = "{folder}/data"' + DESK + SMTP + TELEGRAM + MAILBOX + "poll_seconds = 5\nbatch = 2\n"


def mail(number: int) -> bytes:
    """Somebody's first mail."""
    return (
        f"From: Ann <ann{number}@acme.example>\r\nTo: support@example.org\r\nSubject: Request {number}\r\n"
        f"Message-ID: <{number}@acme.example>\r\nDate: Tue, 24 Nov 2026 12:00:00 +0000\r\n\r\nHelp, {number}.\r\n"
    ).encode()


class Scene:
    """The servers around one desk, the number of mails sent to it, and the presses that are on their way."""

    def __init__(self, folder: Path, url: str) -> None:
        self.config = folder / "deskbell.toml"
        self.imap, self.post, self.telegram = FaultImap(mails=()), PostOffice(), PretendTelegram()
        self.sent = 0
        self.presses: list[asyncio.Future[object]] = []
        self.landed: Counter[str] = Counter()
        self._folder, self._url = folder, url
        self._pressed: set[int] = set()

    async def begin(self) -> None:
        """Start the servers, and make the desk, with Sam and his phone."""
        await self.telegram.start()
        await self.post.start()
        self.sam = self.telegram.add_person(SAM, "Sam")
        self.group = self.telegram.add_group(GROUP, "On call", members=[self.sam])
        values = {"folder": self._folder, "url": self._url, "web": free_port(), "group": GROUP}
        ports = {"imap": self.imap.port, "smtp": self.post.port, "telegram": self.telegram}
        self.config.write_text(CONFIGURATION.format(**values, **ports))
        self.config.chmod(0o600)
        office = open_backoffice(load_config(self.config, {}))
        with session():
            office.desk.settings.set("auto_answers", 10_000, "test")
            sam = people.add_agent("sam@example.org", "Sam", "agent", office.clock)
            people_rows.link_account(sam.id, "telegram", str(SAM), "Sam", office.clock.now())

    async def end(self) -> None:
        """Stop the servers."""
        for press in self.presses:
            press.cancel()
        self.imap.stop()
        await self.post.stop()
        await self.telegram.stop()
        close_database()

    def write(self, mails: int) -> None:
        """More clients write."""
        self.imap.add(*(mail(number) for number in range(self.sent, self.sent + mails)))
        self.sent += mails

    def press(self) -> None:
        """Sam takes a ticket that he has not taken yet."""
        for message in self.telegram.messages(GROUP):
            if message.id not in self._pressed:
                self._pressed.add(message.id)
                press = self.telegram.press(self.sam, self.group, message.id, "✅ Take it")
                self.presses.append(asyncio.ensure_future(press))
                return

    async def killed(self, place: str, time: int) -> None:
        """Let the desk work until it dies at this place."""
        process = await running(self.config, f"{place}:{time}")
        with suppress(TimeoutError):
            async with asyncio.timeout(15):
                while process.returncode is None:
                    self.write(1)
                    self.press()
                    await asyncio.sleep(0.3)
        self.landed[place] += process.returncode == -signal.SIGKILL
        if process.returncode is None:
            process.kill()
        await process.wait()
        time_passes()

    async def finish(self) -> None:
        """Let it work in peace until all is done."""
        process = await running(self.config)
        try:
            await until(self._is_done, 90)
        finally:
            process.terminate()
            await asyncio.wait_for(process.wait(), 20)

    def _is_done(self) -> bool:
        with session():
            filed = Mail.select().where(Mail.state.in_(list(FINAL))).count()
            waiting = Delivery.select().where(Delivery.state.in_(["pending", "sending"])).count()
        return filed == self.sent and not waiting and len(self.imap.seen()) == self.sent


async def killed_everywhere(folder: Path, url: str, *, kills: int, seed: int) -> Counter[str]:
    """Kill so often, at each fail point in turn; where the kills landed. AssertionError when something is amiss."""
    chance, scene = random.Random(seed), Scene(folder, url)
    await scene.begin()
    try:
        scene.write(4)
        for number in range(kills):
            await scene.killed(NAMES[(number + seed) % len(NAMES)], chance.randint(1, OFTEN if kills > 20 else 1))
        await scene.finish()
        check(scene)
    finally:
        await scene.end()
    return scene.landed


def check(scene: Scene) -> None:
    """What the desk believes and what the servers have seen are the same, but for one doubled message a kill."""
    kills = scene.landed.total()
    office = open_backoffice(load_config(scene.config, {}))
    with session():
        wrong = list(invariants.broken(office.desk.files))
        accounted, opened = accounted_for(scene.imap), subjects()
        failed = [one.error for one in Delivery.select().where(Delivery.state == "failed")]
        hanging = {posting.ticket_id for posting in Posting.select()}
        tickets = {ticket.id for ticket in Ticket.select()}
        takes = Counter(event.ticket_id for event in Event.select().where(Event.kind == "taken"))
    letters = Counter(recipient for letter in scene.post.letters for recipient in letter.recipients)
    assert (wrong, accounted, failed) == ([], True, [])
    assert opened == sorted(f"Request {number}" for number in range(scene.sent))
    assert set(letters) == {f"ann{number}@acme.example" for number in range(scene.sent)}
    assert letters.total() - scene.sent <= kills
    assert hanging == tickets
    assert len(scene.telegram.messages(GROUP)) - scene.sent <= kills
    assert set(takes.values()) <= {1}


@pytest.mark.row("PR-01", "MI-02", "MI-03", "INV-01", "INV-02", "INV-03")
async def test_kills_at_every_place_lose_nothing_and_double_one_message_each(tmp_path: Path, database_url: str) -> None:
    landed = await killed_everywhere(tmp_path, database_url, kills=10, seed=1)

    assert landed.total() >= 8


def test_every_fail_point_is_a_line_of_the_code_and_every_line_is_named() -> None:
    called = Counter[str]()
    for file in Path(bot.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "reach":
                (argument,) = node.args
                assert isinstance(argument, ast.Constant)
                called[str(argument.value)] += 1

    assert set(called) == set(NAMES)


async def full(folder: Path, url: str) -> None:
    """100 kills for each of three seeds; prints where they landed."""
    for seed in (1, 2, 3):
        place = folder / str(seed)
        place.mkdir()
        landed = await killed_everywhere(place, url.format(seed), kills=100, seed=seed)
        assert landed.total() >= 75
        print(seed, dict(landed))
