"""The steps together: what a mail is to the desk, and what limits leave out of it."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.errors import MailUnreadable
from bot.intake.addresses import Address
from bot.intake.limits import Limits
from bot.intake.reading import identity_of, read_mail, strip_prefixes

HEAD = b"From: Ann Archer <ann@acme.example>\r\nTo: support@example.org\r\nSubject: Printer on fire\r\n"
FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


def mail(body: bytes = b"It smokes.\r\n", extra: bytes = b"") -> bytes:
    return HEAD + extra + b"\r\n" + body


def multipart(*parts: bytes, kind: bytes = b"mixed") -> bytes:
    body = b"".join(b"--frontier\r\n" + part + b"\r\n" for part in parts) + b"--frontier--\r\n"
    return mail(body, b"Content-Type: multipart/" + kind + b"; boundary=frontier\r\n")


def nested(depth: int) -> bytes:
    opening = b"".join(
        b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (n - 1, n) for n in range(1, depth)
    )
    return HEAD + b"Content-Type: multipart/mixed; boundary=b0\r\n\r\n" + opening + b"--b%d\r\n\r\nhi\r\n" % (depth - 1)


def test_threading_headers_keep_their_angle_brackets() -> None:
    extra = (
        b"Message-ID: <1@acme.example>\r\nIn-Reply-To: <2@x.example>\r\nReferences: <3@x.example>\r\n <2@x.example>\r\n"
    )

    read = read_mail(mail(extra=extra))

    assert read.message_id == "<1@acme.example>"
    assert read.in_reply_to == ("<2@x.example>",)
    assert read.references == ("<3@x.example>", "<2@x.example>")


def test_the_plus_address_is_found_where_the_mail_was_delivered() -> None:
    extra = b"Delivered-To: support+token@example.org\r\nX-Original-To: support+token@example.org\r\n"

    read = read_mail(mail(extra=extra))

    assert read.envelope_to == ("support+token@example.org",)


def test_groups_and_undisclosed_recipients_are_no_addresses() -> None:
    read = read_mail(
        HEAD.replace(b"support@example.org", b"Team: bob@example.org, carol@example.org;, undisclosed:;") + b"\r\n"
    )

    assert read.to == (Address("", "bob@example.org"), Address("", "carol@example.org"))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (b"Tue, 24 Nov 2026 12:00:00 +0100", datetime(2026, 11, 24, 11, tzinfo=UTC)),
        (b"Tue, 24 Nov 2026 12:00:00", datetime(2026, 11, 24, 12, tzinfo=UTC)),
        (b"Mon, 32 Jan 2026 00:00:00 +1400", None),
        (b"yesterday", None),
        (b"Tue, 24 Nov 99999 12:00:00 +0100", None),
    ],
)
def test_a_date_is_aware_or_nothing(written: bytes, read: datetime | None) -> None:
    assert read_mail(mail(extra=b"Date: " + written + b"\r\n")).date == read


def test_authentication_results_stand_topmost_first() -> None:
    extra = (
        b"Authentication-Results: mx.example.org; dmarc=pass\r\nAuthentication-Results: evil.example; dmarc=pass\r\n"
    )

    read = read_mail(mail(extra=extra))

    assert read.authentication == ("mx.example.org; dmarc=pass", "evil.example; dmarc=pass")


def test_headers_for_rules_are_bounded() -> None:
    extra = b"".join(b"X-%d: %s\r\n" % (number, b"v" * 3000) for number in range(30))

    read = read_mail(mail(extra=extra), replace(Limits(), headers=10))

    assert len(read.headers) == 10
    assert max(len(value) for _, value in read.headers) == 2000


def test_the_same_mail_read_again_with_other_trace_headers_has_the_same_identity() -> None:
    first = b"Received: from a\r\nDelivered-To: x@example.org\r\n" + mail()
    second = b"Received: from b\r\n\tby c\r\n" + mail()

    assert identity_of(first) == identity_of(second) == read_mail(io.BytesIO(first)).identity


@pytest.mark.row("MI-21")
def test_two_texts_without_any_header_are_two_mails() -> None:
    trace = b"Return-Path: <ann@acme.example>\r\nReceived: by mail.example\r\n"

    identities = {identity_of(trace + text) for text in (b"", b"no mail at all", b"nor this\r\none")}

    assert len(identities) == 3


@pytest.mark.parametrize("change", [(b"on fire", b"is wet"), (b"It smokes", b"It stinks"), (b"Ann", b"Eve")])
def test_another_subject_body_or_sender_is_another_identity(change: tuple[bytes, bytes]) -> None:
    assert identity_of(mail()) != identity_of(mail().replace(*change))


@pytest.mark.parametrize(
    "body",
    [
        b"a\x00b\x1b[31m\x0b\x85c \xe2\x80\xaed \xed\xa0\x80\xff",
        b"<p>&#0;&#27;a&#8238;b&#xd800;&#x2066;&#57344;</p>",
    ],
)
@pytest.mark.parametrize("kind", [b"text/plain", b"text/html"])
def test_no_control_surrogate_or_bidi_override_passes(body: bytes, kind: bytes) -> None:
    raw = mail(body, b"Content-Type: " + kind + b"\r\nX-Note: " + body[:9] + b"\r\n").replace(
        b"Printer", b"P\x1b\xe2\x80\xae"
    )

    read = read_mail(raw)

    everything = [read.text, read.full_text, read.subject, read.original_subject, *(value for _, value in read.headers)]
    assert not [text for text in everything if FORBIDDEN.search(text.replace("\n", "").replace("\t", ""))]


@pytest.mark.row("MI-26")
def test_an_attached_mail_stays_closed() -> None:
    inner = b"Content-Type: message/rfc822\r\n\r\n" + multipart(b"\r\nInner text").replace(b"frontier", b"inside")

    read = read_mail(multipart(b"\r\nOuter text", inner))

    assert read.text == "Outer text"
    assert [(part.name, part.type) for part in read.parts] == [("Printer on fire.eml", "message/rfc822")]


@pytest.mark.parametrize("depth", [100, 1000, 5000])
def test_a_mail_nested_too_deeply_is_unreadable(depth: int) -> None:
    with pytest.raises(MailUnreadable, match="nested too deeply"):
        read_mail(nested(depth))


def test_a_mail_that_is_too_large_is_unreadable() -> None:
    with pytest.raises(MailUnreadable, match="larger than 1 MB"):
        read_mail(mail(b"x" * 1_100_000), replace(Limits(), mail_bytes=1024 * 1024))


def test_what_the_limits_leave_out_is_said() -> None:
    part = b"Content-Type: image/png; name=a.png\r\n\r\npng"

    read = read_mail(multipart(b"\r\n" + b"a " * 100, *[part] * 5), replace(Limits(), attachments=2, text_chars=50))

    assert len(read.parts) == 2
    assert len(read.full_text) <= 50
    assert read.left_out == (
        "Only the first 50 characters of the text were kept.",
        "Only the first 2 attachments were kept.",
    )


def test_an_endless_header_leaves_sender_subject_and_text_alone() -> None:
    noise = b"".join(b"X-%d: value\r\n" % number for number in range(60_000))

    read = read_mail(noise + mail())

    assert (read.sender, read.subject, read.text) == (
        Address("Ann Archer", "ann@acme.example"),
        "Printer on fire",
        "It smokes.",
    )
    assert read.left_out == ("The header was longer than is read; its end was left out.",)


@pytest.mark.parametrize(
    ("written", "stripped"),
    [
        ("Re: Re: x", "x"),
        ("RE : x", "x"),
        ("AW: WG: x", "x"),
        ("Re:", "Re:"),
        ("Reply: x", "Reply: x"),
        ("SV: Re[3]: x", "x"),
    ],
)
def test_prefixes_are_stripped_from_subjects(written: str, stripped: str) -> None:
    assert strip_prefixes(written) == stripped


@pytest.mark.parametrize("raw", [b"", b"\r\n\r\n", b"From", bytes(range(256)) * 40, b"\xff" * 3000, HEAD[:-2]])
def test_what_is_hardly_a_mail_is_read_all_the_same(raw: bytes) -> None:
    assert read_mail(raw).identity == identity_of(raw)


@pytest.mark.parametrize("quoted", [b"On Monday Bob wrote:\r\n> It burns.\r\n", b""])
def test_of_a_mail_without_own_words_all_is_shown_rather_than_the_line_above_its_signature(quoted: bytes) -> None:
    read = read_mail(mail(quoted + b"-- \r\nSent from my phone\r\n"))

    assert read.text == read.full_text != "--"
