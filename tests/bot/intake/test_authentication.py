"""Who vouches for a sender: one server's word, read to the letter; what it does not say for certain is no pass."""

import pytest

from bot.intake.authentication import verdict_on
from bot.intake.reading import read_mail

BOB = "Bob <bob@example.org>"
LONG = "x" * 5_000


def verdict(*headers: str, sender: str = BOB, believed: str = "mx.example.org") -> str:
    """The verdict on a mail with these Authentication-Results, topmost first."""
    lines = [f"Authentication-Results: {header}" for header in headers]
    raw = "\r\n".join([*lines, f"From: {sender}", "Subject: x", "", "Hello", ""]).encode()
    return verdict_on(read_mail(raw), believed).word


@pytest.mark.parametrize(
    "header",
    [
        "mx.example.org; dmarc=pass header.from=example.org",
        "MX.Example.ORG 1; spf=fail smtp.mailfrom=x@y; DMARC=PASS (p=none dis=none) header.from=Example.org.",
        "(a comment) mx.example.org (another (inside)); dmarc/1=pass header.from=bob@example.org",
        '"mx.example.org"; spf=pass reason="a; dmarc=fail"; dmarc=pass header.from="example.org"',
        "mx.example.org;\r\n\tdkim=fail header.b=abc==;\r\n\tdmarc=pass action=none header.from=example.org;",
        "mx.example.org; dmarc=pass",
    ],
)
def test_an_aligned_dmarc_pass_of_our_own_server_is_a_pass(header: str) -> None:
    assert verdict(header) == "pass"


@pytest.mark.row("SE-09")
@pytest.mark.parametrize(
    ("word", "headers"),
    [
        ("unknown", ()),
        ("unknown", ("mx.example.org; none",)),
        ("unknown", ("mx.example.org; spf=pass smtp.mailfrom=bob@example.org; dkim=pass header.d=example.org",)),
        ("unknown", ("evil.example; dmarc=pass header.from=example.org",)),
        ("unknown", ("mx.example.org.evil.example; dmarc=pass header.from=example.org",)),
        ("unknown", ("mx.example.org; dmarc=pass header.from=evil.example",)),
        ("unknown", ("mx.example.org; dmarc=pass header.from=example.org header.from=evil.example",)),
        ("unknown", ("mx.example.org; dmarc=none header.from=example.org",)),
        ("unknown", ("mx.example.org; dmarc=bestguesspass header.from=example.org",)),
        ("unknown", ("mx.example.org 2; dmarc=pass header.from=example.org",)),
        ("unknown", ("dmarc=pass header.from=example.org",)),
        ("unknown", ('mx.example.org; spf=none smtp.mailfrom="a; dmarc=pass header.from=example.org',)),
        ("unknown", ('mx.example.org; spf=none smtp.mailfrom="x; dmarc=pass"@evil.example',)),
        ("unknown", ('mx.example.org; spf=none reason="=?utf-8?q?=22=3B_dmarc=3Dpass_x.y=3D=22?="',)),
        ("unknown", ("mx.example.org; spf=none (; dmarc=pass header.from=example.org)",)),
        ("unknown", ("mx.example.org; spf=none (; dmarc=pass header.from=example.org",)),
        ("unknown", (f"mx.example.org; dmarc=pass; x-more=none ({LONG}); dmarc=fail",)),
        ("fail", ("mx.example.org; dmarc=fail header.from=example.org",)),
        ("fail", ("mx.example.org; dmarc=pass header.from=example.org; dmarc=fail header.from=example.org",)),
        ("fail", ("mx.example.org; spf=fail smtp.mailfrom=evil.example; dkim=none",)),
        ("fail", ("mx.example.org; dmarc=fail", "mx.example.org; dmarc=pass header.from=example.org")),
        ("unknown", ("mx.example.org; dmarc=none", "mx.example.org; dmarc=pass header.from=example.org")),
    ],
)
def test_everything_less_than_that_is_none(word: str, headers: tuple[str, ...]) -> None:
    assert verdict(*headers) == word


def test_headers_of_others_neither_help_nor_harm() -> None:
    assert verdict("evil.example; dmarc=fail", "mx.example.org; dmarc=pass", "evil.example; dmarc=fail") == "pass"


@pytest.mark.row("SE-09")
def test_where_no_server_is_named_nobody_is_believed() -> None:
    assert verdict("mx.example.org; dmarc=pass header.from=example.org", believed="") == ""


@pytest.mark.row("SE-09")
@pytest.mark.parametrize(
    "sender",
    [
        "bob@example.org, eve@evil.example",
        "bob@example.org\r\nFrom: eve@evil.example",
        "bob@example.org (<eve@evil.example>), x@evil.example",
        "<bob@example.org> <eve@evil.example>",
        "bob@example.org <eve@evil.example>, Bob <bob@example.org>",
        "=?utf-8?q?=E2=80=AEbob?= <bob@example.org>",
    ],
)
def test_a_sender_who_is_not_one_plain_address_never_passes(sender: str) -> None:
    assert verdict("mx.example.org; dmarc=pass", sender=sender) == "unknown"


def test_a_domain_in_another_alphabet_is_compared_as_servers_write_it() -> None:
    header = "mx.example.org; dmarc=pass header.from=xn--bcher-kva.example"

    assert verdict(header, sender="bob@bücher.example") == "pass"


@pytest.mark.row("SE-22")
@pytest.mark.parametrize("junk", ["(" * 50_000, '"' + "\\" * 50_000, "=" * 50_000, '"a" ' * 20_000, "(\\" * 30_000])
def test_hostile_headers_are_read_in_no_time(junk: str) -> None:
    assert verdict(f"mx.example.org; {junk}") == "unknown"
