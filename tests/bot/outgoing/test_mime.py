"""The bytes of a letter: which headers it has whatever is put into them, and what becomes of its files."""

from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import DeliveryError
from bot.outgoing import mime
from bot.outgoing.mime import Enclosure

ALLOWED = {
    "from", "to", "cc", "reply-to", "subject", "date", "message-id", "in-reply-to", "references", "auto-submitted",
    "x-auto-response-suppress", "precedence", "mime-version", "content-type", "content-transfer-encoding",
}  # fmt: skip
OF_PARTS = {"content-type", "content-transfer-encoding", "content-disposition", "content-id", "mime-version"}
BREAKS = ["\r\nBcc: eve@example.net", "\nBcc: eve@example.net\n\nBuy", "\rBcc: eve", "\u2028Bcc: eve", "\x0b\x00\x85x"]
LONG_ID = f"<VI1PR0401MB{'0123456789abcdef' * 5}@VI1PR0401MB2621.eurprd04.prod.outlook.com>"


def _read(made: EmailMessage) -> EmailMessage:
    return message_from_bytes(made.as_bytes(), policy=default)


def _letter(name: str, value: str, file: str = "plan.pdf", media: str = "application/pdf") -> EmailMessage:
    headers = {"From": "support@example.org", "To": "ann@acme.example", "Subject": "Hello", "Message-ID": "<1@x>"}
    return mime.message(
        [*(headers | {name: value}).items()], "Hello", "<p>Hello</p>", [Enclosure(file, media, b"%PDF")]
    )


def _all_headers(letter: EmailMessage) -> set[str]:
    return {name.lower() for part in letter.walk() for name in part}


@pytest.mark.row("MO-09")
@pytest.mark.parametrize("broken", BREAKS)
@pytest.mark.parametrize("field", ["Subject", "In-Reply-To", "References", "Auto-Submitted"])
def test_a_line_break_in_a_header_is_one_clean_line(field: str, broken: str) -> None:
    letter = _read(_letter(field, f"a{broken}"))

    assert _all_headers(letter) <= ALLOWED | OF_PARTS
    assert letter[field] is not None and str(letter[field]).startswith("a")
    assert len(letter.get_all(field, [])) == 1


@pytest.mark.row("MO-09")
@pytest.mark.parametrize("broken", BREAKS)
@pytest.mark.parametrize("where", ["name", "type"])
def test_a_line_break_with_an_attachment_stays_within_its_name(where: str, broken: str) -> None:
    letter = _read(_letter("Cc", "", **({"file": f"a{broken}.pdf"} if where == "name" else {"media": f"a/b{broken}"})))

    (part,) = letter.iter_attachments()
    assert _all_headers(letter) <= ALLOWED | OF_PARTS
    assert part.get_content() == b"%PDF"
    assert (part.get_filename() or "").startswith("a" if where == "name" else "plan")


@pytest.mark.row("MO-09")
@pytest.mark.parametrize("broken", [*BREAKS, ", eve@example.net", "> <eve@example.net"])
def test_an_address_that_would_say_more_makes_no_letter(broken: str) -> None:
    with pytest.raises(DeliveryError) as caught:
        mime.listed(["dan@acme.example", f"ann@acme.example{broken}"])

    assert caught.value.permanent


@pytest.mark.row("MO-09")
@given(st.lists(st.text(max_size=60), min_size=3, max_size=3), st.text(max_size=300))
def test_no_text_adds_a_header_or_is_refused(words: list[str], subject: str) -> None:
    name, file, media = words
    sender = Address(display_name=mime.clean_line(name), addr_spec="support@example.org")
    headers: list[tuple[str, str | Address]] = [
        ("From", sender),
        ("To", "ann@acme.example"),
        ("Subject", subject),
        ("References", mime.ids(words)),
    ]

    letter = _read(mime.message(headers, subject, "<p></p>", [Enclosure(file, media, b"x")]))

    assert _all_headers(letter) <= ALLOWED | OF_PARTS
    assert str(letter["To"]) == "ann@acme.example"
    assert letter["From"].addresses[0].addr_spec == "support@example.org"


@pytest.mark.parametrize("field", ["Message-ID", "In-Reply-To", "References"])
def test_a_long_message_id_stands_as_it_is(field: str) -> None:
    raw = _letter(field, mime.ids([LONG_ID] * (1 if field != "References" else 30))).as_bytes()

    assert LONG_ID.encode() in raw
    assert b"=?" not in raw
    assert max(map(len, raw.split(b"\r\n"))) < 998


@pytest.mark.parametrize("strange", ["<a b@c>", "<ä@b>", "", "<" + "a" * 2000 + "@b>"])
def test_what_cannot_be_a_message_id_is_left_out(strange: str) -> None:
    assert mime.ids(["<1@x>", strange, "<2@x>"]) == "<1@x> <2@x>"


def test_a_domain_beyond_ascii_is_written_as_servers_know_it() -> None:
    assert mime.listed(["ann@bücher.example"]) == "ann@xn--bcher-kva.example"


def test_an_address_beyond_ascii_stands_as_it_is() -> None:
    raw = _letter("To", "zoë@acme.example").as_bytes()

    assert "To: zoë@acme.example\r\n".encode() in raw


@pytest.mark.parametrize("media", ["message/rfc822", "multipart/mixed", "weird", "", "text/plain\n"])
def test_a_file_of_a_type_that_cannot_be_attached_is_attached_as_bytes(media: str) -> None:
    (part,) = _read(_letter("Cc", "", file="mail.eml", media=media)).iter_attachments()

    assert part.get_content_type() == "application/octet-stream"
    assert (part.get_filename(), part.get_content()) == ("mail.eml", b"%PDF")
