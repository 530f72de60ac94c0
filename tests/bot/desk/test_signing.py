"""Signed things: what the desk made leads back to a ticket; whoever does not know its secret makes none of them."""

import base64
import re
from collections.abc import Callable

import pytest

from bot.app import letter_writer
from bot.backoffice import Backoffice
from bot.desk.signing import NOTE, TOKEN_LENGTH, Signer, hashed, new_token
from bot.desk.views import TicketView
from bot.outgoing.letters import Draft

TOKEN, OTHER = "abcdefghijklmnopqrstuvwxyz", "234567abcdefghijklmnopqrst"
SIGNER = Signer("correct horse battery staple")
ADDRESS = SIGNER.reply_address("support@example.org", TOKEN)
NOTED = SIGNER.note_address("support@example.org", TOKEN)
MESSAGE_ID = SIGNER.message_id(TOKEN, "r12", "example.org")
NOTE_ID = SIGNER.message_id(TOKEN, f"{NOTE}12", "example.org")

pytestmark = pytest.mark.row("D15")


def changed(text: str, at: int) -> str:
    """The text with another letter of the same alphabet in one place."""
    return text[:at] + ("b" if text[at] != "b" else "c") + text[at + 1 :]


def _bits(token: str) -> int:
    return 8 * len(base64.b32decode(token.upper() + "=" * (-len(token) % 8)))


def test_a_token_has_128_random_bits() -> None:
    tokens = {new_token() for _ in range(1000)}

    assert len(tokens) == 1000
    assert {_bits(token) for token in tokens} == {128}
    assert all(re.fullmatch(r"[a-z2-7]{26}", token) for token in tokens)
    assert min(len({token[place] for token in tokens}) for place in range(TOKEN_LENGTH - 1)) > 16


def test_each_ticket_has_a_token_of_its_own_that_its_number_does_not_tell(
    office: Backoffice, ticket: TicketView
) -> None:
    writer = letter_writer(office)
    assert writer is not None

    letter = writer.write(Draft("reply", ticket, ("ann@acme.example",), "m1", text="Hello"))

    assert _bits(ticket.token) == 128
    assert ticket.token in letter.sender and ticket.token in letter.message_id
    assert ticket.reference not in letter.sender + letter.message_id
    assert len(letter.sender.partition("@")[0]) <= 64


def test_a_code_is_kept_as_its_hash() -> None:
    assert hashed("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.mark.parametrize(
    ("address", "made"),
    [
        ("support@example.org", r"support\+.{36}@example\.org"),
        ("a+b@example.org", r"a\+b\+.{36}@example\.org"),
        ('"a@b"@example.org', r'"a@b"\+.{36}@example\.org'),
    ],
)
def test_a_reply_address_is_the_mailboxes_own_with_a_detail(address: str, made: str) -> None:
    assert re.fullmatch(made, SIGNER.reply_address(address, TOKEN))
    assert re.fullmatch(made, SIGNER.note_address(address, TOKEN))
    assert SIGNER.token_of_address(SIGNER.reply_address(address, TOKEN)) == TOKEN
    assert SIGNER.token_of_note_address(SIGNER.note_address(address, TOKEN)) == TOKEN


@pytest.mark.parametrize("address", [ADDRESS, ADDRESS.upper(), ADDRESS.replace("support", "sup"), f"x@y{ADDRESS}"])
def test_a_reply_address_leads_back_to_its_ticket(address: str) -> None:
    assert SIGNER.token_of_address(address) == TOKEN


def test_a_notes_address_leads_back_as_a_note_only() -> None:
    assert SIGNER.token_of_note_address(NOTED) == TOKEN
    assert SIGNER.token_of_address(NOTED) is None
    assert SIGNER.token_of_note_address(ADDRESS) is None


