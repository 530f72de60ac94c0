"""The demo: the whole bot against pretend Slack, Telegram and mail, all in one process and one loop, with its page."""

import asyncio
import contextlib
import tempfile
import time
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

import structlog

from bot import logs
from bot.app import App, stop_on_signals
from bot.backoffice import Backoffice, open_backoffice
from bot.clock import Clock, SpedUpClock
from bot.config import load_config
from bot.desk.people import DESK
from bot.errors import ConfigError
from bot.sandbox import furnishing
from bot.sandbox.cast import Cast, admit
from bot.sandbox.mail import PretendMail
from bot.sandbox.panes.clock import ClockPane
from bot.sandbox.panes.night import NightPane
from bot.sandbox.slack import PretendSlack
from bot.sandbox.stage import Stage
from bot.sandbox.telegram import PretendTelegram
from storage.database import close_database, session
from storage.exclusive import AlreadyRunning, only_one

PATIENCE = 20.0
LOOK_EVERY = 0.02
LOOK_OFTEN = 0.5
"""Seconds between two looks for what is due: half a minute where time runs sixty times as fast."""
SAY = partial(print, flush=True)

log = structlog.get_logger("deskbell.demo")


class Demo:
    """One demo whose files are in `folder`, its desk's time running `speed` times as fast, or as `clock` says.

    `over_http`: Slack and Telegram post to the desk's own web server.
    """

    def __init__(
        self, folder: Path, *, speed: float = 1.0, over_http: bool = False, clock: Clock | None = None
    ) -> None:
        self.cast = Cast()
        self.clock = clock or SpedUpClock(speed)
        self.slack = PretendSlack(dated=self._seconds)
        self.slack.escape_commands = True  # as app_manifest.yml asks for it
        self.telegram = PretendTelegram(username=self.cast.bot_username, dated=self._seconds)
        self.mail = PretendMail(address=self.cast.desk, clock=self._seconds)
        self.stage = Stage(self.slack, self.telegram, self.mail, self.cast)
        self._folder = folder
        self._over_http = over_http
        self._night: NightPane | None = None
        self._running, self._bot = AsyncExitStack(), AsyncExitStack()
        self._stop = asyncio.Event()

    @property
    def address(self) -> str:
        """Where the page is."""
        return self.stage.address

    async def start(self, port: int = 0) -> None:
        """Return when everything is up. ConfigError where port or folder is taken."""
        async with AsyncExitStack() as starting:
            if isinstance(self.clock, SpedUpClock):
                self._show_time(starting, self.clock)
            await self._take_the_page(starting, port)
            await self._open_platforms(starting)
            self.office = await asyncio.to_thread(self._open_desk)
            starting.callback(close_database)
            starting.enter_context(_alone())
            if self._night is not None:
                self._night.play_on(self.office)
            await asyncio.to_thread(self._pace, self.clock.speed)
            starting.push_async_callback(self.stop_bot)
            await self.start_bot()
            self._running = starting.pop_all()

    async def stop(self) -> None:
        """Stop the bot, then what it worked against."""
        await self._running.aclose()

    def _seconds(self) -> float:
        """The desk's time, as the platforms date what is said."""
        return self.clock.now().timestamp()

    def _show_time(self, starting: AsyncExitStack, clock: SpedUpClock) -> None:
        """The clock that the page shows and sets, and the story of the night."""

        async def run(speed: float) -> None:
            clock.run(speed)
            await asyncio.to_thread(self._pace, speed)

        write = partial(self.stage.perform, "client.write")
        self._night = NightPane(clock, self.cast, run, write, self.stage.heard)
        self.stage.add(ClockPane(clock, run), self._night)
        starting.push_async_callback(self._night.close)

    def _pace(self, speed: float) -> None:
        """What people have so many seconds for, they have in the world's seconds."""
        with session(patience=30):
            wanted = min(furnishing.UNDO_SECONDS * speed, furnishing.LONGEST_UNDO)
            if self.office.desk.settings.get("undo_seconds") != wanted:
                self.office.desk.settings.set("undo_seconds", wanted, DESK)

    async def _take_the_page(self, starting: AsyncExitStack, port: int) -> None:
        try:
            await self.stage.start(port)
        except OSError as fault:
            raise ConfigError(f"--port {port}: {fault.strerror or fault}: choose another") from None
        starting.push_async_callback(self.stage.stop)

    async def _open_platforms(self, starting: AsyncExitStack) -> None:
        admit(self.cast, self.slack, self.telegram)
        self.telegram.number_from(int(time.time()))
        for platform in (self.slack, self.telegram, self.mail):
            await platform.start()
            starting.push_async_callback(platform.stop)

    def _open_desk(self) -> Backoffice:
        sections = furnishing.configuration(self.cast, self.slack, self.telegram, self.mail)
        if self._over_http:
            furnishing.post_to_the_desk(sections, self.slack)
        config = load_config(furnishing.write(self._folder, sections), {})
        office = open_backoffice(config, self.clock)
        furnishing.seed(office, self.cast)
        if isinstance(self.clock, SpedUpClock):
            self.clock.skip_to(furnishing.last_moment())
        return office

    async def start_bot(self) -> None:
        """The bot alone, on the platforms that are there."""
        self._stop.clear()
        self._app = app = App(self.office, look_every=LOOK_OFTEN)
        working = asyncio.create_task(app.run(self._stop), name="bot")
        self._bot.push_async_callback(self._stopped, working)
        until = time.monotonic() + PATIENCE
        while not app.health.is_ready() and not working.done():  # health is told from threads
            if time.monotonic() > until:
                log.warning("not everything is up", parts=app.health.loops())
                return
            await asyncio.sleep(LOOK_EVERY)
        if working.done():
            await working

    async def look(self) -> None:
        """Have the bot look at once for what is due."""
        await asyncio.to_thread(self._app.look)

    async def stop_bot(self) -> None:
        """The bot alone; it may be started again."""
        await self._bot.aclose()

    async def _stopped(self, working: asyncio.Task[None]) -> None:
        self._stop.set()
        await working


