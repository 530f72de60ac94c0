"""Takes the mail out of an opaque S/MIME signature (CMS SignedData, RFC 5652), which other programs show as smime.p7m.

The signature is not judged: who vouches for a sender is told by our own server's verdict alone.
"""

from __future__ import annotations

from collections.abc import Iterator

_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_SEQUENCE, _OBJECT_ID, _OCTETS, _OCTETS_IN_PIECES, _CONTEXT = 0x30, 0x06, 0x04, 0x24, 0xA0
_DEEPEST = 12
SEALED = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})


def signed_mail(data: bytes) -> bytes:
    """The bytes that were signed; b"" for anything else, encrypted mails among it."""
    try:
        kind, content = _pair(_inside(data, _SEQUENCE))
        if kind != _SIGNED_DATA:
            return b""
        signed = dict(_read(_inside(content, _SEQUENCE)))
        _, octets = _pair(signed[_SEQUENCE])
        return b"".join(_pieces(octets, 0))
    except (IndexError, KeyError, ValueError):
        return b""


def _inside(data: bytes, tag: int) -> bytes:
    """The content of the first element, which must have this tag."""
    found, content = next(_read(data), (0, b""))
    if found != tag:
        raise ValueError(tag)
    return content


def _pair(data: bytes) -> tuple[bytes, bytes]:
    """The content type of a ContentInfo, and what stands in its [0]."""
    found = dict(_read(data))
    return found[_OBJECT_ID], found[_CONTEXT]


def _pieces(data: bytes, depth: int) -> Iterator[bytes]:
    for tag, content in _read(data):
        if tag == _OCTETS:
            yield content
        elif tag == _OCTETS_IN_PIECES and depth < _DEEPEST:
            yield from _pieces(content, depth + 1)


def _read(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The elements that stand behind each other, as (tag, content); IndexError or ValueError where they are damaged."""
    position = 0
    while position < len(data):
        start, end, following = _bounds(data, position, 0)
        if end == start and data[position] == 0:
            return
        yield data[position], data[start:end]
        position = following


def _bounds(data: bytes, position: int, depth: int) -> tuple[int, int, int]:
    """Where an element's content begins and ends, and where the next element begins."""
    length, start = data[position + 1], position + 2
    if length == 0x80:
        return _open_bounds(data, start, depth)
    if length > 0x80:
        start, length = start + (length & 0x7F), int.from_bytes(data[start : start + (length & 0x7F)], "big")
    return start, min(start + length, len(data)), start + length


def _open_bounds(data: bytes, start: int, depth: int) -> tuple[int, int, int]:
    """The same for an element without a length, which two zero bytes end."""
    if depth > _DEEPEST:
        raise ValueError("nested too deeply")
    position = start
    while data[position : position + 2] != b"\0\0":
        position = _bounds(data, position, depth + 1)[2]
    return start, position, position + 2
