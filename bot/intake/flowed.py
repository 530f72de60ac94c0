"""Joins the soft line ends of `format=flowed` text (RFC 3676), so that a paragraph is one line again.

Lines are joined within one depth of quoting only; a signature's `-- ` never flows.
"""

from __future__ import annotations

import re

_QUOTES = re.compile(r">*")
_SIGNATURE = "-- "


def unflow(text: str, *, delete_space: bool) -> str:
    """The text with its paragraphs joined; `delete_space` is DelSp=yes: the blank at a soft end goes, too."""
    lines: list[str] = []
    open_depth: int | None = None
    pieces: list[str] = []
    for line in text.split("\n"):
        depth, content = _read(line)
        soft = content.endswith(" ") and content != _SIGNATURE
        if open_depth != depth or content == _SIGNATURE:
            _end(lines, pieces, open_depth)
        pieces.append(content[:-1] if soft and delete_space else content)
        open_depth = depth if soft else None
        if not soft:
            _end(lines, pieces, depth)
    _end(lines, pieces, open_depth)
    return "\n".join(lines)


def _read(line: str) -> tuple[int, str]:
    """How deep a line is quoted, and its content without the blank that was put before it."""
    line = line.rstrip("\r")
    depth = _QUOTES.match(line).end()  # type: ignore[union-attr]  # it matches nothing at all, too
    return depth, line[depth:].removeprefix(" ")


def _end(lines: list[str], pieces: list[str], depth: int | None) -> None:
    """The paragraph so far as one line."""
    if pieces:
        content = "".join(pieces)
        content = content if content == _SIGNATURE else content.rstrip()
        lines.append(f"{'>' * depth} {content}".rstrip() if depth else content)
        pieces.clear()
