"""Whatever people and mails say leaves as it stands: no mention, no link, no bold, within every limit."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cleaning import clean_line
from bot.outgoing.cards import Answer, Panel
from bot.sandbox.slack.blocks import message_parts, view_parts
from bot.sandbox.slack.mrkdwn import (
    bare_characters,
    formatted_parts,
    message_tokens,
    texts_of,
    tokens_of,
    unsafe_characters,
    words_of,
)
from bot.sandbox.slack.refusals import Json
from handlers.slack.blocks import answer_message, card_message, line_message, notice_message
from handlers.slack.forms import answer_view, form_view
from handlers.slack.home import home_view
from tests.handlers.slack.stage import BOB, ENGLISH, answer_of, card_of, form_of

LIVE = "<!channel> <@U1> <https://a|b> & *bold* _italic_ ~gone~ `code` ```block``` > quoted"
ALPHABETS = (
    "abc xyz",
    "<>&|!@#*_~`",
    "\n\r\t\x00\x07\x1b\x7f\x85\u2028\x0b",
    "\u202a\u202e\u2066\u2069\u200f\ud800",
    "مرحبا بالعالم",
    "👩‍👩‍👧🔥🏳️‍🌈é",
)
PIECES = st.one_of(
    st.sampled_from(
        [LIVE, "<!channel>", "<@U1>", "<https://a|b>", "&amp;", "&lt;!here&gt;", "*a*", "_b_", "~c~", "`d`"]
    ),
    st.text(st.sampled_from("".join(ALPHABETS)), max_size=30),
    st.text(max_size=30),
)
FOREIGN = st.builds(
    lambda pieces, times: "".join(pieces * times)[:10_000],
    st.lists(PIECES, max_size=8),
    st.sampled_from([1, 1, 3, 2000]),
)
OFTEN = settings(max_examples=40, deadline=None)


def mrkdwn_of(node: Any) -> Iterator[str]:
    """Every text in which Slack reads marks."""
    yield from texts_of({"blocks": [node]})


def views(text: str) -> Iterator[Json]:
    """Everything that is drawn as a view."""
    panel = Panel(text, (text,), answer_of(text).rows[:3], answer_of(text).buttons[:3])
    yield form_view(form_of(text), ENGLISH)
    yield answer_view(answer_of(text, card=card_of(text)), ENGLISH, title=text)
    yield home_view(Answer(panels=(panel,) * 20, text=text), ENGLISH)
    yield home_view(Answer(text=text), ENGLISH)


def messages(text: str) -> Iterator[Json]:
    """Everything that is drawn as a message."""
    yield card_message(card_of(text), ENGLISH, key="d1")
    yield answer_message(answer_of(text), ENGLISH)
    yield answer_message(answer_of(text, rows=(), buttons=(), refused=True), ENGLISH)
    yield answer_message(answer_of(text, card=card_of(text), link=text), ENGLISH)
    yield line_message(f"{text}\n{text}")
    yield notice_message(text)


def literal(node: Json) -> None:
    """Nothing in it is live, bold or invisible."""
    assert [part for text in mrkdwn_of(node.get("blocks", [])) for part in bare_characters(text)] == []
    assert message_tokens(node) == []
    assert unsafe_characters("".join(words_of(node))) == []


@OFTEN
@given(FOREIGN)
@pytest.mark.row("CO-10", "CO-11", "SE-01")
def test_every_message_leaves_literal_and_within_limits(text: str) -> None:
    for message in messages(text):
        message_parts(message.get("blocks"), message.get("attachments"))
        assert 0 < len(message["text"]) <= 4000
        assert tokens_of(message["text"]) == [] == bare_characters(message["text"])
        literal(message)


@OFTEN
@given(FOREIGN)
@pytest.mark.row("CO-10", "CO-11", "SE-01")
def test_every_view_leaves_literal_and_within_limits(text: str) -> None:
    for view in views(text):
        literal(view_parts(view, surfaces=("modal", "home")))


@pytest.mark.row("CO-11", "SE-01")
def test_what_people_say_stands_nowhere_where_marks_mean_something() -> None:
    drawn = [*(message.get("blocks") for message in messages(LIVE)), *(view["blocks"] for view in views(LIVE))]
    drawn += [message.get("attachments") for message in messages(LIVE)]

    assert len([word for word in words_of(drawn) if "`code`" in word]) > 50
    assert {text for node in drawn for text in mrkdwn_of(node)} <= {"", "*Assignee*", "*Deadline*"}


@OFTEN
@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=60))
@pytest.mark.row("CO-11")
def test_a_short_subject_is_shown_letter_for_letter(text: str) -> None:
    title = card_message(card_of(text), ENGLISH)["blocks"][0]

    assert clean_line(text) in "".join(words_of(title))


def test_only_a_member_who_is_meant_is_called() -> None:
    message = line_message(LIVE, BOB)

    assert {token.target for token in message_tokens(message)} == {BOB}


@pytest.mark.parametrize("marked", ["*bold*", "a _b c_ d", "~x~", "`y`"])
def test_the_pretend_slack_knows_what_a_client_draws(marked: str) -> None:
    assert formatted_parts(marked)
    assert not formatted_parts("2*3*4 a_b_c * x * ~ ")
