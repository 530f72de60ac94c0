"""Support's mailbox on the server that misbehaves, its rounds taken by hand (`round`, or `pass_time` for an hour).

`accounted_for` is the question that follows every fault: has each mail that the server ever named its final state?
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pydantic import SecretStr

from bot.backoffice import Backoffice
from bot.clock import SetClock
from bot.config import MailboxConfig
from bot.health import Health
from bot.intake.collector import Collector
from bot.intake.reader import Reader
from bot.intake.watching import Watcher
from handlers.mail.mailbox import ImapMailbox
from storage.models import Delivery, Mail, Ticket
from tests.faults.imap_server import FaultImap

PASSWORD = "correct-horse-battery"
FINAL = {"ticket", "followup", "duplicate", "ignored", "bounce", "quarantined"}


def config_of(port: int, **changed: Any) -> MailboxConfig:
    """Support's mailbox at this port."""
    values: dict[str, Any] = {
        "name": "support",
        "address": "support@example.org",
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
        "username": "support",
        "password": SecretStr(PASSWORD),
        "first_contact": "all",
        "rule": (),
    }
    return MailboxConfig(**{**values, **changed})


@dataclass
class Watched:
    """A mailbox with its collector and its watcher, whose rounds are taken by hand."""

    collector: Collector
    watcher: Watcher
    health: Health
    clock: SetClock
    pauses: list[float] = field(default_factory=list)

    def round(self) -> float:
        """One round as the running bot takes it; seconds that it would leave the mailbox alone for."""
        self.pauses.append(self.watcher._round())
        return self.pauses[-1]

    def pass_time(self, seconds: float) -> None:
        """Let time go by, with a round whenever one is due."""
        until = self.clock.monotonic() + seconds
        while self.clock.monotonic() < until:
            self.clock.move(seconds=self.round() or 60.0)

    @property
    def error(self) -> str:
        """What /healthz says of it."""
        return str(self.health.loops()[self.watcher.name]["error"])


@contextmanager
def watched(office: Backoffice, server: FaultImap, *, timeout: float = 5.0, **changed: object) -> Iterator[Watched]:
    """Support's mailbox there."""
    config = config_of(server.port, **changed)
    reader, mailbox = Reader(seconds=20), ImapMailbox(config, timeout=timeout)
    collector = Collector(office.desk, config, mailbox, reader)
    health = Health(office.clock, [f"mailbox:{config.name}"])
    assert isinstance(office.clock, SetClock)
    try:
        yield Watched(collector, Watcher(office.desk, config, mailbox, collector, health), health, office.clock)
    finally:
        mailbox.close()
        reader.close()


def states() -> dict[int, str]:
    """What became of every mail, by its UID."""
    return {mail.uid: mail.state for mail in Mail.select().order_by(Mail.uid)}


def subjects() -> list[str]:
    """Of all tickets."""
    return sorted(ticket.subject for ticket in Ticket.select())


def notices() -> list[str]:
    """What the team's channel is told that belongs to no ticket."""
    said = Delivery.select().where(Delivery.kind.in_(["notice", "post"])).order_by(Delivery.id)
    return [one.payload["text"] for one in said]


def accounted_for(server: FaultImap, *, but: tuple[int, ...] = ()) -> bool:
    """Whether every mail that the server ever named, `but` those that it took away, has its final state."""
    ended = {("INBOX", mail.uidvalidity, mail.uid) for mail in Mail.select() if mail.state in FINAL}
    return {place for place in server.ledger.listed if place[2] not in but} <= ended
