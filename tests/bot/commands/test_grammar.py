"""The grammar of typed verbs: typed text is no shell text, keys come before the text, and the text stays as it is."""

import pytest

from bot.commands.grammar import Slot, Usage, first_word, missing, nearest, parse
from bot.errors import WrongUsage

NOTE = Usage.of("note REF [TEXT]")
NEW = Usage.of("new [key:value …] [SUBJECT]")
LIST = Usage.of("list [mine|open|all] [key:value …] [TEXT]")
ASSIGN = Usage.of("assign REF [WHO]")
EDIT = Usage.of("edit REF [key:value …]")


@pytest.mark.parametrize(
    ("line", "slots", "takes_keys", "own_keys"),
    [
        ("undo", (), False, ""),
        ("take REF", (Slot("reference", True),), False, ""),
        ("edit REF [key:value …]", (Slot("reference", True),), True, ""),
        ("search [key:value …] TEXT", (Slot("text", True, rest=True),), True, ""),
        ("list [mine|open]", (Slot("scope", False, choices=("mine", "open")),), False, ""),
        ("go on|off", (Slot("scope", True, choices=("on", "off")),), False, ""),
        ("note REF [to:… cc:…] [TEXT]", (Slot("reference", True), Slot("text", False, rest=True)), True, "to cc"),
    ],
)
def test_a_usage_line_says_what_a_verb_takes(
    line: str, slots: tuple[Slot, ...], takes_keys: bool, own_keys: str
) -> None:
    assert Usage.of(line) == Usage(line, line.split()[0], slots, takes_keys, frozenset(own_keys.split()))


@pytest.mark.parametrize(
    ("word", "name", "rest"),
    [
        ("TEXT", "text", True),
        ("SUBJECT", "subject", True),
        ("REASON", "reason", True),
        ("WHEN", "when", True),
        ("NAME", "name", True),
        ("VALUE", "value", True),
        ("TITLE", "title", True),
        ("REF", "reference", False),
        ("WHO", "who", False),
        ("CODE", "code", False),
        ("VERB", "verb", False),
        ("SPAN", "span", False),
        ("SETTING", "setting", False),
        ("INTO_REF", "into", False),
        ("OTHER_REF", "other", False),
        ("MESSAGE_NO", "number", False),
    ],
)
def test_each_word_of_a_usage_line_is_one_thing_or_all_that_follows(word: str, name: str, rest: bool) -> None:
    assert Usage.of(f"do [{word}]").slots == (Slot(name, False, rest=rest),)


@pytest.mark.parametrize(
    "text",
    [
        "don't panic",
        "it's Ann's \"big\" printer",
        "'",
        '"',
        "a  b\nc",
        "C:\\temp and $HOME; rm -rf `x`",
        "see https://example.org:8080/x",
        "10:30 is fine",
    ],
)
def test_a_text_is_kept_as_it_was_typed(text: str) -> None:
    assert parse(NOTE, f"TS-42 {text}") == {"reference": "TS-42", "text": text}


def test_a_verb_without_keys_keeps_them_in_its_text() -> None:
    assert parse(NOTE, "42 severity:high is what he said")["text"] == "severity:high is what he said"


def test_what_stands_around_a_line_does_not_count() -> None:
    assert parse(NOTE, "  42   two words  ") == {"reference": "42", "text": "two words"}


def test_keys_may_stand_at_the_end_where_no_text_does() -> None:
    assert parse(EDIT, "42 severity:high Tag:+vip") == {"reference": "42", "severity": "high", "tag": "+vip"}


def test_keys_of_its_own_are_the_only_ones_of_a_verb() -> None:
    own = Usage.of("note REF [to:… cc:…] [TEXT]")

    assert parse(own, "42 to:bob type:help") == {"reference": "42", "to": "bob", "text": "type:help"}


def test_keys_come_before_the_text() -> None:
    values = parse(NEW, "severity:high Contact:ann@acme.example my printer burns")

    assert values == {"severity": "high", "contact": "ann@acme.example", "subject": "my printer burns"}


