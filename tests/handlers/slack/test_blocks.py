"""How cards and answers look, and that Slack takes the largest and the most hostile of them."""

from typing import Any

import pytest

from bot.outgoing.cards import Answer, Button
from bot.sandbox.slack.blocks import message_parts
from bot.sandbox.slack.mrkdwn import message_tokens, unsafe_characters, words_of
from handlers.slack.blocks import answer_message, card_message
from tests.handlers.slack.stage import ENGLISH, HOSTILE, answer_of, card, card_of

LONG = "<&>" * 2000
TEXTS = pytest.mark.parametrize(
    "text", ["x", LONG, HOSTILE, HOSTILE * 200, "\n" * 500 + "a", "w " * 3000], ids=range(6)
)


def accepted(message: dict[str, Any]) -> None:
    """Slack's own checks; they raise."""
    message_parts(message.get("blocks"), message.get("attachments"))
    assert 0 < len(message["text"]) <= 4000


def drawn(**more: Any) -> list[dict[str, Any]]:
    message = card_message(card(**more), ENGLISH)
    return [*message["blocks"], *message["attachments"][0]["blocks"]]


def texts(message: dict[str, Any]) -> str:
    return "\n".join(words_of([message.get("blocks"), message.get("attachments")]))


def test_a_card_reads_from_the_title_to_what_happens_next() -> None:
    title, facts, excerpt, state, actions, footer = drawn()

    assert "".join(words_of(title)) == "🔴 TS2611-0042 · Printer on fire  ·  Unread"
    assert facts["elements"][0]["text"] == "👤 Ann, ACME  ·  Support  ·  Problem  ·  🔥 High"
    assert excerpt["text"]["text"] == "Please help,\nit burns."
    assert [field["text"] for field in state["fields"]] == [
        "*Assignee*",
        "*Deadline*",
        "nobody",
        "⏳ first answer due 14:30 (1 h 40)",
    ]
    assert [element.get("action_id") for element in actions["elements"]] == [
        "verb:take",
        "verb:reply",
        "verb:note",
        "more",
    ]
    assert footer["elements"][0]["text"] == "Opened by Ann · 12:50 (mail)  ·  14:30 the team is alerted"


def test_a_card_has_its_colour_a_fallback_and_metadata_to_be_found_by() -> None:
    message = card_message(card(), ENGLISH, key="d7")

    assert message["attachments"][0]["color"] == "#d93025"
    assert message["text"] == "Unread: TS2611-0042 · Printer on fire. Opened by Ann · 12:50 (mail)"
    assert message["metadata"]["event_payload"] == {"key": "d7", "ticket": "TS2611-0042"}


def test_a_button_says_its_verb_and_which_state_it_was_drawn_from() -> None:
    button = drawn()[4]["elements"][0]

    assert button["value"] == "TS2611-0042|3"
    assert button["style"] == "primary"
    assert "confirm" not in button


def test_the_menu_holds_the_rest_and_says_what_a_choice_means() -> None:
    menu = drawn()[4]["elements"][-1]

    assert menu["type"] == "static_select"
    assert [option["value"] for option in menu["options"]] == ["close|TS2611-0042|3", "takeover|TS2611-0042|3"]
    assert menu["options"][1]["description"]["text"] == "Sam has this ticket. Take it over?"


def test_a_question_is_asked_before_a_press_that_wants_one() -> None:
    button = drawn(buttons=(Button("abandon", "Not a ticket", "danger", "Abandon it? Nobody is told."),))[4][
        "elements"
    ][0]

    assert button["confirm"]["text"]["text"] == "Abandon it? Nobody is told."
    assert button["confirm"]["confirm"]["text"] == "Not a ticket"
    assert button["style"] == "danger"


def test_a_card_without_buttons_or_deadline_leaves_them_out() -> None:
    blocks = drawn(buttons=(), menu=(), deadline="", excerpt="", last="", next="")

    assert [block["type"] for block in blocks] == ["rich_text", "context", "section"]


def test_the_status_stands_on_a_card_once() -> None:
    message = card_message(card(status="Waiting for feedback", deadline=""), ENGLISH)

    assert str(message["blocks"] + message["attachments"][0]["blocks"]).count("Waiting for feedback") == 1


def test_at_most_five_elements_stand_beside_each_other() -> None:
    actions = next(
        block for block in card_message(card_of("x"), ENGLISH)["attachments"][0]["blocks"] if block["type"] == "actions"
    )

    assert len(actions["elements"]) == 5


@TEXTS
def test_slack_takes_every_card(text: str) -> None:
    message = card_message(card_of(text), ENGLISH, key="d1")

    accepted(message)


@TEXTS
def test_slack_takes_every_answer(text: str) -> None:
    accepted(answer_message(answer_of(text), ENGLISH))
    accepted(answer_message(answer_of(text, rows=(), refused=True), ENGLISH))
    accepted(answer_message(answer_of(text, card=card_of(text), link=text), ENGLISH))


def test_nothing_foreign_is_live_on_a_card_or_in_an_answer() -> None:
    hostile = card_of(HOSTILE)
    for message in (
        card_message(hostile, ENGLISH),
        answer_message(answer_of(HOSTILE, card=hostile, link=HOSTILE), ENGLISH),
    ):
        assert message_tokens(message) == []
        assert unsafe_characters(texts(message)) == []


def test_a_list_shows_its_rows_and_how_to_turn_the_page() -> None:
    message = answer_message(answer_of("x", lines=(), buttons=(), rows=answer_of("Printer").rows[:2]), ENGLISH)

    *rows, pages = message["blocks"]
    assert rows[1]["text"]["text"] == "🔥 TS2611-0042  Printer\nPrinter"
    assert [step["text"]["text"] for step in pages["elements"]] == ["‹", "2/7", "›"]
    assert [step["value"] for step in pages["elements"]] == ["list page:1 x", "list page:2 x", "list page:3 x"]


@pytest.mark.parametrize(("page", "labels"), [(1, ["1/3", "›"]), (3, ["‹", "3/3"])])
def test_no_page_button_leads_nowhere(page: int, labels: list[str]) -> None:
    answer = Answer(text="25 tickets", page=page, pages=3, again="list page:{page}")

    assert [step["text"]["text"] for step in answer_message(answer, ENGLISH)["blocks"][-1]["elements"]] == labels


def test_a_long_timeline_keeps_every_line_each_cut_to_its_share() -> None:
    answer = Answer(text="Timeline", lines=tuple(f"{number:02} " + "w" * 900 for number in range(30)))

    message = answer_message(answer, ENGLISH)

    accepted(message)
    assert all(f"{number:02} www" in texts(message) for number in range(30))


def test_what_does_not_fit_at_all_is_left_out_visibly_and_buttons_stay() -> None:
    message = answer_message(answer_of("y" * 900), ENGLISH)

    accepted(message)
    assert message["blocks"][-3]["elements"][0]["text"] == "…"
    assert [block["type"] for block in message["blocks"][-2:]] == ["actions", "actions"]


def test_a_refusal_is_marked_and_our_own_address_is_live() -> None:
    refusal = answer_message(Answer(text="No.", refused=True), ENGLISH)
    pairing = answer_message(Answer(text="Open this:", link="https://t.me/bot?start=abc"), ENGLISH)

    assert refusal["blocks"][0]["text"]["text"] == "🚫 No."
    assert [token.target for token in message_tokens(pairing)] == ["https://t.me/bot?start=abc"]


def test_an_answer_with_nothing_to_say_still_has_words() -> None:
    assert answer_message(Answer(), ENGLISH) == {"text": "Done."}
