"""What can go wrong with a letter, each a DeliveryError whose sentence says what to do; the first row that fits is it.

A server's 5xx to a letter is permanent, and so is a server that would have us write in clear. A wrong password or
certificate is not: somebody mends it, and then the letters that waited for it still leave.
"""

import re
import socket
import ssl
from typing import Any

import aiosmtplib

from bot.cleaning import clean_line
from bot.config import SmtpConfig
from bot.errors import DeliveryError, MailboxError
from handlers.mail.connection import NoEncryption

_ROWS: tuple[tuple[type[BaseException], bool, str], ...] = (
    (aiosmtplib.SMTPAuthenticationError, False, "login refused by {place}: check username and {secret} ({said})"),
    (NoEncryption, True, "{place}: {said}: nothing is sent in clear; check security and port"),
    (aiosmtplib.SMTPNotSupported, True, "the server takes no address with such letters ({said})"),
    (aiosmtplib.SMTPConnectResponseError, False, "{place} does not take letters now ({said})"),
    (aiosmtplib.SMTPHeloError, False, "{place} does not talk to us ({said})"),
    (ssl.SSLCertVerificationError, False, "the certificate of {place} is not trusted ({said}): check host and ca_file"),
    (ssl.SSLError, False, "no TLS connection with {place} ({said}): check security and port"),
    (socket.gaierror, False, "there is no host {host}: check host, or the network"),
    (ConnectionRefusedError, False, "nothing listens on {place}: check host and port, or wait for the server"),
    (TimeoutError, False, "{place} does not answer in time: wait for the server, or check security and port"),
    (aiosmtplib.SMTPServerDisconnected, False, "the connection with {place} was lost ({said})"),
    (OSError, False, "no connection with {place} ({said}): check host and port, or wait for the server"),
    (MailboxError, False, "{said}"),
    (ValueError, True, "an address that cannot be written to ({said})"),
    (aiosmtplib.SMTPException, False, "{place}: {said}"),
)

_TOO_LARGE = re.compile(r"\b5\.(?:2\.3|3\.4)\b")
"""RFC 3463: larger than the recipient's mailbox, or than the server, ever takes."""


def explained(fault: Exception, config: SmtpConfig) -> DeliveryError:
    """The fault as a DeliveryError, with the server's own words but never a password."""
    if isinstance(fault, aiosmtplib.SMTPRecipientsRefused):
        return _all_refused(fault.recipients)
    if isinstance(fault, aiosmtplib.SMTPSenderRefused | aiosmtplib.SMTPDataError):
        return _refused(fault.code, fault.message)
    cause = fault.__cause__ if isinstance(fault.__cause__, OSError) else fault
    permanent, sentence = _row(cause) or _row(fault) or (False, "unexpected {kind} ({said})")
    values = {
        "place": f"{config.host}:{config.port}",
        "host": config.host,
        "said": _said(cause),
        "secret": "oauth" if config.oauth else "password",
        "kind": type(fault).__name__,
    }
    return DeliveryError("smtp: " + sentence.format(**values), permanent=permanent)


def _all_refused(refusals: list[aiosmtplib.SMTPRecipientRefused]) -> DeliveryError:
    """Nobody was taken: worth another try unless each refusal is for good."""
    worst = min(refusals, key=lambda refusal: refusal.code)
    return _refused(worst.code, worst.message)


def _refused(code: int, message: Any) -> DeliveryError:
    """552 is also said of a full mailbox (RFC 3463: 5.2.2), which a smaller letter does not help."""
    text = clean_line(str(message))[:300]
    too_large = (code == 552 and "5.2.2" not in text) or (code >= 500 and bool(_TOO_LARGE.search(text)))
    return DeliveryError(f"{code} {text}", permanent=code >= 500, too_large=too_large)


def _row(fault: BaseException) -> tuple[bool, str] | None:
    return next(((permanent, sentence) for kind, permanent, sentence in _ROWS if isinstance(fault, kind)), None)


def _said(fault: BaseException) -> str:
    if isinstance(fault, aiosmtplib.SMTPResponseException):
        return clean_line(f"{fault.code} {fault.message}")[:300]
    words = {ssl.SSLCertVerificationError: "verify_message", ssl.SSLError: "reason"}
    text = next((getattr(fault, name, "") for kind, name in words.items() if isinstance(fault, kind)), "")
    return clean_line(str(text or fault))[:200] or type(fault).__name__
