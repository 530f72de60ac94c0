"""How forms look, and that Slack takes the largest of them."""

from typing import Any

import pytest

from bot.outgoing.cards import Field, Option
from bot.sandbox.slack.blocks import view_parts
from handlers.slack.forms import form_view, message_view
from tests.handlers.slack.stage import ENGLISH, HOSTILE, form, form_of


def element(field: Field) -> dict[str, Any]:
    return block(field)["element"]


def block(field: Field) -> dict[str, Any]:
    view = form_view(form(fields=(field,)), ENGLISH)
    view_parts(view)
    return view["blocks"][0]


def test_a_form_is_named_by_its_verb_and_its_fields_by_their_keys() -> None:
    view = form_view(form("reply", submit="Send"), ENGLISH, channel="C0SUPPORT")

    assert view["callback_id"] == "form:reply"
    assert view["private_metadata"] == "TS2611-0042|3|C0SUPPORT"
    assert view["submit"]["text"] == "Send"
    assert [(part["block_id"], part["element"]["action_id"]) for part in view["blocks"]] == [
        ("to", "value"),
        ("text", "value"),
    ]
    assert view["blocks"][0]["element"]["initial_value"] == "ann@acme.example"
    assert [part["element"]["multiline"] for part in view["blocks"]] == [False, True]


@pytest.mark.parametrize("text", ["x", "<&>" * 2000, HOSTILE, HOSTILE * 100], ids=range(4))
@pytest.mark.parametrize("choices", [0, 1, 100, 101, 450])
def test_slack_takes_every_form(text: str, choices: int) -> None:
    view = form_view(form_of(text, choices), ENGLISH, channel="C0SUPPORT")

    view_parts(view)
    view_parts(message_view(text, ENGLISH, title=text))


def test_a_text_too_long_to_edit_is_not_offered_and_the_form_says_so() -> None:
    drawn = block(Field("text", "Text", "text", value="x" * 3001))

    assert "initial_value" not in drawn["element"]
    assert drawn["hint"]["text"] == "The text is too long to be edited here."


def test_the_choice_that_holds_now_is_preselected() -> None:
    options = (Option("bob", "Bob"), Option("carol", "Carol"))

    assert element(Field("who", "Who", "select", "carol", options))["initial_option"]["value"] == "carol"
    assert "initial_option" not in element(Field("who", "Who", "select", "sam", options))


def test_more_than_a_hundred_choices_are_grouped_and_none_is_lost() -> None:
    options = tuple(Option(f"agent{number}", f"Agent {number}") for number in range(250))

    groups = element(Field("who", "Who", "select", "agent249", options))["option_groups"]

    assert [len(group["options"]) for group in groups] == [100, 100, 50]
    assert groups[2]["label"]["text"] == "Agent 200 – Agent 249"


def test_a_menu_without_choices_becomes_a_box_to_type_in() -> None:
    assert element(Field("who", "Who", "select"))["type"] == "plain_text_input"
