"""Hostile structures and attachments: `mime-*`, `att-*`. Nothing is unpacked, nothing is lost."""

from __future__ import annotations

import zlib
from base64 import b64encode
from collections.abc import Iterator
from struct import pack

from tests.faults.hostile.shape import REFUSED, TEXT, TICKET, Expected, Hostile, mail, mixed, part

BASE64 = b"Content-Transfer-Encoding: base64"
NAMELESS = {
    "pdf": (b"application/pdf", b"%PDF-1.4", "attachment-1.pdf"),
    "png": (b"image/png", b"\x89PNG", "attachment-1.png"),
    "csv": (b"text/csv", b"a,b", "attachment-1.csv"),
    "ics": (b"text/calendar", b"BEGIN:VCALENDAR", "attachment-1.ics"),
}
CHARSETS = """
    x-unknown none utf-9 undefined idna punycode rot13 zlib base64 hex unicode_escape raw_unicode_escape mbcs oem
    quopri bz2 ascii iso-8859-99 utf-8; x-user-defined utf-16 utf-32 iso-2022-kr hz-gb-2312 utf-7 ../../etc/passwd
""".split()
# name in the mail → the safe one
NAMES: dict[str, tuple[bytes, str | None]] = {
    "dots": (b"../../../../etc/passwd", "passwd"),
    "absolute": (b"/etc/passwd", "passwd"),
    "windows": (b"C:\\\\windows\\\\win.ini", "win.ini"),
    "unc": (b"\\\\\\\\host\\\\share\\\\x.txt", "x.txt"),
    "only-dots": (b"..", None),
    "dot": (b".", None),
    "blank": (b" ", None),
    "slash": (b"/", None),
    "reserved": (b"CON.txt", "_CON.txt"),
    "nul": (b"a.png\0.exe", "a.png.exe"),
    "bidi": ("gpj\u202eexe.jpg".encode(), "gpjexe.jpg"),
    "crlf": (b"=?utf-8?q?a=0D=0AX-Evil:_1.txt?=", None),
    "long": (b"a" * 5_000 + b".pdf", None),
    "long-utf8": ("é".encode() * 3_000 + b".pdf", None),
    "encoded-slash": (b"=?utf-8?q?=2E=2E=2F=2E=2E=2Fetc=2Fpasswd?=", "passwd"),
    "tilde": (b"~/.ssh/authorized_keys", "authorized_keys"),
    "hidden": (b".htaccess", "htaccess"),
    "stream": (b"a.txt:evil", "a.txt_evil"),
    "html": (b"<img src=x onerror=alert(1)>.png", None),
    "8bit": (b"caf\xe9.txt", "café.txt"),
}


def nested() -> Iterator[Hostile]:
    """Parts in parts in parts."""
    for depth in (10, 45, 60, 1_000, 20_000):
        inner = b"".join(b"Content-Type: multipart/mixed; boundary=n%d\r\n\r\n--n%d\r\n" % (n, n) for n in range(depth))
        name = f"mime-nest-multipart-{depth}"
        raw = mail(name, without=("Content-Type",)).partition(b"\r\n\r\n")[0] + b"\r\n" + inner + b"\r\nPlease help."
        yield Hostile(name, raw, Expected(TICKET if depth < 50 else REFUSED))
    for depth in (10, 500, 5_000):
        inner = b"".join(b"Content-Type: message/rfc822\r\n\r\nSubject: %d\r\n" % n for n in range(depth))
        name = f"mime-nest-rfc822-{depth}"
        yield Hostile(name, mixed(name, TEXT, inner + b"\r\nInner."), Expected(lacks=("Inner",), files=1))
    endless = b"--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" * 30
    yield Hostile(
        "mime-nest-same-boundary", mixed("mime-nest-same-boundary", TEXT, endless), Expected(TICKET | REFUSED)
    )


def structures() -> Iterator[Hostile]:
    """Parts that are missing, too many, of no kind, or only said to be there."""
    for key, (kind, content, safe) in NAMELESS.items():
        name = f"mime-{key}-no-name"
        yield Hostile(name, mixed(name, TEXT, part(kind, content)), Expected(names=(safe,), sizes=(len(content),)))
    yield Hostile(
        "mime-root-is-pdf", mail("mime-root-is-pdf", b"%PDF-1", kind=b"application/pdf"), Expected(has=(), files=1)
    )
    yield Hostile("mime-text-with-name", mail("mime-text-with-name", kind=b'text/plain; name="a.txt"'))
    inner = part(b"message/rfc822", b"Subject: Inner\r\n\r\nInner text", b"Content-Disposition: attachment")
    expected = Expected(lacks=("Inner text",), names=("Inner.eml",))
    yield Hostile("mime-rfc822-att", mixed("mime-rfc822-att", TEXT, inner), expected)
    for key, body in EXTERNAL.items():
        name = f"mime-external-{key}"
        yield Hostile(name, mixed(name, TEXT, part(b"message/external-body; " + body, b"\r\n")), Expected(files=1))
    for charset in CHARSETS:
        name = "mime-charset-" + "".join(c if c.isalnum() else "-" for c in charset).strip("-")
        raw = mail(name, b"Please help.", kind=b"text/plain; charset=" + charset.encode())
        yield Hostile(name, raw, Expected(has=() if charset.startswith(("utf-16", "utf-32")) else ("help",)))
        eight = mail(f"{name}-8bit", "Please help: é".encode(), kind=b"text/html; charset=" + charset.encode())
        yield Hostile(
            f"{name}-8bit", eight, Expected(has=() if charset.startswith(("utf-16", "utf-32")) else ("help",))
        )
    for key, (kind, body) in BOUNDARIES.items():
        yield Hostile(f"mime-{key}", mail(f"mime-{key}", body, kind=kind), Expected(has=()))
    many = mixed("mime-parts-10000", TEXT, *[part(b"image/png", b"x")] * 10_000)
    yield Hostile("mime-parts-10000", many, Expected(files=100))


