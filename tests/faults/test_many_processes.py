"""Several processes on one PostgreSQL behind a balancer, one after the other killed: nothing lost, little doubled.

Mails, presses and words come on all sides meanwhile. Each kill is aimed at a place of the work (`bot.failpoints`), and
what the desk says afterwards is compared with what the pretend servers have seen.
"""

import asyncio
import os
import random
import re
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.backoffice import open_backoffice
from bot.config import load_config
from bot.desk import invariants, people
from bot.failpoints import NAMES
from bot.sandbox.slack import PretendSlack
from bot.sandbox.telegram import PretendTelegram
from storage.database import close_database, session, snapshot
from storage.models import ChatUpdate, Delivery, Event, Lease, Mail, Message, Posting, Ticket
from storage.queries import people as people_rows
from tests.balancer import Balancer
from tests.faults.imap_server import FaultImap
from tests.faults.mailboxes import FINAL, accounted_for, subjects
from tests.faults.smtp_server import PostOffice
from tests.faults.test_killed_everywhere import mail
from tests.postgres import Postgres
from tests.sections import MAILBOX, SMTP, TELEGRAM
from tests.servers import free_port, until

GROUP, SAM, BOB, CHANNEL = -1001000000001, 7003, "U0BOB", "C0SUPPORT"
NUMBER = re.compile(r"Request (\d+)")
REFUSED = "nothing was done"
ALL = "slack,telegram,mail,worker"
OFTEN = [name for name in NAMES if name.startswith(("intake.", "send."))]
SOON = 2.0
"""Seconds until another process has done what this one asks for."""
DESK = 'data_dir = "{folder}/data"\n[database]\nurl = "{url}"\n'
SLACK = """
[slack]
mode = "http"
bot_token = "{slack.bot_token}"
signing_secret = "{slack.signing_secret}"
channel = "#support"
api_url = "{slack.api_url}"
"""
CONFIGURATION = DESK + SMTP + SLACK + TELEGRAM + "{telegram_mode}" + MAILBOX + "poll_seconds = 2\nbatch = 5\n"
WEBHOOK = 'mode = "webhook"\nwebhook_url = "{url}/telegram"\nwebhook_secret = "sandbox-secret"'


class Bot:
    """One process in its place: started, killed, started again."""

    def __init__(self, folder: Path, number: int, roles: str) -> None:
        self.port, self.roles = free_port(), roles
        self._folder, self._armed = folder, folder / f"armed{number}"
        self._log = folder / f"log{number}"

    async def start(self) -> None:
        """Begin; it is ready a moment later."""
        self._armed.write_text("")
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.faults.armed", str(self._armed)),
                *("run", "--config", str(self._folder / "deskbell.toml"), "--roles", self.roles),
                env={**os.environ, "DESKBELL_WEB__LISTEN": f"127.0.0.1:{self.port}", "DESKBELL_FAIL": ""},
                stdout=log,
                stderr=log,
            )

    @property
    def pid(self) -> int:
        """Of the process that runs now."""
        return self._process.pid

    async def says(self, path: str) -> tuple[int, dict[str, Any]]:
        """The answer of its web server; status 0 while there is none."""
        with suppress(aiohttp.ClientError):
            async with aiohttp.ClientSession() as client, client.get(f"http://127.0.0.1:{self.port}{path}") as answer:
                return answer.status, await answer.json()
        return 0, {}

    async def ready(self) -> None:
        """Wait until it is."""
        async with asyncio.timeout(40):
            while (await self.says("/readyz"))[0] != 200:
                await asyncio.sleep(0.1)

    async def die(self, place: str, within: float) -> bool:
        """Let it die at this place; one that does not come there in time dies where it is. Whether it came."""
        self._armed.write_text(place)
        self._process.send_signal(signal.SIGUSR1)
        try:
            await asyncio.wait_for(self._process.wait(), within)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
            return False
        return self._process.returncode == -signal.SIGKILL

    async def stop(self) -> int:
        """End it as one does; its exit code."""
        if self._process.returncode is None:
            self._process.terminate()
        return await asyncio.wait_for(self._process.wait(), 20)


