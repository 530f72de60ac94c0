"""Presses: on a card in the channel, in its menu, under an answer, and on pages."""

import pytest

from bot.commands.requests import Spot
from bot.outgoing.cards import Answer, Button, Row
from bot.sandbox.slack import PretendSlack
from handlers.slack import SlackAdapter
from handlers.slack.actions import Pressed, read_choice
from tests.handlers.slack.stage import BOB, SUPPORT, WrittenDown, card, form, until

REFUSAL = Answer(
    text="Already taken by Sam 4 s ago.",
    refused=True,
    buttons=(Button("takeover", "Take over", confirm="Sam has this ticket. Take it over?"),),
    reference="TS2611-0042",
    version=4,
)


async def test_a_press_becomes_a_request_with_everything_the_card_knows(
    slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown, hanging: str
) -> None:
    gesture = await slack.press(BOB, SUPPORT, hanging, "verb:take")

    request = verbs.last
    assert gesture.acked and gesture.texts == []
    assert (request.verb, request.fields, request.version) == ("take", {"reference": "TS2611-0042"}, 3)
    assert request.spot == Spot("slack", SUPPORT, hanging)
    assert request.receipt == f"slack:{gesture.trigger_id}:take"
    assert (request.caller.id, request.pressed, request.submitted, request.words) == (BOB, True, False, "")


async def test_a_choice_in_the_menu_is_a_press_like_any_other(
    slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown, hanging: str
) -> None:
    await slack.press(BOB, SUPPORT, hanging, "more", option="Close…")

    request = verbs.last
    assert (request.verb, request.fields["reference"], request.version) == ("close", "TS2611-0042", 3)
    assert request.spot == Spot("slack", SUPPORT, hanging)


async def test_a_choice_that_has_to_be_confirmed_is_asked_about_first(
    slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown, hanging: str
) -> None:
    """In the words of the card as it is now: Lee has taken it meanwhile."""
    now = Button("takeover", "Take over", confirm="Lee has this ticket. Take it over?")
    verbs.answers["back"] = Answer(redraw=card(version=4, menu=(now,)))
    verbs.answers["takeover"] = Answer(text="TS2611-0042 is yours now.")

    gesture = await slack.press(BOB, SUPPORT, hanging, "more", option="Take over")

    assert "Lee has this ticket. Take it over?" in await gesture.until_text()
    assert [request.verb for request in verbs.requests] == ["back"]
    await slack.press(BOB, SUPPORT, slack.ephemerals(BOB)[0].ts, "verb:takeover")
    assert (verbs.last.verb, verbs.last.version) == ("takeover", 4)
    await until(lambda: slack.ephemerals(BOB)[0].words == "TS2611-0042 is yours now.")


async def test_a_choice_that_needs_no_confirmation_any_more_is_carried_out(
    slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown, hanging: str
) -> None:
    verbs.answers["back"] = Answer(redraw=card(version=4, menu=()))

    await slack.press(BOB, SUPPORT, hanging, "more", option="Take over")

    assert [request.verb for request in verbs.requests] == ["back", "takeover"]


async def test_a_refusal_is_told_to_the_presser_alone_and_the_card_stays(
    slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown, hanging: str
) -> None:
    verbs.answers["take"] = REFUSAL
    before = slack.message(SUPPORT, hanging).words

    gesture = await slack.press(BOB, SUPPORT, hanging, "verb:take")

    assert "Already taken by Sam" in await gesture.until_text()
    assert slack.message(SUPPORT, hanging).words == before
    assert len(slack.messages(SUPPORT)) == 1


async def test_a_button_under_an_answer_acts_and_the_answer_is_replaced(
    slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown, hanging: str
) -> None:
    verbs.answers |= {"take": REFUSAL, "takeover": Answer(text="TS2611-0042 is yours now.")}
    await (await slack.press(BOB, SUPPORT, hanging, "verb:take")).until_text()

    await slack.press(BOB, SUPPORT, slack.ephemerals(BOB)[0].ts, "verb:takeover")

    await until(lambda: slack.ephemerals(BOB)[0].words == "TS2611-0042 is yours now.")
    assert len(slack.ephemerals(BOB)) == 1
    assert (verbs.last.version, verbs.last.spot) == (4, None)


