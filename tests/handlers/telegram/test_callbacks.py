"""Presses on cards, under answers and on lists."""

import asyncio
from dataclasses import replace

import pytest

from bot.commands.requests import Caller, Spot
from bot.outgoing.cards import Answer, Button, Row
from bot.sandbox.telegram import Person, PretendTelegram
from tests.handlers.telegram.conftest import GROUP, Desk
from tests.handlers.telegram.fakes import card, reply_form

MORE = replace(card(), phone=card().phone_more)


async def test_a_press_becomes_a_request_that_names_presser_ticket_version_and_card(
    desk: Desk, telegram: PretendTelegram, sam: Person
) -> None:
    shown = await desk.hang()

    gesture = await (await telegram.press(sam, GROUP, shown.id, "💤 4 h"))

    request = desk.commands.last
    assert request.caller == Caller("telegram", "7001", "@sam_oncall", language="en", private=False)
    assert (request.verb, request.version, request.pressed, request.submitted) == ("snooze", 7, True, False)
    assert request.fields == {"ticket": "42", "argument": "4h"}
    assert request.spot == Spot("telegram", str(GROUP), str(shown.id))
    assert request.receipt == f"telegram:{gesture.updates[0]}"
    assert (gesture.answer, gesture.alert, gesture.sent) == ("Done.", False, [])


async def test_a_refused_press_is_an_alert_of_at_most_200_characters(
    desk: Desk, telegram: PretendTelegram, sam: Person
) -> None:
    shown = await desk.hang()
    desk.commands.prepare("take", Answer(text="Already taken by Bob 4 s ago. " + "😀" * 150, refused=True))

    gesture = await (await telegram.press(sam, GROUP, shown.id, "✅ Take it"))

    assert gesture.alert
    assert gesture.answer is not None
    assert gesture.answer.startswith("Already taken by Bob 4 s ago. 😀")
    assert gesture.answer.endswith("…")
    assert gesture.sent == []


async def test_strangers_get_an_alert_and_nothing_else(desk: Desk, telegram: PretendTelegram, eve: Person) -> None:
    shown = await desk.hang()
    text = "I do not know this phone."
    desk.commands.prepare("take", Answer(text=text, lines=("canary",), refused=True, unrecognised=True))

    gesture = await (await telegram.press(eve, GROUP, shown.id, "✅ Take it"))

    assert (gesture.answer, gesture.alert) == (text, True)
    assert (gesture.sent, gesture.edited) == ([], [])


async def test_more_swaps_the_keyboard_in_place_and_back_swaps_it_again(
    desk: Desk, telegram: PretendTelegram, sam: Person
) -> None:
    shown = await desk.hang()
    desk.commands.prepare("more", Answer(redraw=MORE))
    desk.commands.prepare("back", Answer(redraw=card()))

    first = await (await telegram.press(sam, GROUP, shown.id, "ℹ More"))
    second_level = shown.labels
    await (await telegram.press(sam, GROUP, shown.id, "« Back"))

    assert first.edited == [shown]
    assert second_level == [["Reply…", "Take over"], ["« Back"]]
    assert shown.labels[0] == ["✅ Take it"]
    assert len(telegram.messages(GROUP)) == 1


async def test_the_press_is_answered_before_anything_is_drawn(
    desk: Desk, telegram: PretendTelegram, sam: Person
) -> None:
    shown = await desk.hang()
    desk.commands.prepare("more", Answer(redraw=MORE))

    await (await telegram.press(sam, GROUP, shown.id, "ℹ More"))

    methods = [call.method for call in telegram.calls if call.method in ("answerCallbackQuery", "editMessageText")]
    assert methods == ["answerCallbackQuery", "editMessageText"]


async def test_taking_over_asks_first_and_names_the_holder(desk: Desk, telegram: PretendTelegram, sam: Person) -> None:
    shown = await desk.hang(MORE)
    desk.commands.prepare("back", Answer(redraw=card(version=8)))

    asked = await (await telegram.press(sam, GROUP, shown.id, "Take over"))
    requests = [request.verb for request in desk.commands.requests]
    question = shown.labels
    await (await telegram.press(sam, GROUP, shown.id, "Take over"))

    assert (asked.answer, asked.alert) == ("Bob has this ticket. Take it over?", True)
    assert requests == ["back"]
    assert question == [["Take over"], ["« Back"]]
    assert (desk.commands.last.verb, desk.commands.last.version) == ("takeover", 8)
    assert "argument" not in desk.commands.last.fields


