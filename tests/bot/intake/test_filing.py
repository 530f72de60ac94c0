"""What mails become: an answer to a mailed note is a note, a bounce is on the card, files keep to the rules."""

from collections.abc import Callable
from email.message import EmailMessage

import pytest
from pydantic import SecretStr

from bot.backoffice import Backoffice
from bot.config import MailboxConfig
from bot.desk.changes import Writing
from bot.desk.opening import Opening
from bot.desk.people import Actor
from bot.desk.views import TicketView
from bot.intake.assigned import usable
from bot.intake.filing import Filed
from bot.intake.judging import Judge
from storage.models import Attachment, CustomField, Delivery, Event, Message, Ticket
from storage.queries import deliveries
from tests.filed import take

MAILBOX = MailboxConfig(
    name="support",
    address="support@example.org",
    host="localhost",
    username="support",
    password=SecretStr("x"),
    rule=(),
)
PAUL, EVE = "Paul <paul@partner.example>", "Eve <eve@evil.example>"
File = Callable[..., Filed]


@pytest.fixture
def file(office: Backoffice) -> File:
    """Files a mail to support, as it comes."""

    def filed(sender: str, text: str = "We do.", *files: tuple[str, bytes], **headers: str) -> Filed:
        mail = EmailMessage()
        mail["From"], mail["Message-ID"] = sender, f"<{len(text)}.{len(files)}@mail.example>"
        for name, value in {"To": "support@example.org", "Subject": "Re: fire", **headers}.items():
            mail[name.replace("_", "-")] = value
        mail.set_content(text)
        for name, content in files:
            mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
        return take(office, mail.as_bytes(), MAILBOX)

    return filed


@pytest.fixture
def noted(office: Backoffice, ticket: TicketView, bob: Actor) -> TicketView:
    """Bob has mailed a note to Paul."""
    return office.desk.tickets.note(ticket.reference, Writing("Who pays?"), bob, to=["paul@partner.example"])


def last_message() -> Message:
    """What was said last."""
    return Message.select().order_by(Message.id.desc()).get()


# answers to notes ----------------------------------------------------------------------------------------------------


@pytest.mark.row("F3", "R:note reaches nobody")
@pytest.mark.parametrize("proof", ["To", "In-Reply-To", "References"])
def test_an_answer_to_a_mailed_note_is_a_note(office: Backoffice, file: File, noted: TicketView, proof: str) -> None:
    signer = office.desk.signer
    proofs = {
        "To": signer.note_address("support@example.org", noted.token),
        "In-Reply-To": signer.message_id(noted.token, "n2", "example.org"),
        "References": signer.message_id(noted.token, "n2", "example.org"),
    }

    filed = file(PAUL, **{proof: proofs[proof]})

    message = last_message()
    assert (filed.state, filed.ticket) == ("followup", noted.id)
    assert (message.kind, message.author_name, message.mark) == ("note", "Paul", "")
    assert office.desk.tickets.view(noted.id).client_wrote_at == noted.client_wrote_at


@pytest.mark.row("F3")
def test_a_note_outranks_whatever_else_the_answer_names(office: Backoffice, file: File, noted: TicketView) -> None:
    signer = office.desk.signer
    public = signer.message_id(noted.token, "m1", "example.org")
    private = signer.message_id(noted.token, "n2", "example.org")

    file(PAUL, To=signer.reply_address("support@example.org", noted.token), References=f"{public} {private}")

    assert last_message().kind == "note"


@pytest.mark.parametrize("address", ["support@example.org", "Team+Desk@example.org"])
def test_answers_find_their_ticket_in_a_mailbox_whose_own_address_has_a_plus(
    office: Backoffice, ticket: TicketView, address: str
) -> None:
    judge = Judge(office.desk, MAILBOX.model_copy(update={"address": address}))
    signer = office.desk.signer

    assert judge.by_token(signer.reply_address(address, ticket.token)) == ticket.id
    assert judge.by_note_address(signer.note_address(address, ticket.token)) == ticket.id
    assert judge.by_token(signer.reply_address("sales@example.org", ticket.token)) is None


