"""Bytes to text: valid UTF-8 first, then the declared charset widened, then a visible replacement; never an error.

Only the codecs of the table are ever asked: some that Python knows raise on anything, others are no charsets at all.
"""

from __future__ import annotations

import re

_PYTHON_CODECS = """
    ascii utf_8 utf_7 utf_16 utf_16_le utf_16_be utf_32 utf_32_le utf_32_be big5 big5hkscs cp037 cp437 cp500 cp720
    cp737 cp775 cp850 cp852 cp855 cp856 cp857 cp858 cp860 cp861 cp862 cp863 cp864 cp865 cp866 cp869 cp874 cp932
    cp949 cp950 cp1006 cp1026 cp1125 cp1140 cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 euc_jp
    euc_jis_2004 euc_jisx0213 gb18030 hz iso2022_jp iso2022_jp_1 iso2022_jp_2 iso2022_jp_2004 iso2022_jp_3
    iso2022_jp_ext iso2022_kr iso8859_2 iso8859_3 iso8859_4 iso8859_5 iso8859_6 iso8859_7 iso8859_8 iso8859_10
    iso8859_13 iso8859_14 iso8859_15 iso8859_16 johab koi8_r koi8_t koi8_u kz1048 mac_cyrillic mac_greek
    mac_iceland mac_latin2 mac_roman mac_turkish ptcp154 shift_jis_2004 shift_jisx0213
"""
_WIDER = {
    "cp932": "shiftjis sjis mskanji xsjis windows31j mswindows31j csshiftjis cswindows31j",
    "gb18030": "gb2312 gbk cp936 ms936 xgbk euccn gb231280 gb23121980 xeuccn csgb2312 windows936 chinese"
    " csiso58gb231280",
    "cp949": "kscode kscn ksc56011987 ksc5601 ksc56011989 euckr iso2022kr8 uhc windows949 ms949 korean cseuckr",
    "cp1252": "latin1 l1 iso88591 iso885911987 88591 cp819 ibm819 isolatin1 latin ansi 8bit x8bit"
    " unknown8bit xunknown binary windows1252 cp1252 win1252 us ansi1252",
    "cp874": "iso885911 tis620 tis6200 windows874 thai",
    "cp1254": "iso88599 latin5 l5",
    "iso8859_2": "latin2 l2",
    "iso8859_4": "latin4 l4",
    "iso8859_10": "latin6 l6",
    "iso8859_15": "latin9 latin0",
    "iso8859_8": "iso88598i iso88598e logical visual",
    "iso8859_6": "iso88596i iso88596e arabic",
    "big5hkscs": "big5 big5tw xxbig5 cnbig5 csbig5 big5hk",
    "euc_jp": "eucjp xeuc xeucjp ujis",
    "iso2022_jp": "iso2022jp csiso2022jp jis cp50220 cp50221 xiso2022jp",
    "hz": "hzgb2312 hzgb",
    "ascii": "usascii ascii 7bit us646 iso646us ansix341968 ansix341986 cp367 646",
    "utf_8": "utf8 unicode11utf8 utf8mb4 unicode utf8bom xutf8 cp65001 utf",
    "utf_7": "utf7 unicode11utf7 unicode20utf7 xunicode20utf7",
    "utf_16": "utf16 ucs2 iso10646ucs2 csunicode",
    "mac_roman": "macintosh mac xmacroman macroman csmacintosh",
    "mac_cyrillic": "xmaccyrillic",
    "koi8_r": "koi8 koi8r cskoi8r koi",
}
_PREFIXES = ("windows", "win", "ibm", "xcp", "dos", "mswin", "xwindows", "xibm", "oem")
# Charsets whose bytes are ASCII or whose length is two bytes a character: looking for UTF-8 first would misread them.
_STATEFUL = frozenset({"utf_7", "utf_16", "utf_16_le", "utf_16_be", "utf_32", "utf_32_le", "utf_32_be", "hz"})
_ASCII_ONLY = re.compile(rb"[\x00-\x7f]*\Z")
_JIS_ESCAPES = re.compile(rb"\x1b(\$[@B]|\$\([@BD]|\([BJI])")


