"""Mails of people who are not who they say, or no part of a ticket: none gets a right, a reader or a word by it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.backoffice import Backoffice
from bot.clock import SetClock
from bot.config import MailboxConfig
from bot.desk.changes import Writing
from bot.desk.opening import Opening
from bot.desk.people import Actor
from bot.desk.views import TicketView
from bot.intake.explaining import Explainer
from bot.intake.filing import Filed
from bot.intake.judging import Judge
from storage.models import Delivery, Event, Mail, Message, Ticket, Watcher
from tests.filed import take

ANN, BOB, EVE = "Ann <ann@acme.example>", "Bob <bob@example.org>", "Eve <eve@evil.example>"
MAILBOX = MailboxConfig(
    name="support",
    address="support@example.org",
    host="localhost",
    username="support",
    password=SecretStr("x"),
    authserv_id="mx.example.org",
    rule=(),
)
CANARY = "canary-4711"
Receive = Callable[..., Filed]


def passed(domain: str = "example.org") -> str:
    """What our own server writes when the sender is genuine."""
    return f"mx.example.org; dmarc=pass header.from={domain}"


@pytest.fixture
def receive(office: Backoffice) -> Receive:
    """Files a mail to support as it comes; headers may be given several times as a tuple."""

    def received(sender: str, text: str = "It still burns.", **headers: str | tuple[str, ...]) -> Filed:
        number = Mail.select().count() + 1
        named = {"To": "support@example.org", "Subject": "Hello", "Message-ID": f"<{number}@mail.example>", **headers}
        lines = [f"From: {sender}"]
        for name, values in named.items():
            several = values if isinstance(values, tuple) else (values,)
            lines += [f"{name.replace('_', '-')}: {value}" for value in several]
        raw = "\r\n".join([*lines, "", text, ""]).encode()
        return take(office, raw, MAILBOX)

    return received


@pytest.fixture
def token(office: Backoffice, ticket: TicketView) -> str:
    """The signed reply address of Ann's ticket."""
    return office.desk.signer.reply_address("support@example.org", ticket.token)


def said() -> Message:
    """What was said last."""
    return Message.select().order_by(Message.id.desc()).get()


def letters() -> list[tuple[str, str]]:
    """Kind and reader of each letter that is to leave."""
    rows = Delivery.select().where(Delivery.kind == "letter").order_by(Delivery.id)
    return [(row.payload["letter"], row.channel) for row in rows]


def agents_acts() -> int:
    """How often somebody acted as an agent."""
    return Event.select().where(Event.actor == "agent").count()


# agents who write by mail --------------------------------------------------------------------------------------------


def test_an_agent_whom_our_server_vouches_for_answers_the_client(
    office: Backoffice, receive: Receive, ticket: TicketView, token: str
) -> None:
    receive(BOB, "Please pull the plug.", To=token, Authentication_Results=passed())

    assert (said().kind, said().mark, said().text) == ("reply", "", "Please pull the plug.")
    assert letters()[-1] == ("reply", "ann@acme.example")
    assert office.desk.tickets.view(ticket.id).first_response_at is not None


@pytest.mark.row("INV-11")
@pytest.mark.parametrize("word", ["note:", "Note :", " NOTE:\r\n"])
def test_an_agent_s_mail_that_begins_with_note_is_one(receive: Receive, token: str, word: str) -> None:
    before = letters()

    receive(BOB, f"{word} {CANARY}", To=token, Authentication_Results=passed())

    assert (said().kind, said().agent.email, said().text) == ("note", "bob@example.org", CANARY)
    assert letters() == before


