"""What comes from Slack to a running desk twice, late, forged or from people who may not: it does no harm."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot import exporting
from bot.commands.guessing import MOST
from bot.desk import people
from bot.desk.workflow import Status
from bot.sandbox.slack.http_mode import body_of
from storage.database import session
from storage.models import Refused, TicketGroup
from tests.handlers.slack.house import ANN, CHANNEL, House, open_house

BOB, CAROL, GUEST, EVE = "U0BOB", "U0CAROL", "U0GUEST", "U0EVE"


@pytest.fixture
async def house(tmp_path: Path, over_http: bool) -> AsyncIterator[House]:
    async with open_house(tmp_path, http=over_http) as running:
        await running.mail.write(ANN, "support@example.org", "Printer on fire", "Please help, it burns.")
        await running.card()
        yield running


def effects() -> Counter[str]:
    """How often each kind of thing has happened by somebody in Slack."""
    with session():
        return Counter(str(event["kind"]) for event in exporting.events() if event["platform"] == "slack")


def refusals() -> list[tuple[str, str, str]]:
    """Who tried what, and why not."""
    with session():
        return [(row.caller, row.verb, row.reason) for row in Refused.select().order_by(Refused.id)]


def reference() -> str:
    with session():
        return str(next(exporting.tickets())["reference"])


async def again(house: House, kind: str, payload: dict[str, Any]) -> Any:
    """The same request as if Slack sent it once more."""
    return await house.slack.send_raw({"type": kind, "payload": payload, "retry_attempt": 1})


async def one_of_each(house: House) -> list[tuple[str, dict[str, Any]]]:
    """A command, a press, a form and a message, as they were sent; each has had its effect."""
    card = await house.card()
    typed = await house.slack.slash(BOB, CHANNEL, "note 1 Typed.")
    taken = await house.slack.press(BOB, CHANNEL, card, "verb:take")
    view = await (await house.slack.press(BOB, CHANNEL, card, "verb:note")).until_view()
    noted = await house.slack.submit(BOB, view.id, {"text": "Filled in."})
    said = await house.slack.say(BOB, CHANNEL, "Said.", thread_ts=card)
    return [
        ("slash_commands", typed.payload),
        ("interactive", taken.payload),
        ("interactive", noted.payload),
        ("events_api", said.deliveries[0].payload),
    ]


# twice, late, in another order ---------------------------------------------------------------------------------------


@pytest.mark.row("CI-02", "CI-05")
async def test_whatever_is_delivered_again_has_no_second_effect(house: House) -> None:
    sent = await one_of_each(house)
    before = effects()

    for kind, payload in sent:
        await asyncio.gather(*(again(house, kind, payload) for _ in range(3)))

    assert before == Counter(noted=3, taken=1)
    assert effects() == before


@pytest.mark.row("CI-05")
async def test_the_same_new_press_many_times_at_once_acts_once(house: House) -> None:
    pressed = await house.slack.press(GUEST, CHANNEL, await house.card(), "verb:take")
    payload = {**pressed.payload, "user": {**pressed.payload["user"], "id": BOB}, "trigger_id": "7.7.7"}

    await asyncio.gather(*(again(house, "interactive", payload) for _ in range(8)))

    assert effects() == Counter(taken=1)


@pytest.mark.row("CI-05")
async def test_several_actions_in_one_payload_act_once(house: House) -> None:
    pressed = await house.slack.press(GUEST, CHANNEL, await house.card(), "verb:take")
    one = pressed.payload["actions"][0]
    others = [{**one, "action_id": f"verb:{verb}"} for verb in ("escalate", "abandon", "take")]
    payload = {**pressed.payload, "user": {**pressed.payload["user"], "id": BOB}, "trigger_id": "7.7.7"}

    await again(house, "interactive", {**payload, "actions": [one, *others]})

    assert effects() == Counter(taken=1)


@pytest.mark.row("CI-06")
async def test_what_arrives_in_another_order_ends_in_a_legal_state(house: House) -> None:
    """The press on the old card arrives after the ticket was closed; the change of a message before the message."""
    card = await house.card()
    late = (await house.slack.press(GUEST, CHANNEL, card, "verb:snooze")).payload
    await house.slack.slash(BOB, CHANNEL, "close 1 Done.")
    said = (await house.slack.say(BOB, CHANNEL, "Second.", thread_ts=card)).deliveries[0].payload
    changed = {**said, "event_id": "Ev0LATE"}
    message = {**said["event"], "text": "Third."}
    changed["event"] = {
        "type": "message",
        "subtype": "message_changed",
        "channel": CHANNEL,
        "message": {**message, "ts": "1.000001", "thread_ts": card},
        "previous_message": {**said["event"], "ts": "1.000001", "thread_ts": card},
        "ts": "1.000002",
    }

    await again(house, "interactive", {**late, "user": {**late["user"], "id": BOB}, "trigger_id": "7.7.7"})
    await again(house, "events_api", changed)

    with session():
        assert house.office.desk.tickets.view(1).status is Status.CLOSED
    assert effects()["closed"] == 1 and effects()["snoozed"] == 0


@pytest.mark.row("CI-02")
@pytest.mark.parametrize("over_http", [True], ids=["http"])
async def test_the_same_signed_bytes_within_five_minutes_act_once(house: House, over_http: bool) -> None:
    sent = await one_of_each(house)
    before, answers = effects(), []

    for kind, payload in sent:
        body, content_type = body_of(kind, payload)
        headers = house.slack.http.headers(body, content_type, timestamp=str(int(house.slack.http.now()) - 60))
        answers += [(await house.slack.http.post(body, headers)).status for _ in range(2)]

    assert answers == [200] * 8
    assert effects() == before


# who may not ---------------------------------------------------------------------------------------------------------


@pytest.fixture
async def outsiders(house: House) -> House:
    """A bot, somebody who has left, and Eve of another organisation: all with Bob's address."""
    slack = house.slack
    slack.add_member("U0ROBOT", "robot", "bob@example.org", bot=True)
    slack.add_member("U0GONE", "gone", "bob@example.org", deleted=True)
    slack.add_member("U0CONNECT", "connect", "bob@example.org", foreign_team="T0OTHER")
    slack.workspace.channels[CHANNEL].members |= {"U0ROBOT", "U0GONE", "U0CONNECT"}
    return house


