"""What counts as a mail address, a sender or a mail domain when a person types one or writes it into a file. Pure."""

import re

from bot.errors import Refusal

_LOCAL = r"[^@\s\x00-\x20\x7f,;:<>()\[\]\"\\]{1,64}"
_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_DOMAIN = rf"{_LABEL}(?:\.{_LABEL})*"
_ADDRESS = re.compile(rf"{_LOCAL}@{_DOMAIN}")
_WHOLE_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})+")
_SENDER = re.compile(r'(?:"[^"\\]*"|[^",;:<>@\\]*)<([^<>]*)>')
LIMIT = 254
_OF_EVERYBODY = """
gmail.com googlemail.com outlook.com hotmail.com hotmail.fr live.com live.fr msn.com yahoo.com yahoo.fr icloud.com
me.com mac.com aol.com gmx.com gmx.de gmx.net gmx.fr web.de mail.com proton.me protonmail.com orange.fr wanadoo.fr
free.fr sfr.fr laposte.net bbox.fr neuf.fr t-online.de libero.it mail.ru yandex.ru qq.com 163.com
"""
OF_EVERYBODY = frozenset(_OF_EVERYBODY.split())


def address(typed: str) -> str:
    """The address in lower case. Refusal when it is none."""
    text = typed.strip().lower()
    if len(text) > LIMIT or not _ADDRESS.fullmatch(text):
        raise Refusal("{address} is not an address.", address=typed.strip()[:80] or "“”")
    return text


def sender(typed: str) -> str:
    """An address with or without a name before it: `Example Support <support@example.org>`. Refusal otherwise."""
    text = typed.strip()
    named = _SENDER.fullmatch(text)
    address(named[1] if named else text)
    return text


def domain(typed: str) -> str:
    """The mail domain in lower case, without the @ people write before it. Refusal when it is none."""
    text = typed.strip().lower().removeprefix("@")
    if len(text) > LIMIT or not _WHOLE_DOMAIN.fullmatch(text):
        raise Refusal("{domain} is not a mail domain such as acme.example.", domain=typed.strip()[:80] or "“”")
    if text in OF_EVERYBODY:
        raise Refusal("Anybody may have an address at {domain}, so it cannot stand for one client.", domain=text)
    return text


def listed(typed: str) -> list[str]:
    """The parts of a list that people separate by commas, semicolons or spaces; each once, in their order."""
    return list(dict.fromkeys(part for part in re.split(r"[,;\s]+", typed) if part))
