"""Work that one process at a time does: it begins when it is this one's turn, ends when it is not, and fails aloud."""

import asyncio
from collections.abc import Callable

import pytest

from bot.errors import AdapterError
from bot.supervisor import in_turn
from tests.servers import until


class Work:
    """Notes when it begins and ends; `is_ours` says whose turn it is."""

    def __init__(self) -> None:
        self.is_ours = False
        self.begun = self.ended = self.waited = 0
        self.fault: Exception | None = None

    async def serve(self, up: Callable[[], None]) -> None:
        self.begun += 1
        try:
            while self.fault is None:
                await asyncio.sleep(0.01)
            raise self.fault
        finally:
            self.ended += 1

    def stand_by(self) -> None:
        self.waited += 1

    def start(self) -> "asyncio.Future[None]":
        return asyncio.ensure_future(in_turn(lambda: self.is_ours, self.serve, self.stand_by)(lambda: None))


@pytest.mark.row("PR-09")
async def test_it_waits_for_its_turn_and_stops_when_that_is_over() -> None:
    work = Work()
    serving = work.start()
    await until(lambda: work.waited)
    before = work.begun

    work.is_ours = True
    await until(lambda: work.begun)
    work.is_ours = False
    await until(lambda: work.ended)
    work.is_ours = True
    await until(lambda: work.begun == 2)

    assert before == 0
    serving.cancel()
    await asyncio.wait([serving])
    assert work.ended == 2


@pytest.mark.row("PR-05")
async def test_what_fails_in_its_turn_is_told_to_whoever_looks_after_it() -> None:
    work = Work()
    work.is_ours, work.fault = True, AdapterError("telegram: token was refused")

    with pytest.raises(AdapterError, match="token was refused"):
        await work.start()
