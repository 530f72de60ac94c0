"""One file fetched from an address that an administrator gave: within a time and a size, and never without TLS.

Only https, or http on this very machine; a redirection is an address like any other.
"""

import time
from http.client import HTTPException
from ipaddress import ip_address
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    UnknownHandler,
    getproxies,
)  # fmt: skip

from bot.errors import Refusal

PIECE = 65_536


def fetch(address: str, *, most: int, seconds: float) -> bytes:
    """What lies there. Refusal where it cannot be fetched, is too large (bytes), or takes too long."""
    check(address)
    until = time.monotonic() + seconds
    content = bytearray()
    try:
        with _opener(address).open(Request(address, headers={"User-Agent": "Deskbell"}), timeout=seconds) as answer:  # noqa: S310
            while piece := answer.read1(PIECE):
                content += piece
                if len(content) > most:
                    raise Refusal("The calendar is too large.")
                if time.monotonic() > until:
                    raise Refusal("It took longer than {n} seconds.", n=round(seconds))
    except HTTPError as fault:
        raise Refusal("The server answered {code}.", code=fault.code) from None
    except (URLError, HTTPException, OSError, ValueError) as fault:
        reason = str(getattr(fault, "reason", "") or fault)[:100]
        raise Refusal("The server cannot be reached: {reason}", reason=reason) from None
    return bytes(content)


def check(address: str) -> None:
    """Refusal for an address that may not be asked."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        raise Refusal("This is no address that begins with https://.") from None
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and is_here(host))):
        raise Refusal("This is no address that begins with https://.")


def is_here(host: str) -> bool:
    """Whether a host is this very machine."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


class _Checked(HTTPRedirectHandler):
    """Follows a redirection only to where one may ask."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):  # type: ignore[no-untyped-def]
        check(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener(address: str) -> OpenerDirector:
    """It knows http and https and nothing else."""
    proxies = {} if is_here(urlsplit(address).hostname or "") else getproxies()
    opener = OpenerDirector()
    for handler in (
        ProxyHandler(proxies),
        UnknownHandler(),
        HTTPHandler(),
        HTTPSHandler(),
        HTTPDefaultErrorHandler(),
        _Checked(),
        HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    return opener
