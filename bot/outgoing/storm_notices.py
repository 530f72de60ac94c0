"""What is said in place of many rings: how many tickets wait for somebody, with a button that takes them all."""

from bot.outgoing.cards import Button
from bot.outgoing.mail_notices import Notice
from bot.texts import Words

TAKE_ALL = ("take_all", "Take all", "primary")


def draw(number: int, waiting: int, words: Words) -> Notice:
    """The digest; `number` is an escalation that began with the storm."""
    verb, label, style = TAKE_ALL
    text = words.plural(
        "🌩 1 ticket waits for somebody.",
        "🌩 {n} tickets wait for somebody, too many to ring for each: `list unassigned` shows them.",
        waiting,
    )
    return Notice(number, text, (Button(verb, words(label), style),), about="")
