"""What the forms of settings and dictionaries have in common: their frame, and the mark of what they show."""

import hashlib
from collections.abc import Mapping

from bot.commands.calls import Call
from bot.outgoing.cards import Field, Form


def form(call: Call, *fields: Field, draft: str = "") -> Form:
    """The form of the verb with these fields; `draft` comes back with it."""
    return Form("settings", call.words("Settings"), call.words("Save"), fields, draft=draft)


def mark(standing: Mapping[str, str]) -> str:
    """A word for just these values."""
    return hashlib.sha256(repr(sorted(standing.items())).encode()).hexdigest()[:16]