@pytest.mark.row("CI-11")
@pytest.mark.parametrize("who", [GUEST, EVE, "U0ROBOT", "U0GONE", "U0NOBODY"])
async def test_who_is_no_agent_is_told_so_in_private_and_written_down(outsiders: House, who: str) -> None:
    house, card = outsiders, await outsiders.card()
    command = (await house.slack.slash(BOB, CHANNEL, "help")).payload
    press = (await house.slack.press(BOB, CHANNEL, card, "verb:reply")).payload
    said = (await house.slack.say(BOB, CHANNEL, "A note.", thread_ts=card)).deliveries[0].payload
    before = effects()

    typed = await again(house, "slash_commands", {**command, "user_id": who, "text": "take 1", "trigger_id": "1.1.1"})
    press["actions"][0]["action_id"] = "verb:take"
    person = {**press["user"], "id": who}
    pressed = await again(house, "interactive", {**press, "user": person, "trigger_id": "2.2.2"})
    event = {**said["event"], "user": who}
    await again(house, "events_api", {**said, "event": event, "event_id": "Ev0WHO"})

    assert "do not know you" in typed.ack["text"] and typed.ack["response_type"] == "ephemeral"
    assert pressed.acked
    assert refusals() == [(who, verb, "Unrecognised") for verb in ("take", "take", "note")]
    assert effects() == before
    assert "do not know" not in str([message.text for message in house.slack.messages(CHANNEL)])


@pytest.mark.row("CI-11")
async def test_people_of_other_organisations_are_not_listened_to(outsiders: House) -> None:
    house, card = outsiders, await outsiders.card()

    pressed = await house.slack.press("U0CONNECT", CHANNEL, card, "verb:take")
    await house.slack.say("U0CONNECT", CHANNEL, "Let me in.", thread_ts=card)
    await house.slack.say("U0CONNECT", CHANNEL, "@Deskbell take 1", thread_ts=card)

    assert pressed.acked and pressed.ephemerals == []
    assert effects() == Counter()


@pytest.mark.row("CI-11")
async def test_an_agent_of_another_workspace_with_the_same_id_is_somebody_else(house: House) -> None:
    command = (await house.slack.slash(BOB, CHANNEL, "take 1")).payload
    before = effects()

    for team in ("T0OTHER", "", "t0desk", "T0DESK "):
        forged = {**command, "team_id": team, "text": "note 1 hello", "trigger_id": f"1.{team}"}
        gesture = await again(house, "slash_commands", forged)
        assert gesture.acked and not gesture.ack

    assert effects() == before


