"""Texts with named places: `{reference}`, `{client}` and their like. Places are filled once; what fills them never is.

Values stand in Markdown as they are: nothing in them is taken for mark-up, or for a place.
"""

import re
from collections.abc import Collection, Mapping

from bot.errors import Refusal

LETTER = ("reference", "subject", "client", "agent", "group", "third_party")
_PLACE = re.compile(r"\{([a-z_]+)\}")
_ANYWHERE = re.compile(r"([\\`*_\[\]|])")
_TAG = re.compile(r"<(?=\S)|&(?=#?\w+;)")
_DEEP = re.compile(r"^[ \t]{4,}", re.MULTILINE)
_AT_THE_START = re.compile(r"^( *)([#+>-]|\d+(?=[.)]\s))", re.MULTILINE)
_UNDERLINE = re.compile(r"^( *)=(?==*\s*$)", re.MULTILINE)


def filled(template: str, values: Mapping[str, str]) -> str:
    """The template with its known places filled; what is filled in is not looked at again."""
    return _PLACE.sub(lambda place: values.get(place[1], place[0]), template)


def unknown(template: str, known: Collection[str] = LETTER) -> list[str]:
    """The names of the places that nothing would fill."""
    return [name for name in dict.fromkeys(_PLACE.findall(template)) if name not in known]


def check(template: str, known: Collection[str] = LETTER) -> str:
    """The template, if all its places are known. Refusal names the first that is not, and those there are."""
    wrong = unknown(template, known)
    if wrong:
        names = ", ".join(f"{{{name}}}" for name in known)
        raise Refusal("{{{name}}} is not known here. There are: {names}.", name=wrong[0], names=names)
    return template


def as_plain(text: str) -> str:
    """A foreign text so that Markdown shows it as it stands (but for deep indentation, which would be code)."""
    named = _TAG.sub(lambda found: "&lt;" if found[0] == "<" else "&amp;", text)
    escaped = _ANYWHERE.sub(r"\\\1", _DEEP.sub("   ", named))
    return _UNDERLINE.sub(r"\1&#61;", _AT_THE_START.sub(_stopped, escaped))


def _stopped(found: re.Match[str]) -> str:
    """What would begin a heading, a quotation or a list, kept from doing so."""
    space, mark = found.groups()
    return f"{space}{mark}\\" if mark.isdecimal() else f"{space}\\{mark}"
