"""Sentences in the reader's language."""

from datetime import timedelta

from bot.texts import Phrase, Words


def test_a_sentence_its_values_and_spans_are_said_in_french() -> None:
    words = Words("fr", "Europe/Paris")

    assert words("Taken by {who}", who="Sam") == "Pris par Sam"
    assert words("{reference} is {status}. Reopen it first.", reference="TS-1", status=Phrase("Closed")).startswith(
        "TS-1"
    )
    assert words.span(timedelta(days=3)) == "3 j"
    assert words.plural("1 ticket", "{n} tickets", 2) == "2 tickets"


def test_what_has_no_translation_is_said_in_english() -> None:
    assert Words("fr")("no such sentence") == "no such sentence"
