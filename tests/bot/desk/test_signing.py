"""Signed things: what the desk made leads back to a ticket, and nothing else does."""

import re

import pytest

from bot.desk.signing import NOTE, Signer, hashed, new_token

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


def test_a_token_is_128_random_bits_in_small_letters() -> None:
    tokens = {new_token() for _ in range(50)}

    assert len(tokens) == 50
    assert all(re.fullmatch(r"[a-z2-7]{26}", token) for token in tokens)


def test_a_code_is_kept_as_its_hash() -> None:
    assert hashed("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.mark.parametrize(
    ("address", "made"),
    [("support@example.org", r"support\+.{36}@example\.org"), ('"a@b"@example.org', r'"a@b"\+.{36}@example\.org')],
)
def test_a_reply_address_is_the_mailboxes_own_with_a_detail(address: str, made: str) -> None:
    assert re.fullmatch(made, SIGNER.reply_address(address, TOKEN))
    assert re.fullmatch(made, SIGNER.note_address(address, TOKEN))


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


def test_another_secret_makes_other_addresses_and_ids() -> None:
    stranger = Signer("correct horse battery stapl")

    assert stranger.token_of_address(ADDRESS) is None
    assert stranger.token_of_message_id(MESSAGE_ID) is None


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
