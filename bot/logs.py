"""Logs: one line each on stderr, with ids and without secrets. Third-party loggers that print addresses are quieted."""

import logging
import re
import sys
from collections.abc import Iterable, MutableMapping
from typing import Any

import structlog

QUIET = ("httpx", "httpcore", "slack_sdk", "slack_bolt", "aiohttp", "telegram", "apscheduler", "mail.log", "peewee")
_TOKENS = re.compile(r"xox[a-z]-[\w-]{8,}|xapp-[\w-]{8,}|\b\d{6,12}:[\w-]{20,}")


class Redactor:
    """Masks whatever looks like a token, and the configured secrets, in every text of a record."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = [secret for secret in secrets if len(secret) >= 6]

    def __call__(self, logger: Any, name: str, record: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        for key, value in record.items():
            if isinstance(value, str):
                record[key] = self.masked(value)
        return record

    def masked(self, text: str) -> str:
        """The text without secrets."""
        for secret in self._secrets:
            text = text.replace(secret, "••••")
        return _TOKENS.sub("••••", text)


def set_up(*, level: str = "INFO", secrets: Iterable[str] = ()) -> None:
    """Log to stderr from this level on; readable on a terminal, JSON otherwise."""
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.CRITICAL if name == "slack_bolt" else logging.WARNING)
    on_terminal = sys.stderr.isatty()
    renderer: Any = structlog.dev.ConsoleRenderer() if on_terminal else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            Redactor(secrets),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
