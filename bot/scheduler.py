"""What runs regularly and how often: one private schedule, in one thread, every job guarded.

A job that raises is logged and runs again at its next time; it never stops the others. The times of a schedule are the
wall clock's: where that is set back (by hand, or by an hour in autumn), no job waits longer than it would have.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import schedule
import structlog

from bot.health import Health

log = structlog.get_logger("deskbell.schedule")

TICK = 0.2
NAME = "schedule"


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do every so many seconds."""

    name: str
    seconds: float
    do: Callable[[], object]


def aside(name: str, do: Callable[[], object]) -> Callable[[], None]:
    """The same in a thread of its own, for what may take long; it is not begun again before its end."""
    busy = threading.Lock()

    def work() -> None:
        try:
            do()
        except Exception:
            log.exception("job failed", job=name)
        finally:
            busy.release()

    def begin() -> None:
        if busy.acquire(blocking=False):
            threading.Thread(target=work, name=name, daemon=True).start()

    return begin


class Scheduler:
    """Runs jobs in a thread of its own."""

    def __init__(self, jobs: list[Job], health: Health) -> None:
        self._schedule = schedule.Scheduler()
        self._health = health
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="schedule", daemon=True)
        for job in jobs:
            self._schedule.every(job.seconds).seconds.do(self._guarded, job)  # type: ignore[arg-type]

    def start(self) -> None:
        """Begin; every job runs once at once. Whoever starts it waits for none of them."""
        self._thread.start()

    def stop(self) -> None:
        """End after the job in hand."""
        self._stopping.set()
        self._thread.join(5)

    def _run(self) -> None:
        self._health.up(NAME)
        self._schedule.run_all()
        while not self._stopping.wait(TICK):
            self._mind_the_clock()
            self._schedule.run_pending()
            self._health.up(NAME)

    def _mind_the_clock(self) -> None:
        now = datetime.now()  # noqa: DTZ005 (that is how a schedule keeps its times)
        for job in self._schedule.jobs:
            if job.next_run is not None and job.next_run - now > timedelta(seconds=job.interval):
                job.next_run = now

    def _guarded(self, job: Job) -> None:
        try:
            job.do()
        except Exception:
            log.exception("job failed", job=job.name)
