"""The notifier ends when it is told to, whatever happens at that moment."""

import asyncio

import pytest

from bot.app import letter_writer
from bot.backoffice import Backoffice
from bot.bridge import Bridge
from bot.commands.verbs import VERBS
from bot.outgoing.notifier import Notifier
from bot.outgoing.packing import Packer


@pytest.mark.row("PR-02")
async def test_it_ends_although_it_is_woken_at_that_very_moment(office: Backoffice) -> None:
    bridge, looked = Bridge(), asyncio.Event()
    notifier = Notifier(bridge, Packer(office.desk, letter_writer(office), VERBS), [], None, office.clock)
    working = asyncio.create_task(notifier.run(looked.set))
    await looked.wait()
    await asyncio.sleep(0)

    notifier._awake.set()
    await asyncio.sleep(0)
    working.cancel()
    ended, _ = await asyncio.wait({working}, timeout=5)

    bridge.close()
    assert ended == {working}
