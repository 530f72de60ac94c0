"""Mailboxes on a real Dovecot, and a post office that takes letters."""

import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.config import MailboxConfig, SmtpConfig
from handlers.mail.mailbox import ImapMailbox
from handlers.mail.mailer import SmtpMailer
from tests.dovecot import Dovecot, dovecot, mail_user
from tests.faults.smtp_server import PostOffice
from tests.servers import certificate

__all__ = ["dovecot", "mail_user"]

MakeMailbox = Callable[..., ImapMailbox]
MakeMailer = Callable[..., SmtpMailer]


def mailbox_config(**given: Any) -> MailboxConfig:
    """A mailbox's configuration: loopback, in clear, Ann's password; what is given comes instead."""
    usual = {
        "name": "support",
        "address": "support@example.org",
        "host": "127.0.0.1",
        "security": "none",
        "username": "ann",
        "password": Dovecot.password,
    }
    return MailboxConfig(**(usual | given))


@pytest.fixture
def make_mailbox(dovecot: Dovecot, mail_user: str) -> Iterator[MakeMailbox]:
    """A function that makes a mailbox of this test's user; closed at the end."""
    made: list[ImapMailbox] = []

    def make(*, timeout: float = 5, **given: Any) -> ImapMailbox:
        port = dovecot.tls_port if given.get("security") == "tls" else dovecot.port
        config = mailbox_config(**({"port": port, "username": mail_user} | given))
        made.append(ImapMailbox(config, timeout=timeout))
        return made[-1]

    yield make
    for mailbox in made:
        mailbox.close()


@pytest.fixture
def mailbox(make_mailbox: MakeMailbox) -> ImapMailbox:
    """An open mailbox of this test's user."""
    made = make_mailbox()
    made.open()
    return made


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1; its key lies beside it as key.pem."""
    folder = tmp_path_factory.mktemp("authority")
    certificate(folder / "cert.pem", folder / "key.pem")
    return folder / "cert.pem"


@pytest.fixture
def server_tls(authority: Path) -> ssl.SSLContext:
    """What a server with that certificate needs."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(authority, authority.with_name("key.pem"))
    return context


@pytest_asyncio.fixture
async def open_office() -> AsyncIterator[Callable[..., Any]]:
    """A function that starts a post office; stopped at the end."""
    started: list[PostOffice] = []

    async def start(**options: Any) -> PostOffice:
        started.append(PostOffice(**options))
        await started[-1].start()
        return started[-1]

    yield start
    for office in started:
        await office.stop()


@pytest_asyncio.fixture
async def office(open_office: Callable[..., Any]) -> PostOffice:
    """A post office that takes everything from everybody."""
    return await open_office()


@pytest_asyncio.fixture
async def make_mailer() -> AsyncIterator[MakeMailer]:
    """A function that makes a mailer for a port; closed at the end."""
    made: list[SmtpMailer] = []

    def make(port: int, *, timeout: float = 5, **given: Any) -> SmtpMailer:
        usual = {"host": "127.0.0.1", "security": "none", "sender": "Support <support@example.org>"}
        made.append(SmtpMailer(SmtpConfig(**(usual | {"port": port} | given)), timeout=timeout))
        return made[-1]

    yield make
    for mailer in made:
        await mailer.close()
