"""An intervention as it is at one moment, as a value: what its report, answers and `--json` are made from. Pure.

It goes from draft to validated to done; only a draft can be changed, and from validated on its time counts.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from bot.desk import numbering
from bot.desk.numbering import Mask
from bot.desk.people import Agent
from bot.errors import Refusal
from bot.texts import Phrase

MASK = Mask.parse("FI{yy}{mm}-{0000}")
DRAFT, VALIDATED, DONE = STATES = ("draft", "validated", "done")
STEPS = {"validate": {DRAFT: VALIDATED}, "done": {VALIDATED: DONE}, "draft": {VALIDATED: DRAFT, DONE: DRAFT}}
KINDS = {"validate": "intervention_validated", "done": "intervention_done", "draft": "intervention_reopened"}
"""The event of each step."""

_NUMBER = re.compile(r"FI\d{4}-\d{4,9}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Line:
    """One piece of work; `number` is its place in the report, from 1."""

    number: int
    at: datetime
    minutes: int
    text: str


@dataclass(frozen=True, slots=True)
class InterventionView:
    """One intervention. `client`, `contact`, `subject` and `description` are as they were when it was made."""

    id: int
    number: str
    version: int
    state: str
    ticket_id: int
    ticket: str
    subject: str
    description: str
    client: str
    contact: str
    project: str
    contract: str
    technician: Agent | None
    planned_at: datetime | None
    created_at: datetime
    validated_at: datetime | None
    done_at: datetime | None
    lines: tuple[Line, ...] = ()

    @classmethod
    def of(cls, row: Any, lines: Any = ()) -> "InterventionView":
        """From a row with everything joined, and the rows of its lines."""
        return cls(
            **{name: getattr(row, name) for name in _PLAIN},
            ticket=row.ticket.reference,
            project=row.project.reference if row.project else "",
            contract=row.contract.reference if row.contract else "",
            technician=Agent.of(row.technician) if row.technician else None,
            lines=tuple(Line(n, line.at, line.minutes, line.text) for n, line in enumerate(lines, 1)),
        )

    @property
    def minutes(self) -> int:
        """How long the work took in all."""
        return sum(line.minutes for line in self.lines)

    @property
    def is_open(self) -> bool:
        """Whether something is left to do about it."""
        return self.state != DONE


_PLAIN = (
    "id number version state ticket_id subject description client contact planned_at created_at validated_at done_at"
).split()


def is_number(word: str) -> bool:
    """Whether it looks like the number of an intervention."""
    return bool(_NUMBER.fullmatch(word.strip()))


def number_of(count: int, occasion: numbering.Occasion) -> str:
    """The number of the `count`th intervention."""
    return MASK.render(count, occasion)


def after(step: str, state: str, number: str) -> str:
    """The state that a step leads to. Refusal when it leads nowhere from this one."""
    if state in STEPS[step].values():
        raise Refusal("{number} is already: {state}.", number=number, state=Phrase(state))
    return STEPS[step].get(state) or _refuse(number, state)


def check_draft(state: str, number: str) -> None:
    """Refusal for one that is no draft any more."""
    if state != DRAFT:
        _refuse(number, state)


def _refuse(number: str, state: str) -> NoReturn:
    raise Refusal(_NOT_FROM[state], number=number)


_NOT_FROM = {
    DRAFT: "{number} is a draft. Validate it first.",
    VALIDATED: "{number} is validated. Make it a draft again first.",
    DONE: "{number} is done. Make it a draft again first.",
}


def as_json(one: InterventionView) -> dict[str, Any]:
    """For programs: addresses, ISO 8601 times with offset, or null."""
    return {
        "number": one.number,
        "ticket": one.ticket,
        "state": one.state,
        "subject": one.subject,
        "description": one.description or None,
        "client": one.client or None,
        "contact": one.contact or None,
        "project": one.project or None,
        "contract": one.contract or None,
        "technician": one.technician.email if one.technician else None,
        "planned_at": _iso(one.planned_at),
        "created_at": _iso(one.created_at),
        "validated_at": _iso(one.validated_at),
        "done_at": _iso(one.done_at),
        "minutes": one.minutes,
        "lines": [
            {"number": line.number, "at": line.at.isoformat(), "minutes": line.minutes, "text": line.text}
            for line in one.lines
        ],
        "version": one.version,
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
