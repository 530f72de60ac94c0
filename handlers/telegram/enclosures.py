"""Files that come with messages: what they are, and their bytes, up to the 20 MB that Telegram gives to bots."""

import mimetypes
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import structlog
from telegram import Bot, Message
from telegram.error import BadRequest

from bot.commands.requests import Enclosure

log = structlog.get_logger("deskbell.telegram")

DOWNLOAD_BYTES = 20 * 1024 * 1024
KINDS = (
    ("document", "file", "application/octet-stream"),
    ("voice", "voice.oga", "audio/ogg"),
    ("audio", "audio.mp3", "audio/mpeg"),
    ("video", "video.mp4", "video/mp4"),
    ("video_note", "video.mp4", "video/mp4"),
)


@dataclass(frozen=True, slots=True)
class Attached:
    """A file on Telegram's servers; `size` in bytes, 0 when it was not said."""

    id: str
    name: str
    type: str
    size: int = 0


def attached(message: Message) -> tuple[Attached, ...]:
    """The files of a message: at most one, of a photo the largest size."""
    if message.photo:
        largest = max(message.photo, key=lambda size: size.width * size.height)
        return (Attached(largest.file_id, f"photo-{message.message_id}.jpg", "image/jpeg", largest.file_size or 0),)
    for kind, name, type_ in KINDS:
        if file := getattr(message, kind):
            said = getattr(file, "file_name", None) or name
            found = getattr(file, "mime_type", None) or mimetypes.guess_type(said)[0] or type_
            return (Attached(file.file_id, said, found, file.file_size or 0),)
    return ()


async def fetch(bot: Bot, files: Sequence[Attached]) -> tuple[tuple[Enclosure, ...], tuple[str, ...]]:
    """The files with their bytes, and the names of those that Telegram does not give. Raises TelegramError."""
    fetched, missing = [], []
    for file in files:
        content = await _content(bot, file)
        if content is None:
            missing.append(file.name)
        else:
            fetched.append(Enclosure(file.name, file.type, content))
    return tuple(fetched), tuple(missing)


async def _content(bot: Bot, file: Attached) -> bytes | None:
    if file.size > DOWNLOAD_BYTES:
        return None
    try:
        found = await bot.get_file(file.id)
        return bytes(await found.download_as_bytearray())
    except BadRequest as fault:
        log.warning("file left out", error=fault.message)
        return None


def as_json(files: Iterable[Attached]) -> list[list[object]]:
    """For the notebook."""
    return [[file.id, file.name, file.type, file.size] for file in files]


def from_json(kept: object) -> tuple[Attached, ...]:
    """From the notebook."""
    rows = kept if isinstance(kept, list) else []
    return tuple(Attached(str(row[0]), str(row[1]), str(row[2]), int(row[3])) for row in rows)