class Scene:
    """The servers around the desk, its processes, and what people do."""

    def __init__(self, folder: Path, url: str, roles: Sequence[str], *, polling: bool = False) -> None:
        self.imap, self.post = FaultImap(mails=()), PostOffice()
        self.slack, self.telegram = PretendSlack(), PretendTelegram()
        self.bots = [Bot(folder, number, each) for number, each in enumerate(roles)]
        self.balancer = Balancer([bot.port for bot in self.bots if "slack" in bot.roles])
        self.sent = self.said = 0
        self.acknowledged: set[str] = set()
        self.landed: Counter[str] = Counter()
        self._folder, self._url, self._polling = folder, url, polling
        self._pressed: set[int] = set()
        self._doing: set[asyncio.Task[None]] = set()

    async def begin(self) -> None:
        """Start the servers and the processes, and make the desk, with Bob in Slack and Sam with his phone."""
        for server in (self.slack, self.telegram, self.post, self.balancer):
            await server.start()
        self.slack.add_member(BOB, "bob", "bob@example.org")
        self.slack.add_channel(CHANNEL, "support", members=(BOB,))
        self.slack.delivery.retry_delays = (0.0, 2.0, 5.0)
        self.slack.deliver_to = f"{self.balancer.url}/slack/events"
        self.sam = self.telegram.add_person(SAM, "Sam")
        self.group = self.telegram.add_group(GROUP, "On call", members=[self.sam])
        self._configure()
        await asyncio.gather(*(bot.start() for bot in self.bots))
        await asyncio.gather(*(bot.ready() for bot in self.bots))

    def _configure(self) -> None:
        config = self._folder / "deskbell.toml"
        values = {"folder": self._folder, "url": self._url, "group": GROUP, "slack": self.slack}
        ports = {"imap": self.imap.port, "smtp": self.post.port, "telegram": self.telegram}
        mode = "" if self._polling else WEBHOOK.format(url=self.balancer.url)
        config.write_text(CONFIGURATION.format(**values, **ports, telegram_mode=mode))
        config.chmod(0o600)
        self.office = open_backoffice(load_config(config, {}))
        with session():
            self.office.desk.settings.set("auto_answers", 10_000, "test")
            people.add_agent("bob@example.org", "Bob", "admin", self.office.clock)
            sam = people.add_agent("sam@example.org", "Sam", "agent", self.office.clock)
            people_rows.link_account(sam.id, "telegram", str(SAM), "Sam", self.office.clock.now())

    async def end(self) -> None:
        """Stop everything."""
        for task in self._doing:
            task.cancel()
        await asyncio.gather(*(bot.stop() for bot in self.bots), return_exceptions=True)
        self.imap.stop()
        for server in (self.balancer, self.post, self.telegram, self.slack):
            await server.stop()
        close_database()

    # what people do --------------------------------------------------------------------------------------------------

    def write(self) -> None:
        """One more client writes."""
        self.imap.add(mail(self.sent))
        self.sent += 1

    def press(self) -> None:
        """Somebody takes a ticket that nobody has pressed yet: Bob the even ones in Slack, Sam the others."""
        for message in self.slack.messages(CHANNEL):
            number = _number(message.words)
            if number is not None and number % 2 == 0 and number not in self._pressed:
                self._pressed.add(number)
                return self._do(self._press_in_slack(message.ts))
        for message in self.telegram.messages(GROUP):
            number = _number(message.text)
            if number is not None and number % 2 and number not in self._pressed:
                self._pressed.add(number)
                return self._do(self._press_on_the_phone(message.id))
        return None

    async def _press_in_slack(self, ts: str) -> None:
        await self.slack.press(BOB, CHANNEL, ts, "verb:take")

    async def _press_on_the_phone(self, message: int) -> None:
        await self.telegram.press(self.sam, self.group, message, "✅ Take it")

    def speak(self) -> None:
        """A note is written on the first ticket: as a command in Slack, in its thread, or on the phone."""
        self.said += 1
        self._do((self._command, self._thread, self._phone)[self.said % 3](f"Note {self.said}."))

    async def _command(self, text: str) -> None:
        gesture = await self.slack.slash(BOB, CHANNEL, f"note 1 {text}")
        if gesture.acked and REFUSED not in gesture.text:
            self.acknowledged.add(text)

    async def _thread(self, text: str) -> None:
        with session():
            first = Posting.select().where(Posting.platform == "slack").order_by(Posting.ticket).get()
        await self.slack.say(BOB, CHANNEL, text, thread_ts=first.message)
        self.acknowledged.add(text)  # Slack sends an event again until it is taken

    async def _phone(self, text: str) -> None:
        self.acknowledged.add(text)  # so does Telegram
        await self.telegram.say(self.sam, self.group, f"/ticket note 1 {text}")

    def _do(self, doing: Awaitable[None]) -> None:
        async def done() -> None:
            with suppress(TimeoutError):
                await doing

        task = asyncio.ensure_future(done())
        self._doing.add(task)
        task.add_done_callback(self._doing.discard)

    async def work(self, seconds: float, killed: asyncio.Event | None = None, pace: float = 0.4) -> None:
        """People go on for so long, and until the kill among it is over."""
        begun = asyncio.get_running_loop().time()
        while asyncio.get_running_loop().time() - begun < seconds or not (killed is None or killed.is_set()):
            self.write()
            self.press()
            if self.is_busy():
                self.speak()
            await asyncio.sleep(pace)

    def is_busy(self) -> bool:
        """Whether there are cards, so that people have something to do."""
        return len(self.slack.messages(CHANNEL)) > 1

    # kills -----------------------------------------------------------------------------------------------------------

    async def kill(self, place: str, time: int) -> None:
        """Let the one that comes there die at this place the nth time, and start it again."""
        bot = self._who_does(place)
        come = await bot.die(f"{place}:{time}", 8)
        self.landed[place if come else "elsewhere"] += 1
        await bot.start()

    def _who_does(self, place: str) -> Bot:
        """Mails are read by one; all the rest is done by all, in their turns."""
        reading = self.holder("mailbox:support") if place.startswith("intake.") else None
        return reading or self.bots[self.landed.total() % len(self.bots)]

    def holder(self, work: str) -> Bot | None:
        """The process whose turn it is, where it is alive."""
        with session():
            lease = Lease.get_or_none(Lease.name == work)
        return next((bot for bot in self.bots if lease and bot.pid == int(lease.holder.split(":")[1])), None)

    # the end ---------------------------------------------------------------------------------------------------------

    async def finish(self) -> None:
        """Let them work in peace until all is done; who was cut off while pressing presses again."""
        try:
            await until(lambda: not self._doing and not self.slack.delivery.retries, 60)
            await until(self._is_filed, 90)
            self._press_again()
            await until(lambda: not self._doing, 60)
            await until(lambda: not any(self._waiting().values()), 90)
        except TimeoutError:
            raise AssertionError(f"{self._waiting()} after {dict(self.landed)}") from None

    def _is_filed(self) -> bool:
        with session():
            filed = Mail.select().where(Mail.state.in_(list(FINAL))).count()
            cards = Posting.select().count()
        return filed == self.sent == len(self.imap.seen()) and cards == 2 * self.sent

    def _press_again(self) -> None:
        with session():
            missed = Ticket.select(Ticket.id).where(Ticket.assignee.is_null())
            cards = Posting.select().where((Posting.platform == "slack") & Posting.ticket.in_(missed))
            for card in list(cards):
                self._do(self._press_in_slack(card.message))

    def _waiting(self) -> dict[str, list[Any]]:
        """All of one moment: a press that comes between two questions would be in none of the answers."""
        with session(), snapshot():
            waiting = Delivery.select().where(Delivery.state.in_(["pending", "sending"]))
            untaken = Ticket.select().where(Ticket.assignee.is_null())
            return {
                "deliveries": [(one.id, one.key, one.state, one.attempts, one.error) for one in waiting],
                "updates": [one.update_id for one in ChatUpdate.select().where(ChatUpdate.done_at.is_null())],
                "untaken": [one.subject for one in untaken],
            }

    def check(self) -> None:
        """AssertionError when something is lost, or doubled more often than there were kills."""
        with session():
            amiss = {"broken": list(invariants.broken(self.office.desk.files)), **self._lost(), **self._doubled()}
        assert not any(amiss.values()), {name: found for name, found in amiss.items() if found}

    def _lost(self) -> dict[str, object]:
        """What did not arrive, or does not show what is so. Who was told that nothing was done has lost nothing."""
        failed = [one.error for one in Delivery.select().where(Delivery.state == "failed")]
        written = {message.text for message in Message.select().where(Message.kind == "note")}
        refused = [one for one in (*self.slack.ephemerals(BOB), *self.telegram.messages(GROUP)) if REFUSED in one.text]
        return {
            "mails": not accounted_for(self.imap),
            "tickets": {f"Request {number}" for number in range(self.sent)} ^ set(subjects()),
            "letters": {f"ann{number}@acme.example" for number in range(self.sent)} ^ set(self._letters()),
            "failed": failed,
            "cards": [self._told_of(card) for card in Posting.select() if not self._shows_who_took_it(card)],
            "notes": sorted(self.acknowledged - written)[len(refused) :],
        }

    def _doubled(self) -> dict[str, object]:
        """What there is more often than once, and more often than kills excuse."""
        takes = Counter(event.ticket_id for event in Event.select().where(Event.kind == "taken"))
        notes = Counter(message.text for message in Message.select().where(Message.kind == "note"))
        phone = [one for one in self.telegram.messages(GROUP) if _number(one.text) is not None]
        sent, most = Counter(subjects()), self.sent + self.landed.total()
        return {
            "tickets twice": [subject for subject, times in sent.items() if times > 1],
            "takes": [ticket for ticket, times in takes.items() if times > 1],
            "notes twice": [text for text, times in notes.items() if times > 1],
            "letters twice": max(self._letters().total() - most, 0),
            "cards twice in Slack": max(len(self.slack.messages(CHANNEL)) - most, 0),
            "cards twice on the phone": max(len(phone) - most, 0),
        }

    def letters_with(self, text: bytes) -> bool:
        """Whether one has left that says so."""
        return any(text in letter.content for letter in self.post.letters)

    def _letters(self) -> Counter[str]:
        return Counter(recipient for letter in self.post.letters for recipient in letter.recipients)

    def _shows_who_took_it(self, card: Posting) -> bool:
        ticket = card.ticket
        return ticket.assignee is not None and ticket.assignee.name in self._shown(card) and _is_drawn(card)

    def _shown(self, card: Posting) -> str:
        if card.platform == "slack":
            return self.slack.message(card.channel, card.message).words
        return next(one.text for one in self.telegram.messages(GROUP) if one.id == int(card.message))

    def _told_of(self, card: Posting) -> str:
        """What is known of a card that is behind."""
        told = Delivery.select().where((Delivery.ticket == card.ticket) & (Delivery.place == card.place))
        sent = [
            (one.id, one.kind, one.state, f"{one.sent_at:%H:%M:%S.%f}" if one.sent_at else "", one.attempts, one.error)
            for one in told.order_by(Delivery.id)
        ]
        return f"{card.place} drawn {card.drawn_version} of {card.ticket.version}: {self._shown(card)!r} {sent}"


