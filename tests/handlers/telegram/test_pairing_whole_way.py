"""A phone becomes an agent's: by an address from Slack or the command line, or by digits; then the press counts."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from bot.commands.requests import Caller, Request
from bot.sandbox.demo import Demo
from bot.sandbox.telegram import Message, Person
from storage.database import session
from storage.models import Event, Ticket
from storage.queries import people as people_rows
from tests.handlers.telegram.test_letters_whole_way import ANN, DESK, until

pytestmark = pytest.mark.row("CI-24", "CI-12")


@pytest.fixture
async def demo(tmp_path: Path, over_http: bool) -> AsyncIterator[Demo]:
    """The desk where Ann's printer is on fire."""
    running = Demo(tmp_path, over_http=over_http)
    await running.start()
    await running.mail.write(ANN, DESK, "The printer is on fire", "Please help.")
    await until(lambda: running.telegram.messages(running.cast.group))
    yield running
    await running.stop()


@pytest.fixture
def bob(demo: Demo) -> Person:
    """Bob's phone, which the desk does not know yet; he is in the group."""
    person = demo.telegram.add_person(7902, "Bob")
    demo.telegram.world.chats[demo.cast.group].join(person)
    return person


async def in_slack(demo: Demo, text: str) -> str:
    """What Bob alone is answered in Slack, with its links."""
    gesture = await demo.slack.slash("U0BOB", demo.cast.channel, text)
    return "\n".join(f"{message.words} {message.blocks}" for message in gesture.ephemerals)


def token_in(text: str) -> str:
    """What a pairing address carries."""
    found = re.search(r"\?start=([A-Za-z0-9_-]+)", text)
    assert found
    return found[1]


async def by_address_from_slack(demo: Demo, bob: Person) -> str:
    return await answered(demo, bob, f"/start {token_in(await in_slack(demo, 'pair'))}")


async def by_address_from_the_command_line(demo: Demo, bob: Person) -> str:
    def asked() -> str:
        return demo.office.runner.run(Request(Caller("cli", "bob@example.org"), words="pair")).link

    link = await asyncio.to_thread(asked)
    assert link.startswith(f"https://t.me/{demo.telegram.username}?start=")
    return await answered(demo, bob, f"/start {token_in(link)}")


async def by_digits_typed_in_slack(demo: Demo, bob: Person) -> str:
    shown = await answered(demo, bob, "/pair")
    typed = re.search(r"/ticket (pair \d{6}) in Slack", shown)
    assert typed
    return await in_slack(demo, typed[1])


async def answered(demo: Demo, person: Person, text: str) -> str:
    """What the bot says to this in private."""
    gesture = await (await demo.telegram.say(person, person, text))
    return gesture.sent[-1].text


def card(demo: Demo) -> Message:
    return demo.telegram.messages(demo.cast.group)[0]


def assignee() -> str:
    with session():
        found = Ticket.get().assignee
        return found.name if found else ""


WAYS = [by_address_from_slack, by_address_from_the_command_line, by_digits_typed_in_slack]


@pytest.mark.parametrize("way", WAYS)
async def test_the_press_that_was_refused_is_carried_out_after_pairing(
    demo: Demo, bob: Person, way: Callable[[Demo, Person], Awaitable[str]]
) -> None:
    refused = await (await demo.telegram.press(bob, demo.cast.group, card(demo), "✅ Take it"))
    told = await way(demo, bob)
    await until(lambda: "Taken by Bob" in card(demo).text)

    assert refused.alert
    assert "I do not know this phone" in str(refused.answer)
    assert "is linked to Bob" in told
    assert "is yours" in told
    assert assignee() == "Bob"
    with session():
        taken = Event.get(Event.kind == "taken")
        assert (taken.actor_name, taken.platform) == ("Bob", "telegram")


async def test_an_address_that_opens_in_the_group_is_spoilt_for_all(demo: Demo, bob: Person) -> None:
    eve = demo.telegram.add_person(666, "Eve")
    token = token_in(await in_slack(demo, "pair"))

    await (await demo.telegram.say(bob, demo.cast.group, f"/start@{demo.telegram.username} {token}"))
    stolen = await answered(demo, eve, f"/start {token}")

    assert "wrong or too old" in stolen
    with session():
        assert people_rows.account("telegram", "666") is None


async def test_after_unpair_presses_are_refused_again(demo: Demo, bob: Person) -> None:
    await by_address_from_slack(demo, bob)

    gone = await answered(demo, bob, "/unpair")
    refused = await (await demo.telegram.press(bob, demo.cast.group, card(demo), "✅ Take it"))

    assert gone == "Your Telegram is not linked any more."
    assert refused.alert
    assert assignee() == ""


async def test_the_answer_to_pair_is_bob_s_alone_also_where_he_mentions_the_bot(demo: Demo, bob: Person) -> None:
    await demo.slack.say("U0BOB", demo.cast.channel, "@Deskbell pair")
    await until(lambda: demo.slack.ephemerals("U0BOB"))

    alone, posted = demo.slack.ephemerals("U0BOB"), demo.slack.messages(demo.cast.channel)
    assert token_in(str(alone[-1].blocks))
    assert not any("?start=" in f"{message.text} {message.blocks}" for message in posted)
