"""Which addresses Telegram takes as links, and how it writes them; a host without a dot is no link."""

import re

WEB = re.compile(
    r"(?:(?P<scheme>https?|ftp|ton)://)?(?:[^\s/?#@]*@)?"
    r"(?P<host>[^\s/?#:@]+)(?P<port>:\d{1,5})?(?P<rest>[/?#]\S*)?",
    re.IGNORECASE,
)
OWN = re.compile(r"tg:(?://)?\S+", re.IGNORECASE)
PERSON = re.compile(r"tg:(?://)?user/?\?(?:[^#\s]*&)?id=(?P<id>\d+)(?:[&#]\S*)?", re.IGNORECASE)
HOST = re.compile(r"(?:[^.]+\.)+(?:[^.\d][^.]+|\d{1,3})")


def link(address: str) -> str | None:
    """The address as Telegram keeps it (`telegram.org` → `http://telegram.org/`), None if it is none."""
    if OWN.fullmatch(address):
        return address
    found = WEB.fullmatch(address)
    if not found or not HOST.fullmatch(found["host"]):
        return None
    rest = found["rest"] or ""
    slash = "" if rest.startswith("/") else "/"
    scheme = (found["scheme"] or "http").lower()
    return f"{scheme}://{found['host'].lower()}{found['port'] or ''}{slash}{rest}"


def mentioned_person(address: str) -> int | None:
    """The id in `tg://user?id=…`."""
    found = PERSON.fullmatch(address)
    return int(found["id"]) if found else None
