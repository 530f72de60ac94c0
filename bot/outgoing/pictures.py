"""Pictures inside a letter's words: in HTML they are seen in their places, in plain text named there. Pure.

A picture stands where the text names it; one that is not named stands below the text. Marks of one private character
pair carry the places through Markdown.
"""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.cleaning import without_private_marks
from bot.desk.files import StoredFile

SHOWN = frozenset(("image/png", "image/jpeg", "image/gif", "image/webp"))
_PLACE = re.compile(r"\[image(?:: (?P<alt>[^\]\n]{1,255}))?\]|!\[[^\]\n]{0,255}\]\((?P<source>[^()\s]{1,500})\)")
_MARK = re.compile("\ue000([0-9]{1,4})\ue001")


@dataclass(frozen=True, slots=True)
class Picture:
    """A file that is shown, and the Content-ID under which the HTML finds it."""

    file: StoredFile
    cid: str


def pictures_of(files: Sequence[StoredFile], domain: str) -> list[Picture]:
    """Those of a letter's files that mail programs can show."""
    shown = [file for file in files if file.type.lower() in SHOWN]
    return [Picture(file, f"{file.sha256[:24]}.{number}@{domain}") for number, file in enumerate(shown)]


def placed(text: str, pictures: Sequence[Picture]) -> str:
    """The text with a mark for each picture: where it is named, else at the end."""
    left = dict(enumerate(pictures))

    def mark(place: re.Match[str]) -> str:
        number = _named(place, left)
        if number is None:
            return place[0]
        del left[number]
        return f"\ue000{number}\ue001"

    marked = _PLACE.sub(mark, without_private_marks(text)) if pictures else without_private_marks(text)
    return "\n\n".join([marked, *(f"\ue000{number}\ue001" for number in left)])


def shown(written: str, pictures: Sequence[Picture]) -> str:
    """HTML with the pictures in their places."""
    return _filled(written, [_image(picture) for picture in pictures])


def told(written: str, pictures: Sequence[Picture]) -> str:
    """Plain text with the pictures' names in their places."""
    return _filled(written, [f"[{picture.file.name}]" for picture in pictures])


def _filled(written: str, words: Sequence[str]) -> str:
    """A mark that none of ours is, because a client's subject brought it, says nothing."""
    return _MARK.sub(lambda mark: "".join(words[int(mark[1]) :][:1]), written)


def _named(place: re.Match[str], left: dict[int, Picture]) -> int | None:
    """Which picture is meant: by name or Content-ID, or the next one where no name is given."""
    name, source = place["alt"], place["source"]
    if name is None and source is None:
        return next(iter(left), None)
    wanted = name or source.removeprefix("cid:")
    return next((n for n, one in left.items() if wanted in (one.file.name, one.file.content_id)), None)


def _image(picture: Picture) -> str:
    name = html.escape(picture.file.name, quote=True)
    return f'<img src="cid:{picture.cid}" alt="{name}" style="max-width:100%">'
