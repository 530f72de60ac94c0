"""Names of attachments: no path, no control or bidi character, at most 255 bytes, never the same twice in one mail."""

from __future__ import annotations

import mimetypes
import re

from bot.cleaning import BIDI, clean_line

_FORBIDDEN = re.compile(r"[\\/:*?\"<>|]")
_PATH = re.compile(r"^(?:[A-Za-z]:[\\/]|\\\\|/|\.{1,2}[\\/]|~[\\/])|\\")
_RESERVED = re.compile(r"^(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|$)", re.IGNORECASE)
_ENDINGS = {
    "message/rfc822": ".eml", "text/calendar": ".ics", "text/plain": ".txt", "text/html": ".html", "text/csv": ".csv",
    "image/jpeg": ".jpg", "application/ms-tnef": ".dat", "message/delivery-status": ".txt",
    "text/rfc822-headers": ".txt", "application/pgp-signature": ".asc", "application/octet-stream": ".bin",
}  # fmt: skip


def clean_name(name: str, media_type: str = "", number: int = 1) -> str:
    """A safe file name made of the given one; `attachment-2.pdf` where nothing is left of it."""
    text = clean_line(BIDI.sub("", name))
    if _PATH.search(text):
        text = re.split(r"[\\/]", text)[-1]
    text = _FORBIDDEN.sub("_", text).strip(". ") if text.strip("._ /\\") else ""
    text = _RESERVED.sub(r"_\g<0>", text)
    return _shorten(text) if text else f"attachment-{number}{ending_of(media_type)}"


def ending_of(media_type: str) -> str:
    """The usual ending of a media type, with its dot."""
    return _ENDINGS.get(media_type) or mimetypes.guess_extension(media_type) or ".bin"


def numbered(name: str, taken: set[str]) -> str:
    """The name, or `name (2).ext` where it is taken; the answer is added to `taken`."""
    stem, dot, ending = name.rpartition(".")
    if not stem or len(ending) > 10:
        stem, dot, ending = name, "", ""
    candidate, count = name, 1
    while candidate.lower() in taken:
        count += 1
        suffix = f" ({count}){dot}{ending}"
        candidate = _cut(stem, 255 - len(suffix.encode())) + suffix
    taken.add(candidate.lower())
    return candidate


def _shorten(name: str, most: int = 255) -> str:
    """At most 255 bytes of UTF-8, the ending kept."""
    if len(name.encode()) <= most:
        return name
    stem, dot, ending = name.rpartition(".")
    if not stem or len(ending.encode()) > 20:
        stem, dot, ending = name, "", ""
    room = most - len((dot + ending).encode())
    return _cut(stem, room) + dot + ending


def _cut(text: str, room: int) -> str:
    """The first `room` bytes of UTF-8, without half a character."""
    return text.encode()[:room].decode("utf-8", "ignore").rstrip()