async def test_a_press_that_needs_more_opens_its_form(
    slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown, hanging: str
) -> None:
    verbs.answers["reply"] = Answer(form=form("reply", submit="Send"))

    gesture = await slack.press(BOB, SUPPORT, hanging, "verb:reply")

    view = await gesture.until_view()
    assert view.content["private_metadata"] == f"TS2611-0042|3|{SUPPORT}"


async def test_what_a_card_does_not_show_is_told(
    slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown, hanging: str
) -> None:
    verbs.answers["close"] = Answer(text="Timeline of TS2611-0042", lines=("Opened by Ann", "Note by Bob"))

    gesture = await slack.press(BOB, SUPPORT, hanging, "more", option="Close…")

    assert "Note by Bob" in await gesture.until_text()


@pytest.mark.parametrize("value", ["", "TS2611-0042", "TS2611-0042|-1", "TS2611-0042|3|9", "a|b|c", "x" * 1999 + "|1"])
async def test_a_forged_value_never_reaches_the_verbs(
    slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown, hanging: str, value: str
) -> None:
    gesture = await slack.press(BOB, SUPPORT, hanging, "verb:take", value=value)

    assert "out of date" in await gesture.until_text()
    assert verbs.requests == []


async def test_turning_a_page_replaces_the_list(slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown) -> None:
    def listed(page: int) -> Answer:
        rows = (Row(f"TS2611-00{page}1", "Printer", "🔥", "Unread", "nobody"),)
        return Answer(text="20 tickets", rows=rows, page=page, pages=2, again='list open client:"A & B" page:{page}')

    verbs.answers["list"] = [listed(1), listed(2)]
    await slack.slash(BOB, SUPPORT, "list open")

    await slack.press(BOB, SUPPORT, slack.ephemerals(BOB)[0].ts, "page:next")

    await until(lambda: "TS2611-0021" in slack.ephemerals(BOB)[0].words)
    assert verbs.last.words == 'list open client:"A & B" page:2'
    assert len(slack.ephemerals(BOB)) == 1


async def test_a_page_button_asks_for_lists_and_for_nothing_else(
    slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown
) -> None:
    verbs.answers["list"] = Answer(text="20 tickets", page=1, pages=2, again="list page:{page}")
    await slack.slash(BOB, SUPPORT, "list")

    await slack.press(BOB, SUPPORT, slack.ephemerals(BOB)[0].ts, "page:next", value="close 42")

    assert verbs.last.words == "list"


async def test_several_actions_in_one_payload_act_once(
    slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown, hanging: str
) -> None:
    payload = (await slack.press(BOB, SUPPORT, hanging, "verb:take")).payload
    payload["actions"] = payload["actions"] * 3

    await slack.send_raw({"type": "interactive", "payload": payload})

    assert [request.verb for request in verbs.requests] == ["take", "take"]


async def test_the_same_press_delivered_again_carries_the_same_receipt(
    slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown, hanging: str
) -> None:
    first = await slack.press(BOB, SUPPORT, hanging, "verb:take")
    await slack.send_raw({"type": "interactive", "payload": first.payload})
    await slack.press(BOB, SUPPORT, hanging, "verb:take")

    receipts = [request.receipt for request in verbs.requests]
    assert receipts[0] == receipts[1] != receipts[2]


async def test_a_button_nobody_listens_to_is_acknowledged(
    slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown, hanging: str
) -> None:
    payload = (await slack.press(BOB, SUPPORT, hanging, "verb:take")).payload
    payload["actions"][0]["action_id"] = "unheard_of"

    gesture = await slack.send_raw({"type": "interactive", "payload": payload})

    assert gesture.acked and len(verbs.requests) == 1


def test_a_choice_is_read_whole_or_not_at_all() -> None:
    assert read_choice("close|TS2611-0042|12") == Pressed("close", "TS2611-0042", 12)
    assert read_choice("new||0") == Pressed("new", "", 0)
    assert read_choice("close|TS2611-0042|12|") is None
    assert read_choice("Close|TS2611-0042|12") is None
