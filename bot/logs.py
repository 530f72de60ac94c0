"""Logs: one line each on stderr, with ids and without secrets, ours and those of every library.

A token or a configured secret is masked wherever it stands, and no text that came from outside can end a line or move
the cursor of whoever reads it.
"""

import logging
import re
import sys
from collections.abc import Iterable, MutableMapping
from contextlib import suppress
from typing import Any, TextIO, cast

import structlog

QUIET = ("httpx", "httpcore", "slack_sdk", "slack_bolt", "aiohttp", "telegram", "apscheduler", "mail.log", "peewee")
MASK = "••••"
SHORTEST = 6
"""Shorter secrets would be found in ordinary words."""
_TOKENS = re.compile(r"xox[a-z]-[\w-]{8,}|xapp-[\w-]{8,}|\b\d{6,12}:[\w-]{20,}")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_LINES = ("exception", "stack")
"""What has several lines by itself; on a terminal they stay lines."""


class Redactor:
    """Masks whatever looks like a token, and the configured secrets, in everything that a record holds."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = sorted((secret for secret in secrets if len(secret) >= SHORTEST), key=len, reverse=True)

    def __call__(self, logger: Any, name: str, record: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """A processor of structlog's."""
        for key, value in record.items():
            record[key] = self._safe(value, lines=key in _LINES)
        return record

    def masked(self, text: str) -> str:
        """The text without secrets."""
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        return _TOKENS.sub(MASK, text)

    def _safe(self, value: Any, *, lines: bool) -> Any:
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, dict):
            return {self._safe(key, lines=False): self._safe(one, lines=False) for key, one in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self._safe(one, lines=False) for one in value]
        text = _CONTROL.sub(_escaped, self.masked(value if isinstance(value, str) else repr(value)))
        return text if lines else text.replace("\n", "\\n")


def _escaped(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode()


class _Unfailing:
    """Standard error as it is now; where it is closed, or its disk is full, what is told is lost and work goes on."""

    def write(self, text: str) -> int:
        """Write, if that is possible."""
        with suppress(OSError, ValueError, AttributeError):
            sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        """Have it written, if that is possible."""
        with suppress(OSError, ValueError, AttributeError):
            sys.stderr.flush()


def set_up(*, level: str = "INFO", secrets: Iterable[str] = ()) -> None:
    """Log to stderr from this level on; readable on a terminal, JSON otherwise."""
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.CRITICAL if name == "slack_bolt" else logging.WARNING)
    on_terminal = sys.stderr is not None and sys.stderr.isatty()
    renderer: Any = (
        structlog.dev.ConsoleRenderer() if on_terminal else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    ending = [structlog.processors.format_exc_info, Redactor(secrets), renderer]
    structlog.configure(
        processors=[*shared, *ending],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level)),
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", _Unfailing())),
        cache_logger_on_first_use=False,
    )
    _listen_to_libraries(shared, ending)


def _listen_to_libraries(shared: list[Any], ending: list[Any]) -> None:
    """What they tell Python's own log comes out the same way."""
    handler = logging.StreamHandler(cast("TextIO", _Unfailing()))
    without_meta = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    name = structlog.stdlib.add_logger_name
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=[*shared, name], processors=[without_meta, *ending])
    )
    logging.getLogger().handlers = [handler]
