"""The schedule: a fault stops nothing, and neither does a clock that is set back."""

import threading
import time
from collections.abc import Callable

import pytest
import time_machine

from bot.clock import Clock
from bot.health import Health
from bot.scheduler import NAME, Job, Scheduler, aside


def until(done: Callable[[], bool]) -> bool:
    """Whether it came true within ten seconds."""
    waiting = threading.Event()
    return any(done() or waiting.wait(0.05) for _ in range(200))


def scheduler(*jobs: Job) -> Scheduler:
    """A schedule that tells nobody how it is."""
    return Scheduler(list(jobs), Health(Clock(), [NAME]))


def test_a_job_that_fails_runs_again_and_stops_no_other() -> None:
    runs: list[str] = []

    def fail() -> None:
        runs.append("failing")
        raise RuntimeError

    schedule = scheduler(Job("failing", 1, fail), Job("other", 1, lambda: runs.append("other")))
    schedule.start()
    done = until(lambda: runs.count("failing") > 1 and runs.count("other") > 1)
    schedule.stop()

    assert done


@pytest.mark.row("TM-06")
@pytest.mark.row("MI-34")
def test_jobs_go_on_when_the_clock_is_set_back() -> None:
    runs: list[float] = []
    with time_machine.travel("2026-10-25 03:00", tick=True) as clock:
        schedule = scheduler(Job("often", 1, lambda: runs.append(time.time())))
        schedule.start()
        clock.shift(-7200)
        done = until(lambda: len(runs) > 2)
        schedule.stop()

    assert done
    assert runs[0] - runs[-1] > 7000


def test_what_may_take_long_is_done_aside_and_not_begun_twice() -> None:
    go, begun = threading.Event(), []

    def slow() -> None:
        begun.append(threading.current_thread().name)
        go.wait(5)
        raise RuntimeError("it breaks")

    begin = aside("slow", slow)
    begin()
    begin()
    first = until(lambda: begun == ["slow"]) and len(begun)
    go.set()
    ended = until(lambda: all(thread.name != "slow" for thread in threading.enumerate()))
    begin()

    assert (first, ended) == (1, True)
    assert until(lambda: len(begun) == 2)


def test_a_job_that_takes_long_keeps_nobody_from_starting() -> None:
    go, health = threading.Event(), Health(Clock(), [NAME])
    schedule = Scheduler([Job("slow", 1, lambda: go.wait(20) and None)], health)

    begun = time.monotonic()
    schedule.start()
    started, ready = time.monotonic() - begun, until(health.is_ready)
    go.set()
    schedule.stop()

    assert started < 5
    assert ready
