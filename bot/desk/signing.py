"""Signed things: reply addresses and Message-IDs that lead back to a ticket, and hashes of pairing codes.

A ticket's token is 128 random bits. A reply address carries it with a 50-bit tag (36 characters of base32 in all); a
Message-ID carries it with a serial and a tag over both. Without the desk's secret neither can be made.
"""

import base64
import hashlib
import hmac
import re
import secrets

TOKEN_LENGTH, TAG_LENGTH = 26, 10
_SIGNED_ID = re.compile(r"<?dsk\.([a-z2-7]{26})\.([a-z0-9-]{1,20})\.([a-z2-7]{10})@[^<>@\s]+>?", re.IGNORECASE)


def new_token() -> str:
    """128 random bits as 26 lower-case characters of base32."""
    return _base32(secrets.token_bytes(16))


def hashed(code: str) -> str:
    """How a code is kept: SHA-256, hex."""
    return hashlib.sha256(code.encode()).hexdigest()


class Signer:
    """Makes and checks signed things with the desk's secret."""

    def __init__(self, secret: str) -> None:
        self._key = hashlib.sha256(secret.encode()).digest()

    def reply_token(self, token: str) -> str:
        """What stands after the + of a reply address."""
        return token + self._tag("reply", token)

    def reply_address(self, address: str, token: str) -> str:
        """`support@example.org` → `support+<reply token>@example.org`."""
        local, _, domain = address.rpartition("@")
        return f"{local}+{self.reply_token(token)}@{domain}"

    def token_of_address(self, address: str) -> str | None:
        """The ticket's token in a reply address, if its tag is right."""
        detail = address.rpartition("@")[0].partition("+")[2].lower()
        token, tag = detail[:TOKEN_LENGTH], detail[TOKEN_LENGTH:]
        return token if len(tag) == TAG_LENGTH and self._right(tag, "reply", token) else None

    def message_id(self, token: str, serial: str, domain: str) -> str:
        """A Message-ID (with angle brackets) of this ticket; the same serial gives the same one."""
        return f"<dsk.{token}.{serial}.{self._tag('id', token, serial)}@{domain}>"

    def token_of_message_id(self, message_id: str) -> str | None:
        """The ticket's token in one of our Message-IDs, if its tag is right."""
        found = _SIGNED_ID.fullmatch(message_id.strip())
        if not found:
            return None
        token, serial, tag = (part.lower() for part in found.groups())
        return token if self._right(tag, "id", token, serial) else None

    def _tag(self, *parts: str) -> str:
        return _base32(hmac.digest(self._key, "\0".join(parts).encode(), "sha256"))[:TAG_LENGTH]

    def _right(self, tag: str, *parts: str) -> bool:
        return hmac.compare_digest(tag, self._tag(*parts))


def _base32(value: bytes) -> str:
    return base64.b32encode(value).decode().rstrip("=").lower()
