"""The file itself: where it is looked for, and what is wrong with it before any key is looked at."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.errors import ConfigError

NAME = "deskbell.toml"
LARGEST = 4_000_000
FIRST_STEPS = (
    'not found in this folder: write one, name one with --config or DESKBELL_CONFIG, or try "deskbell demo", '
    "which needs none"
)


def find(path: Path | None, environ: Mapping[str, str]) -> Path | None:
    """The file to read: the one named, else $DESKBELL_CONFIG's, else ./deskbell.toml if there is one."""
    if path is not None:
        return path
    if environ.get("DESKBELL_CONFIG"):
        return Path(environ["DESKBELL_CONFIG"])
    return Path(NAME) if Path(NAME).exists() else None


def read(path: Path) -> tuple[dict[str, Any], str]:
    """The file's tables, in the file's order, and its text; ConfigError with the line where it is no TOML."""
    try:
        text = read_text(path, LARGEST).removeprefix("\ufeff")
        return tomllib.loads(text), text
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{label(path)}: {_place(str(error))}") from None
    except (ValueError, RecursionError, OSError) as error:
        raise ConfigError(f"{label(path)}: cannot be read: {reason(error)}") from None


def label(path: Path) -> str:
    """How a line calls the file: its name without its folders."""
    return " ".join((path.name or str(path)).split())


def read_text(path: Path, largest: int) -> str:
    """A whole small text file; OSError or ValueError with a reason that `reason` gives in words."""
    with path.open("rb") as file:
        raw = file.read(largest + 1)
    if len(raw) > largest:
        raise ValueError(f"more than {largest} bytes")
    return raw.decode("utf-8")


def reason(error: Exception) -> str:
    """Why a file could not be read, in a few words without its content."""
    if isinstance(error, OSError):
        return (error.strerror or "no such file").lower()
    if isinstance(error, UnicodeDecodeError):
        return f"not UTF-8 at byte {error.start + 1}"
    if isinstance(error, RecursionError):
        return "nested too deeply"
    return " ".join(str(error).split())


def _place(message: str) -> str:
    found = re.fullmatch(r"(.*) \(at line (\d+), column (\d+)\)", " ".join(message.split()))
    if found is None:
        return f"is no TOML: {' '.join(message.split())}"
    return f"line {found[2]}, column {found[3]}: {found[1][:1].lower()}{found[1][1:]}"
