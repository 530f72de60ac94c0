"""What `deskbell ticket --help` and `deskbell ticket VERB --help` print: no desk, no agent, no database is needed."""

from collections.abc import Iterator

from bot.commands.grammar import Usage
from bot.commands.runner import VERBS
from bot.commands.verbs import Verb, typed

USAGE = "deskbell ticket VERB … --as EMAIL [--json] [--config FILE]"
EXAMPLE = "Example: deskbell ticket {words} --as bob@example.org"
SAMPLES = {
    "reference": "42",
    "subject": '"Printer on fire"',
    "text": '"Water is on its way."',
    "reason": '"Sent twice"',
    "who": "carol@example.org",
    "when": "4h",
    "span": "1h30",
    "name": "ACME",
    "verb": "take",
    "scope": "open",
    "into": "41",
    "other": "41",
    "number": "2",
    "setting": "response_delay",
    "value": "4",
}
"""A value for each thing that a verb takes; what has none is left out."""


def lines(words: list[str]) -> Iterator[str]:
    """The help for the verb that is named, else for all of them."""
    known = VERBS.get(words[0].lower()) if words else None
    yield from _of_one(known) if known and not known.hidden else _of_all()


def _of_one(known: Verb) -> Iterator[str]:
    yield f"{known.usage.line} — {known.summary}"
    yield known.explained
    yield EXAMPLE.format(words=_sample(known.usage))


def _of_all() -> Iterator[str]:
    yield f"{USAGE}: what is typed after /ticket in Slack, as an agent."
    yield from (f"  {known.usage.line} — {known.summary}" for known in typed())
    yield EXAMPLE.format(words="list open")


def _sample(usage: Usage) -> str:
    return " ".join([usage.name, *(SAMPLES[slot.name] for slot in usage.slots if slot.name in SAMPLES)])
