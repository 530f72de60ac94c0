"""Drawing for the phone, and its limits."""

import html
import re
from dataclasses import replace

import pytest

from bot.outgoing.cards import Answer, Button, Row
from bot.ports import Mention
from bot.sandbox.telegram.entities import units as telegrams_units
from handlers.telegram import buttons, keyboards
from handlers.telegram.buttons import AnswerPress, CardPress, PagePress, StepPress
from handlers.telegram.markup import TEXT_UNITS, bold, cut, plain, to_html, units
from tests.handlers.telegram.fakes import card

FAMILY = "👨‍👩‍👧‍👦"


def test_a_card_is_five_short_lines() -> None:
    drawn = keyboards.card(card())

    assert drawn.html.splitlines() == [
        "🔴 <b>TS2611-0042 · Printer on fire</b>",
        "Ann, ACME",
        "<i>It burns. Please come quickly.</i>",
        "🆕 Unread · 👤 nobody · ⏳ first answer due 14:30 (1 h 40)",
        "Opened by Ann · 12:50 (mail) · 14:30 the team is alerted",
    ]


def test_a_cards_keyboard_carries_verb_ticket_version_and_argument() -> None:
    keyboard = keyboards.card_keyboard(card())

    assert keyboard is not None
    assert [[(one.text, one.callback_data) for one in row] for row in keyboard.inline_keyboard] == [
        [("✅ Take it", "v1:take:42:7")],
        [("💤 1 h", "v1:snooze:42:7:1h"), ("💤 4 h", "v1:snooze:42:7:4h")],
        [("✔ Close", "v1:close:42:7"), ("ℹ More", "v1:more:42:7")],
    ]


def test_what_needs_a_confirmation_says_so_in_its_data() -> None:
    keyboard = keyboards.card_keyboard(replace(card(), phone=card().phone_more))

    assert keyboard is not None
    assert keyboard.inline_keyboard[0][1].callback_data == "v1:takeover:42:7:ask"


def test_a_card_without_buttons_has_no_keyboard_and_an_empty_card_still_a_title() -> None:
    bare = card(phone=(), client="", excerpt="", assignee="", deadline="", last="", next="", severity="", emoji="")

    drawn = keyboards.card(replace(bare, notes=("⚠️ doubtful",)))

    assert drawn.keyboard is None
    assert drawn.html == "<b>TS2611-0042 · Printer on fire</b>\nUnread\n⚠️ doubtful"


def test_the_largest_card_there_can_be_fits() -> None:
    huge = "😀&<" * 5000
    fields = ("subject", "client", "excerpt", "assignee", "deadline", "last", "next", "status")
    ticket = 10**15 - 1

    drawn = keyboards.card(card(**dict.fromkeys(fields, huge), notes=(huge,) * 9, ticket=ticket, version=10**9 - 1))

    assert telegrams_units(text_of(drawn.html)) <= TEXT_UNITS


def test_buttons_read_back_as_they_were_written_and_stay_within_64_bytes() -> None:
    presses: list[CardPress | AnswerPress | StepPress | PagePress] = [
        CardPress("intervention", 10**15 - 1, 10**9 - 1, "0900"),
        CardPress("take", 42, 0),
        AnswerPress("undo", 8, "TS2611-0042"),
        AnswerPress("undo", 8, ""),
        StepPress("0a1b2c3d", 12, "cancel"),
        PagePress("0a1b2c3d", 999999),
    ]

    assert [buttons.read(press.data()) for press in presses] == presses
    assert all(len(press.data().encode()) <= 64 for press in presses)


def test_data_that_is_too_long_is_never_written() -> None:
    with pytest.raises(AssertionError):
        AnswerPress("undo", 8, "É" * 40).data()


def test_an_answers_button_whose_reference_is_too_long_is_left_out() -> None:
    answer = Answer(text="Sent.", buttons=(Button("undo", "Undo"),), reference="É" * 40, version=8)

    assert keyboards.answer(answer, private=True).keyboard is None


def test_a_long_answer_keeps_its_newest_lines() -> None:
    answer = Answer(text="Timeline", lines=tuple(f"line {number} " + "x" * 300 for number in range(40)))

    text = text_of(keyboards.answer(answer, private=True).html)

    assert text.startswith("Timeline\n…\nline ")
    assert "line 39" in text
    assert "line 0 " not in text
    assert units(text) <= TEXT_UNITS


def test_an_answer_shows_rows_card_and_link() -> None:
    row = Row("TS2611-0042", "<b>Printer</b>", "🔴", "Unread", "Unread · Bob")

    text = text_of(keyboards.answer(Answer(text="1 ticket", rows=(row,)), private=True).html)
    linked = keyboards.answer(Answer(text="Open this:", link="https://t.me/x?start=a&b"), private=True).html
    shown = keyboards.answer(Answer(card=card()), private=True).html

    assert text == "1 ticket\n🔴 TS2611-0042 · <b>Printer</b>\n    Unread · Bob"
    assert linked == "Open this:\nhttps://t.me/x?start=a&amp;b"
    assert shown.startswith("🔴 <b>TS2611-0042")


def test_a_line_calls_a_person_and_quotes_what_follows() -> None:
    assert keyboards.line("Ann replied\nIt <burns>", Mention("7001", "Sam")) == (
        '<a href="tg://user?id=7001">Sam</a> Ann replied\n<i>It &lt;burns&gt;</i>'
    )
    assert keyboards.line("x", Mention('7001"><b>', "Sam")) == "Sam x"
    assert keyboards.line("x", Mention("٧٠٠١", "Sam")) == "Sam x"


@pytest.mark.parametrize("text", ["x" * 5000, "😀" * 3000, FAMILY * 500, "e\u0301" * 4000, "&<>" * 2000, "a\n" * 4000])
def test_a_text_is_cut_within_4096_utf16_units_and_whole_characters(text: str) -> None:
    written = text_of(to_html([bold(text)]))

    assert telegrams_units(written) <= TEXT_UNITS
    assert written.endswith("…")
    kept = written.removesuffix("…")
    assert text.startswith(kept)
    assert not kept.endswith("\u200d")
    assert text[len(kept) : len(kept) + 1] != "\u0301"


def test_a_cut_never_parts_a_family() -> None:
    assert cut("ab" + FAMILY, 8) == "ab…"
    assert cut(FAMILY, units(FAMILY)) == FAMILY


def test_what_does_not_belong_in_a_text_is_taken_out() -> None:
    assert to_html([plain("a\x00b\ud800c\u202ed\u2028e")]) == "ab\ufffdcd\ne"


def text_of(written: str) -> str:
    """The text that a reader sees."""
    return html.unescape(re.sub(r"<[^>]*>", "", written))


def test_what_is_to_be_typed_is_code_and_a_command_can_be_tapped() -> None:
    drawn = keyboards.answer(Answer(text="Type `/pair` here, or `ticket pair <code>`."), private=True)

    assert drawn.html == "Type /pair here, or <code>ticket pair &lt;code&gt;</code>."
    assert keyboards.toast(Answer(text="Did you mean `take`?")) == "Did you mean take?"
