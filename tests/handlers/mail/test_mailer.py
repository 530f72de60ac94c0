"""Letters against a real SMTP server."""

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bot.errors import DeliveryError
from bot.ports import DeliveryRefusal
from handlers.mail import mailer as module
from handlers.mail.mailer import SmtpMailer
from tests.faults.smtp_server import PASSWORD, USER, PostOffice
from tests.handlers.mail.conftest import MakeMailer
from tests.servers import free_port, until

MESSAGE = b"From: support@example.org\r\nTo: ann@acme.example\r\nSubject: Hello\r\n\r\nWe are on it.\r\n.\r\nBob\r\n"
ANN, EVE = "ann@acme.example", "eve@example.net"

OpenOffice = Callable[..., Awaitable[PostOffice]]


async def _send(
    mailer: SmtpMailer, *recipients: str, sender: str = "support@example.org"
) -> dict[str, DeliveryRefusal]:
    return await mailer.send(MESSAGE, sender=sender, recipients=recipients or (ANN,))


async def _fault(mailer: SmtpMailer, *recipients: str) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        await _send(mailer, *recipients)
    return caught.value


async def test_a_letter_arrives_as_it_was_written(office: PostOffice, make_mailer: MakeMailer) -> None:
    refused = await _send(make_mailer(office.port))

    (letter,) = office.letters
    assert refused == {}
    assert (letter.sender, letter.recipients) == ("support@example.org", (ANN,))
    assert letter.content == MESSAGE


async def test_the_empty_sender_is_empty(office: PostOffice, make_mailer: MakeMailer) -> None:
    await _send(make_mailer(office.port), sender="")

    assert office.letters[0].sender == ""


async def test_a_row_of_letters_needs_one_connection(office: PostOffice, make_mailer: MakeMailer) -> None:
    mailer = make_mailer(office.port)

    await asyncio.gather(*(_send(mailer, f"ann{number}@acme.example") for number in range(20)))

    assert len(office.letters) == 20
    assert office.connections == 1


async def test_the_connection_is_given_up_after_a_while(
    office: PostOffice, make_mailer: MakeMailer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "KEPT", 0.05)
    mailer = make_mailer(office.port)

    await _send(mailer)
    await until(lambda: not office.is_visited)
    await _send(mailer)

    assert office.connections == 2


async def test_a_kept_connection_that_the_server_cut_is_made_anew(office: PostOffice, make_mailer: MakeMailer) -> None:
    mailer = make_mailer(office.port)
    await _send(mailer)

    office.hang_up()
    await _send(mailer)

    assert len(office.letters) == 2


@pytest.mark.row("MO-03")
async def test_one_refused_recipient_is_handed_back_and_the_others_are_served(
    office: PostOffice, make_mailer: MakeMailer
) -> None:
    office.manners.rcpt = {EVE: "550 5.1.1 no such user"}

    refused = await _send(make_mailer(office.port), ANN, EVE)

    assert refused == {EVE: DeliveryRefusal(550, "5.1.1 no such user")}
    assert refused[EVE].permanent
    assert office.letters[0].recipients == (ANN,)


@pytest.mark.row("MO-02")
async def test_a_letter_that_nobody_may_have_is_refused_for_good(office: PostOffice, make_mailer: MakeMailer) -> None:
    office.manners.rcpt = {EVE: "550 5.1.1 no such user"}

    fault = await _fault(make_mailer(office.port), EVE)

    assert fault.permanent
    assert str(fault) == "550 5.1.1 no such user"


async def test_one_passing_refusal_makes_another_try_worth_it(office: PostOffice, make_mailer: MakeMailer) -> None:
    office.manners.rcpt = {EVE: "550 5.1.1 no such user", ANN: "450 4.2.1 busy"}

    fault = await _fault(make_mailer(office.port), EVE, ANN)

    assert not fault.permanent


@pytest.mark.row("MO-01")
async def test_a_greylisted_letter_leaves_at_the_next_try(office: PostOffice, make_mailer: MakeMailer) -> None:
    office.manners.greylist = 1
    mailer = make_mailer(office.port)

    fault = await _fault(mailer)
    refused = await _send(mailer)

    assert not fault.permanent
    assert refused == {}


COMMANDS = ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "TEXT"]


@pytest.mark.row("MO-01")
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("code", ["421 4.3.2 closing", "450 4.2.1 busy", "451 4.3.0 error", "452 4.3.1 no space"])
async def test_a_passing_refusal_of_any_command_is_worth_another_try(
    office: PostOffice, make_mailer: MakeMailer, command: str, code: str
) -> None:
    office.manners.answers = {command: code}
    mailer = make_mailer(office.port)

    fault = await _fault(mailer)
    office.manners.answers = {}
    refused = await _send(mailer)

    assert not fault.permanent
    assert code in str(fault)
    assert (refused, len(office.letters)) == ({}, 1)


