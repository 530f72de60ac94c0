"""Who a desk writes to when mails would have it write to itself, to crowds, or to those who did not ask."""

from collections.abc import Callable
from email.message import Message

import pytest

from bot.backoffice import Backoffice
from bot.desk.people import Actor
from bot.desk.views import TicketView
from bot.intake.filing import Filed
from storage.models import Delivery, Event
from tests.bot.intake.test_filing import take

ANN, OURS = "ann@acme.example", "support@example.org"
File = Callable[..., Filed]


@pytest.fixture
def file(office: Backoffice) -> File:
    """Files one of Ann's mails with these headers."""

    def filed(text: str = "Help.", **headers: str) -> Filed:
        mail = Message()
        usual = {"From": f"Ann <{ANN}>", "To": OURS, "Subject": "Fire", "Message-ID": "<1@acme.example>"}
        for name, value in (usual | {name.replace("_", "-"): value for name, value in headers.items()}).items():
            mail[name] = value
        mail.set_payload(text)
        return take(office, mail.as_bytes())

    return filed


def written_to() -> list[str]:
    """Who gets letters."""
    return sorted(letter.channel for letter in Delivery.select().where(Delivery.kind == "letter"))


@pytest.mark.row("MO-10")
@pytest.mark.parametrize(
    ("reply_to", "reader"),
    [
        ("ann.private@home.example", "ann.private@home.example"),
        (OURS, ANN),
        ("support+abc@example.org", ANN),
        ("SUPPORT@Example.org", ANN),
        (f"Us <{OURS}>, Eve <eve@evil.example>", ANN),
        (", ".join(f"r{number}@crowd.example" for number in range(2_000)), ANN),
        ("undisclosed-recipients:;", ANN),
    ],
)
def test_answers_go_to_one_reply_to_that_is_none_of_ours(file: File, reply_to: str, reader: str) -> None:
    file(Reply_To=reply_to)

    assert written_to() == [reader]


@pytest.mark.row("MO-10")
@pytest.mark.parametrize("sender", [OURS, "support+abc@example.org", "Support <SUPPORT@example.org>"])
def test_a_mail_in_our_own_name_is_answered_to_nobody(file: File, sender: str) -> None:
    file(From=sender)

    assert written_to() == []


@pytest.mark.row("MO-10")
def test_twenty_thousand_copies_are_written_to_by_nobody(office: Backoffice, file: File, bob: Actor) -> None:
    file(Cc=", ".join(f"c{number}@crowd.example" for number in range(20_000)))
    office.desk.tickets.close(office.desk.tickets.view(1).reference, bob, notify=True)

    assert written_to() == [ANN, ANN]


@pytest.mark.row("MO-13")
@pytest.mark.parametrize("action", ["failed", "delayed"])
def test_a_letter_that_comes_back_is_shown_on_its_ticket_and_not_answered(
    office: Backoffice, ticket: TicketView, file: File, action: str
) -> None:
    before = written_to()
    back = office.desk.signer.reply_address(OURS, ticket.token)

    filed = _returned(office, back, action)

    (event,) = Event.select().where(Event.kind == "bounced")
    assert (filed.state, filed.ticket) == ("bounce", ticket.id)
    assert (event.data["recipients"], event.data["action"]) == ([ANN], action)
    assert written_to() == before
    told = Delivery.select().where((Delivery.kind == "line") & (Delivery.event == event)).exists()
    assert told is (action == "failed")


def _returned(office: Backoffice, back: str, action: str) -> Filed:
    code = {"failed": "5.1.1", "delayed": "4.4.1"}[action]
    raw = f"""Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@acme.example>
To: {back}
Subject: Delivery Status Notification
Message-ID: <bounce-1@acme.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

Your letter to {ANN} is {action}.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.acme.example

Final-Recipient: rfc822; {ANN}
Action: {action}
Status: {code}
--b--
""".replace("\n", "\r\n").encode()
    return take(office, raw)
