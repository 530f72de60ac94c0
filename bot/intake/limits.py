"""How much of one mail is looked at; what lies beyond is left out and said, never a reason to lose the mail."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes or characters, the others are counts; the defaults are those of common mail servers.

    mail_bytes is the most that max_mail_mb may be; above that setting a mail is never fetched whole.
    """

    mail_bytes: int = 100 * 1024 * 1024
    header_bytes: int = 100 * 1024
    nesting: int = 50
    parts: int = 500
    attachments: int = 100
    addresses: int = 100
    html_chars: int = 1_000_000
    text_chars: int = 500_000
    headers: int = 200
    header_chars: int = 2_000
