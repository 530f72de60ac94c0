"""Which ticket a mail belongs to: signed proofs for everybody, all else for participants only."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from bot.intake.reading import read_mail
from bot.intake.threading import Thread, find_thread

TOKEN_ADDRESS, NOTE_ADDRESS = "support+abc@example.org", "support+note@example.org"


@dataclass
class Desk:
    """Ticket 1 is Ann's: TS2611-0001; ticket 2 is somebody else's: TS2611-0002."""

    participants: dict[int, set[str]] = field(default_factory=lambda: {1: {"ann@acme.example"}, 2: set()})

    def by_token(self, address: str) -> int | None:
        return 1 if address == TOKEN_ADDRESS else None

    def by_our_id(self, message_id: str) -> int | None:
        return {"<ours-1@example.org>": 1, "<ours-2@example.org>": 2}.get(message_id)

    def by_note_address(self, address: str) -> int | None:
        return 1 if address == NOTE_ADDRESS else None

    def by_note_id(self, message_id: str) -> int | None:
        return 1 if message_id == "<note-1@example.org>" else None

    def by_foreign_id(self, message_ids: Sequence[str]) -> int | None:
        known = {"<first@acme.example>": 1, "<other@acme.example>": 2}
        return next((known[one] for one in message_ids if one in known), None)

    def by_reference(self, reference: str) -> int | None:
        return {"TS2611-0001": 1, "TS2611-0002": 2}.get(reference)

    def is_participant(self, ticket: int, address: str) -> bool:
        return address in self.participants[ticket]


def _thread(*headers: str, sender: str = "ann@acme.example", subject: str = "Printer") -> Thread:
    lines = [f"From: {sender}", f"Subject: {subject}", *headers]
    return find_thread(read_mail("\r\n".join([*lines, "", "Hello", ""]).encode()), Desk())


def test_a_mail_that_answers_nothing_is_a_new_ticket() -> None:
    thread = _thread("To: support@example.org")

    assert thread == Thread(ticket=None, how="", stranger=False, mentions=None, private=False)


@pytest.mark.parametrize("header", ["To", "Cc", "Delivered-To"])
def test_a_signed_reply_address_finds_its_ticket(header: str) -> None:
    thread = _thread(f"{header}: {TOKEN_ADDRESS}")

    assert thread == Thread(1, "the signed reply address")


@pytest.mark.row("F3")
@pytest.mark.parametrize(
    "headers",
    [
        (f"To: {NOTE_ADDRESS}",),
        ("In-Reply-To: <note-1@example.org>",),
        (f"To: {TOKEN_ADDRESS}", "References: <ours-2@example.org> <note-1@example.org>"),
    ],
)
def test_an_answer_to_a_mailed_note_is_private_whatever_else_it_names(headers: tuple[str, ...]) -> None:
    assert _thread(*headers) == Thread(1, "an answer to a private note", private=True)


@pytest.mark.row("F3")
def test_a_stranger_who_answers_a_mailed_note_is_one_in_private() -> None:
    thread = _thread(f"To: {NOTE_ADDRESS}", sender="eve@example.net")

    assert thread == Thread(1, "an answer to a private note", stranger=True, private=True)


def test_the_reply_address_comes_before_a_message_id() -> None:
    thread = _thread(f"To: {TOKEN_ADDRESS}", "In-Reply-To: <ours-2@example.org>")

    assert thread.ticket == 1


@pytest.mark.parametrize(
    "header",
    [
        "In-Reply-To: <ours-1@example.org>",
        "References: <x@y> <ours-1@example.org>",
        "References: <ours-1@example.org> <x@y>",
    ],
)
def test_one_of_our_message_ids_finds_its_ticket(header: str) -> None:
    assert _thread(header) == Thread(1, "our Message-ID")


def test_the_newest_of_our_message_ids_decides() -> None:
    thread = _thread("References: <ours-1@example.org> <ours-2@example.org>")

    assert thread.ticket == 2


@pytest.mark.parametrize("sender", ["eve@example.net", "ann@acme.example, eve@example.net"])
def test_a_stranger_with_a_proof_is_let_in_as_a_stranger(sender: str) -> None:
    thread = _thread(f"To: {TOKEN_ADDRESS}", sender=sender)

    assert (thread.ticket, thread.stranger) == (1, True)


def test_a_participant_s_thread_is_found_by_a_foreign_message_id() -> None:
    assert _thread("In-Reply-To: <first@acme.example>") == Thread(1, "a Message-ID of the thread")


def test_a_stranger_who_knows_a_foreign_message_id_gets_a_ticket_of_their_own() -> None:
    thread = _thread("In-Reply-To: <first@acme.example>", sender="eve@example.net")

    assert thread == Thread(mentions=1)


@pytest.mark.parametrize("subject", ["Re: Printer [TS2611-0001]", "ts2611-0001 again"])
def test_a_participant_s_reference_in_the_subject_finds_the_ticket(subject: str) -> None:
    assert _thread(subject=subject) == Thread(1, "the reference in the subject")


def test_of_several_references_the_participant_s_own_decides() -> None:
    thread = _thread(subject="[TS2611-0002] is the same as [TS2611-0001]")

    assert thread.ticket == 1


def test_a_stranger_who_names_a_reference_mentions_it() -> None:
    thread = _thread(subject="Re: [TS2611-0001]", sender="eve@example.net")

    assert thread == Thread(mentions=1)


def test_a_reference_that_does_not_exist_is_only_text() -> None:
    assert _thread(subject="Re: [TS9999-9999]") == Thread()
