"""Mails about whose sender or readers something is wrong: `addr-*`, `auth-*`, `cc-*`."""

from __future__ import annotations

from collections.abc import Iterator

from tests.faults.hostile.shape import ALIVE, Expected, Hostile, mail

# name → raw From, the address that is read out of it, whether it is doubtful
SENDERS: dict[str, tuple[bytes, str | None, bool | None]] = {
    "none": (b"", "", True),
    "blanks": (b"   ", "", True),
    "only-name": (b"Bob", "", True),
    "two-from-list": (b"eve@evil.example, bob@example.org", "eve@evil.example", True),
    "two-from-list-agent": (b"bob@example.org, eve@evil.example", "bob@example.org", True),
    "paren-split": (b"bob@example.org(<eve@evil.example>", None, True),
    "paren-name": (b"eve@paren.example (Bob bob@example.org)", "eve@paren.example", None),
    "bracket-after": (b"<eve@evil.example> <bob@example.org>", None, True),
    "addr-then-angle": (b"bob@example.org <eve@angle.example>", "eve@angle.example", True),
    "bidi-name": (b"=?utf-8?b?4oCuYm9i?= <eve@bidi.example>", "eve@bidi.example", True),
    "quoted-local": (b'"bob@example.org"@quoted.example', None, None),
    "quotes-open": (b'"Bob <eve@open.example>', None, None),
    "angles-open": (b"Bob <<<<eve@open.example", None, True),
    "group": (b"Team: eve@group.example;", "eve@group.example", None),
    "group-empty": (b"undisclosed-recipients:;", "", True),
    "encoded-address": (b"=?utf-8?q?bob=40example.org?=", None, None),
    "encoded-angle": (b"=?utf-8?q?Bob_=3Cbob@example.org=3E?= <eve@enc.example>", "eve@enc.example", None),
    "no-domain": (b"Bob <bob>", None, True),
    "two-ats": (b"Bob <bob@example.org@evil.example>", None, True),
    "homograph": ("Bob <bob@exаmple.org>".encode(), None, None),
    "nul": (b"Bob <bob@example.org\0@evil.example>", None, None),
    "crlf": (b"Bob\r\n <eve@folded.example>", "eve@folded.example", False),
    "long-local": (b"<" + b"a" * 50_000 + b"@long.example>", None, True),
    "many": (b", ".join(b"a%d@many.example" % n for n in range(1_000)), "a0@many.example", True),
    "commas": (b"," * 19_000, "", True),
    "parens": (b"(" * 19_000 + b"eve@parens.example", None, None),
    "semicolons": (b";" * 500 + b"<eve@semi.example>", "eve@semi.example", None),
    "raw-8bit": (b"J\xf6rg <joerg@raw.example>", "joerg@raw.example", False),
    "ip-domain": (b"<eve@[127.0.0.1]>", None, None),
    "script": (b'"<script>alert(1)</script>" <eve@script.example>', "eve@script.example", None),
}


def senders() -> Iterator[Hostile]:
    """From fields that try to be somebody else."""
    for key, (value, address, doubtful) in SENDERS.items():
        name = f"addr-{key}"
        yield Hostile(name, mail(name, fields={"from": value}), Expected(ALIVE, sender=address, doubtful=doubtful))
    second = mail("addr-two-from-headers", b"Please help.", b"From: Bob <bob@example.org>")
    yield Hostile("addr-two-from-headers", second, Expected(doubtful=True))
    first = b"From: Bob <bob@example.org>\r\n" + mail("addr-two-from-agent-first")
    yield Hostile("addr-two-from-agent-first", first, Expected(doubtful=True))
    yield Hostile("addr-self", mail("addr-self", fields={"from": b"support@example.org"}), Expected(ALIVE))


READERS: dict[str, dict[str, bytes]] = {
    "addr-replyto-agent": {"reply_to": b"bob@example.org"},
    "addr-replyto-self": {"reply_to": b"support@example.org"},
    "addr-replyto-many": {"reply_to": b", ".join(b"v%d@victim.example" % n for n in range(5_000))},
    "addr-replyto-crlf": {"reply_to": b"=?utf-8?q?a=0D=0ABcc:_v@victim.example?= <eve@x.example>"},
    "addr-replyto-garbage": {"reply_to": b"<<>>;;,,\xff"},
    "addr-cc-takeover": {"cc": b"Mallory <mallory@evil.example>", "in_reply_to": b"<ok-plain-1@mail.example>"},
    "addr-cc-self": {"cc": b"support@example.org, support@example.org"},
    "addr-ticket-trick": {
        "from": b"Service <noreply@service.example>",
        "subject": b"Verify your e-mail address: 123456",
    },
    "cc-20000": {"cc": b", ".join(b"c%d@crowd.example" % n for n in range(20_000))},
    "cc-group": {"cc": b"everybody: " + b", ".join(b"c%d@crowd.example" % n for n in range(2_000)) + b";"},
    "cc-quotes": {"cc": b'"' * 20_000},
    "cc-nested-comments": {"cc": b"(" * 10_000 + b")" * 10_000 + b" a@b.example"},
}
AUTHENTICATED = {
    "none": b"mx.example.org; none",
    "forged-id": b"mx.evil.example; dmarc=pass header.from=example.org",
    "pass-other": b"mx.example.org; dmarc=pass header.from=evil.example",
    "pass-fail": b"mx.example.org; dmarc=pass header.from=example.org; dmarc=fail header.from=example.org",
    "fail": b"mx.example.org; dmarc=fail header.from=example.org",
    "spf-only": b"mx.example.org; spf=pass smtp.mailfrom=evil.example",
    "comment": b"mx.example.org (dmarc=pass header.from=example.org); dmarc=fail",
    "encoded": b"=?utf-8?q?mx.example.org=3B_dmarc=3Dpass_header.from=3Dexample.org?=",
    "not-closed": b'mx.example.org; dmarc="pass header.from=example.org',
    "huge": b"mx.example.org; " + b"dmarc=pass header.from=example.org; " * 3_000,
    "8bit": b"mx.example.org; dmarc=pass \xff\xfe header.from=example.org",
    "empty": b"",
}


def readers() -> Iterator[Hostile]:
    """Reply-To and Cc fields that would make us write to others."""
    for name, fields in READERS.items():
        yield Hostile(name, mail(name, fields=fields), Expected(ALIVE))


def authenticated() -> Iterator[Hostile]:
    """Bob's address, and something that is no proof that he wrote."""
    for key, value in AUTHENTICATED.items():
        fields = {"from": b"Bob <bob@example.org>", "authentication_results": value}
        yield Hostile(f"auth-{key}", mail(f"auth-{key}", fields=fields), Expected(ALIVE, sender="bob@example.org"))
