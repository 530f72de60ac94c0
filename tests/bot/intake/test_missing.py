"""A mail whose fetching breaks the connection: the others come all the same, and it is put aside at the third try."""

import time
from collections.abc import Callable, Iterator

import pytest
from pydantic import SecretStr

from bot.backoffice import Backoffice
from bot.config import MailboxConfig
from bot.errors import MailboxError
from bot.health import Health
from bot.intake import watching
from bot.intake.collector import Collector
from bot.intake.quarantine import Quarantine
from bot.intake.reader import Reader
from bot.intake.watching import Watcher
from handlers.mail.mailbox import ImapMailbox
from storage.models import Delivery, Mail
from tests.faults.imap_server import Connection, FaultImap, goodbye, refuse
from tests.servers import until


class DeadlyImap(FaultImap):
    """Three mails; it hangs up when it is asked for one in `deadly`."""

    def __init__(self) -> None:
        self.deadly: set[int] = set()
        super().__init__({"UID FETCH": self._fetch})

    def _fetch(self, connection: Connection, tag: str) -> None:
        asked = self.heard[-1]
        if "BODY" not in asked:
            connection.say(*self.usual("UID FETCH"), f"{tag} OK done")
            return
        for uid in map(int, asked.split()[3].split(",")):
            if uid in self.deadly:
                connection.cut()
                return
            mail = f"From: ann@acme.example\r\nSubject: Mail {uid}\r\n\r\nHelp\r\n".encode()
            connection.say(f"* {uid} FETCH (UID {uid} BODY[] {{{len(mail)}}}")
            connection.sock.sendall(mail + b")\r\n")
        connection.say(f"{tag} OK done")


@pytest.fixture
def server() -> Iterator[DeadlyImap]:
    """The server, harmless until a test says so."""
    made = DeadlyImap()
    yield made
    made.stop()


@pytest.fixture
def config(server: DeadlyImap) -> MailboxConfig:
    """Support's mailbox there."""
    return MailboxConfig(
        name="support",
        address="support@example.org",
        host="127.0.0.1",
        port=server.port,
        security="none",
        username="support",
        password=SecretStr("correct-horse-battery"),
        first_contact="all",
        rule=(),
    )


@pytest.fixture
def mailbox(config: MailboxConfig) -> Iterator[ImapMailbox]:
    """The connection to it."""
    made = ImapMailbox(config, timeout=5)
    yield made
    made.close()


@pytest.fixture
def collector(office: Backoffice, config: MailboxConfig, mailbox: ImapMailbox) -> Iterator[Collector]:
    """Its collector."""
    reader = Reader(seconds=20)
    yield Collector(office.desk, config, mailbox, reader)
    reader.close()


def states() -> list[str]:
    """What became of every mail, in the order of their UIDs."""
    return [mail.state for mail in Mail.select().order_by(Mail.uid)]


@pytest.mark.row("MI-01")
def test_a_mail_that_cannot_be_fetched_is_put_aside_at_the_third_try_and_the_others_are_handled(
    collector: Collector, server: DeadlyImap
) -> None:
    server.deadly = {2}

    rounds, seen = [], []
    for _ in range(4):
        rounds.append(collector.round())
        seen.append(states())

    assert seen == [["ticket", "new", "ticket"]] * 2 + [["ticket", "quarantined", "ticket"]] * 2
    assert [(done.seen, done.created, done.failed, done.quarantined) for done in rounds] == [
        (3, 2, 1, 0),
        (1, 0, 1, 0),
        (1, 0, 0, 1),
        (0, 0, 0, 0),
    ]
    assert "closed the connection" in Mail.get(Mail.uid == 2).reason


def test_the_team_is_told_once_of_a_mail_that_is_not_given_out(collector: Collector, server: DeadlyImap) -> None:
    server.deadly = {2}

    for _ in range(5):
        collector.round()

    (notice,) = [delivery.payload["text"] for delivery in Delivery.select().where(Delivery.kind == "post")]
    assert "is not given out by the server and stays in INBOX" in notice


@pytest.mark.row("MI-01")
def test_a_mail_that_is_given_out_later_is_filed(collector: Collector, server: DeadlyImap) -> None:
    server.deadly = {2}
    collector.round()
    server.deadly = set()

    done = collector.round()

    assert (done.seen, done.created) == (1, 1)
    assert states() == ["ticket"] * 3


def test_one_that_was_put_aside_is_asked_for_again_when_somebody_wants_it(
    office: Backoffice, config: MailboxConfig, collector: Collector, server: DeadlyImap
) -> None:
    server.deadly = {2}
    for _ in range(3):
        collector.round()
    server.deadly = set()

    retried = Quarantine(office.desk, [config]).retry(Mail.get(Mail.uid == 2).id)
    collector.round()

    assert retried.state == "new"
    assert states() == ["ticket"] * 3


def test_a_mail_that_is_gone_when_it_is_asked_for_again_comes_to_an_end(
    collector: Collector, server: DeadlyImap
) -> None:
    server.deadly = {2}
    collector.round()
    server.manners["UID FETCH"] = lambda connection, tag: connection.say(f"{tag} OK done")

    collector.round()

    assert states() == ["ticket", "ignored", "ticket"]


def test_a_server_that_is_away_costs_no_mail_a_try(collector: Collector, server: DeadlyImap) -> None:
    server.manners["LOGIN"] = goodbye

    for _ in range(4):
        with pytest.raises(MailboxError):
            collector.round()
    del server.manners["LOGIN"]
    collector.round()

    assert states() == ["ticket"] * 3
    assert {mail.attempts for mail in Mail.select()} == {0}


# push ----------------------------------------------------------------------------------------------------------------

Watch = Callable[[], None]


@pytest.fixture
def watch(office: Backoffice, config: MailboxConfig, mailbox: ImapMailbox, collector: Collector) -> Iterator[Watch]:
    """Begin to watch support's mailbox; ended with the test."""
    health = Health(office.clock, ["mailbox:support"])
    watcher = Watcher(office.desk, config, mailbox, collector, health)
    yield watcher.start
    watcher.stop()


@pytest.mark.row("MI-04")
async def test_a_server_that_ends_each_push_is_asked_again_later_and_later(
    server: DeadlyImap, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[float] = []

    def hang_up(connection: Connection, tag: str) -> None:
        asked.append(time.monotonic())
        goodbye(connection, tag)

    monkeypatch.setattr(watching, "PAUSES", (0.2, 0.8))
    server.manners["IDLE"] = hang_up

    watch()
    await until(lambda: len(asked) >= 3)

    assert asked[1] - asked[0] >= 0.2
    assert asked[2] - asked[1] >= 0.8


def test_a_server_that_refuses_to_push_is_not_asked_all_the_time(server: DeadlyImap, mailbox: ImapMailbox) -> None:
    server.manners["IDLE"] = refuse("not here")
    mailbox.open()
    mailbox.waiting(after=0)
    begun = time.monotonic()

    news = mailbox.wait(0.3)

    assert (news, time.monotonic() - begun >= 0.3) == (False, True)
