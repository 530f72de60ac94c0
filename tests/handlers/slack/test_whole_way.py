"""The whole way without Telegram: a mail, real Bolt, letters, with everything in between real."""

import asyncio
import statistics
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bot.app import App
from bot.backoffice import open_backoffice
from bot.config import load_config
from bot.desk import people
from bot.sandbox.mail import PretendMail
from bot.sandbox.slack import PretendSlack
from storage.database import close_database, session
from tests.handlers.slack.house import ANN, CHANNEL, CONFIGURATION, House, open_house
from tests.servers import free_port

LOST_BY_BOB, LOST_BY_CAROL = ("U0BOB", "U0CAROL", "Carol"), ("U0CAROL", "U0BOB", "Bob")
BY_SCHEDULE = "idle = false\npoll_seconds = 1"


@pytest.fixture
async def house(tmp_path: Path, over_http: bool, request: pytest.FixtureRequest) -> AsyncIterator[House]:
    async with open_house(tmp_path, http=over_http, more=getattr(request, "param", "")) as running:
        yield running


async def test_a_mail_is_taken_answered_and_closed(house: House) -> None:
    await house.mail.write(ANN, "support@example.org", "Printer on fire", "Please help, it burns.")
    card = await house.card()
    assert "Unread" in house.shown

    await house.slack.press("U0BOB", CHANNEL, card, "verb:take")
    await house.until(lambda: "Taken by Bob" in house.shown)

    view = await (await house.slack.press("U0BOB", CHANNEL, card, "verb:reply")).until_view()
    shown = await house.slack.submit("U0BOB", view.id, {"text": "Have you **tried** water?"})
    assert (shown.error, shown.field_errors) == (None, {})
    sent = await house.slack.submit("U0BOB", view.id)
    assert (sent.error, sent.closed) == (None, True)
    await house.until(lambda: house.letters("tried"))
    letter = house.letters("tried")[0]
    assert letter.subject.startswith("Re: Printer on fire [TS")
    assert letter.header("In-Reply-To")

    await house.mail.write(ANN, letter.answer_to, f"Re: {letter.subject}", "Yes, that helped.", in_reply_to=letter)
    await house.until(lambda: any("Yes, that helped." in line for line in house.lines(card)))

    view = await (await house.slack.press("U0BOB", CHANNEL, card, "verb:close")).until_view()
    await house.slack.submit("U0BOB", view.id, {"text": "Watered."})
    await house.until(lambda: house.letters("Watered."))
    await house.until(lambda: "Closed by Bob" in house.shown)
    assert len(house.slack.messages(CHANNEL)) == 1


async def test_the_loser_of_a_race_is_told_who_won(house: House) -> None:
    await house.mail.write(ANN, "support@example.org", "Printer on fire", "Please help.")
    card = await house.card()

    await house.slack.press("U0BOB", CHANNEL, card, "verb:take")
    lost = await house.slack.slash("U0CAROL", CHANNEL, "take 1")

    assert "Already taken by Bob" in lost.texts[0]


async def test_of_two_who_press_at_once_one_wins_and_the_other_may_take_over(house: House) -> None:
    await house.mail.write(ANN, "support@example.org", "Printer on fire", "Please help.")
    card = await house.card()

    await asyncio.gather(*(house.slack.press(user, CHANNEL, card, "verb:take") for user in ("U0BOB", "U0CAROL")))

    await house.until(lambda: house.slack.ephemerals("U0BOB") or house.slack.ephemerals("U0CAROL"))
    loser, winner, name = LOST_BY_BOB if house.slack.ephemerals("U0BOB") else LOST_BY_CAROL
    told = house.slack.ephemerals(loser)[0]
    assert f"Already taken by {name}" in told.words
    assert house.slack.ephemerals(winner) == []
    await house.slack.press(loser, CHANNEL, told.ts, "verb:takeover")
    await house.until(lambda: "Taken over by" in house.shown)


@pytest.mark.parametrize("sent", ["assign 1 <@U0CAROL|carol>", "assign 1 <@U0CAROL>", "assign 1 U0CAROL"])
async def test_a_ticket_is_given_to_whoever_is_mentioned(house: House, sent: str) -> None:
    """A mention works even where Carol has never done anything in Slack; the bare id only afterwards."""
    await house.mail.write(ANN, "support@example.org", "Printer on fire", "Please help.")
    await house.card()
    if "<" not in sent:
        await house.slack.slash("U0CAROL", CHANNEL, "list")
    payload = (await house.slack.slash("U0BOB", CHANNEL, "help")).payload
    payload = {**payload, "text": sent, "trigger_id": "1.2.3"}

    told = await house.slack.send_raw({"type": "slash_commands", "payload": payload})

    assert "is Carol's now" in told.ack["text"]


async def test_a_mention_in_a_thread_names_its_ticket_and_a_colleague(house: House) -> None:
    await house.mail.write(ANN, "support@example.org", "Printer on fire", "Please help.")
    card = await house.card()

    await house.slack.say("U0BOB", CHANNEL, "@Deskbell assign @carol", thread_ts=card)

    await house.until(lambda: "Assigned by Bob" in house.shown)
    with session():
        assert house.office.desk.tickets.view(1).assignee == people.agent("carol@example.org")


