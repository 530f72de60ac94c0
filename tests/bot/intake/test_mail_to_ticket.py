"""From the bytes of a mail to what the team and the client see: what must never happen to a mail, one test each."""

from email.message import EmailMessage

import pytest
from pydantic import SecretStr

from bot.app import letter_writer
from bot.backoffice import Backoffice
from bot.commands.verbs import VERBS
from bot.config import MailboxConfig, RuleConfig
from bot.desk.changes import Writing
from bot.desk.people import Actor
from bot.desk.views import TicketView
from bot.desk.workflow import Status
from bot.intake.filing import Filing
from bot.intake.reading import read_mail
from bot.outgoing.packing import Packer
from storage.models import Delivery, Ticket
from storage.queries import people as people_rows
from storage.queries import tickets as rows
from tests.bot.intake.test_filing import take
from tests.conftest import NOON

HTML = b"""From: Ann <ann@acme.example>\r
To: support@example.org\r
Subject: Second\r
Message-ID: <second@acme.example>\r
MIME-Version: 1.0\r
Content-Type: text/html; charset=utf-8\r
\r
<p>The <b>second</b> one has a body of its own.</p>\r
"""


def mail(subject: str = "Printer", text: str = "It burns", **headers: str) -> bytes:
    """A mail of Ann's."""
    made = EmailMessage()
    given = {"From": "Ann <ann@acme.example>", "To": "support@example.org", "Subject": subject, **headers}
    for name, value in {"Message-ID": f"<{subject}@acme.example>", **given}.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made.as_bytes()


def by_rules(office: Backoffice, raw: bytes, *rules: dict[str, object]) -> str:
    """What the rules of a mailbox make of a mail: the decision."""
    mailbox = MailboxConfig(
        name="support",
        address="support@example.org",
        host="localhost",
        username="support",
        password=SecretStr("x"),
        rule=tuple(RuleConfig.model_validate({"name": "a", "action": "ignore", **rule}) for rule in rules),
    )
    return Filing(office.desk, mailbox).judge(read_mail(raw), len(raw)).decision


# what it says --------------------------------------------------------------------------------------------------------


@pytest.mark.row("R:html after text")
def test_a_mail_in_html_after_one_in_text_keeps_its_own_body(office: Backoffice) -> None:
    for raw in (mail("First", "The first is plain."), HTML):
        take(office, raw)

    assert [ticket.description.strip() for ticket in Ticket.select().order_by(Ticket.id)] == [
        "The first is plain.",
        "The second one has a body of its own.",
    ]


@pytest.mark.row("R:invalid utf-8")
def test_bytes_that_are_no_text_are_replaced_and_the_mail_is_taken(office: Backoffice) -> None:
    head = b"From: ann@acme.example\r\nSubject: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"

    filed = take(office, head + b"d\xc3\xa9j\xc3\xa0 vu, \xc3\xa7a va \xff!\r\n")

    assert filed.state == "ticket"
    assert Ticket.get().description.strip() == "déjà vu, ça va \ufffd!"


@pytest.mark.row("R:200 kB body", "D7")
def test_a_mail_of_two_hundred_kilobytes_is_a_ticket_whole(office: Backoffice) -> None:
    text = "\n".join(f"line {number} of a long story" for number in range(8000))

    take(office, mail("Long", text))

    assert len(text) > 200_000
    assert Ticket.get().description.strip() == text


# whom it reaches -----------------------------------------------------------------------------------------------------


@pytest.mark.row("R:reply reaches assignee", "S8")
def test_the_assignee_is_pinged_with_what_the_client_answers(
    office: Backoffice, ticket: TicketView, bob: Actor
) -> None:
    assert bob.agent is not None
    people_rows.link_account(bob.agent.id, "slack", "U0BOB", "Bob", NOON)
    office.desk.tickets.take(ticket.reference, bob)
    back = office.desk.signer.reply_address("support@example.org", ticket.token)

    filed = take(office, mail("Re: fire", "It is the red one.", To=back))

    leaving = Packer(office.desk, letter_writer(office), VERBS).claim("slack", [], 50)
    pings = [(one.ticket, one.line, one.mention.id) for one in leaving if one.mention]
    assert filed.ticket == ticket.id
    assert pings == [(ticket.id, "💬 Ann replied:\nIt is the red one.", "U0BOB")]


# robots --------------------------------------------------------------------------------------------------------------

AWAY: dict[str, dict[str, str]] = {
    "auto-submitted": {"Auto_Submitted": "auto-replied"},
    "subject": {"Subject": "Automatic reply: fire"},
    "microsoft": {"X_Auto_Response_Suppress": "All", "Subject": "Out of office: fire"},
}


@pytest.mark.row("R:out of office")
@pytest.mark.parametrize("kind", AWAY)
def test_an_out_of_office_opens_nothing_and_is_not_answered(office: Backoffice, kind: str) -> None:
    filed = take(office, mail(text="I am away until Monday.", **AWAY[kind]))

    assert (filed.state, filed.ticket) == ("ignored", None)
    assert Ticket.select().count() == Delivery.select().count() == 0


@pytest.mark.row("R:out of office")
@pytest.mark.parametrize("kind", AWAY)
@pytest.mark.parametrize("state", ["waiting", "closed"])
def test_an_out_of_office_to_a_letter_of_ours_wakes_and_reopens_nothing(
    office: Backoffice, ticket: TicketView, bob: Actor, state: str, kind: str
) -> None:
    to = ["ann@acme.example"]
    office.desk.tickets.reply(ticket.reference, Writing("Which one?"), bob, to=to, step="wait")
    if state == "closed":
        office.desk.tickets.close(ticket.reference, bob)
    before = (office.desk.tickets.view(ticket.id), len(rows.messages(ticket.id)), Delivery.select().count())
    back = office.desk.signer.reply_address("support@example.org", ticket.token)

    filed = take(office, mail(text="I am away.", To=back, **AWAY[kind]))

    assert filed.state == "ignored"
    assert (office.desk.tickets.view(ticket.id), len(rows.messages(ticket.id)), Delivery.select().count()) == before
    assert before[0].status is (Status.WAITING if state == "waiting" else Status.CLOSED)


# rules ---------------------------------------------------------------------------------------------------------------


@pytest.mark.row("R:negated and size rules")
@pytest.mark.parametrize(
    ("rule", "decision"),
    [
        ({"from": "!*@acme.example"}, "create"),
        ({"from": "!*@spam.example"}, "ignore"),
        ({"subject": "!/printer/i"}, "create"),
        ({"subject": "!/invoice/i"}, "ignore"),
        ({"larger": "100 kB"}, "ignore"),
        ({"larger": "300 kB"}, "create"),
        ({"smaller": "300 kB"}, "ignore"),
        ({"smaller": "100 kB"}, "create"),
        ({"larger": "100 kB", "from": "!*@acme.example"}, "create"),
    ],
    ids=str,
)
def test_negated_and_size_rules_decide(office: Backoffice, rule: dict[str, object], decision: str) -> None:
    raw = mail(text="x" * 70 + "\n" + ("y" * 70 + "\n") * 2800)

    assert 150_000 < len(raw) < 250_000
    assert by_rules(office, raw, rule) == decision