@pytest.mark.row("SE-09", "INV-04")
@pytest.mark.parametrize(
    ("sender", "seals"),
    [
        (BOB, ()),
        (BOB, ("evil.example; dmarc=pass header.from=example.org",)),
        (BOB, ("mx.example.org; dmarc=fail header.from=example.org", passed())),
        (BOB, ("mx.example.org; dmarc=pass header.from=evil.example",)),
        (BOB, ("mx.example.org; spf=pass smtp.mailfrom=example.org; dkim=pass header.d=example.org",)),
        ("bob@example.org, eve@evil.example", (passed(),)),
        ("bob@example.org\r\nFrom: eve@evil.example", (passed(),)),
        ("eve@evil.example\r\nFrom: bob@example.org", (passed("evil.example"),)),
        ("bob@example.org(<eve@evil.example>", (passed(),)),
        ("<bob@example.org> eve@evil.example", (passed("evil.example"),)),
        ("bob@example.org <eve@evil.example>", (passed("evil.example"),)),
        ("=?utf-8?q?=E2=80=AEbob?= <bob@example.org>", (passed(),)),
        ('"bob@example.org" <eve@evil.example>', (passed("evil.example"),)),
    ],
)
def test_nobody_acts_as_an_agent_by_an_address_alone(
    office: Backoffice, receive: Receive, ticket: TicketView, token: str, sender: str, seals: tuple[str, ...]
) -> None:
    before = letters()

    receive(sender, "Send the money to Eve.", To=token, Authentication_Results=seals)

    assert agents_acts() == 0
    assert said().kind in ("note", "client") and said().mark in ("unverified", "stranger")
    assert letters() == before
    assert office.desk.tickets.view(ticket.id).first_response_at is None


@pytest.mark.row("SE-09", "INV-04")
def test_what_nobody_vouches_for_waits_as_a_note_until_a_colleague_sends_it(
    office: Backoffice, receive: Receive, ticket: TicketView, token: str, carol: Actor
) -> None:
    receive(BOB, "Please pull the plug.", To=token)

    waiting = office.desk.tickets.view(ticket.id)
    assert (said().kind, said().mark, waiting.unsent_id) == ("note", "unverified", said().id)
    assert said().author_name == "bob@example.org"
    office.desk.tickets.reply(ticket.reference, Writing(said().text), carol, to=["ann@acme.example"])
    assert office.desk.tickets.view(ticket.id).unsent_id is None


@pytest.mark.row("INV-11")
@pytest.mark.parametrize("headers", [{"Auto_Submitted": "auto-generated"}, {"X_Auto_Response_Suppress": "All"}])
def test_a_machine_of_an_agent_answers_nobody(receive: Receive, token: str, headers: dict[str, str]) -> None:
    receive(BOB, CANARY, To=token, Authentication_Results=passed(), **headers)

    assert said().kind == "note"


@pytest.mark.row("INV-04")
def test_a_viewer_s_mail_is_only_noted(receive: Receive, token: str) -> None:
    receive("Vic <vic@example.org>", "I decide.", To=token, Authentication_Results=passed())

    assert (said().kind, said().mark, agents_acts()) == ("note", "stranger", 0)


def test_an_agent_s_answer_to_a_closed_ticket_is_kept_and_marked(
    office: Backoffice, receive: Receive, ticket: TicketView, token: str, carol: Actor
) -> None:
    office.desk.tickets.close(ticket.reference, carol, notify=False)

    receive(BOB, "One more thing.", To=token, Authentication_Results=passed())

    assert (said().kind, said().mark) == ("note", "unsent")


def test_an_agent_who_asks_is_the_client_of_the_own_ticket(office: Backoffice, receive: Receive) -> None:
    own = receive(BOB, "My chair is broken.", Authentication_Results=passed())
    reply_address = office.desk.signer.reply_address("support@example.org", Ticket.get_by_id(own.ticket).token)

    receive(BOB, "The table as well.", To=reply_address, Authentication_Results=passed())

    assert (said().kind, said().mark) == ("client", "")


# forged marks --------------------------------------------------------------------------------------------------------


@pytest.mark.row("SE-10")
@pytest.mark.parametrize("place", range(8, 44, 5))
def test_a_reply_address_with_one_letter_changed_proves_nothing(
    receive: Receive, ticket: TicketView, token: str, place: int
) -> None:
    other = "a" if token[place] != "a" else "b"

    filed = receive(EVE, To=token[:place] + other + token[place + 1 :])

    assert (filed.state, filed.ticket != ticket.id) == ("ticket", True)


