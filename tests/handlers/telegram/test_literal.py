"""Whatever people and mails say is read in Telegram as it stands: nobody called, nothing to tap, within every limit.

The pretend Telegram's reader, which agrees with Telegram's own cases, says what a phone would show.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import accumulate
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cleaning import clean_line, clean_text
from bot.outgoing.cards import Answer, Button, Card, Field, Form, Option, Row
from bot.outgoing.mail_notices import Notice
from bot.ports import Mention
from bot.sandbox.telegram import html
from bot.sandbox.telegram.entities import Formatted, cut, detected, trimmed, units
from bot.texts import Words
from handlers.telegram import keyboards, menus, questions
from handlers.telegram.asking import Where
from handlers.telegram.dialogue import _labels
from handlers.telegram.keyboards import Drawn
from handlers.telegram.markup import CAPTION_UNITS, LABEL_UNITS, TEXT_UNITS, bold, one_line, plain, sentence, to_html
from handlers.telegram.markup import cut as cut_off
from tests.handlers.telegram.fakes import card

LIVE = (
    "<b>b</b> <a href='tg://user?id=7001'>a</a> *b* _i_ [a](tg://user?id=7001) ||s|| &amp;amp; &lt;i&gt; </code> ~s~"
    " @sam_oncall /close /take@deskbell_bot #vpn $USD tg://user?id=7001 t.me/joinchat/x https://t.me/evil?start=1"
)
CLUSTERS = (
    "a", "é", "e\u0301", "한", "\u1112\u1161\u11ab", "م", "🎫", "🇫🇷", "🇩🇪", "👩‍👩‍👧‍👦", "🏳️‍🌈", "👍🏽", "1️⃣",
    "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "☎️", "त्", "n\u0303\u0323",
)  # fmt: skip
TRIGGERS = (
    LIVE, "@sam_oncall", "/close", "@", "/", "#", "$", "<b>", "</b>", "&amp;", "&lt;", "&#64;", "a", "x@y.zz", "tg:",
    "//u", "\u202e@sam\u202c", "\u2066/x\u2069", "\ud83d", "\x00\x1b\x7f", "مرحبا",
)  # fmt: skip
PIECES = st.one_of(
    st.sampled_from(TRIGGERS),
    st.sampled_from(CLUSTERS),
    st.text(st.sampled_from("abc_09 @/#$<>&*_~`|[]()\n\t\r\u2028\u200b\u200c\u200d\ufeff🎫🇫🇷\u0301²"), max_size=20),
    st.text(max_size=20),
)
FOREIGN = st.builds(
    lambda pieces, times: "".join(pieces * times)[:10_000],
    st.lists(PIECES, max_size=8),
    st.sampled_from([1, 1, 3, 2000]),
)
OFTEN = settings(max_examples=60, deadline=None)
SOMETIMES = settings(max_examples=25, deadline=None)
OURS = frozenset(("bold", "italic", "code"))
ADDRESSES = frozenset(("url", "email"))
INSIDE = re.compile(
    r"(?:tg|ton|tonsite)://|(?:https?://)?(?:[\w-]+\.)*(?:t\.me|telegram\.(?:me|dog))(?![\w.-])", re.IGNORECASE
)
SAM = Mention("7001", "Sam")


def card_of(text: str) -> Card:
    """A card that says the same everywhere."""
    buttons = ((Button("take", text, confirm=text), Button("close", text)),) * 4
    fields = "subject status emoji client excerpt assignee deadline last next severity reference".split()
    return card(**dict.fromkeys(fields, text), notes=(text,) * 9, phone=buttons, buttons=buttons[0])


def answer_of(text: str, **more: Any) -> Answer:
    """An answer that says the same everywhere."""
    rows = (Row(text, text, text, text, text),) * 60
    return Answer(
        text=text, lines=(text,) * 60, rows=rows, buttons=(Button("take", text),), reference=clean_line(text), **more
    )


def question_of(text: str, at: int, *, private: bool, fault: str = "") -> Drawn:
    """A form that says the same everywhere, asked for one thing after the other, then shown before it is sent."""
    options = tuple(Option(f"choice{number}", text) for number in range(64))
    fields = (
        Field("subject", text, value=text, hint=text),
        Field("who", text, "select", options=options, hint=text),
        Field("text", text, "text", value=text, hint=text),
        Field("shown", text, "shown", value=text),
    )
    form = Form("close", text, text, fields, reference=text, confirm=True)
    where = Where(-1, 7001, private=private)
    values = dict.fromkeys(("subject", "text", "shown", "who"), text)
    order = ("subject", "who", "text")
    session = questions.Session("0a1b2c3d", form, where, order, at, values, fault=fault)
    return questions.draw(session, _labels(Words()))


def messages(text: str) -> Iterator[Drawn]:
    """Everything that is drawn as a message."""
    yield keyboards.card(card_of(text))
    yield keyboards.card(card(instead=text or "-"))
    yield keyboards.answer(answer_of(text), private=True)
    yield keyboards.answer(answer_of(text), private=False)
    yield keyboards.answer(answer_of("x", card=card_of(text)), private=True)
    yield Drawn(keyboards.line(f"Bob: {text}\n{text}"))
    yield keyboards.mail_notice(Notice(7, f"📮 {text}", (Button("show", text),)))
    yield Drawn(to_html(sentence(f"“{text}” is none of the choices.")))
    for at in range(4):
        yield question_of(text, at, private=at % 2 == 0, fault=text)


def read(drawn: Drawn) -> Formatted:
    """What a phone shows of it; raises what Telegram would refuse it with."""
    return detected(trimmed(html.parse(drawn.html)))


def labels(drawn: Drawn) -> list[str]:
    """What stands on its buttons."""
    rows = drawn.keyboard.inline_keyboard if drawn.keyboard else ()
    return [button.text for row in rows for button in row]


def alive(shown: Formatted) -> list[tuple[str, str]]:
    """What in a message is more than words that we have marked, and addresses that lead out of Telegram."""
    kinds = [(one.type, cut(shown.text, one.offset, one.end)) for one in shown.entities if one.type not in OURS]
    return [(kind, words) for kind, words in kinds if kind not in ADDRESSES or INSIDE.match(words)]


@SOMETIMES
@given(FOREIGN)
@pytest.mark.row("CO-10", "CO-11", "SE-01", "SE-02")
def test_every_message_is_taken_calls_nobody_and_keeps_within_limits(text: str) -> None:
    for drawn in messages(text):
        shown = read(drawn)

        assert shown.length <= TEXT_UNITS
        assert shown.length or not clean_line(text)
        assert alive(shown) == []
        assert [label for label in labels(drawn) if not 0 < units(label) <= LABEL_UNITS] == []
        assert len(labels(drawn)) <= 100


@OFTEN
@given(FOREIGN, st.sampled_from([20, 160, TEXT_UNITS, CAPTION_UNITS]))
@pytest.mark.row("CO-10", "CO-11", "SE-02")
def test_a_text_is_read_letter_for_letter_and_cut_between_characters(text: str, most: int) -> None:
    for runs in ([plain(text)], [bold(text)], [(text, "italic")], [plain(text[:7]), bold(text[7:])]):
        shown = html.parse(to_html(runs, most)).text
        whole = "".join(clean_text(words) for words, _ in runs)

        assert units(shown) <= most
        assert shown == whole or (shown.endswith("…") and whole.startswith(shown[:-1].rstrip("…")))
        assert shown == whole or units(whole) > most or units(clean_text(text)) > most


@OFTEN
@given(FOREIGN)
@pytest.mark.row("CO-10", "CO-11", "SE-02")
def test_an_alert_a_menu_and_a_name_are_words_alone_and_fit(text: str) -> None:
    toast = keyboards.toast(Answer(text=text))
    (command,) = menus.menu(["take"], {"take": text or "take"}, Words())

    assert units(toast) <= 200
    assert 0 < units(command.description) <= 256 or not clean_line(text)
    assert units(one_line(text, 128)) <= 128
    assert not re.search("[\x00-\x08\ud800-\udfff\u202a-\u202e]", toast + command.description)


@pytest.mark.row("CO-10")
@pytest.mark.parametrize("cluster", CLUSTERS)
def test_a_cut_keeps_whole_what_a_reader_sees_as_one_character(cluster: str) -> None:
    clusters = ["x", cluster, cluster, "é", cluster, "🇫🇷", cluster]
    whole = "".join(clusters)

    for most in range(1, units(whole)):
        kept = cut_off(whole, most)

        assert units(kept) <= most
        assert kept.removesuffix("…") in list(accumulate(["", *clusters]))


@pytest.mark.row("CO-10")
def test_a_severity_without_end_leaves_room_for_the_subject() -> None:
    assert "Printer on fire" in read(keyboards.card(card(severity="🔴" * 5000))).text


@OFTEN
@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=30))
@pytest.mark.row("CO-11", "SE-02")
def test_a_short_text_is_shown_letter_for_letter_everywhere(text: str) -> None:
    shown = clean_line(f"[{text}]")

    title, client, excerpt, state, foot, *notes = clean_line_of(
        keyboards.card(replace(card_of(f"[{text}]"), severity="🔴"))
    )

    assert (title, client, excerpt) == (f"🔴 {shown} · {shown}", shown, shown)
    assert state == f"{shown} {shown} · 👤 {shown} · {shown}"
    assert [foot, *notes] == [f"{shown} · {shown}", *[shown] * 5]
    assert clean_text(text) in html.parse(keyboards.line(f"Bob: {text}")).text


def clean_line_of(drawn: Drawn) -> list[str]:
    """The lines that a reader sees."""
    return html.parse(drawn.html).text.split("\n")


@pytest.mark.row("CO-11", "SE-02")
@pytest.mark.parametrize(
    "text",
    [
        "@sam_oncall",
        "/close",
        "/take@deskbell_bot",
        "#vpn",
        "$USD",
        "tg://resolve?domain=x",
        "t.me/x",
        "https://t.me/+x",
    ],
)
def test_what_would_act_is_there_to_be_read_alone(text: str) -> None:
    assert alive(detected(html.parse(f"see {text} there")))

    for drawn in messages(f"see {text} there"):
        assert f"see {text} there" in read(drawn).text
        assert alive(read(drawn)) == []


def test_a_mention_that_only_two_parts_make_together_calls_nobody() -> None:
    assert to_html([bold("@"), plain("sam_oncall")]) == "<code>@</code><code>sam_oncall</code>"


def test_only_a_person_who_is_meant_is_called() -> None:
    shown = read(Drawn(keyboards.line(LIVE, SAM)))

    assert alive(shown) == [("text_mention", "Sam")]


def test_our_own_commands_and_addresses_may_be_tapped() -> None:
    answer = Answer(text="Type `/help`.", link="https://t.me/deskbell_bot?start=a1", buttons=(Button("undo", "Undo"),))

    shown = read(keyboards.answer(answer, private=False))

    assert alive(shown) == [
        ("bot_command", "/help"),
        ("bot_command", "/undo"),
        ("url", "https://t.me/deskbell_bot?start=a1"),
    ]


@pytest.mark.row("CO-10")
@pytest.mark.parametrize("label", ["", " \n", "\u200b\u200d", "\u2800\u3000", "\u3164"])
def test_a_button_without_anything_to_read_shows_dots(label: str) -> None:
    assert labels(keyboards.card(card(phone=((Button("take", label),),)))) == ["…"]