def _is_drawn(card: Posting) -> bool:
    return card.drawn_version == card.ticket.version


def _number(text: str) -> int | None:
    found = NUMBER.search(text)
    return int(found[1]) if found else None


@asynccontextmanager
async def scene(
    folder: Path, url: str, roles: Sequence[str] = (ALL, ALL, ALL), *, polling: bool = False
) -> AsyncIterator[Scene]:
    """Processes at work, one with each of these roles."""
    made = Scene(folder, url, roles, polling=polling)
    try:
        await made.begin()
        yield made
    finally:
        await made.end()


async def killed(
    made: Scene, places: Iterable[str], *, every: float, visit: Callable[[str], int] = lambda place: 1
) -> None:
    """One is killed so often while people work; then all is looked at."""
    for place in places:
        over = asyncio.Event()
        working = asyncio.ensure_future(made.work(every, over))
        await asyncio.sleep(every / 4)
        await until(made.is_busy, 40)  # what a dead one held passes on first
        await made.kill(place, visit(place))
        over.set()
        await working
    await made.finish()
    made.check()


@pytest.mark.database("postgres")
@pytest.mark.row("PR-09", "PR-01", "INV-01", "INV-02", "INV-03", "INV-06", "INV-08")
async def test_three_processes_of_which_two_are_killed_lose_nothing(tmp_path: Path, database_url: str) -> None:
    async with scene(tmp_path, database_url) as made:
        await killed(made, ("send.after_send", "act.after_commit"), every=3)

        assert made.landed.total() == 2 and not made.landed["elsewhere"]
        assert all(made.balancer.served.values())