@pytest.mark.row("MO-02")
@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA", "TEXT"])
@pytest.mark.parametrize("code", ["550 5.1.1 no such user", "553 5.1.3 bad address", "554 5.7.1 spam"])
async def test_a_refusal_for_good_of_the_letter_is_final(
    office: PostOffice, make_mailer: MakeMailer, command: str, code: str
) -> None:
    office.manners.answers = {command: code}

    fault = await _fault(make_mailer(office.port))

    assert fault.permanent
    assert (str(fault), office.letters) == (code, [])


@pytest.mark.row("MO-01")
@pytest.mark.parametrize("command", ["CONNECT", "EHLO"])
async def test_a_server_that_refuses_us_altogether_may_be_mended(
    office: PostOffice, make_mailer: MakeMailer, command: str
) -> None:
    office.manners.answers = {command: "554 5.3.2 no service here"}

    fault = await _fault(make_mailer(office.port))

    assert not fault.permanent


async def test_a_server_that_answers_twice_is_not_misunderstood(office: PostOffice, make_mailer: MakeMailer) -> None:
    office.manners.twice = True
    office.manners.rcpt = {EVE: "550 5.1.1 no such user"}
    mailer = make_mailer(office.port)

    refused = await _send(mailer, EVE, ANN)
    again = await _send(mailer)

    assert (list(refused), again) == ([EVE], {})
    assert [letter.recipients for letter in office.letters] == [(ANN,), (ANN,)]


@pytest.mark.row("MO-04")
async def test_a_connection_lost_after_the_letter_is_worth_another_try(
    office: PostOffice, make_mailer: MakeMailer
) -> None:
    office.manners.drop_after_data = 1
    mailer = make_mailer(office.port)

    fault = await _fault(mailer)
    await _send(mailer)

    assert not fault.permanent
    assert "was lost" in str(fault)


@pytest.mark.row("MO-05")
@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
async def test_a_server_that_falls_silent_is_not_waited_for(
    office: PostOffice, make_mailer: MakeMailer, command: str
) -> None:
    office.manners.silent = {command}
    begun = time.monotonic()

    fault = await _fault(make_mailer(office.port, timeout=0.3))

    assert "does not answer in time" in str(fault)
    assert not fault.permanent
    assert time.monotonic() - begun < 10


@pytest.mark.row("MO-05")
async def test_a_server_that_never_greets_is_not_waited_for(make_mailer: MakeMailer) -> None:
    async def nothing(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await writer.wait_closed()

    server = await asyncio.start_server(nothing, "127.0.0.1", 0)
    mailer = make_mailer(server.sockets[0].getsockname()[1], timeout=0.3)

    fault = await _fault(mailer)

    assert "does not answer in time" in str(fault)
    server.close()


@pytest.mark.row("MO-06")
async def test_without_starttls_nothing_is_sent_in_clear(office: PostOffice, make_mailer: MakeMailer) -> None:
    fault = await _fault(make_mailer(office.port, security="starttls", username=USER, password=PASSWORD))

    assert "nothing is sent in clear" in str(fault)
    assert fault.permanent
    assert (office.letters, office.logins) == ([], 0)


@pytest.mark.row("MO-06")
@pytest.mark.parametrize("answer", ["454 4.7.0 not now", "502 5.5.1 never"])
async def test_where_starttls_is_refused_nothing_is_sent_in_clear(
    open_office: OpenOffice, make_mailer: MakeMailer, server_tls: ssl.SSLContext, authority: Path, answer: str
) -> None:
    office = await open_office(tls=server_tls, answers={"STARTTLS": answer})
    mailer = make_mailer(office.port, security="starttls", ca_file=authority, username=USER, password=PASSWORD)

    fault = await _fault(mailer)

    assert answer in str(fault)
    assert {line.split()[0] for line in office.said} == {"EHLO", "STARTTLS"}


@pytest.mark.row("MO-07")
@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("MAIL", "552 5.3.4 Message size exceeds fixed limit"),
        ("TEXT", "552-5.2.3 Your message exceeded our message size limits"),
        ("TEXT", "550 5.3.4 SMTPSEND.OverAdvertisedSize; message size exceeds"),
        ("TEXT", "550 5.2.3 RESOLVER.RST.RecipSizeLimit; message too large for this recipient"),
    ],
)
async def test_servers_say_in_several_ways_that_a_letter_is_too_large(
    office: PostOffice, make_mailer: MakeMailer, command: str, answer: str
) -> None:
    office.manners.answers = {command: answer.replace("552-", "552 ")}

    fault = await _fault(make_mailer(office.port))

    assert (fault.permanent, fault.too_large) == (True, True)


@pytest.mark.row("MO-07")
@pytest.mark.parametrize("late", [False, True])
async def test_a_letter_that_is_too_large_is_told_apart(
    open_office: OpenOffice, make_mailer: MakeMailer, late: bool
) -> None:
    office = await open_office(size=50, refuses_late=late)

    fault = await _fault(make_mailer(office.port))

    assert fault.permanent
    assert fault.too_large


