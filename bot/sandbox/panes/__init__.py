"""What the demo page shows of each pretend platform, and what people do there; a pane knows one platform.

A pane has `name`, `items()` (all that is on show, key → JSON value, each with its `order`) and `gestures` (name → what
carries it out).
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

Item = dict[str, Any]
Details = Mapping[str, Any]
Outcome = dict[str, Any]
Perform = Callable[[Details], Awaitable[Outcome]]

DONE: Outcome = {"ok": True}


class Pane(Protocol):
    """One of the three parts of the page."""

    name: str
    gestures: Mapping[str, Perform]

    def items(self) -> dict[str, Item]: ...


def refused(words: str, **more: Any) -> Outcome:
    """An outcome that the page tells its person."""
    return {"ok": False, "error": words, **more}