async def _reply(made: Scene, card: str, text: str) -> None:
    """Bob writes to the client: a form, what will leave, and *Send*."""
    view = await (await made.slack.press(BOB, CHANNEL, card, "verb:reply")).until_view()
    await made.slack.submit(BOB, view.id, {"text": text})
    await made.slack.submit(BOB, view.id)


@pytest.mark.database("postgres")
@pytest.mark.row("PR-09")
async def test_chats_in_two_processes_and_the_work_in_a_third_are_one_desk(tmp_path: Path, database_url: str) -> None:
    async with scene(tmp_path, database_url, ("slack,telegram", "slack,telegram", "mail,worker")) as made:
        made.write()
        await until(lambda: made.slack.messages(CHANNEL) and made.telegram.messages(GROUP))
        card, on_the_phone = made.slack.messages(CHANNEL)[0], made.telegram.messages(GROUP)[0]

        await made.slack.press(BOB, CHANNEL, card.ts, "verb:take")
        await until(lambda: "Bob" in card.words and "Bob" in on_the_phone.text, SOON)
        await _reply(made, card.ts, "Is it on?")
        await until(lambda: made.slack.ephemerals(BOB), SOON)
        whisper = made.slack.ephemerals(BOB)[0]
        await made.slack.press(BOB, CHANNEL, whisper.ts, "verb:undo")
        await until(lambda: "was taken back" in whisper.words, SOON)
        with session():
            made.office.desk.settings.set("undo_seconds", "0", "test")
        await asyncio.sleep(1)  # so long a process may believe the old one
        await _reply(made, card.ts, "Have you tried water?")
        await until(lambda: made.letters_with(b"tried water"), SOON)

        parts = [set((await bot.says("/healthz"))[1]["loops"]) - {"schedule"} for bot in made.bots]
        assert parts == [{"slack", "telegram"}, {"slack", "telegram"}, {"deliveries", "mailbox:support"}]
        assert all(made.balancer.served.values())
        assert not made.letters_with(b"Is it on?")


