"""Checks of what is reached over the network: hosts, URLs, mail addresses, the database's address.

Like all checks they return the value, or raise `wrong(…)`; a URL is never repeated, for a secret may stand in it.
"""

import ipaddress
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from pydantic import SecretStr

from bot.config.checks import one_line, wrong
from bot.desk import addresses
from bot.errors import Refusal


def is_loopback(host: str) -> bool:
    """Does this host name mean this machine?"""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost" or host.lower().endswith(".localhost")


def split_url(value: object) -> SplitResult | None:
    """The parts of an absolute http(s) address with no name, password, query or fragment; else None."""
    if not isinstance(value, str) or not one_line(value) or re.search(r"[\s\\]", value):
        return None
    try:
        parts = urlsplit(value)
        allowed = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        return None
    plain = "@" not in parts.netloc and "?" not in value and "#" not in value
    return parts if allowed and plain else None


def url(value: object) -> str:
    """An absolute http or https address."""
    if split_url(value) is None:
        raise wrong('an address that begins with "https://" or "http://"', shown=False)
    return str(value)


def private_url(value: object) -> str:
    """An address that secrets travel to: https, or http on this machine."""
    parts = split_url(value)
    if parts is None or (parts.scheme == "http" and not is_loopback(parts.hostname or "")):
        raise wrong('an address that begins with "https://" (http only on loopback)', shown=False)
    return str(value)


def webhook_url(value: object) -> str:
    """The whole public address of /telegram, or "" for none."""
    if value == "":
        return ""
    if not private_url(value).endswith("/telegram"):
        raise wrong("the whole public address, ending in /telegram", shown=False)
    return str(value)


def slack_api(value: object) -> str:
    """Slack's address with its closing slash."""
    return url(value).rstrip("/") + "/"


def telegram_api(value: object) -> str:
    """Telegram's address without a closing slash."""
    return url(value).rstrip("/")


def listen(value: object) -> str:
    """host:port, an IPv6 host in brackets."""
    found = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[\w.-]+):([0-9]{1,5})", value) if isinstance(value, str) else None
    if found is None or not 1 <= int(found[2]) <= 65_535 or not is_host(found[1].strip("[]")):
        raise wrong('host:port such as "127.0.0.1:8080", the port 1–65535')
    return str(value)


def is_host(value: object) -> bool:
    """A host name or an IP address, without port and without brackets."""
    if not isinstance(value, str) or len(value) > 253:
        return False
    if ":" in value or re.fullmatch(r"[0-9.]+", value):
        try:
            return bool(ipaddress.ip_address(value))
        except ValueError:
            return False
    return bool(re.fullmatch(r"[\w-]+(\.[\w-]+)*\.?", value))


def host(value: object) -> str:
    """A server's name."""
    if not is_host(value):
        raise wrong('a host name such as "mail.example.org", without port')
    return str(value)


def mail_address(value: object) -> str:
    """One bare mail address, as it is written."""
    return _checked(value, addresses.address, "support@example.org")


def sender(value: object) -> str:
    """One mail address, with or without a name in front of it."""
    return _checked(value, addresses.sender, "Support <support@example.org>")


def _checked(value: object, read: Callable[[str], str], example: str) -> str:
    if isinstance(value, str) and one_line(value):
        with suppress(Refusal):
            read(value)
            return value.strip()
    raise wrong(f'one address such as "{example}"')


def database_url(value: object) -> SecretStr:
    """sqlite:///FILE or postgresql://…/NAME; hidden as a whole, for a password may stand in it."""
    raw = value.get_secret_value() if isinstance(value, SecretStr) else value
    if not isinstance(raw, str) or not one_line(raw) or not (_is_sqlite(raw) or _is_postgresql(raw)):
        wanted = '"sqlite:///FILE" or "postgresql://user:password@host:5432/NAME"'
        raise wrong(wanted, shown=False)
    return SecretStr(raw)


def _is_sqlite(raw: str) -> bool:
    name = raw.removeprefix("sqlite:///")
    try:
        return name not in (raw, "") and ":memory:" not in name and not Path(name).is_dir()
    except OSError:
        return False


def _is_postgresql(raw: str) -> bool:
    try:
        parts = urlsplit(raw)
        port_is_good = parts.port != 0
    except ValueError:
        return False
    return parts.scheme == "postgresql" and len(parts.path) > 1 and port_is_good and " " not in raw
