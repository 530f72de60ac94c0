"""Undoing a content transfer encoding: broken data is decoded as far as it goes, never refused."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator

_PADDED_BREAK = re.compile(rb"=[ \t]{1,76}(?=\r?\n)")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=]+")
_BASE64_RUNS = re.compile(rb"[A-Za-z0-9+/=\r\n \t]+\Z")
_UU_BEGIN = re.compile(r"^begin(?:-base64)? [0-7]{3,4} ([^\n]{1,255})\n", re.MULTILINE)
_ENCODINGS = {
    "base64": "base64", "b": "base64", "b64": "base64", "quotedprintable": "qp", "q": "qp", "qp": "qp",
    "xuuencode": "uu", "uuencode": "uu", "uue": "uu", "xuue": "uu",
}  # fmt: skip


def encoding_of(header: str) -> str:
    """One of base64, qp, uu, or "" for bytes that stand as they are; junk around the word is forgiven."""
    return _ENCODINGS.get(re.sub(r"[^a-z0-9]", "", re.split(r"[;(]", header[:60].lower())[0]), "")


def decode_transfer(data: bytes, encoding: str) -> bytes:
    """The bytes behind `encoding` (a value of `encoding_of`)."""
    if encoding == "base64":
        return decode_base64(data)
    if encoding == "qp":
        return binascii.a2b_qp(_PADDED_BREAK.sub(b"=", data))
    if encoding == "uu":
        return decode_uuencode(data)
    return data


def decode_base64(data: bytes) -> bytes:
    """Base64 with foreign characters, missing padding, or several padded runs behind each other."""
    try:
        decoded = binascii.a2b_base64(data)
    except binascii.Error:
        decoded = _decode_unpadded(data)
    padded = data.find(b"=")
    if 0 <= padded < len(data) - 4:
        rest = data[padded:].lstrip(b"=").lstrip()
        if len(rest) >= 4 and _BASE64_RUNS.match(rest):
            decoded += b"".join(_decode_unpadded(run) for run in rest.replace(b"==", b"=").split(b"=") if run.strip())
    return decoded


def _decode_unpadded(data: bytes) -> bytes:
    clean = _NOT_BASE64.sub(b"", data).split(b"=")[0]
    return binascii.a2b_base64(clean[: len(clean) - (len(clean) % 4 == 1)] + b"==")


def decode_uuencode(data: bytes) -> bytes:
    """Uuencoded lines with or without their begin and end; a damaged line is shortened to what it holds."""
    return b"".join(_uu_lines(data.splitlines()))


def _uu_lines(lines: list[bytes]) -> Iterator[bytes]:
    for line in lines:
        if line.rstrip() == b"end":
            return
        if line and not line.startswith(b"begin ") and 0x20 <= line[0] <= 0x60:
            yield _uu_line(line)


def _uu_line(line: bytes) -> bytes:
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        wanted = (((line[0] - 32) & 63) * 4 + 5) // 3
        try:
            return binascii.a2b_uu(line[:wanted])
        except binascii.Error:
            return b""


def take_uuencoded(text: str) -> tuple[str, list[tuple[str, bytes]]]:
    """The text without the uuencoded files inside it, and those files as (name, content)."""
    if "\nend" not in text or "begin" not in text:
        return text, []
    kept, files, position = [], [], 0
    for begin in _UU_BEGIN.finditer(text):
        if begin.start() < position or not _looks_uuencoded(text[begin.end() : begin.end() + 62]):
            continue
        end = text.find("\nend", begin.end())
        if end < 0:
            break
        block = text[begin.end() : end].encode("latin-1", "replace")
        content = decode_base64(block) if begin[0].startswith("begin-") else decode_uuencode(block)
        files.append((begin[1].strip(), content))
        kept.append(text[position : begin.start()])
        position = end + 4
    return "".join(kept) + text[position:], files


def _looks_uuencoded(line: str) -> bool:
    first = line.split("\n", 1)[0]
    return bool(first) and all(" " <= character <= "`" for character in first.rstrip())