@pytest.mark.row("R:guessable address")
@pytest.mark.parametrize(
    "address",
    [
        "", "support@example.org", "support+@example.org", f"support+{TOKEN}@example.org",
        ADDRESS.replace("@", "a@"), ADDRESS.replace("+", "+a"), ADDRESS.replace("+", ""),
        ADDRESS.replace(TOKEN, OTHER), ADDRESS.partition("@")[0],
    ],
)  # fmt: skip
def test_no_other_address_does(address: str) -> None:
    assert SIGNER.token_of_address(address) is None
    assert SIGNER.token_of_note_address(address) is None


@pytest.mark.row("R:guessable address")
@pytest.mark.parametrize("at", range(36))
def test_one_letter_changed_anywhere_in_the_detail_leads_nowhere(at: int) -> None:
    assert SIGNER.token_of_address(changed(ADDRESS, len("support+") + at)) is None


def test_the_same_serial_has_the_same_id_and_another_has_another() -> None:
    assert re.fullmatch(rf"<dsk\.{TOKEN}\.r12\.[a-z2-7]{{10}}@example\.org>", MESSAGE_ID)
    assert SIGNER.message_id(TOKEN, "r12", "example.org") == MESSAGE_ID
    assert SIGNER.message_id(TOKEN, "r13", "example.org").split(".")[3] != MESSAGE_ID.split(".")[3]


@pytest.mark.parametrize(
    "written", [MESSAGE_ID, f" {MESSAGE_ID}\t", MESSAGE_ID.strip("<>"), MESSAGE_ID.upper(), f"{MESSAGE_ID[:-12]}relay>"]
)
def test_a_message_id_leads_back_to_its_ticket_however_it_comes_back(written: str) -> None:
    assert SIGNER.token_of_message_id(written) == TOKEN
    assert SIGNER.token_of_note_id(written) is None


@pytest.mark.parametrize("written", [NOTE_ID, NOTE_ID.upper()])
def test_a_notes_id_leads_back_as_a_note_too(written: str) -> None:
    assert SIGNER.token_of_note_id(written) == TOKEN
    assert SIGNER.token_of_message_id(written) == TOKEN


@pytest.mark.row("R:guessable address")
@pytest.mark.parametrize(
    "written",
    [
        "", "<x@example.org>", f"re: {MESSAGE_ID}", f"{MESSAGE_ID} x", f"{MESSAGE_ID}{MESSAGE_ID}",
        MESSAGE_ID.replace(TOKEN, OTHER), MESSAGE_ID.replace("r12", "r13"), MESSAGE_ID.replace("r12", "n12"),
        MESSAGE_ID.replace("dsk.", ""), MESSAGE_ID.replace("@example.org", ""), changed(MESSAGE_ID, 40),
    ],
)  # fmt: skip
def test_no_other_message_id_does(written: str) -> None:
    assert SIGNER.token_of_message_id(written) is None
    assert SIGNER.token_of_note_id(written) is None


MADE: dict[str, tuple[Callable[[Signer], str], Callable[[Signer, str], str | None]]] = {
    "reply address": (lambda by: by.reply_address("support@example.org", TOKEN), Signer.token_of_address),
    "note address": (lambda by: by.note_address("support@example.org", TOKEN), Signer.token_of_note_address),
    "message id": (lambda by: by.message_id(TOKEN, "r12", "example.org"), Signer.token_of_message_id),
    "note id": (lambda by: by.message_id(TOKEN, "n1", "example.org"), Signer.token_of_note_id),
}


@pytest.mark.row("R:guessable address")
@pytest.mark.parametrize("kind", MADE)
def test_whoever_does_not_know_the_secret_makes_none(kind: str) -> None:
    make, read = MADE[kind]

    genuine, foreign = make(SIGNER), make(Signer("correct horse battery stapl"))

    assert read(SIGNER, genuine) == TOKEN
    assert read(SIGNER, foreign) is None


@pytest.mark.row("R:guessable address")
@pytest.mark.parametrize("kind", MADE)
def test_one_for_another_ticket_cannot_be_made_from_a_genuine_one(kind: str) -> None:
    make, read = MADE[kind]

    changed = make(SIGNER).replace(TOKEN, OTHER)

    assert read(SIGNER, changed) is None
