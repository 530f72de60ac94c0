"""Sentences in the reader's language."""

from datetime import timedelta
from importlib import resources

from babel.messages.pofile import read_po

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


def test_every_translation_has_the_places_of_its_sentence() -> None:
    source = resources.files("bot") / "locales" / "fr" / "deskbell.po"
    catalogue = read_po(source.open("rb"), locale="fr")

    wrong = [message.id for message in catalogue if message.id and list(message.check(catalogue))]
    missing = [
        message.id
        for message in catalogue
        if isinstance(message.id, str) and set(_places(message.id)) != set(_places(str(message.string)))
    ]

    assert (wrong, missing) == ([], [])


def _places(text: str) -> list[str]:
    return [part.split("}")[0] for part in text.split("{")[1:]]