@pytest.mark.one_mode
async def test_forged_data_reaches_no_verb(desk: Desk, telegram: PretendTelegram, eve: Person) -> None:
    shown = await desk.hang()
    forged = [
        "",
        "take",
        "v1:take:42",
        "v1:take:42:7:a b",
        "v1:take:-1:7",
        "v2:take:42:7",
        "v1:TAKE:42:7",
        "v1:take:42:x",
    ]
    forged += [
        "v1:take:٤٢:7",
        "a1:take:7:TS2611-0042",
        "q1:00000000:0:send",
        "p1:00000000:2",
        "v1:" + "x" * 60,
        "\x00" * 64,
    ]

    gestures = [await (await telegram.press(eve, GROUP, shown.id, data=data)) for data in forged]

    assert {(gesture.answer or "")[:30] for gesture in gestures} == {"This button is out of date. Th"}
    assert all(gesture.alert for gesture in gestures)
    assert desk.commands.requests == []


async def test_a_press_on_a_message_that_is_gone_still_says_where_it_was(
    desk: Desk, telegram: PretendTelegram, sam: Person
) -> None:
    gesture = await (await telegram.press(sam, GROUP, 999, data="v1:take:42:7"))

    assert desk.commands.last.spot == Spot("telegram", str(GROUP), "999")
    assert gesture.answer == "Done."


async def test_a_long_answer_stands_below_the_card(desk: Desk, telegram: PretendTelegram, sam: Person) -> None:
    shown = await desk.hang(card(phone=((Button("log", "Timeline"),),)))
    desk.commands.prepare("log", Answer(text="Timeline of TS2611-0042", lines=("Opened by Ann", "Note by Bob")))

    gesture = await (await telegram.press(sam, GROUP, shown.id, "Timeline"))

    assert [one.text for one in gesture.sent] == ["Timeline of TS2611-0042\nOpened by Ann\nNote by Bob"]
    assert gesture.sent[0].reply_to is shown


async def test_presses_on_one_card_stay_in_order_and_other_cards_do_not_wait(
    desk: Desk, telegram: PretendTelegram, sam: Person, bob: Person
) -> None:
    slow, quick = await desk.hang(), await desk.hang(card(ticket=43))
    telegram.faults.delay("answerCallbackQuery", 1.0)

    first = await telegram.press(sam, GROUP, slow.id, "✅ Take it")
    await asyncio.sleep(0)
    second = await telegram.press(bob, GROUP, slow.id, "✔ Close")
    third = await telegram.press(bob, GROUP, quick.id, "✅ Take it")
    await third.answered()
    after_third = (first.answer, second.answer)
    await second

    assert after_third == (None, None)
    asked = [(request.caller.name, request.fields["ticket"]) for request in desk.commands.requests]
    assert [one for one in asked if one[1] == "42"] == [("@sam_oncall", "42"), ("Bob", "42")]


async def test_an_answers_button_is_offered_in_private_only(desk: Desk, telegram: PretendTelegram, sam: Person) -> None:
    held = Answer(
        text="Already taken by Bob.", refused=True, buttons=(Button("takeover", "Take over"),),
        reference="TS2611-0042", version=9,
    )  # fmt: skip
    desk.commands.prepare("take", held)

    in_group = await (await telegram.say(sam, GROUP, "/take 42"))
    in_private = await (await telegram.say(sam, sam, "/take 42"))
    offered = in_private.sent[0].labels
    await (await telegram.press(sam, sam, in_private.sent[0].id, "Take over"))

    assert in_group.sent[0].labels == []
    assert "/takeover TS2611-0042" in in_group.sent[0].text
    assert offered == [["Take over"]]
    request = desk.commands.last
    assert (request.verb, request.fields["reference"], request.version) == ("takeover", "TS2611-0042", 9)
    assert request.spot is None


async def test_a_list_is_turned_in_place_by_whoever_asked_for_it(
    desk: Desk, telegram: PretendTelegram, sam: Person, eve: Person
) -> None:
    row = Row("TS2611-0042", "Printer <on> fire", "🔴", "Unread", "Unread · nobody")
    again = "list open page:{page} {0} braces"
    first, second = (Answer(text="12 tickets", rows=(row,), page=n, pages=2, again=again) for n in (1, 2))
    desk.commands.prepare("list", first, second)

    asked = await (await telegram.say(sam, GROUP, "/list open"))
    shown = asked.sent[0]
    labels = shown.labels
    foreign = await (await telegram.press(eve, GROUP, shown.id, "›"))
    await (await telegram.press(sam, GROUP, shown.id, "›"))

    assert labels == [["1/2", "›"]]
    assert "Printer <on> fire" in shown.text
    assert foreign.alert
    assert desk.commands.last.words == "list open page:2 {0} braces"
    assert shown.labels == [["‹", "2/2"]]


async def test_a_form_is_asked_for_below_the_card(desk: Desk, telegram: PretendTelegram, sam: Person) -> None:
    shown = await desk.hang(MORE)
    desk.commands.prepare("reply", Answer(form=reply_form()))

    gesture = await (await telegram.press(sam, GROUP, shown.id, "Reply…"))

    assert gesture.answer == ""
    assert gesture.sent[0].reply_to is shown
    assert gesture.sent[0].labels == [["Cancel"]]
