"""A chain of escalation on a real phone: asked for by questions, shown before it is saved, changed and removed."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.desk import staff
from bot.desk.audit import at_the_server
from bot.sandbox.demo import Demo
from bot.sandbox.telegram import Person
from storage.database import session
from tests.handlers.telegram.phone import last, sam
from tests.servers import until

__all__ = ["sam"]


@pytest.fixture
async def demo(tmp_path: Path, over_http: bool) -> AsyncIterator[Demo]:
    """The demo, in which Sam is a manager and no chain is kept."""
    demo = Demo(tmp_path, over_http=over_http)
    await demo.start()
    with session():
        staff.change(demo.cast.on_call.address, demo.office.clock, at_the_server(), role="manager")
        for one in demo.office.desk.escalating.chains.every():
            demo.office.desk.escalating.chains.remove(one["group"], one["severity"], demo.office.clock.now())
    yield demo
    await demo.stop()


async def pressed(demo: Demo, sam: Person, *labels: str) -> None:
    """Press these buttons, each when it is there."""
    for label in labels:
        await until(lambda label=label: label in [one for row in last(demo, sam).labels for one in row])  # type: ignore[misc]
        await (await demo.telegram.press(sam, sam, last(demo, sam).id, label))


async def said(demo: Demo, sam: Person, *texts: str) -> None:
    """Say this to the bot."""
    for text in texts:
        await (await demo.telegram.say(sam, sam, text))


def chains(demo: Demo) -> list[dict[str, Any]]:
    """All there are."""
    with session():
        return demo.office.desk.escalating.chains.every()


async def test_a_chain_is_made_changed_and_removed_by_questions(demo: Demo, sam: Person) -> None:
    await said(demo, sam, "/ticket escalation")
    await pressed(demo, sam, "a new one", "all", "Blocking")
    await said(demo, sam, "channel 5m x2")
    await until(lambda: "at once: the channel ×2" in last(demo, sam).text)
    before = chains(demo)
    await pressed(demo, sam, "Save")
    await until(lambda: chains(demo))
    (made,) = chains(demo)

    await said(demo, sam, "/ticket escalation")
    await pressed(demo, sam, "all groups · Blocking", "How often in all: 0")
    await said(demo, sam, "3")
    await pressed(demo, sam, "Save")
    await until(lambda: chains(demo)[0]["rounds"] == 3)
    await said(demo, sam, "/ticket escalation")
    await pressed(demo, sam, "all groups · Blocking", "Remove it", "Remove")
    await until(lambda: not chains(demo))

    assert before == []
    assert (made["steps"], made["rounds"]) == (["channel 5m x2"], 0)
