"""The strip that tells the story of one night: what happens next, what has happened and when; it begins on a press.

What has happened is read from the ticket's own history, so that it may also come otherwise than told.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.backoffice import Backoffice
from bot.clock import SpedUpClock
from bot.sandbox import night
from bot.sandbox.cast import Cast
from bot.sandbox.panes import DONE, Details, Item, Outcome, Perform, refused
from bot.sandbox.panes.clock import Pace
from storage.database import session
from storage.queries import handovers
from storage.queries import tickets as rows

BEGINS, WRITTEN = time(3, 10), time(3, 12)
BRISK = 60.0
HANDED_OVER, ACCEPTED = "handed over", "accepted"
LOOK_EVERY = 0.2
MAIL = {"subject": "BLOCKING: the shop is down", "text": "Nobody can order anything since three. Please help!\n\nAnn"}


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the story: when it is meant to be, and which event it is, the `nth` of its kind."""

    at: str
    words: str
    kind: str
    nth: int = 1


STEPS = (
    Step("03:12", "Ann writes a BLOCKING mail in the quiet hours.", "opened"),
    Step("03:12", "🔔 Sam's phone rings all the same. Sam sleeps on.", "rang"),
    Step("03:17", "🔔 Nobody takes it: five minutes later Carol's rings.", "rang", 2),
    Step("now you", "On Carol's phone, press ✅ Take it.", "taken"),
    Step("+ 1 h", "🔔 The desk asks Carol: still on it?", "still_on_it"),
    Step("08:00", "The shift changes: Carol hands over to Bob.", HANDED_OVER),
    Step("now you", "In Slack, press Accept as Bob. Good morning!", ACCEPTED),
)


class NightPane:
    """One item for each step, once the night has begun; `told` is called when one is done."""

    name = "night"

    def __init__(self, clock: SpedUpClock, cast: Cast, pace: Pace, write: Perform, told: Callable[[], None]) -> None:
        self._clock, self._cast, self._pace, self._write, self._told = clock, cast, pace, write, told
        self._office: Backoffice | None = None
        self._began: datetime | None = None
        self._done: dict[int, datetime] = {}
        self._working: list[asyncio.Task[None]] = []
        self.gestures: Mapping[str, Perform] = {"begin": self._begin}

    def play_on(self, office: Backoffice) -> None:
        """This is the desk."""
        self._office = office

    async def close(self) -> None:
        """Tell no more."""
        for task in self._working:
            task.cancel()
        await asyncio.gather(*self._working, return_exceptions=True)
        self._working.clear()

    def items(self) -> dict[str, Item]:
        """The steps; none before the night."""
        steps = STEPS if self._began else ()
        return {f"step {number}": self._item(number, step) for number, step in enumerate(steps)}

    def _item(self, number: int, step: Step) -> Item:
        at, last = self._done.get(number), max(self._done, default=-1)
        state = "done" if at else "passed" if number < last else "next" if number == last + 1 else "later"
        item = {"key": f"step {number}", "order": number, "meant": step.at, "words": step.words, "state": state}
        return {**item, "at": at.timestamp() * 1000 if at else None}

    async def _begin(self, details: Details) -> Outcome:
        office = self._office
        if office is None:
            return refused("The desk is not open yet.")
        await self.close()
        if self._clock.speed < BRISK:
            await self._pace(BRISK)
        zone = await asyncio.to_thread(_zone, office)
        began = _next(BEGINS, self._clock.now(), zone)
        self._began, self._done = began, {}
        self._clock.skip_to(began)
        await asyncio.to_thread(_furnish, office, self._cast)
        works = self._mail(_next(WRITTEN, began, zone)), self._follow(began)
        self._working = [asyncio.create_task(work) for work in works]
        return DONE

    async def _mail(self, at: datetime) -> None:
        while self._clock.now() < at:  # noqa: ASYNC110 (a clock tells nobody)
            await asyncio.sleep(0.05)
        await self._write({"person": self._cast.clients[0].address, **MAIL})

    async def _follow(self, began: datetime) -> None:
        while len(self._done) < len(STEPS):
            done = await asyncio.to_thread(_happened, began)
            if done != self._done:
                self._done = done
                self._told()
            await asyncio.sleep(LOOK_EVERY)


def _next(at: time, after: datetime, zone: ZoneInfo) -> datetime:
    """The next moment at which the clocks of a zone show this."""
    local = after.astimezone(zone)
    today = local.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
    return today if today > local else today + timedelta(days=1)


def _zone(office: Backoffice) -> ZoneInfo:
    with session():
        return ZoneInfo(office.desk.settings.get("timezone"))


def _furnish(office: Backoffice, cast: Cast) -> None:
    with session():
        night.furnish(office.desk, cast)


def _happened(began: datetime) -> dict[int, datetime]:
    """Which steps are done, and when."""
    with session():
        ticket = rows.opened_since(began)
        events = rows.events(ticket) if ticket else []
        change = handovers.first_since(began)
    moments: dict[tuple[str, int], datetime | None] = {}
    if change:
        moments = {(HANDED_OVER, 1): change.at, (ACCEPTED, 1): change.accepted_at}
    counted: Counter[str] = Counter()
    for event in events:
        counted[event.kind] += 1
        moments[event.kind, counted[event.kind]] = event.at
    wanted = ((number, moments.get((step.kind, step.nth))) for number, step in enumerate(STEPS))
    return {number: at for number, at in wanted if at}