async def run_demo(
    *,
    port: int = 8765,
    data: Path | None,
    speed: float = 1.0,
    open_browser: bool = True,
    announce: Callable[[str], None] = SAY,
) -> None:
    """Run a demo until SIGINT, SIGTERM or cancellation; `announce` is told the page's address when all is ready.

    Without `data` everything is in a folder that is removed at the end. ConfigError where port or folder is taken.
    """
    logs.set_up(level="WARNING")
    stop = asyncio.Event()
    stop_on_signals(stop)
    with _folder(data) as folder:
        demo = Demo(folder, speed=speed)
        ending = asyncio.create_task(stop.wait())
        starting = asyncio.create_task(demo.start(port))
        try:
            await asyncio.wait({starting, ending}, return_when=asyncio.FIRST_COMPLETED)
            if starting.done():
                await starting
                announce(demo.address)
                if open_browser:
                    await asyncio.to_thread(_show, demo.address)
                await ending
        finally:
            ending.cancel()
            await _ended(starting)
            await demo.stop()


@contextlib.contextmanager
def _folder(data: Path | None) -> Iterator[Path]:
    if data is None:
        with tempfile.TemporaryDirectory(prefix="deskbell-demo-", ignore_cleanup_errors=True) as made:
            yield Path(made)
        return
    try:
        data.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise ConfigError(f"--data {data}: {fault.strerror or fault}") from None
    yield data


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """One bot on one database."""
    try:
        with only_one("run"):
            yield
    except AlreadyRunning as fault:
        raise ConfigError(f"--data: {fault}") from None


def _show(address: str) -> None:
    with contextlib.suppress(webbrowser.Error, OSError):
        webbrowser.open(address)


async def _ended(task: asyncio.Task[None]) -> None:
    if not task.done():
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
