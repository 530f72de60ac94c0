"""The notice about a mail in quarantine, drawn from how it is now: buttons while it lies there, else the outcome."""

from dataclasses import dataclass

from bot.outgoing.cards import Button
from bot.texts import Words
from storage.models import Mail

BUTTONS = (("quarantine_retry", "Retry", "primary"), ("quarantine_create", "Create by hand", ""))
OUTCOMES = {
    "new": "🔁 Mail {number} of {mailbox} is read again.",
    "ticket": "✅ Mail {number} of {mailbox} is {reference} now.",
    "followup": "✅ Mail {number} of {mailbox} belongs to {reference} now.",
    "dropped": "🗑 Mail {number} of {mailbox} is given up.",
}
NOTHING = "✅ Mail {number} of {mailbox} could be read: {reason}"
LIES_THERE = "📮 Mail {number} of {mailbox} lies in quarantine: {reason}"


@dataclass(frozen=True, slots=True)
class Notice:
    """What hangs in a channel about something that has a number: plain text, and what may be pressed under it.

    `about` is what the number is one of: a "mail", "swap" or "handover"; "" where it is not drawn anew.
    """

    number: int
    text: str
    buttons: tuple[Button, ...] = ()
    about: str = "mail"


def draw(mail: Mail, text: str, by: str, words: Words) -> Notice:
    """The notice now; `text` is what was said when the mail was put aside, `by` whoever settled it."""
    if mail.state == "quarantined":
        return Notice(mail.id, text or _told(LIES_THERE, mail, words), _buttons(mail, words))
    told = _told(OUTCOMES.get(mail.state, NOTHING), mail, words)
    return Notice(mail.id, f"{told} ({by})" if by else told)


def _told(sentence: str, mail: Mail, words: Words) -> str:
    reference = mail.ticket.reference if mail.ticket else ""
    return words(sentence, number=mail.id, mailbox=mail.mailbox, reference=reference, reason=mail.reason)


def _buttons(mail: Mail, words: Words) -> tuple[Button, ...]:
    question = words("Give mail {number} up? It stays in its folder and is not shown here any more.", number=mail.id)
    shown = [Button(verb, words(label), style) for verb, label, style in BUTTONS]
    return (*shown, Button("quarantine_drop", words("Drop"), "danger", question))
