"""Groups that become supergroups: everything follows to the new id, whoever tells of it first, and nothing twice."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.app import check_connections
from bot.sandbox.telegram import Chat
from storage.database import session
from storage.models import Posting, TicketGroup
from tests.faults.telegram_house import GROUP, House, deliveries, events, open_house
from tests.servers import until


@pytest.fixture
async def house(tmp_path: Path, over_http: bool) -> AsyncIterator[House]:
    async with open_house(tmp_path, http=over_http) as running:
        yield running


def subjects(house: House, chat: Chat | int) -> list[str]:
    """The subjects of the cards in a chat."""
    return sorted(card.text.splitlines()[0].rpartition(" · ")[2] for card in house.cards(chat))


async def settled() -> None:
    """Until nothing waits to be told."""
    await until(lambda: not deliveries("pending") and not deliveries("sending"))


@pytest.mark.row("CI-21", "INV-03")
async def test_by_the_update_all_open_cards_hang_once_in_the_new_chat(house: House) -> None:
    references = house.open("Fire", "Flood", "Frost")
    await house.card(number=2)
    await settled()

    new = await house.telegram.migrate(house.group)
    await until(lambda: len(house.cards(new)) == 3)
    await settled()

    assert subjects(house, new) == ["Fire", "Flood", "Frost"]
    pressed = await (await house.telegram.press(house.sam, new, await house.card(new), "✅ Take it"))
    assert not pressed.alert
    assert sum(house.assignee(one) == "Sam" for one in references) == 1
    assert [one.new for one in events("chat_moved")] == [{"chat": str(new)}]


@pytest.mark.row("CI-21", "INV-03")
async def test_by_the_refusal_of_a_card_nothing_is_lost_and_nothing_told_twice(house: House) -> None:
    house.open("Fire")
    await house.card()
    await settled()
    house.telegram.world.updates.allowed = ["callback_query"]  # the update is lost
    new = await house.telegram.migrate(house.group)

    house.open("Flood", "Frost")
    await until(lambda: len(house.cards(new)) == 3)
    await settled()

    assert subjects(house, new) == ["Fire", "Flood", "Frost"]
    refused = [call for call in house.telegram.calls if "upgraded" in str(call.answer.get("description"))]
    assert 1 <= len(refused) <= 2  # those that were on their way
    assert deliveries("failed") == []


@pytest.mark.row("CI-21")
async def test_a_message_of_the_new_chat_is_never_taken_for_one_of_the_old(house: House) -> None:
    """Both chats number their messages from one: what hung in the old one must not be redrawn in the new one."""
    fire, flood = house.open("Fire", "Flood")
    await house.card(number=1)
    await settled()
    new = await house.telegram.migrate(house.group)
    await until(lambda: len(house.cards(new)) == 2)
    await settled()

    for reference in (fire, flood):
        await (await house.telegram.say(house.sam, house.sam, f"/take {reference}"))
    await until(lambda: all("Taken by Sam" in card.text for card in house.cards(new)))

    assert subjects(house, new) == ["Fire", "Flood"]
    with session():
        assert {row.channel for row in Posting.select()} == {str(new)}


@pytest.mark.row("CI-21")
async def test_the_old_number_in_the_file_and_a_group_s_setting_go_on_meaning_the_chat(
    tmp_path: Path, house: House
) -> None:
    with session():
        TicketGroup.update(telegram_chat=str(GROUP)).execute()
    house.open("Fire")
    await house.card()
    new = await house.telegram.migrate(house.group)
    await until(lambda: len(house.cards(new)) == 1)
    await settled()
    before = len(house.telegram.calls)

    house.open("Flood")
    await until(lambda: len(house.cards(new)) == 2)

    calls = [call for call in house.telegram.calls[before:] if call.method == "sendMessage"]
    assert {call.arguments["chat_id"] for call in calls} == {str(new)}
    with session():
        assert {row.telegram_chat for row in TicketGroup.select()} == {str(new)}
        assert house.office.desk.admissions.named() == {str(new)}


@pytest.mark.row("CI-21")
async def test_a_check_looks_at_the_chat_that_the_old_number_has_become(house: House) -> None:
    await house.telegram.migrate(house.group)

    findings = await check_connections(house.office.config, house.office)

    assert [(one.ok, one.sentence) for one in findings if one.what == "telegram chat"] == [(True, "On call")]


@pytest.mark.row("CI-21")
async def test_commands_are_answered_in_the_new_chat_at_once(house: House) -> None:
    house.open("Fire")
    await house.card()
    new = await house.telegram.migrate(house.group)
    await until(lambda: len(house.cards(new)) == 1)

    asked = await (await house.telegram.say(house.sam, new, "/list all"))

    assert [message.chat.id for message in asked.sent] == [new]


@pytest.mark.row("CI-21")
async def test_a_chat_that_moves_again_takes_along_what_had_come_there(house: House) -> None:
    house.open("Fire")
    await house.card()
    second = await house.telegram.migrate(house.group)
    await until(lambda: len(house.cards(second)) == 1)

    third = await house.telegram.migrate(second)
    await until(lambda: len(house.cards(third)) == 1)
    await settled()

    assert house.office.desk.moves.telegram(str(GROUP)) == str(third)
    assert house.office.desk.moves.telegram(str(second)) == str(third)