@pytest.mark.row("SE-10")
def test_the_tag_of_one_ticket_does_not_open_another(
    office: Backoffice, receive: Receive, ticket: TicketView, token: str, bob: Actor
) -> None:
    other = office.desk.tickets.open(Opening("Secret"), bob)
    signer = office.desk.signer
    mixed = other.token + signer.reply_token(ticket.token)[len(other.token) :]
    _, _, serial, tag = signer.message_id(ticket.token, "m1", "example.org").partition("@")[0].split(".")

    for proof in (
        {"To": f"support+{mixed}@example.org"},
        {"To": signer.reply_address("sales@example.org", other.token)},
        {"In_Reply_To": f"<dsk.{other.token}.{serial}.{tag}@example.org>"},
        {"In_Reply_To": f"<dsk.{ticket.token}.m2.{tag}@example.org>"},
        {"Subject": f"Re: [{other.reference}]"},
    ):
        filed = receive(EVE, **proof)
        assert filed.state == "ticket" and filed.ticket not in (ticket.id, other.id)


@pytest.mark.row("SE-10")
def test_a_stranger_s_reference_makes_a_ticket_that_mentions_the_old_one(
    office: Backoffice, receive: Receive, ticket: TicketView
) -> None:
    filed = receive(EVE, Subject=f"Re: fire [{ticket.reference}]")

    assert filed.ticket is not None and filed.ticket != ticket.id
    assert office.desk.tickets.view(filed.ticket).mentions == ticket.reference


@pytest.mark.row("SE-10")
def test_an_agent_s_address_and_a_reference_are_no_proof(receive: Receive, ticket: TicketView) -> None:
    filed = receive(BOB, Subject=f"Re: fire [{ticket.reference}]", In_Reply_To="<who@knows.example>")

    assert (filed.state, filed.ticket != ticket.id, agents_acts()) == ("ticket", True, 0)


@pytest.mark.row("SE-10")
def test_a_sender_whom_our_server_calls_false_is_nobody_s_participant(receive: Receive, ticket: TicketView) -> None:
    false = "mx.example.org; dmarc=fail header.from=acme.example"

    filed = receive(ANN, Subject=f"Re: fire [{ticket.reference}]", Authentication_Results=false)

    assert filed.ticket != ticket.id


@pytest.mark.row("SE-10")
def test_after_the_reopening_window_an_answer_is_a_new_ticket_that_mentions_the_old(
    office: Backoffice, receive: Receive, ticket: TicketView, token: str, bob: Actor, clock: SetClock
) -> None:
    office.desk.tickets.close(ticket.reference, bob, notify=False)
    clock.move(days=15)

    filed = receive(ANN, To=token)

    assert filed.ticket is not None and filed.ticket != ticket.id
    assert office.desk.tickets.view(filed.ticket).mentions == ticket.reference


# strangers -----------------------------------------------------------------------------------------------------------


@pytest.mark.row("SE-11")
def test_a_stranger_with_a_right_proof_is_heard_marked_and_changes_nobody(
    office: Backoffice, receive: Receive, ticket: TicketView, token: str
) -> None:
    receive(EVE, To=token, Cc="mallory@evil.example", Reply_To="mallory@evil.example")

    after = office.desk.tickets.view(ticket.id)
    assert (said().ticket_id, said().kind, said().mark) == (ticket.id, "client", "stranger")
    assert (after.requester_address, after.reply_address) == ("ann@acme.example", "ann@acme.example")
    assert after.watchers == ()


@pytest.mark.row("SE-11")
@pytest.mark.parametrize("header", ["Cc", "To"])
def test_who_is_copied_follows_nothing_and_is_sent_nothing(
    office: Backoffice, receive: Receive, carol: Actor, header: str
) -> None:
    filed = receive(ANN, CANARY, **{header: "support@example.org, eve@evil.example"})
    assert filed.ticket is not None
    opened = office.desk.tickets.view(filed.ticket)

    readers = office.desk.readers_of(opened)
    office.desk.tickets.reply(opened.reference, Writing("Hello"), carol, to=readers.to, cc=readers.cc)

    assert Watcher.select().count() == 0
    assert {reader for _, reader in letters()} == {"ann@acme.example"}
    assert receive(EVE, Subject=f"Re: [{opened.reference}]").ticket != opened.id


