"""The register of verbs. A verb is a function under `@verb(usage, summary, …)`; its usage is its grammar and help."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.commands.grammar import Usage
from bot.outgoing.cards import Answer

if TYPE_CHECKING:
    from bot.commands.calls import Call

Body = Callable[["Call"], Answer]


@dataclass(frozen=True, slots=True)
class Verb:
    """What people may ask for. `right` is the row of the table of rights; `writes` whether it may change something.

    Hidden verbs are pressed or sent by programs, never typed; `open_to_all` ones need no recognised agent; `keys` are
    those it takes beside the grammar's.
    """

    usage: Usage
    summary: str
    right: str
    body: Body
    writes: bool
    hidden: bool = False
    open_to_all: bool = False
    keys: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """Its first word."""
        return self.usage.name

    @property
    def explained(self) -> str:
        """Its help: the docstring of its function in one line."""
        return " ".join((self.body.__doc__ or "").split())


VERBS: dict[str, Verb] = {}


def verb(
    usage: str,
    summary: str,
    *,
    right: str = "",
    writes: bool = False,
    hidden: bool = False,
    open_to_all: bool = False,
    keys: Iterable[str] = (),
) -> Callable[[Body], Body]:
    """Register a verb; `summary` is its line in the help."""

    def register(body: Body) -> Body:
        understood = Usage.of(usage)
        right_of = right or understood.name
        own = frozenset(keys)
        VERBS[understood.name] = Verb(understood, summary, right_of, body, writes, hidden, open_to_all, own)
        return body

    return register


def typed() -> list[Verb]:
    """The verbs people may type, in the order of the help."""
    return [known for known in VERBS.values() if not known.hidden]
