"""The gate that every text passes before it is kept: no control, surrogate or bidi override character leaves here."""

from __future__ import annotations

import re

_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_NOISE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]")
_ODD = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]")
"""Whatever one of the three others finds: most texts have none of it."""
_SURROGATES = re.compile("[\ud800-\udfff]")
_PRIVATE_MARKS = re.compile("[\ue000\ue001]")
_SPACES = re.compile(r"\s+")
BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def clean_text(text: str) -> str:
    """Text of several lines: line ends become newlines, tabs stay, lone surrogates become U+FFFD."""
    if _ODD.search(text) is None:
        return text
    text = _BREAKS.sub("\n", text)
    text = _NOISE.sub("", text)
    return _SURROGATES.sub("\ufffd", text)


def clean_line(text: str) -> str:
    """Text of one line: as `clean_text`, and every run of white space becomes one blank."""
    return _SPACES.sub(" ", clean_text(text)).strip()


def without_private_marks(text: str) -> str:
    """The two characters with which the reader marks places inside a text may not come from outside."""
    return _PRIVATE_MARKS.sub("", text)