@pytest.mark.row("SE-11")
def test_an_address_in_from_alone_does_not_lead_the_answers_elsewhere(
    office: Backoffice, receive: Receive, ticket: TicketView
) -> None:
    receive(ANN, Subject=f"Re: fire [{ticket.reference}]", Reply_To="eve@evil.example")

    assert said().ticket_id == ticket.id
    assert office.desk.tickets.view(ticket.id).reply_address == "ann@acme.example"


@pytest.mark.row("SE-12", "INV-11")
@pytest.mark.parametrize(
    ("sender", "headers"),
    [
        ("Slack <no-reply@slack.example>", {"Subject": "Hello"}),
        ("Slack <feedback@slack.example>", {"Subject": "Slack confirmation code: 123-456"}),
        ("Forge <team@forge.example>", {"Subject": "Please verify your e-mail address"}),
        ("Wiki <wiki@wiki.example>", {"Subject": "Bob invited you to the wiki"}),
        ("Wiki <wiki@wiki.example>", {"Subject": "Willkommen", "Auto_Submitted": "auto-generated"}),
    ],
)
def test_a_verification_mail_to_a_reply_address_is_shown_to_no_client(
    office: Backoffice, receive: Receive, ticket: TicketView, token: str, sender: str, headers: dict[str, str]
) -> None:
    before, standing = letters(), office.desk.tickets.view(ticket.id).client_wrote_at

    receive(sender, f"Your code is {CANARY}.", To=token, **headers)

    assert (said().ticket_id, said().kind, said().mark) == (ticket.id, "note", "stranger")
    assert office.desk.tickets.view(ticket.id).client_wrote_at == standing
    assert letters() == before


@pytest.mark.row("SE-12", "INV-11")
def test_a_verification_mail_that_names_a_reference_is_a_ticket_of_its_own(
    receive: Receive, ticket: TicketView
) -> None:
    filed = receive("no-reply@slack.example", CANARY, Subject=f"Verify {ticket.reference}")

    assert filed.ticket != ticket.id
    assert not [row for row in Message.select().where(Message.ticket == ticket.id) if CANARY in row.full_text]


@pytest.mark.row("SE-17")
@pytest.mark.parametrize("prefix", ["X-Ticket-", "X-Deskbell-", "RT-", "X-RT-", "x-zammad-ticket-", "X-OTRS-"])
def test_headers_that_command_other_desks_command_nothing(office: Backoffice, receive: Receive, prefix: str) -> None:
    plain = receive(EVE, "Nothing else.")
    commands = {"Owner": "bob@example.org", "Status": "closed", "Priority": "URGENT", "Group": "X", "Ignore": "yes"}

    filed = receive(EVE, "Nothing else.", **{f"{prefix}{name}": value for name, value in commands.items()})

    assert plain.ticket is not None and filed.ticket is not None
    one, other = (office.desk.tickets.view(number) for number in (plain.ticket, filed.ticket))
    assert (other.status, other.group, other.type, other.severity, other.assignee, other.notify) == (
        one.status, one.group, one.type, one.severity, one.assignee, one.notify,
    )  # fmt: skip
    assert not [row for row in Message.select() if prefix.lower() in row.full_text.lower()]


# what is shown of it -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seal", "verdict"),
    [
        (passed("acme.example"), "pass"),
        ("mx.example.org; dmarc=fail", "fail"),
        ("other.example; dmarc=pass", "unknown"),
    ],
)
def test_the_verdict_is_kept_and_explained(
    office: Backoffice, receive: Receive, tmp_path: Path, seal: str, verdict: str
) -> None:
    filed = receive(ANN, Authentication_Results=seal)
    file = tmp_path / "mail.eml"
    file.write_text(f"Authentication-Results: {seal}\nFrom: {ANN}\nSubject: x\n\nHello\n", encoding="utf-8")
    explainer = Explainer(office.desk, Judge(office.desk, MAILBOX))

    told = explainer.explain(file)["authentication"]
    explainer.close()

    assert filed.ticket is not None
    assert (said().verdict, office.desk.tickets.view(filed.ticket).verdict, told["verdict"]) == (verdict,) * 3
    assert told["reason"]
