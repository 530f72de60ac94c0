"""What a button carries, at most 64 bytes, and how it is read again. Nothing read here is trusted: it only has a form.

Four kinds: a card's button, a button under an answer, a step of a question, a page of a list.
"""

import re
from dataclasses import dataclass

DATA_BYTES = 64
ASK_FIRST = "ask"

_CARD = re.compile(
    r"v1:(?P<verb>[a-z_]{1,20}):(?P<ticket>[0-9]{1,15}):(?P<version>[0-9]{1,9})(?::(?P<argument>[A-Za-z0-9_-]{1,20}))?"
)
_ANSWER = re.compile(r"a1:(?P<verb>[a-z_]{1,20}):(?P<version>[0-9]{1,9}):(?P<reference>.*)", re.DOTALL)
_STEP = re.compile(r"q1:(?P<token>[0-9a-f]{8}):(?P<step>[0-9]{1,4}):(?P<choice>[a-z]{1,6}|[0-9]{1,3})")
_PAGE = re.compile(r"p1:(?P<token>[0-9a-f]{8}):(?P<page>[0-9]{1,6})")


@dataclass(frozen=True, slots=True)
class CardPress:
    """A button of a ticket's card."""

    verb: str
    ticket: int
    version: int
    argument: str = ""

    def data(self) -> str:
        """`v1:<verb>:<ticket id>:<version>[:<argument>]`."""
        tail = f":{self.argument}" if self.argument else ""
        return _checked(f"v1:{self.verb}:{self.ticket}:{self.version}{tail}")


@dataclass(frozen=True, slots=True)
class AnswerPress:
    """A button under an answer, which belongs to whoever asked."""

    verb: str
    version: int
    reference: str

    def data(self) -> str:
        """`a1:<verb>:<version>:<reference>`."""
        return _checked(f"a1:{self.verb}:{self.version}:{self.reference}")


@dataclass(frozen=True, slots=True)
class StepPress:
    """An answer to step `step` of the question `token`: the number of an option, or "cancel", "skip", "send"."""

    token: str
    step: int
    choice: str

    def data(self) -> str:
        """`q1:<token>:<step>:<choice>`."""
        return _checked(f"q1:{self.token}:{self.step}:{self.choice}")


@dataclass(frozen=True, slots=True)
class PagePress:
    """Another page of the list `token`."""

    token: str
    page: int

    def data(self) -> str:
        """`p1:<token>:<page>`."""
        return _checked(f"p1:{self.token}:{self.page}")


Press = CardPress | AnswerPress | StepPress | PagePress


def read(data: str) -> Press | None:
    """What the data says, None when it has none of the forms."""
    if len(data.encode(errors="replace")) > DATA_BYTES:
        return None
    if found := _CARD.fullmatch(data):
        return CardPress(found["verb"], int(found["ticket"]), int(found["version"]), found["argument"] or "")
    if found := _ANSWER.fullmatch(data):
        return AnswerPress(found["verb"], int(found["version"]), found["reference"])
    if found := _STEP.fullmatch(data):
        return StepPress(found["token"], int(found["step"]), found["choice"])
    if found := _PAGE.fullmatch(data):
        return PagePress(found["token"], int(found["page"]))
    return None


def fits(data: str) -> bool:
    """Whether Telegram takes it."""
    return 1 <= len(data.encode()) <= DATA_BYTES


def _checked(data: str) -> str:
    assert fits(data), f"{data!r} is longer than {DATA_BYTES} bytes"
    return data
