"""A day, or many, of everything at once: what the process holds stays the same."""

import gc
import threading
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from tests.played import Played, played

MORNING = datetime(2026, 3, 5, 8)  # noqa: DTZ001 (a wall clock's)
TICKETS, WARM = 8, 3
GROWTH = 1.1


@dataclass(frozen=True, slots=True)
class Held:
    """What the process holds: megabytes of memory, open files, threads."""

    megabytes: float
    files: int
    threads: int

    @classmethod
    def now(cls) -> "Held":
        """At this moment."""
        gc.collect()
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return cls(pages * 4096 / 1_000_000, len(list(Path("/proc/self/fd").iterdir())), threading.active_count())


@pytest.mark.row("PR-11", "INV-14")
async def test_a_day_of_everything_leaves_nothing_open(tmp_path: Path) -> None:
    held = await day(tmp_path, TICKETS)

    warm, last = held[WARM], held[-1]
    assert last.files <= warm.files + 2
    assert last.threads <= warm.threads + 2


async def day(folder: Path, tickets: int) -> list[Held]:
    """Each three hours a mail comes, is taken, noted, waits, is late, and is closed; what was held after each."""
    held = []
    async with played(folder, MORNING) as desk:
        for number in range(tickets):
            await _one(desk, number)
            await desk.pass_by(hours=3)
            held.append(Held.now())
    return held


async def _one(desk: Played, number: int) -> None:
    await desk.write(f"Printer {number}", "It burns again. " * 50)
    group = desk.cast.group
    await desk.press(desk.sam, "✅ Take it", group)
    await desk.pass_by(hours=2)
    await desk.press(desk.sam, "✔ Close", group)


async def full(folder: Path) -> str:
    """A month of it: memory, files and threads after a third and in the end."""
    held = await day(folder, 240)
    third, last = held[len(held) // 3], held[-1]
    assert last.megabytes <= third.megabytes * GROWTH, (third, last)
    assert (last.files, last.threads) <= (third.files + 2, third.threads + 2), (third, last)
    return f"after a third {third}, in the end {last}"