@pytest.mark.row("F3", "R:guessable address")
def test_the_same_answer_without_our_marks_opens_a_ticket_of_its_own(file: File, noted: TicketView) -> None:
    filed = file(EVE, Subject=f"Re: fire [{noted.reference}]", In_Reply_To="<who@knows.example>")

    assert filed.state == "ticket" and filed.ticket != noted.id
    assert Message.select().where(Message.ticket == noted.id, Message.kind == "note").count() == 1


@pytest.mark.row("F3")
def test_a_forged_mark_proves_nothing(office: Backoffice, file: File, noted: TicketView) -> None:
    genuine = office.desk.signer.note_address("support@example.org", noted.token)
    forged = genuine.replace("@", "x@") if not genuine.endswith("x@example.org") else genuine

    filed = file(EVE, To=forged)

    assert filed.ticket != noted.id


@pytest.mark.row("F3")
def test_somebody_else_with_the_notes_own_address_is_marked_a_stranger(
    office: Backoffice, file: File, noted: TicketView
) -> None:
    file(EVE, To=office.desk.signer.note_address("support@example.org", noted.token))

    assert (last_message().kind, last_message().mark) == ("note", "stranger")


# what comes back -----------------------------------------------------------------------------------------------------


@pytest.mark.row("W4")
def test_a_letter_that_is_returned_later_is_on_the_card_with_a_way_to_try_again(
    office: Backoffice, ticket: TicketView, bob: Actor
) -> None:
    office.desk.tickets.reply(ticket.reference, Writing("Hello"), bob, to=["ann@acme.example"])
    for letter in Delivery.select().where(Delivery.kind == "letter"):
        deliveries.sent(letter.id, office.clock.now(), "<x@y>")
    back = office.desk.signer.reply_address("support@example.org", ticket.token)
    raw = BOUNCE.format(to=back).replace("\n", "\r\n").encode()

    filed = take(office, raw, MAILBOX)

    card = office.desk.tickets.view(ticket.id)
    assert filed.state == "bounce"
    assert [one.address for one in card.undelivered] == ["ann@acme.example"]
    assert card.last is not None and card.last.kind == "bounced"
    assert office.desk.tickets.retry_letters(ticket.reference, bob).undelivered == ()


BOUNCE = """From: Mail Delivery System <MAILER-DAEMON@acme.example>
To: {to}
Subject: Undelivered Mail Returned to Sender
Message-ID: <bounce-1@acme.example>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

This is the mail system. Your message could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; acme.example

Final-Recipient: rfc822; ann@acme.example
Action: failed
Status: 5.1.1

--b--
"""


# files ---------------------------------------------------------------------------------------------------------------


@pytest.mark.row("D8")
def test_files_that_are_too_large_or_of_a_refused_type_are_left_out_and_named(office: Backoffice, file: File) -> None:
    office.desk.settings.set("max_attachment_mb", 1, "test")
    office.desk.settings.set("refused_types", "*.exe, *.scr", "test")

    filed = file(EVE, "Look", ("Run.EXE", b"MZ"), ("big.bin", b"x" * 1_200_000), ("small.txt", b"ok"))

    ticket = Ticket.get_by_id(filed.ticket)
    assert [row.name for row in Attachment.select()] == ["small.txt"]
    assert ticket.description.startswith("Look")
    assert "[Run.EXE is not kept: its type is refused (setting refused_types).]" in ticket.description
    assert "[big.bin (1.2 MB) is not kept: it is larger than 1 MB (setting max_attachment_mb).]" in ticket.description


