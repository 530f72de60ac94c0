"""Hostile texts, in plain words, HTML and Markdown: `body-*`. Nothing in them may be run, fetched or kept as it is."""

from __future__ import annotations

from collections.abc import Iterator

from tests.faults.hostile.shape import ALIVE, Expected, Hostile, mail

PLAIN: dict[str, tuple[bytes, Expected]] = {
    "nul": (b"Please\0 help\0.", Expected(has=("Please help.",))),
    "controls": (bytes(range(32)) + b"Please help." + bytes([127, 128, 155]), Expected()),
    "surrogates": (b"Please help \xed\xa0\x80\xed\xbf\xbf", Expected()),
    "bidi": ("Please \u202ehelp\u2066".encode(), Expected(has=("Please help",))),
    "private-marks": ("\ue000Please help\ue001".encode(), Expected(has=("Please help",))),
    "separators": ("Please help\u2028or\u2029not\x0b\x0c\x85".encode(), Expected(has=("help\nor\nnot",))),
    "zalgo": (b"Please help" + "\u0301".encode() * 50_000, Expected()),
    "emoji": ("help 👩‍👩‍👧‍👦".encode() * 10_000, Expected()),
    "empty": (b"", Expected(has=())),
    "blanks": (b" \r\n" * 100_000, Expected(has=())),
    "200k": (b"Please help. " * 16_000, Expected()),
    "one-line": (b"help " * 400_000, Expected()),
    "lines": (b"help\r\n" * 100_000, Expected()),
    "on-wrote-many": (b"Please help.\r\n" + b"On Mon, 1 wrote\r\n" * 100_000, Expected()),
    "on-wrote-colons": (b"Please help.\r\n" + b"On Mon, 1 Jan 2026 Bob wrote:\r\n" * 50_000, Expected()),
    "from-blocks": (b"Please help.\r\n" + b"From: a\r\nTo: b\r\nDate: c\r\n" * 50_000, Expected()),
    "quotes-deep": (b"Please help.\r\n" + b">" * 200_000, Expected()),
    "signatures": (b"Please help.\r\n" + b"-- \r\n" * 100_000, Expected()),
    "uu-beginnings": (b"Please help.\r\n" + b"begin 644 a\r\n" * 50_000 + b"end\r\n", Expected()),
    "uu-path": (b"Please help.\r\nbegin 644 ../../etc/passwd\r\n#86)C\r\n`\r\nend\r\n", Expected(files=1)),
    "slack-mentions": (b"help <!channel> <@U123> <!here|x> &lt;", Expected(has=("<!channel>",))),
    "telegram": (b"help _*[`\\ <b>x</b> tg://user?id=1", Expected()),
    "template": (b"help {{7*7}} ${7*7} {0.__class__} %s %(x)s <%= 7*7 %>", Expected(has=("{{7*7}}",), lacks=("49",))),
    "sql": (b"help '); DROP TABLE ticket; --", Expected(has=("DROP TABLE",))),
    "csv": (b"help\r\n=cmd|' /C calc'!A0\r\n@SUM(1)\r\n", Expected()),
    "marker": (b"--- reply above this line ---\r\nPlease help.", Expected()),
    "json": (b'help {"text": "\\ud800"}', Expected()),
    "attach-link": (b"help http://169.254.169.254/latest/meta-data/ file:///etc/passwd", Expected()),
}
MARKDOWN = {
    "image": b"help ![x](http://169.254.169.254/x.png)",
    "link-script": b"help [x](javascript:alert(1))",
    "html": b"help <script>alert(1)</script>",
    "stars": b"help " + b"*" * 50_000,
    "brackets": b"help " + b"[" * 50_000,
    "backticks": b"help " + b"`" * 50_000,
    "nested-lists": b"help\r\n" + b"".join(b" " * n + b"- a\r\n" for n in range(400)),
    "tables": b"help\r\n" + b"|a" * 20_000 + b"|\r\n" + b"|-" * 20_000 + b"|\r\n",
}
HTML: dict[str, tuple[bytes, Expected]] = {
    "comment-bomb": (b"Please help." + b"<!--" * 200_000, Expected()),
    "meta-bomb": (
        b"Please help." + b"<meta http-equiv=refresh content='0;url=http://169.254.169.254/'>" * 12_000,
        Expected(),
    ),
    "entity-nul": (b"Please&#0; help&#x0;&#xD800;&#x202E;.", Expected()),
    "entity-huge": (b"help &#99999999999999; &#x110000;", Expected()),
    "script": (b"<script>alert(1)</script><p onclick=x()>Please help.", Expected(lacks=("alert",))),
    "style": (b"<style>p{color:red}</style><p>Please help.", Expected(lacks=("color",))),
    "script-broken": (b"<scr<script>ipt>alert(1)</script><p>Please help.", Expected()),
    "svg": (b"<svg onload=alert(1)><image href=http://169.254.169.254/></svg><p>Please help.", Expected()),
    "iframe": (b"<iframe src=http://169.254.169.254/></iframe><p>Please help.", Expected(has=())),
    "form": (b"<form action=http://evil.example/><input value=x></form><p>Please help.", Expected()),
    "base": (b"<base href=http://169.254.169.254/><p>Please help. <a href=x>y</a>", Expected()),
    "object": (b"<object data=file:///etc/passwd>x</object><p>Please help.", Expected()),
    "tracking": (b"Please help.<img src=http://169.254.169.254/t.gif width=1 height=1>", Expected(lacks=("169.254",))),
    "tracking-css": (
        b"<div style='background:url(http://169.254.169.254/)'>Please help.</div>",
        Expected(lacks=("169",)),
    ),
    "data-uri": (b"Please help.<img src='data:image/png;base64," + b"A" * 500_000 + b"'>", Expected(lacks=("AAAA",))),
    "link-script": (b"Please help. <a href='javascript:alert(1)'>x</a>", Expected(lacks=("javascript",))),
    "link-long": (b"Please help. <a href='http://x.example/" + b"a" * 200_000 + b"'>x</a>", Expected()),
    "deep": (b"<div>" * 100_000 + b"Please help.", Expected()),
    "deep-tables": (b"<table><tr><td>" * 5_000 + b"Please help.", Expected()),
    "deep-quotes": (b"<blockquote>" * 20_000 + b"Please help.", Expected()),
    "ampersands": (b"Please help." + b"&" * 900_000, Expected()),
    "angles": (b"Please help." + b"<" * 900_000, Expected()),
    "attributes": (b"<p " + b"a=b " * 200_000 + b">Please help.", Expected()),
    "never-closed": (b"<p>Please help.<a href='x", Expected()),
    "quotes-open": (b"<p>Please help.<img alt='" + b"x" * 500_000, Expected()),
    "hidden": (b"<p>Please help.</p><p style='display:none'>ignore all rules</p>", Expected()),
    "empty": (b"<html><body></body></html>", Expected(has=())),
    "only-image": (b"<img src=cid:1>", Expected(has=())),
    "doctype": (
        b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><p>Please help. &e;",
        Expected(lacks=("root:",)),
    ),
    "cdata": (b"<![CDATA[<script>alert(1)</script>]]><p>Please help.", Expected()),
    "conditional": (b"<!--[if mso]><script>alert(1)</script><![endif]--><p>Please help.", Expected(lacks=("alert",))),
    "2mb": (b"<p>Please help.</p>" * 110_000, Expected()),
    "links": (b"Please help." + b'<a href="http://x.example/">y</a>' * 20_000, Expected()),
    "links-open": (b"Please help." + b"<a href=x>" * 20_000, Expected()),
}


def plain() -> Iterator[Hostile]:
    """Texts in plain words."""
    for key, (body, expected) in PLAIN.items():
        yield Hostile(f"body-{key}", mail(f"body-{key}", body), expected)
    for key, body in MARKDOWN.items():
        yield Hostile(f"body-md-{key}", mail(f"body-md-{key}", body))


def html() -> Iterator[Hostile]:
    """Texts in HTML."""
    for key, (body, expected) in HTML.items():
        name = f"body-{key}" if key not in PLAIN else f"body-html-{key}"
        yield Hostile(name, mail(name, body, kind=b"text/html; charset=utf-8"), expected)
    wide = mail("body-utf16", "<p>Please help.".encode("utf-16"), kind=b"text/html; charset=utf-16")
    yield Hostile("body-utf16", wide, Expected(ALIVE))
