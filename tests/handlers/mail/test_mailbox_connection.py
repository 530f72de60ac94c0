"""Connecting to a mailbox: encryption, refusals, and what the sentences say."""

import time
from collections.abc import Callable, Iterator

import pytest

from bot.errors import MailboxError
from handlers.mail.mailbox import ImapMailbox
from tests.dovecot import Dovecot
from tests.handlers.mail.conftest import MakeMailbox, mailbox_config
from tests.servers import free_port


@pytest.fixture
def refusal() -> Callable[[ImapMailbox], MailboxError]:
    """What opening a mailbox raises."""

    def opened(mailbox: ImapMailbox) -> MailboxError:
        with pytest.raises(MailboxError) as caught:
            mailbox.open()
        return caught.value

    return opened


@pytest.fixture
def start_dovecot() -> Iterator[Callable[..., Dovecot]]:
    """A function that starts a server of this test's own."""
    started: list[Dovecot] = []

    def start(more: str = "") -> Dovecot:
        started.append(Dovecot(more=more))
        started[-1].start()
        return started[-1]

    yield start
    for server in started:
        server.stop()
        server.remove()


@pytest.fixture
def poor_dovecot(start_dovecot: Callable[..., Dovecot]) -> Dovecot:
    """A server without IDLE, MOVE, UIDPLUS."""
    return start_dovecot("imap_capability = IMAP4rev1 NAMESPACE")


Refusal = Callable[[ImapMailbox], MailboxError]


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_an_encrypted_mailbox_with_a_known_authority_opens(
    dovecot: Dovecot, make_mailbox: MakeMailbox, security: str
) -> None:
    mailbox = make_mailbox(security=security, ca_file=dovecot.ca_file)

    assert mailbox.open() > 0


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_an_unknown_authority_is_refused(make_mailbox: MakeMailbox, refusal: Refusal, security: str) -> None:
    fault = refusal(make_mailbox(security=security))

    assert "is not trusted" in str(fault)
    assert "check host and ca_file" in str(fault)
    assert fault.permanent


def test_a_certificate_of_another_host_is_refused(
    dovecot: Dovecot, make_mailbox: MakeMailbox, refusal: Refusal
) -> None:
    fault = refusal(make_mailbox(security="tls", ca_file=dovecot.ca_file, host="127.0.0.2"))

    assert fault.permanent or "nothing listens" in str(fault)


def test_a_wrong_password_is_said_without_the_password(make_mailbox: MakeMailbox, refusal: Refusal) -> None:
    fault = refusal(make_mailbox(password="hunter2 of Ann"))

    assert 'mailbox "support": login refused' in str(fault)
    assert "check username and password" in str(fault)
    assert "hunter2" not in f"{fault} {fault.__cause__!r}"
    assert fault.permanent


def test_a_name_beyond_ascii_can_log_in(dovecot: Dovecot, make_mailbox: MakeMailbox) -> None:
    mailbox = make_mailbox(username="zoë")

    assert mailbox.open() > 0


def test_a_missing_folder_is_named(make_mailbox: MakeMailbox, refusal: Refusal) -> None:
    fault = refusal(make_mailbox(folder="Anfragen"))

    assert 'there is no folder "Anfragen"' in str(fault)
    assert fault.permanent


def test_a_server_that_is_down_may_come_back(refusal: Refusal) -> None:
    fault = refusal(ImapMailbox(mailbox_config(port=free_port()), timeout=2))

    assert "nothing listens on 127.0.0.1" in str(fault)
    assert not fault.permanent


def test_a_host_that_does_not_exist_is_named(refusal: Refusal) -> None:
    fault = refusal(ImapMailbox(mailbox_config(host="mail.invalid", port=143), timeout=2))

    assert "there is no host mail.invalid" in str(fault)


def test_a_restarted_server_is_connected_to_again(start_dovecot: Callable[..., Dovecot]) -> None:
    server = start_dovecot()
    mailbox = ImapMailbox(mailbox_config(port=server.port), timeout=5)
    validity = mailbox.open()

    server.stop()
    server.start()

    assert mailbox.open() == validity
    assert mailbox.waiting(after=0) == []
    mailbox.close()


def test_without_move_our_mails_are_copied_and_only_marked_deleted(poor_dovecot: Dovecot) -> None:
    poor_dovecot.deliver("ann", b"a: 1\r\n\r\n", b"a: 2\r\n\r\n")
    mailbox = ImapMailbox(mailbox_config(port=poor_dovecot.port), timeout=5)
    mailbox.open()

    mailbox.move([1], "Done")

    assert poor_dovecot.mails("ann", "Done") == [b"a: 1\r\n\r\n"]
    assert poor_dovecot.flags("ann") == ["ST", ""]
    mailbox.close()


def test_without_idle_the_wait_takes_its_time(poor_dovecot: Dovecot) -> None:
    mailbox = ImapMailbox(mailbox_config(port=poor_dovecot.port), timeout=5)
    mailbox.open()
    begun = time.monotonic()

    pushed = mailbox.wait(0.3)

    assert not pushed
    assert time.monotonic() - begun > 0.25
    mailbox.close()


def test_a_server_with_a_prefix_gets_its_folders_below_it(start_dovecot: Callable[..., Dovecot]) -> None:
    server = start_dovecot("namespace inbox {\n  prefix = INBOX/\n}")
    server.deliver("ann", b"a: 1\r\n\r\n")
    mailbox = ImapMailbox(mailbox_config(port=server.port), timeout=5)
    mailbox.open()

    mailbox.move([1], "Done")

    assert server.mails("ann", "Done") == [b"a: 1\r\n\r\n"]
    assert server.mails("ann") == []
    mailbox.close()
