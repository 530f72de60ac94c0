"""Live tokens in texts, what a client makes of typed words, and what no reader should ever get."""

from typing import Any

import pytest

from bot.sandbox.slack.mrkdwn import Token, as_typed, bare_characters, message_tokens, tokens_of, unsafe_characters


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("<!channel> look", [Token("broadcast", "channel")]),
        ("<@U0BOB> and <@U0BOB|bob>", [Token("user", "U0BOB"), Token("user", "U0BOB", "bob")]),
        ("<#C0SUPPORT|support>", [Token("channel", "C0SUPPORT", "support")]),
        ("<!subteam^S1|@desk>", [Token("group", "S1", "@desk")]),
        ("<https://x.example|click>", [Token("link", "https://x.example", "click")]),
        ("&lt;!channel&gt; <b> 1 < 2 > 0", []),
    ],
)
def test_the_live_parts_of_a_text(text: str, tokens: list[Token]) -> None:
    assert tokens_of(text) == tokens


def test_a_token_is_found_wherever_slack_looks_for_one() -> None:
    message: dict[str, Any] = {
        "text": "<!here>",
        "blocks": [
            {"type": "section", "text": {"type": "mrkdwn", "text": "<@U1>"}},
            {"type": "header", "text": {"type": "plain_text", "text": "<@U2>"}},
            {"type": "rich_text", "elements": [{"type": "user", "user_id": "U3"}]},
        ],
        "attachments": [{"fallback": "<@U4>", "fields": [{"value": "<@U5>"}]}],
    }

    assert [token.target for token in message_tokens(message)] == ["here", "U1", "U4", "U5", "U3"]


def test_bare_and_unsafe_characters_are_found() -> None:
    assert bare_characters("a &amp; b & <c> <@U1>\n> quoted") == ["&", "<", ">"]
    assert unsafe_characters("a\tb\nc\x00\u202e") == ["\x00", "\u202e"]


def test_typed_words_become_what_a_client_sends() -> None:
    typed = "@Bob Smith & @here: #support <@U9> ann@acme.example"

    sent = as_typed(typed, {"Bob": "U1", "Bob Smith": "U2"}, {"support": "C1"})

    assert sent == ("<@U2> &amp; <!here>: <#C1|support> &lt;@U9&gt; <mailto:ann@acme.example|ann@acme.example>")
