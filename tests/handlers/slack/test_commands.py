"""The slash command: what was typed reaches the verbs, and the answer is seen by its person alone."""

import pytest

from bot.outgoing.cards import Answer
from bot.sandbox.slack import PretendSlack
from handlers.slack import SlackAdapter
from tests.handlers.slack.stage import (
    BOB,
    CAROL,
    HOSTILE,
    SUPPORT,
    WrittenDown,
    answer_of,
    card,
    card_of,
    form,
    form_of,
)


async def test_a_list_is_answered_to_its_person_alone(
    slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown
) -> None:
    verbs.answers["list"] = answer_of("Printer", lines=(), buttons=())

    gesture = await slack.slash(BOB, SUPPORT, "list mine")

    assert gesture.error is None
    assert "TS2611-0042" in gesture.text
    assert [message.ephemeral_for for message in slack.ephemerals(BOB)] == [BOB]
    assert slack.ephemerals(CAROL) == [] and slack.messages(SUPPORT) == []


async def test_a_ticket_is_answered_with_its_title_and_all_the_rest(
    slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown
) -> None:
    verbs.answers["show"] = Answer(card=card())

    await slack.slash(BOB, SUPPORT, "show 42")

    shown = slack.ephemerals(BOB)[0]
    assert "TS2611-0042 · Printer on fire" in str(shown.blocks)
    assert "Please help" in str(shown.attachments)


async def test_the_request_says_who_asks_and_what_was_typed(
    slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown
) -> None:
    gesture = await slack.slash(BOB, SUPPORT, "new a < b & c")

    request = verbs.last
    assert (request.caller.platform, request.caller.id, request.caller.team) == ("slack", BOB, "T0DESK")
    assert request.caller.email == ""
    assert request.words == "new a < b & c"
    assert request.receipt == f"slack:{gesture.trigger_id}"
    assert request.can_ask and not request.pressed and request.spot is None and request.version is None


async def test_names_and_addresses_arrive_as_typed_where_slack_escapes_them(
    slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown
) -> None:
    slack.escape_commands = True

    await slack.slash(BOB, SUPPORT, "assign 42 @Carol for ann@acme.example see https://acme.example/x")

    assert verbs.last.words == f"assign 42 @{CAROL} for ann@acme.example see https://acme.example/x"


async def test_a_verb_that_needs_more_opens_its_form(
    slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown
) -> None:
    verbs.answers["new"] = Answer(form=form("new", submit="Create", reference="", version=0))

    gesture = await slack.slash(BOB, SUPPORT, "new")

    view = await gesture.until_view()
    assert gesture.acked and gesture.texts == []
    assert view.callback_id == "form:new"
    assert view.content["submit"]["text"] == "Create"


@pytest.mark.row("CI-16")
async def test_a_form_that_comes_too_late_is_explained(
    slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown
) -> None:
    verbs.answers["new"] = Answer(form=form("new"))
    slack.faults.fail("views.open", "expired_trigger_id")

    gesture = await slack.slash(BOB, SUPPORT, "new")

    assert "did not open the form" in await gesture.until_text()


async def test_the_largest_and_most_hostile_answers_are_taken_by_slack(
    slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown
) -> None:
    for text in (HOSTILE, "<&>" * 2000):
        verbs.answers["list"] = answer_of(text, card=card_of(text), link=text)
        verbs.answers["new"] = Answer(form=form_of(text))

        listed = await slack.slash(BOB, SUPPORT, "list")
        asked = await slack.slash(BOB, SUPPORT, "new")

        assert listed.error is None
        assert slack.ephemerals(BOB)[-1].tokens == []
        assert slack.ephemerals(BOB)[-1].unsafe == []
        await asked.until_view()


async def test_a_command_that_is_not_ours_is_acknowledged(
    slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown
) -> None:
    gesture = await slack.slash(BOB, SUPPORT, "anything", command="/other")

    assert gesture.acked and verbs.requests == []
