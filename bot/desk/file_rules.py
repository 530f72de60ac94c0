"""Which files are kept: none above the setting max_attachment_mb, none of the refused types; the others are named."""

from fnmatch import fnmatch

from bot.desk.files import size_in_words
from bot.desk.settings import Settings
from bot.errors import Refusal

MEGABYTE = 1_000_000
TOO_LARGE = "{name} ({size}) is not kept: it is larger than {n} MB (setting max_attachment_mb)."
REFUSED = "{name} is not kept: its type is refused (setting refused_types)."


def fault_of(name: str, media_type: str, size: int, settings: Settings) -> Refusal | None:
    """Why a file of this name, media type and size in bytes is not kept; None when it is."""
    most = float(settings.get("max_attachment_mb"))
    if size > most * MEGABYTE:
        return Refusal(TOO_LARGE, name=name, size=size_in_words(size), n=f"{most:g}")
    if _is_refused(name, media_type, settings.get("refused_types")):
        return Refusal(REFUSED, name=name)
    return None


def _is_refused(name: str, media_type: str, patterns: str) -> bool:
    """Whether the name or the type fits one of `*.exe, *.scr, application/x-msdownload`, whatever their case."""
    said = (name.lower().rstrip(". "), media_type.lower())
    listed = [pattern.strip().lower() for pattern in patterns.replace(";", ",").split(",")]
    return any(fnmatch(one, pattern) for pattern in listed if pattern for one in said)