@pytest.mark.row("CI-14")
async def test_nobody_makes_himself_an_admin(house: House) -> None:
    """By a verb, by a form that was never opened for her, by a button that her card never had."""
    card = await house.card()
    typed = [
        await house.slack.slash(CAROL, CHANNEL, words)
        for words in ("agents", "settings undo_seconds 5", "agent set carol@example.org role:admin")
    ]
    view = await (await house.slack.press(CAROL, CHANNEL, card, "verb:note")).until_view()
    sent = await house.slack.submit(CAROL, view.id, {"text": "A note."})
    values = {"who": "carol@example.org", "role": "admin", "undo_seconds": "5", "text": "x"}
    state = {key: {"value": {"type": "plain_text_input", "value": value}} for key, value in values.items()}
    for verb in ("agents", "settings", "agent", "erase", "dictionary"):
        forged = {**sent.payload["view"], "id": f"V{verb}", "callback_id": f"form:{verb}", "state": {"values": state}}
        await again(house, "interactive", {**sent.payload, "view": forged})

    assert all("🚫" in gesture.text for gesture in typed)
    with session():
        assert (people.agent("carol@example.org").role, people.agent("bob@example.org").role) == ("agent", "admin")
        assert house.office.desk.settings.get("undo_seconds") == 0


@pytest.mark.row("CI-14")
async def test_the_last_admin_stays_one(house: House) -> None:
    before = people_now()

    for values in ({"bob@example.org.role": "agent"}, {"bob@example.org.active": "no"}):
        view = await (await house.slack.slash(BOB, CHANNEL, "agents")).until_view()
        seen = view.updates
        await house.slack.press_in_view(BOB, view.id, "value", option="bob@example.org", block_id="who")
        await house.until(lambda view=view, seen=seen: view.updates > seen)  # type: ignore[misc]
        refused = await house.slack.submit(BOB, view.id, values)
        assert not refused.closed

    assert people_now() == before


def people_now() -> dict[str, tuple[str, bool]]:
    with session():
        return {
            name: (one.role, one.active) for name in ("bob", "carol") if (one := people.agent(f"{name}@example.org"))
        }


# forged and stale presses --------------------------------------------------------------------------------------------


@pytest.mark.row("CI-13")
async def test_forged_and_stale_presses_are_refused(house: House) -> None:
    await house.mail.write(ANN, "support@example.org", "Another thing", "Please.")
    await house.until(lambda: len(house.slack.messages(CHANNEL)) == 2)
    first, second = (message.ts for message in house.slack.messages(CHANNEL))
    one, other = (str(ticket["reference"]) for ticket in all_tickets())
    chat = (await house.slack.say(CAROL, CHANNEL, "No card.")).ts
    press = (await house.slack.press(GUEST, CHANNEL, first, "verb:take")).payload
    press["user"]["id"] = BOB
    forged = {
        "btn-other-ticket": (first, f"{other}|0"),
        "btn-other-card": (second, f"{one}|0"),
        "btn-no-card": (chat, f"{one}|0"),
        "btn-unheard-of-card": ("1.000001", f"{one}|0"),
        "btn-no-ticket": (first, "TS9901-9999|0"),
        "btn-future": (first, f"{one}|999"),
        "btn-negative": (first, f"{one}|-1"),
        "btn-no-version": (first, one),
        "btn-words": (first, f"{one}|one"),
        "btn-three": (first, f"{one}|0|9"),
        "btn-empty": (first, ""),
        "btn-id": (first, "1"),
        "btn-sql": (first, "' OR 1=1 --|0"),
        "btn-huge": (first, f"{one}|{'9' * 400}"),
        "btn-arabic": (first, f"{one}|٣"),
    }

    for name, (ts, value) in forged.items():
        action = {**press["actions"][0], "value": value}
        container = {**press["container"], "message_ts": ts}
        message = {**press.get("message", {}), "ts": ts}
        payload = {**press, "actions": [action], "container": container, "message": message, "trigger_id": name}
        assert (await again(house, "interactive", payload)).acked, name

    assert effects() == Counter()


@pytest.mark.row("CI-13")
async def test_a_press_for_a_verb_that_no_card_has_does_what_the_verbs_allow_alone(house: House) -> None:
    press = (await house.slack.press(GUEST, CHANNEL, await house.card(), "verb:take")).payload
    press["user"]["id"] = CAROL

    for verb in ("settings", "agents", "delete", "erase", "start", "suggest", "home", "unheard_of", "_serve", "Take"):
        action = {**press["actions"][0], "action_id": f"verb:{verb}"}
        assert (await again(house, "interactive", {**press, "actions": [action], "trigger_id": verb})).acked

    assert effects() == Counter()