@pytest.mark.parametrize(
    "subject", ["error: disk full", "type: help", "http://example.org is down", "printer type:help", "nokey:value"]
)
def test_what_only_looks_like_a_key_is_text(subject: str) -> None:
    assert parse(NEW, subject) == {"subject": subject}


@pytest.mark.parametrize(
    "typed", ['client:"ACME Ltd" printer', "client:“ACME Ltd” printer", "client:«ACME Ltd» printer"]
)
def test_quotes_hold_the_value_of_a_key_together(typed: str) -> None:
    assert parse(NEW, typed) == {"client": "ACME Ltd", "subject": "printer"}


@pytest.mark.parametrize(
    ("typed", "client", "subject"),
    [
        ('client:"ACME"printer', "ACME", "printer"),
        ('client:"ACME" "big" printer', "ACME", '"big" printer'),
        ('client:"" printer', "", "printer"),
    ],
)
def test_a_quoted_value_ends_with_its_quote(typed: str, client: str, subject: str) -> None:
    assert parse(NEW, typed) == {"client": client, "subject": subject}


def test_a_quote_that_never_closes_is_a_letter() -> None:
    assert parse(NEW, 'client:"ACME printer') == {"client": '"ACME', "subject": "printer"}


def test_quotes_hold_a_name_together() -> None:
    assert parse(ASSIGN, '42 "Bob Stone"') == {"reference": "42", "who": "Bob Stone"}


@pytest.mark.parametrize(
    ("typed", "values"),
    [
        ("", {}),
        ("OPEN", {"scope": "open"}),
        ("type:help open", {"type": "help", "scope": "open"}),
        ("open type:help fire", {"scope": "open", "type": "help", "text": "fire"}),
        ("openly on fire", {"text": "openly on fire"}),
    ],
)
def test_a_choice_is_taken_only_when_it_is_one(typed: str, values: dict[str, str]) -> None:
    assert parse(LIST, typed) == values


def test_what_is_left_over_is_refused_with_the_usage() -> None:
    with pytest.raises(WrongUsage, match=r"I do not understand “please”. Usage: assign REF \[WHO\]"):
        parse(ASSIGN, "42 bob please")


def test_what_is_needed_and_was_not_said_is_missing() -> None:
    assert missing(NOTE, parse(NOTE, "")) == ["reference"]
    assert missing(NOTE, parse(NOTE, "42")) == []


def test_the_words_of_a_shell_are_one_token_each() -> None:
    values = parse(NEW, ("client:ACME Ltd", 'the "big"  printer', "burns"))

    assert values == {"client": "ACME Ltd", "subject": 'the "big"  printer burns'}


@pytest.mark.parametrize(
    ("words", "values"),
    [
        (("Type:help", "OPEN"), {"type": "help", "scope": "open"}),
        (("see type:help",), {"text": "see type:help"}),
        (("fire", "OPEN"), {"text": "fire OPEN"}),
    ],
)
def test_keys_and_choices_are_told_among_the_words_of_a_shell(words: tuple[str, ...], values: dict[str, str]) -> None:
    assert parse(LIST, words) == values


def test_a_shells_word_is_a_name_with_its_spaces() -> None:
    assert parse(ASSIGN, ("42", "Bob Stone")) == {"reference": "42", "who": "Bob Stone"}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Take 42", ("take", "42")),
        ("  note   42 it's", ("note", "42 it's")),
        ("", ("", "")),
        (("TAKE", "42"), ("take", ("42",))),
        ((), ("", ())),
    ],
)
def test_the_first_word_is_the_verb(words: str | tuple[str, ...], expected: tuple[str, str | tuple[str, ...]]) -> None:
    assert first_word(words) == expected


@pytest.mark.parametrize(
    ("typed", "verb"), [("tkae", "take"), ("CLOS", "close"), ("asign", "assign"), ("xyzzy", None), ("", None)]
)
def test_the_nearest_verb_is_the_one_that_was_probably_meant(typed: str, verb: str | None) -> None:
    assert nearest(typed, ["take", "takeover", "close", "assign", "list"]) == verb
