"""Several processes that do the same thing at the same moment, each with a connection of its own to one database."""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from threading import Barrier
from typing import Any, TypeVar

from storage import database

Done = TypeVar("Done")
_gate: list[Any] = []


def all_at_once(number: int, work: Callable[..., Done], *given: Any, url: str) -> list[Done]:
    """What `work(*given)` gave in each of so many processes; `url` is open there."""
    context = get_context("spawn")
    pool = ProcessPoolExecutor(number, context, initializer=_enter, initargs=(context.Barrier(number), url))
    with pool:
        return [each.result(60) for each in [pool.submit(work, *given) for _ in range(number)]]


def meet() -> None:
    """Wait until all the others are here."""
    gate: Barrier = _gate[0]
    gate.wait(30)


def _enter(gate: Barrier, url: str) -> None:
    _gate.append(gate)
    database.open_database(url)
