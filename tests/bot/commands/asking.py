"""Who asks in tests of what is typed and pressed, and how."""

from typing import Any

from bot.backoffice import Backoffice
from bot.commands.requests import Caller, Request
from bot.outgoing.cards import Answer

BOB = Caller("slack", "U0BOB", "Bob", "bob@example.org")
CAROL = Caller("slack", "U0CAROL", "Carol", "carol@example.org")
VIC = Caller("slack", "U0VIC", "Vic", "vic@example.org")
PHONE = Caller("telegram", "7001", "Bob")


def ask(office: Backoffice, words: str = "", caller: Caller = BOB, **request: Any) -> Answer:
    """What the desk answers."""
    return office.runner.run(Request(caller, words=words, **request))