@pytest.mark.database("postgres")
@pytest.mark.row("PR-09", "CI-05")
async def test_one_process_polls_telegram_and_another_goes_on_when_it_is_dead(
    tmp_path: Path, database_url: str
) -> None:
    async with scene(tmp_path, database_url, ("telegram,worker", "telegram,worker"), polling=True) as made:
        polling = made.holder("telegram")
        await made.telegram.say(made.sam, made.group, "/ticket list")
        standing = [(await bot.says("/healthz"))[1]["loops"]["telegram"].get("stands_by") for bot in made.bots]

        await polling.die("nowhere", 0)
        with session():
            Lease.update(until=made.office.clock.now()).execute()
        answered = await made.telegram.say(made.sam, made.group, "/ticket list")
        await until(lambda: answered.sent)

        assert sorted(map(bool, standing)) == [False, True]
        assert made.holder("telegram") is not polling
        assert not [call for call in made.telegram.calls if not call.answer.get("ok", True)]


async def full(folder: Path) -> str:
    """Five minutes with a kill every ten seconds, Telegram by webhook; then one by polling. Where the kills landed."""
    server = Postgres()
    server.start()
    try:
        said = []
        for name, polling, kills in (("webhook", False, 30), ("polling", True, 6)):
            place = folder / name
            place.mkdir()
            with server.fresh() as url:
                said.append(f"{name}: {await _killed_fully(place, url, kills, polling=polling)}")
        return "; ".join(said)
    finally:
        server.stop()


async def _killed_fully(folder: Path, url: str, kills: int, *, polling: bool) -> str:
    """Every place has its turn; those of intake one by one, since it takes a moment until another process reads."""
    chance = random.Random(kills)
    async with scene(folder, url, polling=polling) as made:
        places = [NAMES[7 * number % len(NAMES)] for number in range(kills)]
        await killed(made, places, every=10, visit=lambda place: chance.randint(1, 3 if place in OFTEN else 1))
        assert made.landed["elsewhere"] <= kills / 4, made.landed
        return f"{made.sent} mails, {made.said} notes, kills {dict(made.landed)}, served {made.balancer.served}"
