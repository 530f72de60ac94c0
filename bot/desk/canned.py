"""Replies kept ready: Markdown for each language with the places of letters, filled with a ticket's own values.

A place that nothing would fill is refused when the reply is saved. What fills a place is never taken for Markdown, nor
for another place.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bot.cleaning import clean_line, clean_text
from bot.desk import placeholders
from bot.desk.people import Agent
from bot.desk.views import TicketView
from bot.errors import NotFound, Refusal
from bot.texts import LANGUAGES
from storage.database import transaction
from storage.models import CannedReply
from storage.queries import canned as rows

LONGEST = 20_000
_CODE = re.compile(r"[A-Z0-9][A-Z0-9_-]{0,39}")


@dataclass(frozen=True, slots=True)
class Ready:
    """One reply kept ready; labels and texts by language code."""

    code: str
    labels: Mapping[str, str]
    texts: Mapping[str, str]
    position: int = 0
    active: bool = True

    @classmethod
    def of(cls, row: CannedReply) -> "Ready":
        """From its row."""
        return cls(row.code, row.labels, row.texts, row.position, row.active)

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return asdict(self)


def offered() -> list[Ready]:
    """Those in use, in their order."""
    return [Ready.of(row) for row in rows.every() if row.active]


def every() -> list[Ready]:
    """All, in their order."""
    return [Ready.of(row) for row in rows.every()]


def is_kept(code: str) -> bool:
    """Whether there is one with this code."""
    return rows.by_code(code.strip().upper()) is not None


def find(code: str) -> Ready:
    """By code. NotFound names those there are."""
    row = rows.by_code(code.strip().upper())
    if row is None:
        names = ", ".join(one.code for one in offered())
        if not names:
            raise NotFound("There is no reply kept ready called {code}; none is kept yet.", code=code)
        raise NotFound("There is no reply kept ready called {code}. There are: {names}.", code=code, names=names)
    return Ready.of(row)


def save(ready: Ready) -> Ready:
    """Keep it, in place of the one with this code. Refusal for a bad code, no text, or a place that is not known."""
    code = ready.code.strip().upper()
    if not _CODE.fullmatch(code):
        raise Refusal("{code} is no code: letters, digits, - and _, at most 40.", code=ready.code)
    texts = {language: _checked(text) for language, text in ready.texts.items() if text.strip()}
    if not texts or set(texts) - set(LANGUAGES):
        raise Refusal("A reply kept ready needs a text in one of: {names}.", names=", ".join(LANGUAGES))
    labels = {language: clean_line(label)[:75] for language, label in ready.labels.items() if label.strip()}
    with transaction():
        rows.save(code, labels=labels, texts=texts, position=ready.position, active=ready.active)
    return find(code)


def remove(code: str) -> None:
    """Keep it no longer. NotFound when there is none."""
    with transaction():
        rows.remove(find(code).code)


def text_for(code: str, ticket: TicketView, agent: Agent, language: str) -> str:
    """Its text for this ticket: in the client's language, else the desk's, else whichever there is."""
    texts = find(code).texts
    spoken = next((one for one in (ticket.language, language, "en") if one in texts), next(iter(texts)))
    return placeholders.filled(texts[spoken], _values(ticket, agent, spoken))


def _values(ticket: TicketView, agent: Agent, language: str) -> dict[str, str]:
    said = {
        "reference": ticket.reference,
        "subject": ticket.subject,
        "client": ticket.who,
        "agent": agent.name,
        "group": ticket.group.labels.get(language) or ticket.group.code,
        "third_party": ticket.third_party,
    }
    return {name: placeholders.as_plain(clean_line(value)) for name, value in said.items()}


def _checked(text: str) -> str:
    if len(text) > LONGEST:
        raise Refusal("At most {n} characters, please.", n=LONGEST)
    return placeholders.check(clean_text(text))
