"""Hostile headers, encoded words and dates: `hdr-*`, `ew-*`, `date-*`."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator

from tests.faults.hostile.shape import ALIVE, FINAL, Expected, Hostile, mail


def headers() -> Iterator[Hostile]:
    """Headers that are too many, too long, twice there, not there, or no headers."""
    many = [b"X-%d: v" % number for number in range(60_000)]
    yield Hostile("hdr-60k-headers", mail("hdr-60k-headers", b"Please help.", *many))
    for length in (1_000, 100_000, 900_000):
        name = f"hdr-long-{length}"
        yield Hostile(name, mail(name, b"Please help.", b"X-Long: " + b"a" * length))
        yield Hostile(f"{name}-subject", mail(f"{name}-subject", subject=b"help " * (length // 5)))
    yield Hostile("hdr-no-mid", mail("hdr-no-mid", without=("Message-ID",)))
    for name, broken in {
        "empty": b"",
        "words": b"not an id",
        "long": b"<" + b"x" * 5_000 + b"@y>",
        "nul": b"<\0@\0>",
    }.items():
        yield Hostile(f"hdr-mid-{name}", mail(f"hdr-mid-{name}", message_id=broken))
    for missing in ("From", "To", "Subject", "Date", "MIME-Version", "Content-Type"):
        name = f"hdr-no-{missing.lower()}"
        yield Hostile(name, mail(name, without=(missing,)))
    for name, line in STRAY.items():
        yield Hostile(f"hdr-{name}", mail(f"hdr-{name}", b"Please help.", line))
    for name, start in {"bom": b"\xef\xbb\xbf", "blank-first": b"\r\n \r\n", "mbox": b"From eve Mon Jan 1\r\n"}.items():
        yield Hostile(f"hdr-{name}", start + mail(f"hdr-{name}"))
    yield Hostile("hdr-bare-cr", mail("hdr-bare-cr").replace(b"\r\n", b"\r"), Expected(ALIVE, has=()))
    yield Hostile("hdr-bare-lf", mail("hdr-bare-lf").replace(b"\r\n", b"\n"))
    yield Hostile("hdr-no-blank-line", mail("hdr-no-blank-line").replace(b"\r\n\r\n", b"\r\n"))
    yield Hostile("hdr-nothing", b"", Expected(FINAL, has=()))
    yield Hostile("hdr-blanks", b" \r\n\t\r\n" * 50, Expected(FINAL, has=()))
    yield Hostile("hdr-binary", bytes(range(256)) * 40, Expected(FINAL, has=()))
    yield Hostile("hdr-only", b"From: eve@only.example\r\nSubject: help", Expected(has=(), subject="help"))


STRAY = {
    "twice-subject": b"Subject: another",
    "twice-type": b"Content-Type: image/png",
    "garbage-line": b"this is no header at all",
    "colon-first": b": nothing",
    "8bit-name": b"X-\xff\xfe: y",
    "spaced-colon": b"X-Spam : yes",
    "folded-nothing": b"X-A:\r\n \r\n  \r\n\tb",
    "nul": b"X-\0: \0",
    "ticket-control": b"X-Ticket-ID: 1\r\nX-Ticket-Status: closed\r\nX-Ticket-Owner: bob@example.org",
    "rt-control": b"RT-Ticket: 1\r\nRT-Command: Status: resolved\r\nRT-Attach: /etc/passwd",
    "zammad-control": b"x-zammad-ticket-state: closed\r\nX-Zammad-Customer-Email: bob@example.org",
    "otrs-control": b"X-OTRS-Queue: Postmaster\r\nX-OTRS-State: closed\r\nX-OTRS-Ignore: yes",
}


def _subjects() -> dict[str, tuple[bytes, str | None]]:
    smile = b64encode("Café 😀".encode())
    return {
        "unknown-charset": (b"=?x-none?q?Caf=C3=A9?=", "Café"),
        "undefined": (b"=?undefined?q?hello?=", "hello"),
        "idna": (b"=?idna?q?hello=FF?=", None),
        "punycode": (b"=?punycode?b?aGVsbG8=?=", "hello"),
        "rot13": (b"=?rot13?q?hello?=", "hello"),
        "base64-codec": (b"=?base64?q?aGVsbG8=?=", None),
        "unpadded": (b"=?utf-8?b?" + smile.rstrip(b"=") + b"?=", "Café 😀"),
        "split-character": (b"=?utf-8?q?Caf=C3?= =?utf-8?q?=A9?=", "Café"),
        "split-base64": (b"=?utf-8?b?w6k=?=\r\n =?utf-8?b?w6k=?=", "éé"),
        "spaces": (b"=?utf-8?q?Please help?=", "Please help"),
        "never-closed": (b"=?utf-8?q?Please", "Please"),
        "wrong-payload": (b"=?utf-8?b?\xff\xfe?=", None),
        "bad-hex": (b"=?utf-8?q?a=ZZb=?=", None),
        "empty": (b"=?utf-8?q??=", ""),
        "crlf": (b"=?utf-8?q?a=0D=0ABcc:_eve@evil.example?=", "a Bcc: eve@evil.example"),
        "nul": (b"=?utf-8?q?a=00b?=", "ab"),
        "line-separator": (b"=?utf-8?b?" + b64encode("a\u2028b\x0bc".encode()) + b"?=", "a b c"),
        "surrogate": (b"=?utf-8?q?a=ED=A0=80b?=", None),
        "bidi": (b"=?utf-8?b?" + b64encode("a\u202eb".encode()) + b"?=", "ab"),
        "charset-rawuni": ("Grüße 😀".encode(), "Grüße 😀"),
        "charset-rawlatin": ("Grüße".encode("latin-1"), "Grüße"),
        "charset-utf7": (b"=?utf-7?q?+AOk-?=", "é"),
        "charset-utf16": (b"=?utf-16?b?/v8AaABp?=", "hi"),
        "language": (b"=?utf-8*en?q?hello?=", "hello"),
        "in-word": (b"a=?utf-8?q?b?=c", None),
        "thousand": (b"=?utf-8?q?a?= " * 1_000, None),
        "nested": (b"=?utf-8?q?=3D=3Futf-8=3Fq=3Fx=3F=3D?=", "=?utf-8?q?x?="),
    }


def encoded_words() -> Iterator[Hostile]:
    """Encoded words that lie, in the subject and in the name of the sender."""
    for key, (raw, text) in _subjects().items():
        yield Hostile(f"ew-{key}", mail(f"ew-{key}", subject=raw), Expected(subject=text))
    for key in ("unknown-charset", "split-character", "crlf", "bidi", "charset-rawuni"):
        raw, text = _subjects()[key]
        sender = f"eve@from-{key}.example"
        value = raw + b" <" + sender.encode() + b">"
        yield Hostile(f"ew-from-{key}", mail(f"ew-from-{key}", fields={"from": value}), Expected(sender=sender))


DATES = {
    "none": b"",
    "word": b"yesterday",
    "leap": b"Thu, 29 Feb 2024 12:00:00 +0000",
    "no-leap": b"Wed, 29 Feb 2023 12:00:00 +0000",
    "2038": b"Tue, 19 Jan 2038 03:14:08 +0000",
    "9999": b"Fri, 31 Dec 9999 23:59:59 -2359",
    "0001": b"Mon, 01 Jan 0001 00:00:00 +2359",
    "huge-year": b"Mon, 01 Jan 99999999999999999999 00:00:00 +0000",
    "negative": b"Mon, 01 Jan -1 00:00:00 +0000",
    "leap-second": b"Sat, 31 Dec 2016 23:59:60 +0000",
    "zone-absurd": b"Wed, 04 Mar 2026 12:00:00 +9999",
    "zone-word": b"Wed, 04 Mar 2026 12:00:00 (Mars Standard Time)",
    "no-zone": b"Wed, 04 Mar 2026 12:00:00",
    "unknown-zone": b"Wed, 04 Mar 2026 12:00:00 -0000",
    "25-hours": b"Wed, 04 Mar 2026 25:61:61 +0000",
    "8bit": b"Mi, 4. M\xe4rz 2026 \xff",
    "long": b"1" * 50_000,
    "iso": b"2026-03-04T12:00:00Z",
}


def dates() -> Iterator[Hostile]:
    """Dates that are none."""
    for key, value in DATES.items():
        yield Hostile(f"date-{key}", mail(f"date-{key}", date=value))
