"""Settings on a real phone: a section, then a list with the values, then one question."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.desk import people, staff
from bot.desk.audit import at_the_server
from bot.sandbox.demo import Demo
from bot.sandbox.telegram import Message, Person
from storage.database import session


@pytest.fixture
async def demo(tmp_path: Path, over_http: bool) -> AsyncIterator[Demo]:
    demo = Demo(tmp_path, over_http=over_http)
    await demo.start()
    with session():
        staff.change(demo.cast.on_call.address, demo.office.clock, at_the_server(), role="admin")
    yield demo
    await demo.stop()


@pytest.fixture
def sam(demo: Demo) -> Person:
    """Sam, who is an admin here."""
    return demo.telegram.world.people[demo.cast.on_call.telegram]


def last(demo: Demo, sam: Person) -> Message:
    """What the bot said last."""
    return demo.telegram.messages(sam)[-1]


async def pressed(demo: Demo, sam: Person, *labels: str) -> Message:
    """The message after these buttons."""
    for label in labels:
        await (await demo.telegram.press(sam, sam, last(demo, sam).id, label))
    return last(demo, sam)


@pytest.mark.row("C6")
async def test_a_setting_is_chosen_from_the_list_and_asked_for(demo: Demo, sam: Person) -> None:
    await (await demo.telegram.say(sam, sam, "/ticket settings"))
    question = await pressed(demo, sam, "Deadlines", "response_delay: 0")
    asked = question.text

    await (await demo.telegram.say(sam, sam, "4"))

    assert "Now: 0" in asked
    async with asyncio.timeout(10):
        while "response_delay = 4" not in last(demo, sam).text:
            await asyncio.sleep(0.02)
    with session():
        assert demo.office.desk.settings.get("response_delay") == 4.0


async def test_a_choice_is_pressed(demo: Demo, sam: Person) -> None:
    await (await demo.telegram.say(sam, sam, "/ticket settings"))

    done = await pressed(demo, sam, "Tickets", "auto_read: off", "on")

    assert done.text == "auto_read = on"


@pytest.mark.row("C9")
async def test_a_label_of_an_entry_is_changed(demo: Demo, sam: Person) -> None:
    await (await demo.telegram.say(sam, sam, "/ticket settings"))
    await pressed(demo, sam, "Severities", "HIGH · High", "Label in English: High")

    await (await demo.telegram.say(sam, sam, "Very high"))

    with session():
        assert demo.office.desk.dictionaries.find("severity", "HIGH").values["label:en"] == "Very high"


async def test_somebody_s_own_quiet_hours_are_asked_for_and_typed(demo: Demo, sam: Person) -> None:
    await (await demo.telegram.say(sam, sam, "/ticket preferences"))
    await pressed(demo, sam, "My quiet hours: -")
    await (await demo.telegram.say(sam, sam, "22:00-07:00"))
    with session():
        asked = people.agent(demo.cast.on_call.address)
    await (await demo.telegram.say(sam, sam, "/ticket preferences quiet_hours:late"))
    refused = last(demo, sam).text
    await (await demo.telegram.say(sam, sam, "/ticket preferences timezone:Asia/Tokyo quiet_hours:23:00-06:00"))

    with session():
        typed = people.agent(demo.cast.on_call.address)
    assert (asked.quiet_hours, asked.timezone) == ("22:00-07:00", "")
    assert "quiet_hours must look like" in refused
    assert (typed.quiet_hours, typed.timezone, typed.language) == ("23:00-06:00", "Asia/Tokyo", "")
