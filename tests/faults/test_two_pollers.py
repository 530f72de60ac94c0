"""Two processes and one mailbox: one reads it, the other waits until that one is gone; nothing comes twice."""

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial

import pytest

from bot import leases
from bot.backoffice import Backoffice
from bot.intake.watching import UNTIL_OURS
from bot.leases import Leases
from storage import database
from storage.database import session
from storage.models import Lease
from tests.faults.imap_server import FaultImap, numbered
from tests.faults.mailboxes import Watched, accounted_for, subjects, watched

NAME = "mailbox:support"


def time_passes(mailbox: Watched) -> None:
    """Ten seconds, for who asks and for the database."""
    mailbox.clock.move(seconds=leases.GOOD_FOR)
    with session():
        Lease.update(until=mailbox.clock.now()).execute()


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leases count here on SQLite, too, where a second process would not have started."""
    monkeypatch.setattr(leases, "is_sqlite", lambda: False)


@pytest.fixture
def server() -> Iterator[FaultImap]:
    """Some mails."""
    made = FaultImap(mails=numbered(6))
    yield made
    made.stop()


@pytest.fixture
def both(office: Backoffice, server: FaultImap, shared: None) -> Iterator[list[tuple[Leases, Watched]]]:
    """Two who want the mailbox."""
    with ExitStack() as stack:
        found = []
        for _ in range(2):
            ours, mailbox = Leases([NAME], office.clock), stack.enter_context(watched(office, server))
            mailbox.watcher.is_ours = partial(ours.holds, NAME)
            found.append((ours, mailbox))
        yield found


@pytest.mark.database
@pytest.mark.row("MI-36", "INV-02")
def test_one_reads_and_the_other_takes_over_when_it_is_dead(
    both: list[tuple[Leases, Watched]], server: FaultImap
) -> None:
    (first, reading), (second, waiting) = both
    first.renew()
    second.renew()
    reading.round()
    server.add(*numbered(6, first=7))

    before = [waiting.round(), len(subjects())]
    time_passes(reading)
    second.renew()
    dead, alive = reading.round(), waiting.round()

    assert before == [UNTIL_OURS, 6]
    assert (dead, alive) == (UNTIL_OURS, 0)
    assert len(subjects()) == len(set(subjects())) == 12
    assert accounted_for(server)


@pytest.mark.database
@pytest.mark.row("MI-36")
def test_a_lease_that_is_renewed_stays_and_one_let_go_is_free_at_once(
    both: list[tuple[Leases, Watched]],
) -> None:
    (first, reading), (second, _) = both
    held = []
    for _ in range(5):
        first.renew()
        second.renew()
        held.append((first.holds(NAME), second.holds(NAME)))
        reading.clock.move(seconds=leases.EVERY)

    first._let_go()
    second.renew()

    assert held == [(True, False)] * 5
    assert (first.holds(NAME), second.holds(NAME)) == (False, True)


@pytest.mark.row("MI-36", "MI-31")
def test_who_cannot_renew_stops_before_another_begins(
    both: list[tuple[Leases, Watched]], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, reading = both[0]
    first.renew()

    def away(*_: object) -> None:
        raise database.DatabaseUnavailable("gone")

    monkeypatch.setattr(leases.rows, "take", away)
    reading.clock.move(seconds=leases.GOOD_FOR)
    first.renew()

    assert not first.holds(NAME)
