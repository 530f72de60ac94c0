"""Forms that come back: refused ones stay open with what was typed, accepted ones close."""

import pytest

from bot.outgoing.cards import Answer, Button
from bot.sandbox.slack import PretendSlack, View
from handlers.slack import SlackAdapter
from handlers.slack.views import remembered, values
from tests.handlers.slack.stage import BOB, SUPPORT, WrittenDown, form, until


@pytest.fixture
async def view(slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown, hanging: str) -> View:
    """The form of a reply, open before Bob."""
    verbs.answers["reply"] = Answer(form=form("reply", submit="Send"))
    return await (await slack.press(BOB, SUPPORT, hanging, "verb:reply")).until_view()


async def test_a_submission_becomes_a_request_with_what_was_filled_in(
    slack: PretendSlack, verbs: WrittenDown, view: View
) -> None:
    verbs.answers["reply"] = Answer(text="Done.")

    await slack.submit(BOB, view.id, {"text": "Have you <tried> water & sand?"})

    request = verbs.last
    assert request.verb == "reply"
    assert request.fields == {
        "reference": "TS2611-0042",
        "to": "ann@acme.example",
        "text": "Have you <tried> water & sand?",
    }
    assert (request.version, request.submitted, request.pressed) == (3, True, False)
    assert request.receipt == f"slack:{view.id}:{view.hash}"


async def test_faults_stand_at_their_fields_and_the_form_closes_once_they_are_mended(
    slack: PretendSlack, verbs: WrittenDown, view: View
) -> None:
    fault = Answer(text="x is no address.", refused=True, faults={"to": "x is no address."})
    verbs.answers["reply"] = [fault, Answer(text="Sent.")]

    wrong = await slack.submit(BOB, view.id, {"to": "x", "text": "Water."})
    right = await slack.submit(BOB, view.id, {"to": "ann@acme.example"})

    assert wrong.field_errors == {"to": "x is no address."} and not wrong.closed
    assert right.closed and slack.open_views(BOB) == []
    assert verbs.last.fields["text"] == "Water."


async def test_a_refusal_of_no_field_stands_at_the_text(slack: PretendSlack, verbs: WrittenDown, view: View) -> None:
    verbs.answers["reply"] = Answer(text="Letters are switched off.", refused=True, faults={"nowhere": "?"})

    gesture = await slack.submit(BOB, view.id, {"text": "Water."})

    assert gesture.error is None
    assert gesture.field_errors == {"text": "Letters are switched off."}


async def test_a_refusal_of_a_form_without_fields_takes_its_place(
    slack: PretendSlack, verbs: WrittenDown, view: View
) -> None:
    verbs.answers["reply"] = Answer(text="Somebody was faster.", refused=True)
    view.content["blocks"] = [block for block in view.content["blocks"] if block["type"] != "input"] or [
        {"type": "divider", "block_id": "only"}
    ]

    gesture = await slack.submit(BOB, view.id)

    assert gesture.error is None
    assert "Somebody was faster." in slack.open_views(BOB)[-1].words


async def test_what_the_card_does_not_show_is_told_after_the_form(
    slack: PretendSlack, verbs: WrittenDown, view: View
) -> None:
    verbs.answers["reply"] = Answer(
        text="The reply leaves in 30 s.", buttons=(Button("undo", "Undo"),), reference="TS2611-0042", version=4
    )

    gesture = await slack.submit(BOB, view.id, {"text": "Water."})

    assert "leaves in 30 s" in await gesture.until_text()
    await slack.press(BOB, SUPPORT, slack.ephemerals(BOB)[-1].ts, "verb:undo")
    assert (verbs.last.verb, verbs.last.fields) == ("undo", {"reference": "TS2611-0042"})


async def test_what_the_card_shows_is_not_told_again(slack: PretendSlack, verbs: WrittenDown, view: View) -> None:
    verbs.answers["reply"] = Answer(text="Noted.", reference="TS2611-0042", version=4)

    gesture = await slack.submit(BOB, view.id, {"text": "Water."})
    await slack.slash(BOB, SUPPORT, "help")

    assert gesture.closed and gesture.texts == []


async def test_a_new_ticket_is_told_where_the_command_was_typed(
    slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown
) -> None:
    verbs.answers["new"] = [Answer(form=form("new", reference="", version=0)), Answer(text="TS2611-0043 is open.")]
    asked = await (await slack.slash(BOB, SUPPORT, "new")).until_view()

    await slack.submit(BOB, asked.id, {"text": "Fire"})

    await until(lambda: slack.ephemerals(BOB, SUPPORT))
    assert slack.ephemerals(BOB, SUPPORT)[0].words == "TS2611-0043 is open."
    assert (verbs.last.version, "reference" in verbs.last.fields) == (None, False)


async def test_a_verb_that_asks_again_shows_its_form_in_place_of_the_first(
    slack: PretendSlack, verbs: WrittenDown, view: View
) -> None:
    verbs.answers["reply"] = Answer(form=form("reply", title="Once more"))

    await slack.submit(BOB, view.id, {"text": "Water."})

    assert slack.open_views(BOB)[-1].title == "Once more"


async def test_the_same_submission_delivered_again_carries_the_same_receipt(
    slack: PretendSlack, verbs: WrittenDown, view: View
) -> None:
    verbs.answers["reply"] = Answer(text="Sent.")

    first = await slack.submit(BOB, view.id, {"text": "Water."})
    await slack.send_raw({"type": "interactive", "payload": first.payload})

    assert verbs.requests[-1].receipt == verbs.requests[-2].receipt


def test_what_a_form_remembers_is_read_even_when_it_is_nonsense() -> None:
    assert remembered({"private_metadata": "TS2611-0042|3|C0SUPPORT"})[:3] == ("TS2611-0042", 3, "C0SUPPORT")
    assert remembered({"private_metadata": "TS2611-0042|x"})[:3] == ("TS2611-0042", 0, "")
    assert remembered({})[:3] == ("", 0, "")


def test_empty_fields_are_left_out() -> None:
    state = {
        "to": {"value": {"type": "plain_text_input", "value": None}},
        "text": {"value": {"type": "plain_text_input", "value": "  Water. "}},
        "who": {"value": {"type": "static_select", "selected_option": {"value": "bob"}}},
        "group": {"value": {"type": "static_select", "selected_option": None}},
    }

    assert values({"state": {"values": state}}) == {"text": "Water.", "who": "bob"}
