"""What can go wrong with a mailbox, each in one sentence that says what to do; the first row that fits is it.

No sentence holds a password or a token: only the server's own words and the configuration's places are shown.
"""

import imaplib
import socket
import ssl
from typing import Any

import imap_tools

from bot.cleaning import clean_line
from bot.config import MailboxConfig
from bot.errors import MailboxError
from handlers.mail.connection import ControlCharacter, NoEncryption

TEMPORARY = ("[UNAVAILABLE]", "[INUSE]", "[SERVERBUG]", "[LIMIT]", "[OVERQUOTA]")
"""Response codes (RFC 5530) of a refusal that passes; any other refusal stays until somebody does something."""


class LoginRefused(Exception):
    """The server refused who we say we are; the message is what it said."""


_ROWS: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], bool, str], ...] = (
    (LoginRefused, True, "login refused by {place}: check username and {secret} ({said})"),
    (NoEncryption, True, "{place}: {said}: nothing is read in clear text; check security and port"),
    (imap_tools.MailboxFolderSelectError, True, 'there is no folder "{folder}" on {place}: check folder ({said})'),
    (ssl.SSLCertVerificationError, True, "the certificate of {place} is not trusted ({said}): check host and ca_file"),
    (ssl.SSLError, False, "no TLS connection with {place} ({said}): check security and port"),
    (socket.gaierror, False, "there is no host {host}: check host, or the network"),
    (ConnectionRefusedError, False, "nothing listens on {place}: check host and port, or wait for the server"),
    (TimeoutError, False, "{place} does not answer in time ({said}): wait for the server, or check security and port"),
    (ControlCharacter, True, "{said}: correct the configuration"),
    (imaplib.IMAP4.abort, False, "the connection with {place} was lost ({said})"),
    (imaplib.IMAP4.error, False, "{place} does not understand ({said})"),
    (OSError, False, "no connection with {place} ({said}): check host and port, or wait for the server"),
    (MemoryError, False, "{place} sends more than fits into memory"),
)


def explained(fault: Exception, config: MailboxConfig) -> MailboxError:
    """The fault as a MailboxError; `permanent` where only a person can mend it."""
    said = _said(fault)
    permanent, sentence = next(
        ((permanent, sentence) for kind, permanent, sentence in _ROWS if isinstance(fault, kind)),
        (False, "{place}: unexpected {kind} ({said})"),
    )
    passing = said.upper().startswith(TEMPORARY)
    values = {
        "place": f"{config.host}:{config.port}",
        "host": config.host,
        "folder": clean_line(config.folder),
        "said": said,
        "secret": "oauth" if config.oauth else "password",
        "kind": type(fault).__name__,
    }
    return MailboxError(f'mailbox "{config.name}": ' + sentence.format(**values), permanent=permanent and not passing)


def _said(fault: Exception) -> str:
    if isinstance(fault, imap_tools.errors.UnexpectedCommandStatusError):
        return spoken(fault.command_result[1])
    words = {ssl.SSLCertVerificationError: "verify_message", ssl.SSLError: "reason"}
    text = next((getattr(fault, name, "") for kind, name in words.items() if isinstance(fault, kind)), "")
    return clean_line(str(text or fault))[:200] or type(fault).__name__


def spoken(answer: Any) -> str:
    """What a server said with its refusal, on one line."""
    parts = answer if isinstance(answer, list | tuple) else [answer]
    texts = [part.decode("utf-8", "replace") if isinstance(part, bytes) else str(part) for part in parts if part]
    return clean_line(" ".join(texts))[:200] or "it gives no reason"
