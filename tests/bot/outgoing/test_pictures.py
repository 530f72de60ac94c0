"""Pictures in letters: seen where the text names them, below it otherwise, and named in plain text."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest

from bot.app import letter_writer
from bot.backoffice import Backoffice
from bot.desk.files import StoredFile
from bot.desk.views import TicketView
from bot.outgoing.letters import Draft

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def files(office: Backoffice) -> tuple[StoredFile, ...]:
    """Two pictures and a plan."""
    keep = office.desk.files.keep
    return (
        keep(PNG + b"1", "left_side.png", "image/png", inline=True, cid="one@mail"),
        keep(PNG + b"2", "right_side.png", "image/png"),
        keep(b"%PDF", "plan.pdf", "application/pdf"),
    )


def _sent(office: Backoffice, ticket: TicketView, text: str, files: tuple[StoredFile, ...]) -> EmailMessage:
    writer = letter_writer(office)
    assert writer is not None
    letter = writer.write(Draft("reply", ticket, ("ann@acme.example",), "m1", text=text, agent="Bob", files=files))
    return message_from_bytes(letter.message, policy=default)


def _html(letter: EmailMessage) -> str:
    body = letter.get_body(("html",))
    assert body is not None
    return str(body.get_content())


def _plain(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_pictures_travel_with_the_html_and_files_behind_the_letter(
    office: Backoffice, ticket: TicketView, files: tuple[StoredFile, ...]
) -> None:
    letter = _sent(office, ticket, "Look.", files)

    kinds = [part.get_content_type() for part in letter.walk()]
    assert kinds == [
        "multipart/mixed", "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png",
        "image/png", "application/pdf",
    ]  # fmt: skip
    related = [part for part in letter.walk() if part.get_content_type() == "image/png"]
    assert [part.get_content() for part in related] == [PNG + b"1", PNG + b"2"]
    assert all(f'src="cid:{part["Content-ID"].strip("<>")}"' in _html(letter) for part in related)


@pytest.mark.parametrize("place", ["[image: left_side.png]", "![here](cid:one@mail)", "![](left_side.png)", "[image]"])
def test_a_picture_stands_where_the_text_names_it(
    office: Backoffice, ticket: TicketView, files: tuple[StoredFile, ...], place: str
) -> None:
    letter = _sent(office, ticket, f"Before {place} after.", files)

    assert '<p>Before <img src="cid:' in _html(letter)
    assert _html(letter).index("left_side.png") < _html(letter).index("after.") < _html(letter).index("right_side.png")
    assert "Before [left_side.png] after." in _plain(letter)
    assert "[right_side.png]" in _plain(letter).split("Bob")[0]


def test_no_picture_is_fetched_from_elsewhere(office: Backoffice, ticket: TicketView) -> None:
    letter = _sent(office, ticket, "![x](https://tracker.example/x.png) [image: y.png]", ())

    assert "<img" not in _html(letter)


def test_marks_that_a_client_brings_show_nothing(
    office: Backoffice, ticket: TicketView, files: tuple[StoredFile, ...]
) -> None:
    letter = _sent(office, ticket, "Look \ue0009\ue001\ue0000\ue001", files)

    assert _html(letter).count("<img") == 2
