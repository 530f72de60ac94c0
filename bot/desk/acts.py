"""One act on many tickets: what happens within `as_one()` carries one mark in its events, and is taken back as one."""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_act: ContextVar[str] = ContextVar("act", default="")


@contextmanager
def as_one() -> Iterator[None]:
    """All that is recorded in here is one act; inside another one it is part of that."""
    token = _act.set(_act.get() or secrets.token_hex(8))
    try:
        yield
    finally:
        _act.reset(token)


def marked(data: Mapping[str, Any] | None) -> dict[str, Any]:
    """An event's data, with the mark of the act it is part of."""
    act = _act.get()
    return {**(data or {}), "act": act} if act else dict(data or {})