def all_tickets() -> list[dict[str, Any]]:
    with session():
        return list(exporting.tickets())


# echoes, other bots, what was never heard of -------------------------------------------------------------------------


@pytest.mark.row("CI-26", "CI-27")
async def test_our_echo_other_bots_and_unheard_of_events_do_nothing(house: House) -> None:
    slack, card = house.slack, await house.card()
    slack.add_member("U0ROBOT", "robot", "bob@example.org", bot=True)
    slack.workspace.channels[CHANNEL].members.add("U0ROBOT")
    posted = len(slack.calls_of("chat.postMessage"))

    await slack.say("U0ROBOT", CHANNEL, "Beep.", thread_ts=card)
    await slack.say("U0ROBOT", CHANNEL, "@Deskbell take 1", thread_ts=card)
    for user, bot in ((slack.bot_user, "B0DESKBELL"), (BOB, "B0DESKBELL"), (BOB, "B0OTHER")):
        own = {"type": "message", "channel": CHANNEL, "user": user, "bot_id": bot, "text": "Taken by Bob"}
        await slack.emit({**own, "ts": "1.000001", "thread_ts": card})
    for subtype in ("unknown_new_subtype", "channel_join", "bot_message", "tombstone", "me_message"):
        await slack.emit({"type": "message", "subtype": subtype, "channel": CHANNEL, "user": BOB, "thread_ts": card})
    for kind in ("unheard_of", "channel_archive", "reaction_removed", "team_join", "user_change"):
        gesture = await slack.emit({"type": kind, "user": BOB, "channel": CHANNEL})
        assert gesture is not None and gesture.acked

    assert effects() == Counter() and refusals() == []
    assert len(slack.calls_of("chat.postMessage")) == posted


# enumeration ---------------------------------------------------------------------------------------------------------


@pytest.mark.row("CI-28", "SE-15")
async def test_a_ticket_of_others_looks_like_one_that_does_not_exist(house: House) -> None:
    hidden = reference()
    with session():
        TicketGroup.update(restricted=True).where(TicketGroup.code == all_tickets()[0]["group"]).execute()

    asked = {verb: await answers(house, verb, hidden, "TS2603-9999") for verb in ("show", "log", "take", "note", "why")}

    assert "There is no ticket REF" in asked["show"][0]
    assert all(forbidden == missing for forbidden, missing in asked.values())
    assert effects() == Counter()


async def answers(house: House, verb: str, *references: str) -> list[str]:
    """What Carol is told about each, the reference left out."""
    more = " Hello." if verb == "note" else ""
    told = [(await house.slack.slash(CAROL, CHANNEL, f"{verb} {name}{more}")).text for name in references]
    return [text.replace(name, "REF") for text, name in zip(told, references, strict=True)]


@pytest.mark.row("CI-28", "SE-26")
async def test_whoever_goes_on_guessing_has_to_wait_and_nobody_else(house: House) -> None:
    told = [(await house.slack.slash(CAROL, CHANNEL, f"show TS2603-{number}")).text for number in range(5000, 5040)]
    there = (await house.slack.slash(CAROL, CHANNEL, "show 1")).text
    others = (await house.slack.slash(BOB, CHANNEL, "show 1")).text

    assert ["There is no ticket" in text for text in told] == [True] * MOST + [False] * (40 - MOST)
    assert told[-1] == there == "🚫 You have asked for many tickets that are not there. Please wait a minute."
    assert "Printer on fire" in others


# the app is taken out of the workspace -------------------------------------------------------------------------------


@pytest.mark.row("CI-22")
async def test_without_its_workspace_the_desk_goes_on_with_mail_and_keeps_what_it_has_to_say(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handlers.slack.faults.HELD_FOR", 0.5)
    await house.slack.uninstall()
    while (health := await health_of(house))["loops"]["slack"]["ok"]:
        await asyncio.sleep(0.05)

    await house.mail.write(ANN, "support@example.org", "Another thing", "Please.")
    await house.until(lambda: len(all_tickets()) == 2)
    away = await health_of(house)
    house.slack.faults.clear()
    await house.until(lambda: len(house.slack.messages(CHANNEL)) == 2)

    assert "account_inactive" in health["loops"]["slack"]["error"]
    assert away["loops"]["mailbox:support"]["ok"] and not away["ok"]
    assert away["dead_letters"] == 0


async def health_of(house: House) -> dict[str, Any]:
    async with aiohttp.ClientSession() as client, client.get(f"{house.address}/healthz") as answer:
        told: dict[str, Any] = await answer.json()
        return told
