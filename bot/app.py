"""The running bot: puts the parts together, starts them in order and stops them in reverse.

The only module that imports handlers. One asyncio loop; one thread for the schedule, one for each mailbox.
"""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import AsyncExitStack, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from bot.backoffice import Backoffice
from bot.bridge import Bridge, BridgedCommands, BridgedNotebook, BridgedStanding, BridgedUpdates
from bot.commands.linking import BOT_NAME
from bot.commands.verbs import VERBS, typed
from bot.config import Config, MailboxConfig, SmtpConfig
from bot.errors import AdapterError, MailboxError
from bot.health import Health
from bot.intake.collector import Collector, Round
from bot.intake.reader import Reader
from bot.intake.watching import Watcher
from bot.jobs import LOOK_EVERY, QUARANTINE_EVERY, RegularWork, read_again
from bot.leases import Leases
from bot.outgoing.letters import LetterWriter
from bot.outgoing.notifier import Notifier
from bot.outgoing.packing import Packer
from bot.outgoing.room import RoomAlarm
from bot.ports import Adapter, Chat, Finding, Mailbox, Mailer, Roster
from bot.scheduler import NAME as SCHEDULE
from bot.scheduler import Job, Scheduler
from bot.supervisor import Serve, in_turn, supervise
from bot.web import WebServer
from storage.database import session
from storage.queries import desk as desk_rows

if TYPE_CHECKING:
    from handlers.mail.oauth import TokenSource

log = structlog.get_logger("deskbell.app")

ROLES = ("slack", "telegram", "mail", "worker")
DELIVERIES, TELEGRAM = "deliveries", "telegram"
LONG = timedelta(days=3650)