async def test_a_full_mailbox_is_no_letter_that_is_too_large(office: PostOffice, make_mailer: MakeMailer) -> None:
    office.manners.rcpt = {ANN: "552 5.2.2 mailbox full"}

    fault = await _fault(make_mailer(office.port))

    assert fault.permanent
    assert not fault.too_large


@pytest.mark.parametrize(("answer", "permanent"), [("554 5.7.1 spam", True), ("451 4.3.0 try later", False)])
async def test_a_refused_text_is_final_when_the_server_says_so(
    office: PostOffice, make_mailer: MakeMailer, answer: str, permanent: bool
) -> None:
    office.manners.answers = {"TEXT": answer}
    mailer = make_mailer(office.port)

    fault = await _fault(mailer)
    office.manners.answers = {}
    await _send(mailer)

    assert fault.permanent is permanent
    assert str(fault) == answer


async def test_a_refused_empty_sender_is_final(office: PostOffice, make_mailer: MakeMailer) -> None:
    office.manners.senders = {"": "550 5.7.1 empty sender refused"}

    with pytest.raises(DeliveryError) as caught:
        await _send(make_mailer(office.port), sender="")

    assert caught.value.permanent


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_a_letter_leaves_encrypted_after_a_login(
    open_office: OpenOffice, make_mailer: MakeMailer, server_tls: ssl.SSLContext, authority: Path, security: str
) -> None:
    office = await open_office(tls=server_tls, implicit=security == "tls", login=True)
    mailer = make_mailer(office.port, security=security, ca_file=authority, username=USER, password=PASSWORD)

    refused = await _send(mailer)

    assert refused == {}
    assert office.logins == 1


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_an_unknown_authority_is_refused(
    open_office: OpenOffice, make_mailer: MakeMailer, server_tls: ssl.SSLContext, security: str
) -> None:
    office = await open_office(tls=server_tls, implicit=security == "tls")

    fault = await _fault(make_mailer(office.port, security=security))

    assert "is not trusted" in str(fault)
    assert not fault.permanent


async def test_a_wrong_password_is_said_without_the_password(office: PostOffice, make_mailer: MakeMailer) -> None:
    fault = await _fault(make_mailer(office.port, username=USER, password="hunter2"))

    assert "login refused by 127.0.0.1" in str(fault)
    assert "hunter2" not in f"{fault} {fault.__cause__!r}"
    assert not fault.permanent


async def test_a_server_that_is_down_may_come_back(make_mailer: MakeMailer) -> None:
    fault = await _fault(make_mailer(free_port()))

    assert "nothing listens on 127.0.0.1" in str(fault)
    assert not fault.permanent


async def test_a_letter_to_nobody_is_an_error(office: PostOffice, make_mailer: MakeMailer) -> None:
    with pytest.raises(DeliveryError, match="to nobody"):
        await make_mailer(office.port).send(MESSAGE, sender="", recipients=[])


@pytest.mark.row("MO-09")
@pytest.mark.parametrize("address", ["ann@acme.example\r\nRCPT TO:<eve@example.net>", "ann@acme.example> SIZE=1"])
async def test_an_address_that_would_say_more_is_never_sent(
    office: PostOffice, make_mailer: MakeMailer, address: str
) -> None:
    fault = await _fault(make_mailer(office.port), address)

    assert fault.permanent
    assert office.letters == []


async def test_letters_beyond_ascii_reach_a_server_that_takes_them(office: PostOffice, make_mailer: MakeMailer) -> None:
    mailer = make_mailer(office.port)

    await mailer.send(MESSAGE + "café\r\n".encode(), sender="", recipients=["zoë@acme.example"])

    assert office.letters[0].recipients == ("zoë@acme.example",)
    assert office.letters[0].content.endswith("café\r\n".encode())


async def test_a_cancelled_letter_leaves_nothing_behind_for_the_next(
    office: PostOffice, make_mailer: MakeMailer
) -> None:
    mailer = make_mailer(office.port)
    office.manners.silent = {"RCPT"}
    sending = asyncio.create_task(_send(mailer))
    await until(lambda: office.connections)
    sending.cancel()

    office.manners.silent = ()
    refused = await _send(mailer, EVE)

    assert refused == {}
    assert [letter.recipients for letter in office.letters] == [(EVE,)]


async def test_check_logs_in_and_sends_nothing(office: PostOffice, make_mailer: MakeMailer) -> None:
    (finding,) = await make_mailer(office.port, username=USER, password=PASSWORD).check()

    assert finding.ok
    assert (office.logins, office.letters) == (1, [])


async def test_check_says_what_to_do(office: PostOffice, make_mailer: MakeMailer) -> None:
    (finding,) = await make_mailer(office.port, username=USER, password="wrong").check()

    assert not finding.ok
    assert "check username and password" in finding.sentence
