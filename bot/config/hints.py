"""How names and values are shown in a line about a mistake: quoted, cut, with the nearest known name."""

from collections.abc import Iterable
from difflib import get_close_matches

LONGEST = 60


def hint(name: object, known: Iterable[str]) -> str:
    """` (did you mean "…"?)`, or "" when nothing known comes near."""
    if not isinstance(name, str):
        return ""
    by_folded = {word.casefold(): word for word in known}
    near = get_close_matches(name.casefold()[:100], sorted(by_folded), n=1, cutoff=0.6)
    return f' (did you mean "{by_folded[near[0]]}"?)' if near else ""


def quoted(text: str) -> str:
    """The text in quotes, cut to a readable length, with escapes for whatever would break the line."""
    cut = text if len(text) <= LONGEST else text[:LONGEST] + "…"
    return f'"{printable(cut)}"'


def printable(text: str) -> str:
    """The text with escapes for control characters and whatever else a terminal might act upon."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
