"""When whose phone rings: a chain of steps, and the rings that follow from it. Pure: values and moments in and out.

Rings are numbered from the beginning and go on round after round; a step outside its hours is passed over. A step is
typed `WHO [5m] [x3] [HOURS]`: rung three times, five minutes apart, and five minutes later the next step is.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.desk.business_time import BusinessHours, Calendar, RoundTheClock, week
from bot.errors import WrongUsage, WrongValue

CAUSES = ("new", "overdue", "client")
"""What starts a chain by itself: a new ticket, a deadline that passed, a client's reply that nobody answers."""
WAIT = 5
MOST_STEPS, MOST_TIMES, LONGEST_WAIT = 20, 100, 24 * 60
TOO_OLD = timedelta(days=1)
"""What should have rung longer ago than this rings no more."""

_STEP = re.compile(r"(\S+)(?:\s+(\d{1,4})\s*m(?:in)?)?(?:\s+x\s*(\d{1,3}))?(?:\s+([a-z].*))?", re.IGNORECASE)
_NEXT = re.compile(r" (?=channel\b|rota:\S|[^\s@]{1,80}@\S)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Step:
    """One to be rung: an "agent" (their address), a "rota" (its code) or the "channel" (""), and how.

    `hours` are those of the calendar as they were typed, "" = always.
    """

    kind: str
    target: str = ""
    wait: timedelta = timedelta(minutes=WAIT)
    times: int = 1
    calendar: Calendar = RoundTheClock()  # noqa: RUF009 (it has no state)
    hours: str = ""

    def opens(self, moment: datetime) -> datetime:
        """This moment, if it is within the step's hours; else when they begin next."""
        return self.calendar.after(moment, timedelta(0))


@dataclass(frozen=True, slots=True)
class Ring:
    """One ring of a chain."""

    number: int
    at: datetime
    step: Step


@dataclass(frozen=True, slots=True)
class Chain:
    """Steps one after the other, `rounds` times (0 = until somebody takes the ticket)."""

    steps: tuple[Step, ...]
    rounds: int = 0

    @property
    def turns(self) -> list[Step]:
        """One round, ring by ring."""
        return [step for step in self.steps for _ in range(step.times)]

    @property
    def every(self) -> timedelta | None:
        """After how long each ring comes again, as long as nobody takes the ticket; None where that is not even."""
        if self.rounds or not all(isinstance(step.calendar, RoundTheClock) for step in self.steps):
            return None
        return sum((step.wait for step in self.turns), timedelta(0))

    def left(self, number: int) -> int | None:
        """How many rings come after this one; None where they have no end."""
        return self.rounds * len(self.turns) - number - 1 if self.rounds else None

    def ring(self, number: int, at: datetime) -> Ring | None:
        """The first ring from a number on that may be at this moment or comes soonest after it; None after the last."""
        turns = self.turns
        last = self.rounds * len(turns) if self.rounds else number + len(turns)
        ahead = [turns[one % len(turns)] for one in range(number, min(last, number + len(turns)))]
        rings = [Ring(number + offset, step.opens(at), step) for offset, step in enumerate(ahead)]
        return min(rings, key=lambda ring: ring.at, default=None)

    def following(self, ring: Ring, now: datetime) -> Ring | None:
        """What comes after a ring: in its time, or counted from now where that has passed."""
        at = ring.at + ring.step.wait
        return self.ring(ring.number + 1, at if at > now else now + ring.step.wait)

    def plan(self, number: int, at: datetime) -> Iterator[Ring]:
        """The rings of one round from here on."""
        ring = self.ring(number, at)
        for _ in self.turns:
            if ring is None:
                return
            yield ring
            ring = self.following(ring, ring.at)

    def next_round(self, number: int) -> int:
        """The first ring of the round after the one that a ring belongs to."""
        return (number // len(self.turns) + 1) * len(self.turns)


def step(typed: str, zone: ZoneInfo) -> Step:
    """A step as it is typed; its hours are meant in `zone`. WrongUsage says what is wrong with it."""
    found = _STEP.fullmatch(typed.strip())
    if found is None:
        raise WrongUsage("“{step}” is no step. Write it as in “sam@example.org 5m x3”.", step=typed[:80])
    who, minutes, times, hours = found.groups()
    wait, often = int(minutes or WAIT), int(times or 1)
    if not 1 <= wait <= LONGEST_WAIT or not 1 <= often <= MOST_TIMES:
        sentence = "A step waits from 1 to {most} minutes and rings up to {times} times."
        raise WrongUsage(sentence, most=LONGEST_WAIT, times=MOST_TIMES)
    return Step(*_who(who), timedelta(minutes=wait), often, _hours(hours, zone), hours or "")


def steps_in(text: str) -> list[str]:
    """The steps of a chain that is typed in one text: each begins with who is rung; lines, commas and → part them."""
    lines = [" ".join(line.split()) for line in text.replace("→", "\n").replace("->", "\n").splitlines()]
    parts = [part.strip(" ,;") for line in lines for part in _NEXT.split(line)]
    return [part for part in parts if part]


def chain(steps: Sequence[str], rounds: int, zone: ZoneInfo) -> Chain:
    """A chain from its steps as they are typed. WrongUsage says what is wrong."""
    if not 1 <= len(steps) <= MOST_STEPS:
        raise WrongUsage("A chain has from 1 to {most} steps.", most=MOST_STEPS)
    return Chain(tuple(step(one, zone) for one in steps), rounds)


def _who(typed: str) -> tuple[str, str]:
    word = typed.lower()
    if word == "channel":
        return "channel", ""
    if word.startswith("rota:") and len(word) > len("rota:"):
        return "rota", typed[len("rota:") :].upper()
    if "@" in word[1:]:
        return "agent", word
    raise WrongUsage("A step rings an address, rota:CODE or channel, not “{who}”.", who=typed[:60])


def _hours(typed: str | None, zone: ZoneInfo) -> Calendar:
    try:
        return BusinessHours(week(typed), zone) if typed else RoundTheClock()
    except WrongValue as fault:
        raise WrongUsage("The hours of a step cannot be this: {fault}", fault=fault) from None
