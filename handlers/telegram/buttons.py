"""What a button carries, at most 64 bytes, and how it is read again. Nothing read here is trusted: it only has a form.

Four kinds: a card's button, a button under an answer, a step of a question, a page of a list.
"""

import re
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Self

DATA_BYTES = 64
ASK_FIRST = "ask"
NUMBERS = frozenset(("ticket", "version", "step", "page"))


@dataclass(frozen=True, slots=True)
class Carried:
    """What all of them can: a head and the fields in their order, between colons, and back."""

    HEAD: ClassVar[str]
    FORM: ClassVar[re.Pattern[str]]

    def data(self) -> str:
        """What Telegram carries; a last field that is empty is left out."""
        data = self._written()
        assert self.fits(), f"{data!r} is longer than {DATA_BYTES} bytes"
        return data

    def fits(self) -> bool:
        """Whether Telegram takes it."""
        return len(self._written().encode()) <= DATA_BYTES

    @classmethod
    def read(cls, data: str) -> Self | None:
        """What the data says, None when it has not this form."""
        head, _, rest = data.partition(":")
        found = cls.FORM.fullmatch(rest) if head == cls.HEAD else None
        return cls(*(_value(one.name, found[one.name] or "") for one in fields(cls))) if found else None

    def _written(self) -> str:
        values = [str(getattr(self, one.name)) for one in fields(self)]
        return ":".join([self.HEAD, *values[:-1], *filter(None, values[-1:])])


def _value(name: str, text: str) -> Any:
    return int(text) if name in NUMBERS else text


@dataclass(frozen=True, slots=True)
class CardPress(Carried):
    """A button of a ticket's card: `v1:<verb>:<ticket id>:<version>[:<argument>]`."""

    HEAD = "v1"
    FORM = re.compile(
        r"(?P<verb>[a-z_]{1,20}):(?P<ticket>[0-9]{1,15}):(?P<version>[0-9]{1,9})(:(?P<argument>[A-Za-z0-9_-]{1,20}))?"
    )
    verb: str
    ticket: int
    version: int
    argument: str = ""


@dataclass(frozen=True, slots=True)
class AnswerPress(Carried):
    """A button under an answer, which belongs to whoever asked: `a1:<verb>:<version>[:<reference>]`."""

    HEAD = "a1"
    FORM = re.compile(r"(?P<verb>[a-z_]{1,20}):(?P<version>[0-9]{1,9})(:(?P<reference>.*))?", re.DOTALL)
    verb: str
    version: int
    reference: str


@dataclass(frozen=True, slots=True)
class StepPress(Carried):
    """An answer to step `step` of the question `token`: `q1:<token>:<step>:<choice>`.

    The choice is the number of an option, or "cancel", "skip", "send" and the like.
    """

    HEAD = "q1"
    FORM = re.compile(r"(?P<token>[0-9a-f]{8}):(?P<step>[0-9]{1,4}):(?P<choice>[a-z]{1,6}|[0-9]{1,3})")
    token: str
    step: int
    choice: str


@dataclass(frozen=True, slots=True)
class PagePress(Carried):
    """Another page of the list `token`: `p1:<token>:<page>`."""

    HEAD = "p1"
    FORM = re.compile(r"(?P<token>[0-9a-f]{8}):(?P<page>[0-9]{1,6})")
    token: str
    page: int


Press = CardPress | AnswerPress | StepPress | PagePress
KINDS: tuple[type[Press], ...] = (CardPress, AnswerPress, StepPress, PagePress)


def read(data: str) -> Press | None:
    """What the data says, None when it has none of the forms."""
    if len(data.encode(errors="replace")) > DATA_BYTES:
        return None
    return next((found for kind in KINDS if (found := kind.read(data)) is not None), None)