async def test_whoever_is_mentioned_and_no_agent_gets_no_ticket(house: House) -> None:
    house.slack.escape_commands = True
    await house.mail.write(ANN, "support@example.org", "Printer on fire", "Please help.")
    await house.card()

    told = [(await house.slack.slash("U0BOB", CHANNEL, f"assign 1 @{name}")).texts[0] for name in ("eve", "carl")]

    assert all("is no agent that I know" in text for text in told)


async def test_strangers_and_guests_are_refused_and_change_nothing(house: House) -> None:
    await house.mail.write(ANN, "support@example.org", "Printer on fire", "Please help.")
    card = await house.card()

    stranger = await house.slack.slash("U0EVE", CHANNEL, "take 1")
    guest = await house.slack.slash("U0GUEST", CHANNEL, "take 1")
    pressed = await house.slack.press("U0EVE", CHANNEL, card, "verb:take")

    assert "do not know you" in stranger.texts[0]
    assert "do not know you" in guest.texts[0]
    await pressed.until_text()
    with session():
        assert house.office.desk.tickets.view(1).assignee is None


async def test_a_thread_message_is_a_note_and_no_letter(house: House) -> None:
    await house.mail.write(ANN, "support@example.org", "Printer on fire", "Please help.")
    card = await house.card()

    await house.slack.say("U0CAROL", CHANNEL, "between us: it's the toner", thread_ts=card)

    told = await house.slack.slash("U0BOB", CHANNEL, "log 1")
    assert "between us: it's the toner" in told.texts[0]
    assert not house.letters("toner")


async def test_text_of_strangers_is_never_live_in_slack(house: House) -> None:
    hostile = "<!channel> <@U0BOB> <https://evil.example|click> & *bold*"

    await house.mail.write("Eve <eve@evil.example>", "support@example.org", hostile, hostile)

    await house.card()
    message = house.slack.messages(CHANNEL)[0]
    assert not message.tokens


async def test_a_command_and_a_press_are_acknowledged_in_twenty_milliseconds(house: House) -> None:
    """The median; each write is committed before its acknowledgement."""
    await house.slack.slash("U0BOB", CHANNEL, "help")
    took = [await _seconds(house, f"note 1 number {n}") for n in range(3)]
    for n in range(20):
        await house.slack.submit("U0BOB", await _new_form(house), {"subject": f"Ticket {n}"})
        took.append(await _seconds(house, f"take {n + 1}"))

    assert statistics.median(took) < 0.1  # a liveness check: five times what is promised


async def _seconds(house: House, words: str) -> float:
    """How long a command waits for its acknowledgement."""
    gesture = await house.slack.slash("U0BOB", CHANNEL, words)
    assert gesture.ack_seconds is not None
    return gesture.ack_seconds


async def _new_form(house: House) -> str:
    return (await (await house.slack.slash("U0BOB", CHANNEL, "new")).until_view()).id


async def test_health_names_every_loop(house: House) -> None:
    async with aiohttp.ClientSession() as client:
        told = await (await client.get(f"{house.address}/healthz")).json()

    assert told["ok"]
    assert set(told["loops"]) == {"schedule", "deliveries", "slack", "mailbox:support"}


@pytest.mark.parametrize("house", [BY_SCHEDULE], indirect=True)
async def test_the_schedule_alone_posts_what_is_new_and_what_is_overdue(house: House) -> None:
    with session():
        house.office.desk.settings.set("response_delay", 0.0005, "test")

    await house.mail.write(ANN, "support@example.org", "Printer on fire", "Please help.")

    await house.card()
    await house.until(lambda: any("is overdue" in message.text for message in house.slack.messages(CHANNEL)), 30)
    await house.until(lambda: "OVERDUE" in str(house.slack.messages(CHANNEL)[0].all_blocks))
    overdue = [message for message in house.slack.messages(CHANNEL) if "is overdue" in message.text]
    assert len(overdue) == 1


async def test_a_wrong_token_stops_slack_alone_and_says_what_to_do(tmp_path: Path) -> None:
    slack, mail = PretendSlack(), PretendMail()
    await slack.start()
    await mail.start()
    text = CONFIGURATION.format(slack=slack, mail=mail, web=free_port(), more="").replace(
        slack.bot_token, "xoxb-1-2-wrong"
    )
    (tmp_path / "deskbell.toml").write_text(text)
    app = App(open_backoffice(load_config(tmp_path / "deskbell.toml", {})))
    stop = asyncio.Event()
    working = asyncio.create_task(app.run(stop))

    async with asyncio.timeout(15):
        while not (
            app.health.loops()["mailbox:support"]["ok"] and "refused" in str(app.health.loops()["slack"]["error"])
        ):
            await asyncio.sleep(0.02)
    told = str(app.health.loops()["slack"]["error"])
    stop.set()
    await working
    close_database()
    await slack.stop()
    await mail.stop()

    assert told.startswith("slack: bot_token was refused (invalid_auth): copy")
    assert "wrong" not in told.removeprefix("slack: bot_token was refused")
