"""A desk that is large: lists, searches, histories, the scan for what is due and the start take as long as may be."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from bot.backoffice import Backoffice, open_backoffice
from bot.clock import SetClock
from bot.commands.requests import Caller, Request
from bot.config import load_config
from storage.database import close_database, session, transaction
from storage.models import ThirdParty, Ticket
from storage.queries import deadlines
from tests.benchmarks.filling import NOW, fill
from tests.benchmarks.measuring import measure
from tests.faults.test_process_faults import Bot

LIST, SCAN, HISTORY, START = 0.3, 0.2, 1.0, 5.0
SMALL, OPEN, OF_ONE_CLIENT = 4_000, 1_000, 200
TIMES = 9


@pytest.mark.slow
@pytest.mark.breaks("INV-05", "INV-06")
@pytest.mark.row("LD-04", "LD-05", "LD-06", "LD-07")
def test_a_large_desk_answers_in_time(tmp_path: Path) -> None:
    took = timed(tmp_path, SMALL, open_ones=OPEN, of_one_client=OF_ONE_CLIENT)

    check(took, patience=5)


def check(took: dict[str, float], patience: float = 1) -> None:
    """AssertionError when something took too long (seconds); a busy machine may have more patience."""
    limits = {"start": START, "scan": SCAN, "history": HISTORY}
    assert {name: seconds for name, seconds in took.items() if seconds > patience * limits.get(name, LIST)} == {}


def timed(folder: Path, tickets: int, *, open_ones: int, of_one_client: int) -> dict[str, float]:
    """Seconds for each thing that is asked of so large a desk."""
    bot = Bot(folder)
    office = open_backoffice(load_config(folder / "deskbell.toml", {}), SetClock(NOW))
    fill(tickets, office.clock)
    with session(), transaction():
        _open_again(open_ones)
        Ticket.update(third_party=ThirdParty.get()).where(Ticket.id <= of_one_client).execute()
    took = {name: milliseconds / 1000 for name, milliseconds in measure(office, tickets, TIMES).items()}
    took["scan"], took["history"] = _scan(), _history(office)
    close_database()
    begun = time.monotonic()
    process = bot.start()
    took["start"] = time.monotonic() - begun
    process.terminate()
    assert process.wait(20) == 0
    return took


def _open_again(number: int) -> None:
    """So many are open and have a deadline that nobody has been told of."""
    open_one = {"status": 1, "closed_at": None, "due_at": NOW, "response_due_at": NOW, "next_alert_at": NOW}
    Ticket.update(open_one).where(Ticket.id <= number).execute()


def _scan() -> float:
    with session():
        begun = time.perf_counter()
        found = list(deadlines.to_tell(NOW, 100))
        took = time.perf_counter() - begun
    assert len(found) == 100
    return took


def _history(office: Backoffice) -> float:
    caller = Caller("slack", "U0BENCH", "Agent 1", email="agent1@example.org")
    with session():
        code = ThirdParty.get().code
        begun = time.perf_counter()
        answer = office.runner.run(Request(caller, words=f"client {code}"))
        took = time.perf_counter() - begun
    assert not answer.refused
    return took


def full(folder: Path) -> str:
    """200,000 tickets with a million events, 50,000 of them open, 10,000 of one client."""
    folder.mkdir(parents=True, exist_ok=True)
    took = timed(folder, 200_000, open_ones=50_000, of_one_client=10_000)
    check(took)
    return ", ".join(f"{name} {seconds * 1000:.1f} ms" for name, seconds in took.items())
