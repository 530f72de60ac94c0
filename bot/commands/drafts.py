"""What a person was writing: kept for an hour in the database, one draft for each person, verb and ticket.

A draft is kept whenever a form reaches us and does not end in something done: refused, previewed, or asked again.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta

from bot.commands.requests import Request
from bot.desk.desk import Desk
from bot.desk.files import StoredFile
from bot.desk.people import Agent
from bot.desk.references import full
from storage.database import transaction
from storage.queries import desk as rows

KEPT = timedelta(hours=1)
NOT_WRITTEN = frozenset(("reference", "ticket", "draft", "chat", "argument"))


@dataclass(frozen=True, slots=True)
class Draft:
    """The values of a form by key, and the files that came with it."""

    values: Mapping[str, str] = field(default_factory=dict)
    files: tuple[StoredFile, ...] = ()

    @property
    def name(self) -> str:
        """A short word for just this draft: another one for another content."""
        said = json.dumps([sorted(self.values.items()), [file.sha256 for file in self.files]])
        return hashlib.sha256(said.encode()).hexdigest()[:16]


class Drafts:
    """The drafts of one agent for one verb."""

    def __init__(self, desk: Desk, verb: str, agent: Agent) -> None:
        self._desk = desk
        self._prefix = f"draft:{verb}:{agent.id}:"

    def keep(self, reference: str, draft: Draft) -> None:
        """Keep it in place of the one before."""
        value = {"values": dict(draft.values), "files": [asdict(file) for file in draft.files]}
        rows.jot(self._prefix + reference, value, self._desk.clock.now() + KEPT)

    def recall(self, reference: str, name: str = "") -> Draft | None:
        """The draft, if it is (still) the one of that name."""
        kept = rows.jotted(self._prefix + reference, self._desk.clock.now())
        if not kept:
            return None
        draft = Draft(kept["values"], tuple(StoredFile(**file) for file in kept["files"]))
        return draft if name in ("", draft.name) else None

    def forget(self, reference: str) -> None:
        """It was sent, or saved."""
        rows.forget(self._prefix + reference)


def keep_refused(desk: Desk, request: Request, agent: Agent | None) -> None:
    """What was filled into a form that was refused."""
    reference = full(str(request.fields.get("reference", "")))
    if agent is None or not (request.submitted and reference and request.fields.get("text")):
        return
    values = {key: str(value) for key, value in request.fields.items() if key not in NOT_WRITTEN}
    with transaction():
        Drafts(desk, request.verb, agent).keep(reference, Draft(values))