@pytest.mark.row("D8", "R:hostile names")
@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "a\u202egpj.exe", "C:\\Windows\\x.dll", "x" * 400 + ".txt", "..", "a/b"]
)
def test_hostile_names_of_files_stay_in_their_folder_and_in_one_line(office: Backoffice, file: File, name: str) -> None:
    file(EVE, "Look", (name, b"content"))

    (kept,) = Attachment.select()
    assert office.desk.files.read(kept.sha256) == b"content"
    assert len(kept.name.encode()) <= 255
    assert not set(kept.name) & set("/\\\u202e\r\n\0") and kept.name not in ("", ".", "..")


@pytest.mark.row("D8")
def test_each_file_of_a_clients_mail_is_told_once_in_each_place(office: Backoffice, file: File) -> None:
    file(EVE, "Look", ("a.txt", b"a"), ("b.txt", b"b"))

    told = [(row.place, row.payload["name"]) for row in Delivery.select().where(Delivery.kind == "file")]
    assert told == [("slack:#support", "a.txt"), ("slack:#support", "b.txt")]
    assert Event.select().where(Event.kind == "opened").count() == 1


# merged and deleted tickets ------------------------------------------------------------------------------------------


@pytest.mark.row("F16")
@pytest.mark.parametrize("by", ["token", "id", "reference"])
def test_an_answer_to_a_merged_ticket_lands_in_the_one_that_stays(
    office: Backoffice, file: File, ticket: TicketView, bob: Actor, by: str
) -> None:
    target = office.desk.tickets.open(Opening("All fires"), bob)
    office.desk.tickets.joiner.merge(ticket.reference, target.reference, bob)
    ways = {
        "token": {"To": office.desk.signer.reply_address("support@example.org", ticket.token)},
        "id": {"In_Reply_To": office.desk.signer.message_id(ticket.token, "e1c", "example.org")},
        "reference": {"Subject": f"Re: fire [{ticket.reference}]"},
    }

    filed = file("Ann <ann@acme.example>", "Still burning", **ways[by])

    assert (filed.state, filed.ticket) == ("followup", target.id)


@pytest.mark.row("F10")
def test_a_mail_to_a_deleted_ticket_is_a_new_one(
    office: Backoffice, file: File, ticket: TicketView, bob: Actor
) -> None:
    office.desk.tickets.bin.delete(ticket.reference, bob)
    back = office.desk.signer.reply_address("support@example.org", ticket.token)

    filed = file("Ann <ann@acme.example>", "Still burning", To=back)

    assert filed.state == "ticket"
    assert filed.ticket != ticket.id


@pytest.mark.row("D20")
def test_what_a_rule_finds_for_an_own_field_is_kept_and_what_does_not_fit_costs_no_mail(office: Backoffice) -> None:
    CustomField.create(code="order", labels={}, kind="number", choices=[])

    found = usable({"custom.order": "42", "custom.place": "Paris", "group": "OTHER"}, None)
    unfit = usable({"custom.order": "many"}, None)

    assert (found.more, len(found.misfits)) == ({"order": "42"}, 1)
    assert unfit.misfits == ("order must be a number, not “many”.",)


@pytest.mark.row("D7")
def test_a_first_mail_is_shown_without_its_signature_and_kept_with_it(office: Backoffice, file: File) -> None:
    file(PAUL, "It burns.\n\n-- \nPaul\nGlobex")

    said = last_message()
    assert (said.text, said.full_text) == ("It burns.", "It burns.\n\n-- \nPaul\nGlobex")
    assert said.ticket.description == "It burns."


@pytest.mark.parametrize(
    ("files", "said"), [((), "(message vide)"), ((("logo.png", b"x"),), "(sans texte, seulement des fichiers)")]
)
def test_a_mail_without_text_says_so_in_the_desks_language(
    office: Backoffice, file: File, files: tuple[tuple[str, bytes], ...], said: str
) -> None:
    office.desk.settings.set("language", "fr", "Bob")

    file(PAUL, "", *files)

    assert last_message().text == said
