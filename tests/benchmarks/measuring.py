"""Times verbs as an agent in Slack asks for them, through the runner, and the scan for what is due. Milliseconds."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from bot.backoffice import Backoffice
from bot.commands.requests import Caller, Request
from storage.database import session
from storage.queries import deadlines
from tests.benchmarks.filling import NOW
from tests.benchmarks.prose import FREQUENT, RARE, SELDOM, SOMETIMES

ASKED = {
    "list (mine)": "list",
    "list open": "list open",
    "list all": "list all",
    "list unassigned": "list unassigned",
    "list overdue": "list overdue",
    "list waiting": "list waiting",
    "list closed": "list closed",
    "list open by severity": "list open sort:-severity",
    "list all by last activity": "list all sort:-updated",
    "search, 20 tickets": f"search {RARE}",
    "search, 0.1 %": f"search {SELDOM}",
    "search, 1 %": f"search {SOMETIMES}",
    "search, 30 %": f"search {FREQUENT}",
    "search, two words": f"search {FREQUENT} {SOMETIMES}",
    "show": "show {reference}",
    "log": "log {reference}",
    "history of a client": "client C3",
    "history of a contact": "client ann3@client3.example",
}


def measure(office: Backoffice, tickets: int, times: int) -> dict[str, float]:
    """The median of each, in milliseconds."""
    asked: dict[str, Callable[[], object]] = {name: _asking(office, words, tickets) for name, words in ASKED.items()}
    asked["overdue scan, 10 found"] = lambda: list(deadlines.to_tell(NOW, 10))
    with session():
        return {name: _median(ask, times) for name, ask in asked.items()}


def _asking(office: Backoffice, words: str, tickets: int) -> Callable[[], None]:
    caller = Caller("slack", "U0BENCH", "Agent 1", email="agent1@example.org")
    request = Request(caller, words=words.format(reference=f"TS2611-{tickets // 2:04d}"))

    def ask() -> None:
        answer = office.runner.run(request)
        assert not answer.refused, answer.text

    return ask


def _median(ask: Callable[[], object], times: int) -> float:
    ask()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        ask()
        taken.append((time.perf_counter() - start) * 1000)
    return statistics.median(taken)
