"""Opens winmail.dat (Outlook's TNEF): the files and the text inside. Everything is bounded; damage ends the reading.

The layout is that of Microsoft's MS-OXTNEF: attributes of level, id, length, data and checksum, little-endian.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.intake.charsets import decode

_SIGNATURE = b"\x78\x9f\x3e\x22"
_RENDERING, _TITLE, _DATA, _PROPERTIES = 0x9002, 0x8010, 0x800F, 0x9005
_MESSAGE_PROPERTIES, _BODY, _CODEPAGE = 0x9003, 0x800C, 0x9007
_ATTACHMENT_LEVEL = 2
_SIZES = {0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16}
_VARIABLE = frozenset({0x0D, 0x1E, 0x1F, 0x0102})
_LONG_NAME, _SHORT_NAME, _DISPLAY_NAME, _OBJECT, _MIME, _CONTENT_ID = 0x3707, 0x3704, 0x3001, 0x3701, 0x370E, 0x3712
_PLAIN_BODY, _HTML_BODY, _RICH_BODY = 0x1000, 0x1013, 0x1009
_MOST = 500


@dataclass(slots=True)
class TnefFile:
    """One file inside: its name as given, media type ("" if unsaid), content, Content-ID."""

    name: str = ""
    type: str = ""
    content: bytes = b""
    content_id: str = ""


@dataclass(slots=True)
class Tnef:
    """What was found: files, and the message's own text (rich text still packed)."""

    files: list[TnefFile] = field(default_factory=list)
    text: str = ""
    html: str = ""
    rtf: bytes = b""


def open_tnef(data: bytes) -> Tnef | None:
    """The content of a winmail.dat, or None when this is none."""
    if not data.startswith(_SIGNATURE):
        return None
    found, codepage = Tnef(), "cp1252"
    for number, (level, attribute, value) in enumerate(_attributes(data)):
        if number > _MOST:
            break
        if attribute == _CODEPAGE and len(value) >= 4:
            codepage = f"cp{struct.unpack_from('<I', value)[0]}"
        elif level == _ATTACHMENT_LEVEL:
            _take_attachment(found, attribute, value, codepage)
        elif attribute == _BODY:
            found.text = decode(value, codepage).rstrip("\0")
        elif attribute == _MESSAGE_PROPERTIES:
            _take_message(found, value, codepage)
    found.files = [file for file in found.files if file.content or file.name]
    return found


def _attributes(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    position = 6
    while position + 9 <= len(data):
        level, attribute, _, length = struct.unpack_from("<BHHI", data, position)
        if level not in (1, _ATTACHMENT_LEVEL):
            return
        position += 9
        yield level, attribute, data[position : position + length]
        position += length + 2


def _take_attachment(found: Tnef, attribute: int, value: bytes, codepage: str) -> None:
    if attribute == _RENDERING or not found.files:
        found.files.append(TnefFile())
    file = found.files[-1]
    if attribute == _TITLE:
        file.name = file.name or decode(value, codepage).rstrip("\0")
    elif attribute == _DATA:
        file.content = value
    elif attribute == _PROPERTIES:
        _take_properties(file, dict(_properties(value, codepage)))


def _take_properties(file: TnefFile, properties: dict[int, str | bytes]) -> None:
    names = (properties.get(key) for key in (_LONG_NAME, _SHORT_NAME, _DISPLAY_NAME))
    long_name = next((name for name in names if isinstance(name, str) and name), "")
    file.name = long_name or file.name
    file.type = str(properties.get(_MIME, ""))
    file.content_id = str(properties.get(_CONTENT_ID, "")).strip("<>")
    embedded = properties.get(_OBJECT)
    if isinstance(embedded, bytes) and not file.content:
        file.content = embedded[16:] if _SIGNATURE in embedded[:24] else embedded


def _take_message(found: Tnef, value: bytes, codepage: str) -> None:
    properties = dict(_properties(value, codepage))
    plain, html = properties.get(_PLAIN_BODY), properties.get(_HTML_BODY)
    if plain and not found.text:
        found.text = plain if isinstance(plain, str) else decode(plain, codepage)
    if html:
        found.html = html if isinstance(html, str) else decode(html, codepage)
    rich = properties.get(_RICH_BODY)
    found.rtf = rich if isinstance(rich, bytes) else b""


def _properties(data: bytes, codepage: str) -> Iterator[tuple[int, str | bytes]]:
    """The string and binary properties of a list; numbers are stepped over."""
    try:
        count, position = struct.unpack_from("<I", data)[0], 4
        for _ in range(min(count, _MOST)):
            kind, key = struct.unpack_from("<HH", data, position)
            position = _after_name(data, position + 4) if key >= 0x8000 else position + 4
            value, position = _value(data, position, kind, codepage)
            if value is not None:
                yield key, value
    except (struct.error, KeyError):
        return


def _after_name(data: bytes, position: int) -> int:
    """The place behind a named property's GUID and name."""
    (kind,) = struct.unpack_from("<I", data, position + 16)
    if kind == 0:
        return position + 24
    (length,) = struct.unpack_from("<I", data, position + 20)
    return position + 24 + _padded(length)


def _value(data: bytes, position: int, kind: int, codepage: str) -> tuple[str | bytes | None, int]:
    plain_kind = kind & ~0x1000
    several = kind & 0x1000 or plain_kind in _VARIABLE
    count = 1
    if several:
        count, position = struct.unpack_from("<I", data, position)[0], position + 4
    if plain_kind not in _VARIABLE:
        return None, position + _SIZES[plain_kind] * min(count, len(data))
    value: str | bytes | None = None
    for _ in range(min(count, _MOST)):
        (length,) = struct.unpack_from("<I", data, position)
        raw = data[position + 4 : position + 4 + length]
        value = value if value is not None else _read(raw, plain_kind, codepage)
        position += 4 + _padded(length)
    return value, position


def _read(raw: bytes, kind: int, codepage: str) -> str | bytes:
    if kind == 0x1F:
        return raw.decode("utf-16-le", "replace").rstrip("\0")
    if kind == 0x1E:
        return decode(raw, codepage).rstrip("\0")
    return raw


def _padded(length: int) -> int:
    return (length + 3) & ~3
