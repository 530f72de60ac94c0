"""Groups that throw the bot out, people who block it, strangers who let it in: nothing is lost or told to them."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox.telegram import Chat
from storage.database import session
from tests.faults.telegram_house import SAM, SUPPORT, House, deliveries, events, open_house, refusals
from tests.servers import until


@pytest.fixture
async def house(tmp_path: Path, over_http: bool) -> AsyncIterator[House]:
    """With Slack beside it."""
    async with open_house(tmp_path, slack=True, http=over_http) as running:
        yield running


def subjects(house: House, chat: Chat | int | None = None) -> list[str]:
    """The subjects of the cards in a chat, in their order."""
    return [card.text.splitlines()[0].rpartition(" · ")[2] for card in house.cards(chat)]


# thrown out ----------------------------------------------------------------------------------------------------------


@pytest.mark.row("CI-20", "INV-03")
async def test_what_is_to_be_said_in_a_group_waits_while_the_bot_is_out_and_slack_hears_of_it_once(
    house: House,
) -> None:
    house.open("One")
    await house.card()
    await house.telegram.kick_bot(house.group)
    await until(lambda: house.in_slack("📵"))

    house.open("Two", "Three")
    await until(lambda: len(house.telegram.calls_of("sendMessage")) >= 2)
    await until(lambda: not deliveries("sending"))
    assert subjects(house) == ["One"]
    await house.telegram.add_bot(house.group)

    await until(lambda: len(house.cards()) == 3)
    await until(lambda: house.in_slack("📳"))
    assert subjects(house) == ["One", "Two", "Three"]
    assert house.in_slack("📵") == [
        "📵 Telegram: On call takes no messages from me (thrown out). What is to be said there waits."
    ]
    assert house.in_slack("📳") == ["📳 Telegram: On call takes messages again."]
    assert deliveries("failed") == []


@pytest.mark.row("CI-20")
async def test_a_group_that_is_found_shut_when_something_is_said_is_told_of_once_as_well(house: House) -> None:
    house.group.bot_may_write = False

    house.open("One", "Two", "Three")
    await until(lambda: house.in_slack("📵"))
    await until(lambda: not deliveries("sending"))

    assert len(house.in_slack("📵")) == 1
    assert [one.new["chat"] for one in events("chat_shut")] == [str(house.group.id)]


@pytest.mark.row("CI-20", "INV-03")
async def test_a_slack_channel_that_is_shut_is_told_of_in_telegram_once(house: House) -> None:
    house.slack.workspace.channels[SUPPORT].archived = True

    house.open("One", "Two")
    await until(lambda: house.said("📵"))
    await until(lambda: not deliveries("sending"))

    assert [one.text.partition(" (")[0] for one in house.said("📵")] == ["📵 Slack: #support takes no messages from me"]


@pytest.mark.row("CI-20", "INV-03")
async def test_it_is_known_over_a_restart_that_it_was_told(tmp_path: Path) -> None:
    async with open_house(tmp_path, slack=True) as house:
        await house.telegram.kick_bot(house.group)
        await until(lambda: house.in_slack("📵"))
        doors = house.office.desk.doors
        doors._read_at = float("-inf")

        with session():
            again = doors.shut("telegram", str(house.group.id), "thrown out")

    assert not again
    assert len(events("chat_shut")) == 1


@pytest.mark.row("CI-20")
async def test_without_another_chat_a_letter_tells_of_the_group_that_is_shut(tmp_path: Path) -> None:
    smtp = '[smtp]\nhost = "127.0.0.1"\nport = 9\nsecurity = "none"\nsender = "support@example.org"\n'
    async with open_house(tmp_path, more=smtp) as house:
        with session():
            house.office.desk.settings.set("notify_address", "boss@example.org", "Bob")
        await house.telegram.kick_bot(house.group)
        await until(lambda: events("chat_shut"))

    (letter,) = [row for row in (*deliveries("pending"), *deliveries("sending")) if row.kind == "letter"]
    assert letter.channel == "boss@example.org"
    assert "takes no messages from me" in letter.payload["text"]


# blocked -------------------------------------------------------------------------------------------------------------


def rung(house: House) -> None:
    """Sam is on call for what is blocking."""
    with session():
        house.office.desk.escalating.chains.set("", "BLOCKING", ["sam@example.org 5m"], house.office.clock.now())


async def rung_and_blocked(house: House) -> str:
    """Sam was rung about a ticket, and has blocked the bot; its reference."""
    rung(house)
    await (await house.telegram.say(house.sam, house.sam, "/help"))
    (reference,) = house.open("Fire", severity="BLOCKING")
    await until(lambda: house.cards(SAM))
    await house.telegram.block(house.sam)
    await until(lambda: house.in_slack("📵"))
    return reference


@pytest.mark.row("CI-20")
async def test_who_blocks_the_bot_is_told_nothing_more_and_the_team_knows_it(house: House) -> None:
    reference = await rung_and_blocked(house)
    before = len([call for call in house.telegram.calls if call.arguments.get("chat_id") == str(SAM)])

    await (await house.telegram.say(house.bob, house.bob, f"/take {reference}"))
    await until(lambda: "Taken by Bob" in house.cards()[0].text)
    await until(lambda: not deliveries("pending") and not deliveries("sending"))

    assert house.in_slack("📵") == ["📵 Sam’s Telegram takes no messages from me (blocked): nothing rings there."]
    assert len([call for call in house.telegram.calls if call.arguments.get("chat_id") == str(SAM)]) == before
    assert deliveries("failed") == []


@pytest.mark.row("CI-20")
async def test_after_unblocking_the_person_s_cards_are_as_they_should_be(house: House) -> None:
    reference = await rung_and_blocked(house)
    await (await house.telegram.say(house.bob, house.bob, f"/take {reference}"))
    await until(lambda: "Taken by Bob" in house.cards()[0].text)

    await house.telegram.unblock(house.sam)

    await until(lambda: "Taken by Bob" in house.cards(SAM)[0].text)
    assert house.in_slack("📳") == ["📳 Sam’s Telegram takes messages again."]


@pytest.mark.row("CI-20")
async def test_whoever_is_on_call_and_has_blocked_the_bot_is_rung_where_it_can_be_seen(house: House) -> None:
    rung(house)
    await (await house.telegram.say(house.sam, house.sam, "/help"))
    await house.telegram.block(house.sam)
    await until(lambda: house.in_slack("📵"))

    house.open("Fire", severity="BLOCKING")

    await until(lambda: house.said("📟"))
    assert house.cards(SAM) == []


@pytest.mark.row("CI-20")
async def test_who_writes_to_the_bot_has_not_blocked_it_whatever_was_heard(house: House) -> None:
    with session():
        house.office.desk.doors.shut("telegram", str(SAM), "blocked")

    await (await house.telegram.say(house.sam, house.sam, "/list"))

    await until(lambda: house.in_slack("📳"))
    assert len(events("chat_opened")) == 1


async def test_a_stranger_who_blocks_the_bot_is_nobody_s_business(house: House) -> None:
    await house.telegram.block(house.eve)
    await (await house.telegram.say(house.sam, house.sam, "/list"))

    assert house.in_slack("📵") == []
    assert events("chat_shut") == []


# let in --------------------------------------------------------------------------------------------------------------


def told(house: House, chat: Chat) -> str:
    """Everything that the bot ever sent to a chat."""
    sent = [call for call in house.telegram.calls if str(call.arguments.get("chat_id")) == str(chat.id)]
    return json.dumps([call.arguments for call in sent], ensure_ascii=False)


@pytest.mark.row("CI-23", "INV-04")
async def test_in_a_foreign_group_nothing_of_a_ticket_is_ever_said(house: House) -> None:
    house.open("Canary-4711")
    await house.card()
    evil = house.telegram.add_group(-4666, "Evil", members=[house.eve, house.sam], bot_is_member=False)

    for _ in range(2):
        await house.telegram.add_bot(evil, by=house.eve)
        for command in ("/list all", "/show 1", "/ticket search Canary", "/help"):
            if evil.bot_status == "member":
                await (await house.telegram.say(house.sam, evil, command)).settled(quiet=0.1)
        await until(lambda: evil.bot_status == "left")

    assert "Canary" not in told(house, evil) and "TS" not in told(house, evil)
    assert len(house.said("none of my desk", evil)) == 1
    assert [one.new["title"] for one in events("foreign_chat")] == ["Evil", "Evil"]
    assert ("let_in", "Foreign") in refusals()


@pytest.mark.row("CI-23")
async def test_a_press_and_a_command_in_a_group_that_was_not_left_yet_show_nothing_there(house: House) -> None:
    (reference,) = house.open("Canary-4711")
    card = await house.card()
    evil = house.telegram.add_group(-4667, "Evil", members=[house.eve, house.sam, house.bob])
    button = card.button("✅ Take it")

    pressed = await (await house.telegram.press(house.sam, evil, 999, data=button.data))
    listed = await (await house.telegram.say(house.bob, evil, "/list all"))
    stranger = await (await house.telegram.say(house.eve, evil, "/list all"))

    assert (pressed.alert, house.assignee(reference)) == (True, "")
    assert {message.chat.id for message in (*listed.sent, *stranger.sent)} <= {house.bob.id, evil.id}
    assert "Canary" not in told(house, evil)


@pytest.mark.row("CI-23")
async def test_an_agent_who_lets_it_in_is_told_the_number_of_the_group_and_it_stays(house: House) -> None:
    fresh = house.telegram.add_group(-4668, "Second line", members=[house.bob], bot_is_member=False)

    await house.telegram.add_bot(fresh, by=house.bob)

    await until(lambda: house.said("is -4668", fresh))
    assert fresh.bot_status == "member"
    assert events("foreign_chat") == []


@pytest.mark.row("CI-23")
async def test_in_a_group_that_the_desk_names_it_stays_whoever_lets_it_in(house: House) -> None:
    named = house.telegram.add_group(-4669, "Team", members=[house.eve], bot_is_member=False)
    house.name_groups([named])

    await house.telegram.add_bot(named, by=house.eve)
    await (await house.telegram.say(house.sam, house.sam, "/list"))

    assert (named.bot_status, house.telegram.messages(named)) == ("member", [])
