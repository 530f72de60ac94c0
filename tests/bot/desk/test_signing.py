"""What leads back to a ticket: as long as it must be, and made by nobody who does not know the desk's secret."""

import base64
from collections.abc import Callable

import pytest

from bot.app import letter_writer
from bot.backoffice import Backoffice
from bot.desk import signing
from bot.desk.signing import Signer
from bot.desk.views import TicketView
from bot.outgoing.letters import Draft

SIGNER, OTHER = Signer("secret"), Signer("another secret")
OURS = "support@example.org"
TOKEN = "a" * signing.TOKEN_LENGTH


def _bits(token: str) -> int:
    return 8 * len(base64.b32decode(token.upper() + "=" * (-len(token) % 8)))


@pytest.mark.row("D15")
def test_a_token_has_128_random_bits() -> None:
    tokens = {signing.new_token() for _ in range(1000)}

    assert len(tokens) == 1000
    assert {_bits(token) for token in tokens} == {128}
    assert min(len({token[place] for token in tokens}) for place in range(signing.TOKEN_LENGTH - 1)) > 16


@pytest.mark.row("D15")
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


MADE: dict[str, tuple[Callable[[Signer], str], Callable[[Signer, str], str | None]]] = {
    "reply address": (lambda by: by.reply_address(OURS, TOKEN), Signer.token_of_address),
    "note address": (lambda by: by.note_address(OURS, TOKEN), Signer.token_of_note_address),
    "message id": (lambda by: by.message_id(TOKEN, "m1", "example.org"), Signer.token_of_message_id),
    "note id": (lambda by: by.message_id(TOKEN, "n1", "example.org"), Signer.token_of_note_id),
}


@pytest.mark.row("D15", "R:guessable address")
@pytest.mark.parametrize("kind", MADE)
def test_whoever_does_not_know_the_secret_makes_none(kind: str) -> None:
    make, read = MADE[kind]

    genuine, foreign = make(SIGNER), make(OTHER)

    assert read(SIGNER, genuine) == TOKEN
    assert read(SIGNER, foreign) is None


@pytest.mark.row("D15", "R:guessable address")
@pytest.mark.parametrize("kind", MADE)
def test_one_for_another_ticket_cannot_be_made_from_a_genuine_one(kind: str) -> None:
    make, read = MADE[kind]

    changed = make(SIGNER).replace(TOKEN, "b" + TOKEN[1:])

    assert read(SIGNER, changed) is None


@pytest.mark.row("D15")
def test_a_public_address_is_no_address_of_a_note_and_none_opens_without_its_tag() -> None:
    public = SIGNER.reply_address(OURS, TOKEN)

    assert SIGNER.token_of_note_address(public) is None
    assert SIGNER.token_of_address(f"support+{TOKEN}@example.org") is None
