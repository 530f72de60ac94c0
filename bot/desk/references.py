"""References of tickets as people type them: whole, short, or somewhere in a subject. Pure.

Those of the simple model have a shape of their own; what a mask makes can only be told by looking it up, so that here
whatever might be one is named, the likeliest first. References are in capitals everywhere.
"""

import re
from itertools import islice

SIMPLE = re.compile(r"\bTS\d{4}-\d{4,12}\b", re.IGNORECASE)
MOST = 8

_SHAPE = re.compile(r"(?=[^\d]*\d)[A-Z0-9_./#+-]{3,40}", re.IGNORECASE)
_WORD = re.compile(r"[A-Z0-9_./#+-]+", re.IGNORECASE)
_BRACKETED = re.compile(r"\[([A-Z0-9_./#+-]{3,40})\]", re.IGNORECASE)
_SHORT = re.compile(r"([A-Z]*)-?0*(\d{1,12})", re.IGNORECASE)


def full(typed: str) -> str | None:
    """What was typed as a whole reference, in capitals, if it might be one."""
    text = typed.strip().strip("[]")
    if SIMPLE.fullmatch(text.strip("#")):
        return text.strip("#").upper()
    return text.upper() if _SHAPE.fullmatch(text) else None


def is_simple(typed: str) -> bool:
    """Whether it can be nothing else than a reference of the simple model, whole or short (`ts-42`)."""
    text = typed.strip().strip("[]#")
    return bool(SIMPLE.fullmatch(text)) or text.upper().startswith("TS-")


def short(typed: str) -> tuple[str, int] | None:
    """The letters and the number of a short form (`TS-42`, `ts-0042`, `42`), or None."""
    found = _SHORT.fullmatch(typed.strip().strip("[]#"))
    return (found[1].upper(), int(found[2])) if found else None


def mentioned(text: str) -> list[str]:
    """What may be references in a text, in capitals, each once: those in brackets, simple ones, then other words."""
    return list(islice(dict.fromkeys(found.upper() for found in _likely(text)), MOST))


def _likely(text: str) -> list[str]:
    words = [word.rstrip("./#+-") for word in _WORD.findall(text)]
    mixed = [word for word in words if _SHAPE.fullmatch(word) and not word.isdecimal()]
    return [*filter(full, _BRACKETED.findall(text)), *SIMPLE.findall(text), *mixed]