class App:
    """One running bot with some roles; `run` works until `stop` is set.

    `look_every`: how often what is due is looked for, in seconds.
    """

    def __init__(self, office: Backoffice, roles: Iterable[str] = ROLES, *, look_every: float = LOOK_EVERY) -> None:
        self._office = office
        self._config = office.config
        self._roles = frozenset(roles)
        self._look_every = look_every
        self._bridge = Bridge()
        self.health = Health(office.clock, _loops(office.config, self._roles))
        web = office.config.web
        self.web = WebServer(web.host, web.port, self.health, self._bridge, office.clock)
        self._adapters = self._make_adapters()
        self._mailer = _mailer(office.config)
        self._notifier = self._make_notifier()
        self._work = RegularWork(office.desk, self._wake)
        self._room = RoomAlarm(office.desk, self._notifier)
        self._leases = Leases(self._alone(), office.clock)
        self._watchers = [self._watcher(config) for config in office.config.mailboxes if "mail" in self._roles]

    async def run(self, stop: asyncio.Event) -> None:
        """Start everything, work until `stop` is set, stop everything in reverse order."""
        async with AsyncExitStack() as running:
            running.callback(self._bridge.close)
            await self.web.start()
            running.push_async_callback(self.web.stop)
            if self._mailer is not None:
                running.push_async_callback(self._mailer.close)
            await asyncio.to_thread(self._leases.start)
            running.push_async_callback(asyncio.to_thread, self._leases.stop)
            for name, serve in self._served():
                task = asyncio.create_task(supervise(name, serve, self.health), name=name)
                running.push_async_callback(_ended, task)
            for watcher in self._watchers:
                watcher.start()
            running.push_async_callback(self._stop_watchers)
            scheduler = Scheduler(list(self._jobs()), self.health)
            scheduler.start()
            running.push_async_callback(asyncio.to_thread, scheduler.stop)
            await stop.wait()
            log.info("stopping")

    # the parts -------------------------------------------------------------------------------------------------------

    def _alone(self) -> Iterable[str]:
        """What this process would do, and of several processes only one does at a time."""
        if "worker" in self._roles:
            yield SCHEDULE
        if "mail" in self._roles:
            yield from (f"mailbox:{box.name}" for box in self._config.mailboxes)
        if "telegram" in self._roles and self._polls():
            yield TELEGRAM

    def _polls(self) -> bool:
        """Telegram gives its updates to one that asks for them; by webhook each process takes what it gets."""
        return self._config.telegram is not None and self._config.telegram.mode == "polling"

    def _make_adapters(self) -> dict[str, Adapter]:
        commands = BridgedCommands(self._bridge, self._office.runner, self._wake)
        notebook = BridgedNotebook(self._bridge, self._office.clock)
        updates = BridgedUpdates(self._bridge, self._office.clock)
        words = self._office.desk.current_words()
        adapters: dict[str, Adapter] = {}
        if self._config.slack:
            from handlers.slack import SlackAdapter

            slack = SlackAdapter(self._config.slack, commands, words)
            if "slack" in self._roles:
                slack.mount(self.web.app)
            adapters["slack"] = slack
        if self._config.telegram:
            from handlers.telegram import TelegramAdapter

            verbs = [(verb.name, verb.summary) for verb in typed()]
            standing = BridgedStanding(self._bridge, self._office.desk, TELEGRAM, self._reopen)
            telegram = TelegramAdapter(self._config.telegram, commands, notebook, updates, standing, words, verbs)
            if TELEGRAM in self._roles:
                telegram.mount(self.web.app)
            adapters[TELEGRAM] = telegram
        return adapters

    def _make_notifier(self) -> Notifier:
        chats: list[Chat] = [adapter.chat for adapter in self._adapters.values()]
        letters = letter_writer(self._office)
        packer = Packer(self._office.desk, letters, VERBS)
        return Notifier(self._bridge, packer, chats, self._mailer, self._office.clock)

    def _watcher(self, config: MailboxConfig) -> Watcher:
        mailbox = _mailbox(config, self._config.data_dir)
        collector = Collector(self._office.desk, config, mailbox, Reader())
        watcher = Watcher(self._office.desk, config, mailbox, collector, self.health)
        watcher.on_news, watcher.on_full, watcher.on_room = self._wake, self._room.full, self._room.room
        watcher.is_ours = partial(self._leases.holds, watcher.name)
        return watcher

    def _served(self) -> Iterable[tuple[str, Serve]]:
        if "worker" in self._roles:
            yield DELIVERIES, self._notifier.run
        for name, adapter in self._adapters.items():
            if name in self._roles:
                yield name, self._in_turn(self._naming(adapter)) if name == TELEGRAM else adapter.serve

    def _in_turn(self, serve: Serve) -> Serve:
        if not self._polls():
            return serve
        stand_by = partial(self.health.up, TELEGRAM, stands_by=True)
        return in_turn(partial(self._leases.holds, TELEGRAM), serve, stand_by)

    def _naming(self, adapter: Adapter) -> Serve:
        """Serve Telegram and remember the bot's name, which pairing addresses need."""

        async def serve(up: Callable[[], None]) -> None:
            tasks: set[asyncio.Task[None]] = set()

            def named() -> None:
                up()
                if adapter.username:
                    tasks.add(asyncio.create_task(self._remember_name(adapter.username)))

            await adapter.serve(named)

        return serve

    async def _remember_name(self, name: str) -> None:
        with suppress(Exception):
            await self._bridge.patiently(desk_rows.jot, BOT_NAME, name, self._office.clock.now() + LONG)

    def _reopen(self, platform: str, channel: str) -> None:
        self._notifier.reopen(platform, channel)

    def look(self) -> None:
        """Do what is due by the desk's clock, now."""
        self._work.look()
        self._wake()

    def _wake(self) -> None:
        self._notifier.wake()

    def _jobs(self) -> Iterator[Job]:
        for watcher, config in zip(self._watchers, self._config.mailboxes, strict=False):
            yield Job(f"poll {watcher.name}", config.poll_seconds, watcher.wake)
        if self._watchers:
            yield Job("quarantine", QUARANTINE_EVERY, partial(read_again, self._watchers))
        if "worker" in self._roles:
            yield from self._work.jobs(self._look_every, partial(self._leases.holds, SCHEDULE))

    async def _stop_watchers(self) -> None:
        await asyncio.gather(*(asyncio.to_thread(watcher.stop) for watcher in self._watchers))