EXTERNAL = {
    "file": b'access-type=local-file; name="/etc/passwd"',
    "url": b'access-type=URL; URL="http://169.254.169.254/"',
    "ftp": b'access-type=anon-ftp; site="169.254.169.254"; name="x"',
}
BOUNDARIES = {
    "no-boundary": (b"multipart/mixed", b"--b\r\n\r\nPlease help.\r\n--b--"),
    "empty-boundary": (b'multipart/mixed; boundary=""', b"--\r\n\r\nPlease help.\r\n----"),
    "long-boundary": (b"multipart/mixed; boundary=" + b"b" * 50_000, b"--" + b"b" * 50_000 + b"\r\n\r\nPlease help."),
    "never-there": (b"multipart/mixed; boundary=zzz", b"Please help."),
    "never-closed": (b"multipart/mixed; boundary=b", b"--b\r\n\r\nPlease help."),
    "preamble-only": (b"multipart/mixed; boundary=b", b"Please help.\r\n--b--"),
    "alternative-none": (b"multipart/alternative; boundary=b", b"--b--"),
    "related-no-root": (
        b"multipart/related; boundary=b; start=<zz>",
        b"--b\r\nContent-Type: image/png\r\n\r\nx\r\n--b--",
    ),
    "8bit-type": (b"text/\xff\xfe", b"Please help."),
    "star-type": (b"*/*", b"Please help."),
    "type-parameters": (b"text/plain" + b'; a*0="x' * 2_000, b"Please help."),
}


def attachments() -> Iterator[Hostile]:
    """Names that lead elsewhere, bombs, and broken encodings."""
    for key, (raw, safe) in NAMES.items():
        name, head = f"att-name-{key}", b'Content-Disposition: attachment; filename="' + raw + b'"'
        names = (safe,) if safe is not None else None
        yield Hostile(name, mixed(name, TEXT, part(b"text/plain", b"x", head)), Expected(files=1, names=names))
    same = part(b"text/plain", b"x", b'Content-Disposition: attachment; filename="a.txt"')
    yield Hostile("att-name-same", mixed("att-name-same", TEXT, same, same, same), Expected(files=3))
    for key, (kind, content) in BOMBS.items():
        encoded = part(kind, b64encode(content), BASE64, b'Content-Disposition: attachment; filename="x"')
        yield Hostile(f"att-{key}", mixed(f"att-{key}", TEXT, encoded), Expected(sizes=(len(content),)))
    for key, (encoding, content) in ENCODED.items():
        broken = part(b"application/octet-stream", content, b"Content-Transfer-Encoding: " + encoding)
        yield Hostile(f"att-{key}", mixed(f"att-{key}", TEXT, broken), Expected(files=1))
    winmail = part(b"application/ms-tnef", b"\x78\x9f\x3e\x22" + b"\xff" * 5_000, b"Content-Disposition: attachment")
    yield Hostile("att-tnef-broken", mixed("att-tnef-broken", TEXT, winmail), Expected(files=1))


def _png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return pack(">I", len(data)) + kind + data + pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(1_000_000), 9)) + chunk(b"IEND", b"")


BOMBS = {
    "zip-bomb": (b"application/zip", b"PK\x03\x04" + zlib.compress(bytes(50_000_000), 9)),
    "gzip-bomb": (b"application/gzip", zlib.compress(bytes(50_000_000), 9)),
    "png-bomb": (b"image/png", _png(60_000, 60_000)),
    "svg-xxe": (
        b"image/svg+xml",
        b"<!DOCTYPE svg [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><svg><text>&x;</text><image href='http://169.254.169.254/'/></svg>",
    ),
    "xml-bomb": (b"text/xml", b"<!DOCTYPE a [<!ENTITY b 'bb'><!ENTITY c '&b;&b;'>]><a>&c;</a>"),
    "html": (b"text/html", b"<script>alert(1)</script>"),
}
ENCODED = {
    "base64-broken": (b"base64", b"aGVsbG8\xff===!!!aGVsbG8"),
    "base64-equals": (b"base64", b"=" * 500_000),
    "qp-broken": (b"quoted-printable", b"a=ZZ=\r\n=" * 10_000),
    "uu-broken": (b"x-uuencode", b"begin 644 x\r\nM\r\n\xff\r\nend"),
    "no-such-encoding": (b"x-none", b"abc"),
    "encoding-list": (b"base64, base64; x=y", b"aGVsbG8="),
}
