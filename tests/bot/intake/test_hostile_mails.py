"""Mails made to be slow: each is read, or refused, within a second or two of processor time."""

from __future__ import annotations

import time

import pytest

from bot.intake.reading import read_mail

HEAD = b"From: eve@example.com\r\nSubject: hello\r\n"


def text(body: bytes) -> bytes:
    return HEAD + b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + body


def html(body: bytes) -> bytes:
    return HEAD + b"Content-Type: text/html; charset=utf-8\r\n\r\n" + body


PART = b'--x\r\nContent-Type: image/png; name="' + b"a" * 3000 + b'.png"\r\n\r\nx\r\n'
HOSTILE = {
    "many headers": b"".join(b"X-%d: v\r\n" % number for number in range(60_000)) + HEAD + b"\r\nhi",
    "encoded words": HEAD[:30] + b"=?utf-8?q?a?= " * 7000 + b"\r\n\r\nhi",
    "open encoded words": HEAD[:30] + b"=?x?q?" * 15_000 + b"\r\n\r\nhi",
    "parentheses": b"From: " + b"(" * 90_000 + b"\r\n\r\nhi",
    "quotes": b"From: " + b'"' * 90_001 + b"\r\n\r\nhi",
    "angles": b"From: " + b"<" * 90_000 + b"\r\n\r\nhi",
    "parameters": HEAD + b"Content-Type: text/plain" + b'; a*0="x' * 9000 + b"\r\n\r\nhi",
    "blanks in parameters": HEAD
    + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n"
    + (b"--x\r\nContent-Type: text/plain;" + b" " * 19_000 + b"x\r\n\r\nx\r\n") * 20
    + b"--x--",
    "on wrote": text(b"On Mon, 1 wrote\r\n" * 100_000),
    "on wrote without end": text(b"hi\r\nOn Mon, 1\r\n" * 100_000 + b"wrote:\r\n> x"),
    "from lines": text(b"From: x\r\n" * 200_000),
    "quoted lines": text(b"> a\r\nb\r\n" * 200_000),
    "signatures": text(b"-- \r\n" * 300_000),
    "one long line": text(b"a " * 3_000_000),
    "uuencode beginnings": text(b"begin 644 a\n" * 100_000 + b"\nend\n"),
    "comments": html(b"<!--" * 250_000),
    "meta": html(b"<meta http-equiv=x content=y>" * 200_000),
    "smaller than": html(b"<" * 1_000_000),
    "deep divs": html(b"<div>" * 100_000 + b"deep"),
    "deep lists": html(b"<ul><li>" * 20_000 + b"deep"),
    "deep quotes": html(b"<blockquote>" * 20_000 + b"deep"),
    "ampersands": html(b"&" * 1_000_000),
    "links": html(b'<a href="http://x/">y</a>' * 50_000),
    "attributes": html(b"<p " + b"a=b " * 250_000 + b">x"),
    "long names": HEAD + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + PART * 500 + b"--x--",
    "many parts": HEAD + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--x\r\n\r\nx\r\n" * 20_000 + b"--x--",
    "addresses in a bounce": b"From: mailer-daemon@x.example\r\n\r\n" + b"a@b.example: " * 100_000,
    "letters in a bounce": b"From: mailer-daemon@x.example\r\n\r\n" + b"a" * 300_000,
    "equals signs": HEAD + b"Content-Transfer-Encoding: base64\r\n\r\n" + b"=" * 1_000_000,
    "escapes": HEAD + b"Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n" + b"\x1b$B" * 200_000 + b"\xff",
}


@pytest.mark.row("MI-19")
@pytest.mark.parametrize("name", HOSTILE)
def test_a_mail_made_to_be_slow_is_not(name: str) -> None:
    started = time.process_time()

    mail = read_mail(HOSTILE[name])

    assert time.process_time() - started < 2.5
    assert len(mail.full_text) <= 500_000


@pytest.mark.parametrize("name", ["deep divs", "deep lists", "deep quotes"])
def test_text_under_absurd_nesting_is_found(name: str) -> None:
    assert read_mail(HOSTILE[name]).text == "deep"