def letter_writer(office: Backoffice) -> LetterWriter | None:
    """Writes letters, where they can leave."""
    smtp = office.config.smtp
    if smtp is None:
        return None
    mailboxes = {box.name: (box.address, box.plus_addressing) for box in office.config.mailboxes}
    return LetterWriter(office.desk, smtp.sender, mailboxes)


def collect(office: Backoffice, config: MailboxConfig, *, import_all: bool = False) -> Round:
    """One round over one mailbox, without chats. MailboxError when it cannot be read."""
    mailbox, reader = _mailbox(config, office.config.data_dir), Reader()
    try:
        return Collector(office.desk, config, mailbox, reader).round(import_all=import_all)
    finally:
        mailbox.close()
        reader.close()


async def check_connections(config: Config, office: Backoffice) -> list[Finding]:
    """Try every configured connection, changing nothing."""
    app = App(office)
    findings: list[Finding] = []
    with session():
        groups = office.desk.user_groups.groups()
    for name, adapter in app._adapters.items():
        findings += await _checked(name, adapter.check)
        if isinstance(adapter.chat, Roster):
            findings += await adapter.chat.check_groups(groups)
    if app._mailer is not None:
        findings += await _checked("smtp", app._mailer.check)
    for mailbox in config.mailboxes:
        findings += await asyncio.to_thread(_check_mailbox, mailbox, config.data_dir)
    app._bridge.close()
    return findings


def learn_bot_name(office: Backoffice) -> None:
    """Ask Telegram for the bot's name, unless it is known or there is no Telegram. AdapterError if it says nothing."""
    now = office.clock.now()
    with session():
        known = office.config.telegram is None or desk_rows.jotted(BOT_NAME, now)
    if known:
        return
    app = App(office, roles=())
    adapter = app._adapters["telegram"]
    asyncio.run(adapter.check())
    app._bridge.close()
    with session():
        desk_rows.jot(BOT_NAME, adapter.username, now + LONG)


def stop_on_signals(stop: asyncio.Event) -> None:
    """SIGTERM, SIGINT and SIGHUP stop the bot cleanly; a SIGHUP that is ignored, as under nohup, stays so."""
    loop = asyncio.get_running_loop()
    heeded = [signal.SIGTERM, signal.SIGINT]
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        heeded.append(signal.SIGHUP)
    for number in heeded:
        loop.add_signal_handler(number, stop.set)


async def _checked(name: str, check: Callable[[], Awaitable[list[Finding]]]) -> list[Finding]:
    try:
        return await check()
    except AdapterError as fault:
        return [Finding(name, False, str(fault).removeprefix(f"{name}: "))]


def _check_mailbox(config: MailboxConfig, data_dir: Path) -> list[Finding]:
    mailbox, what = _mailbox(config, data_dir), f'mailbox "{config.name}"'
    try:
        mailbox.open()
        waiting = len(mailbox.waiting(after=0))
    except MailboxError as fault:
        return [Finding(what, False, str(fault).removeprefix(f"{what}: "))]
    finally:
        mailbox.close()
    return [Finding(what, True, f"{waiting} mails in {config.folder} of {config.host}")]


def _mailbox(config: MailboxConfig, data_dir: Path) -> Mailbox:
    from handlers.mail.mailbox import ImapMailbox

    return ImapMailbox(config, tokens=_tokens(config, data_dir))


def _mailer(config: Config) -> Mailer | None:
    if config.smtp is None:
        return None
    from handlers.mail.mailer import SmtpMailer

    return SmtpMailer(config.smtp, tokens=_tokens(config.smtp, config.data_dir))


def _tokens(config: MailboxConfig | SmtpConfig, data_dir: Path) -> "TokenSource | None":
    from handlers.mail.oauth import TokenSource

    return TokenSource(config.oauth, data_dir) if config.oauth is not None else None


def _loops(config: Config, roles: frozenset[str]) -> Iterable[str]:
    yield SCHEDULE
    if "worker" in roles:
        yield DELIVERIES
    if config.slack and "slack" in roles:
        yield "slack"
    if config.telegram and "telegram" in roles:
        yield "telegram"
    if "mail" in roles:
        yield from (f"mailbox:{mailbox.name}" for mailbox in config.mailboxes)


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
