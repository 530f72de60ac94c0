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
NOTE = "n"
"""What the serial of a mailed note begins with."""
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
        return self._token_of(address, "reply")

    def note_address(self, address: str, token: str) -> str:
        """Where a mailed note is answered: looks like a reply address, and leads to a note."""
        local, _, domain = address.rpartition("@")
        return f"{local}+{token}{self._tag('note', token)}@{domain}"

    def token_of_note_address(self, address: str) -> str | None:
        """The ticket's token in such an address, if its tag is right."""
        return self._token_of(address, "note")

    def _token_of(self, address: str, use: str) -> str | None:
        detail = address.rpartition("@")[0].rpartition("+")[2].lower()
        token, tag = detail[:TOKEN_LENGTH], detail[TOKEN_LENGTH:]
        return token if len(tag) == TAG_LENGTH and self._right(tag, use, token) else None

    def message_id(self, token: str, serial: str, domain: str) -> str:
        """A Message-ID (with angle brackets) of this ticket; the same serial gives the same one."""
        return f"<dsk.{token}.{serial}.{self._tag('id', token, serial)}@{domain}>"

    def token_of_message_id(self, message_id: str) -> str | None:
        """The ticket's token in one of our Message-IDs, if its tag is right."""
        token, _ = self._signed_id(message_id)
        return token or None

    def token_of_note_id(self, message_id: str) -> str | None:
        """The ticket's token, if this is the Message-ID of a mailed note."""
        token, serial = self._signed_id(message_id)
        return token if token and serial.startswith(NOTE) else None

    def _signed_id(self, message_id: str) -> tuple[str, str]:
        found = _SIGNED_ID.fullmatch(message_id.strip())
        token, serial, tag = (part.lower() for part in found.groups()) if found else ("", "", "")
        return (token, serial) if token and self._right(tag, "id", token, serial) else ("", "")

    def _tag(self, *parts: str) -> str:
        return _base32(hmac.digest(self._key, "\0".join(parts).encode(), "sha256"))[:TAG_LENGTH]

    def _right(self, tag: str, *parts: str) -> bool:
        return hmac.compare_digest(tag, self._tag(*parts))


def _base32(value: bytes) -> str:
    return base64.b32encode(value).decode().rstrip("=").lower()