def _squeeze(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _table() -> dict[str, str]:
    table = {_squeeze(codec): codec for codec in _PYTHON_CODECS.split()}
    for codec, names in _WIDER.items():
        table.update(dict.fromkeys(names.split(), codec))
    return table


_CODECS = _table()


def codec_of(charset: str) -> str | None:
    """The Python codec to use for a declared charset, or None when the name means nothing here."""
    name = _squeeze(charset[:60].split("*")[0].replace("charset=", ""))
    for prefix in ("", *_PREFIXES):
        if name.startswith(prefix):
            found = _CODECS.get(name.removeprefix(prefix)) or _CODECS.get("cp" + name.removeprefix(prefix))
            if found:
                return found
    return None


def decode(data: bytes, charset: str = "", *, hint: str = "") -> str:
    """Text of `data`, whatever it is; `hint` is a charset known from elsewhere in the mail."""
    codec = codec_of(charset) if charset else None
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) and (codec in (None, "utf_16") or len(data) % 2 == 0):
        return data.decode("utf_16", "replace")
    if codec in _STATEFUL or ((codec or "").startswith("iso2022") and b"\x1b" in data):
        return _decode_stateful(data, codec or "ascii")
    if _ASCII_ONLY.match(data):
        return data.decode("utf_7" if codec == "utf_7" else "ascii")
    return _decode_eight_bit(data, codec, codec_of(hint) if hint else None)


def _decode_eight_bit(data: bytes, codec: str | None, hint: str | None) -> str:
    for candidate in dict.fromkeys(("utf_8", codec, hint)):
        if candidate and candidate != "ascii":
            try:
                return data.decode(candidate)
            except (UnicodeError, ValueError):
                continue
    if _mostly_utf8(data):
        return data.decode("utf_8", "replace")
    known = next((name for name in (codec, hint) if name and name not in ("ascii", "utf_8")), "cp1252")
    return data.decode(known, "replace")


def _mostly_utf8(data: bytes) -> bool:
    """Is more than half of what is not ASCII valid UTF-8? Then the rest is damage, not another charset."""
    text = data[:100_000].decode("utf_8", "replace")
    damaged = text.count("\ufffd")
    good = sum(1 for character in text if character > "\x7f") - damaged
    return good > damaged


def _decode_stateful(data: bytes, codec: str) -> str:
    try:
        return data.decode(codec)
    except (UnicodeError, ValueError):
        if codec.startswith("iso2022_jp"):
            return _decode_vendor_jis(data)
        if codec == "utf_7" and not _ASCII_ONLY.match(data):
            return _decode_eight_bit(data, None, None)
        return data.decode(codec, "replace")


def _decode_vendor_jis(data: bytes) -> str:
    """ISO-2022-JP as mail programs write it: vendor rows, half-width katakana, 8-bit characters in between."""
    pieces = _JIS_ESCAPES.split(data)
    text = [pieces[0].decode("cp932", "replace")]
    for escape, chunk in zip(pieces[1::2], pieces[2::2], strict=True):
        if escape.startswith(b"$"):
            text.append(_jis_rows(chunk))
        elif escape == b"(I":
            text.append(bytes(byte | 0x80 for byte in chunk).decode("cp932", "replace"))
        else:
            text.append(chunk.decode("cp932", "replace"))
    return "".join(text)


def _jis_rows(chunk: bytes) -> str:
    shifted = bytearray()
    for row, cell in zip(chunk[::2], chunk[1::2], strict=False):
        if not (0x21 <= row <= 0x7E and 0x21 <= cell <= 0x7E):
            shifted += bytes((row, cell))
            continue
        shifted.append((row - 0x21) // 2 + (0x81 if row < 0x5F else 0xC1))
        shifted.append(cell + (0x7E if row % 2 == 0 else 0x20 if cell >= 0x60 else 0x1F))
    return shifted.decode("cp932", "replace")
