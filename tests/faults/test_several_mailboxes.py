"""Several mailboxes at a time: what is wrong with one delays no other, is told once, and so is its end."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from bot.backoffice import Backoffice
from storage.database import session
from storage.models import Ticket
from tests.faults.imap_server import FaultImap, numbered
from tests.faults.mailboxes import Watched, notices, watched

Meet = Callable[..., tuple[Watched, FaultImap]]
SOON = 3.0
"""Seconds in which a mailbox is read, whatever the others do."""


@pytest.fixture
def meet(office: Backoffice) -> Iterator[Meet]:
    """A function that starts a server with some switches, and a mailbox of this name there."""
    with ExitStack() as stack:

        def start(name: str, *, mails: int = 2, first: int = 1, **given: object) -> tuple[Watched, FaultImap]:
            server = FaultImap(mails=numbered(mails, first), **given)  # type: ignore[arg-type]
            stack.callback(server.stop)
            return stack.enter_context(watched(office, server, timeout=2, name=name, idle=False)), server

        yield start


@pytest.mark.row("MI-08", "MI-05")
def test_refusing_silent_and_trickling_mailboxes_delay_no_other(meet: Meet) -> None:
    refusing, _ = meet("refusing", no_on="SELECT")
    silent, _ = meet("silent", silent_on="LOGIN")
    trickling, _ = meet("trickling", trickle_on="SELECT")
    good, _ = meet("good", first=10)
    watchers = [one.watcher for one in (refusing, silent, trickling, good)]

    begun = time.monotonic()
    try:
        for watcher in watchers:
            watcher.start()
        while _from("good") < 2 and time.monotonic() - begun < 2 * SOON:
            time.sleep(0.05)
        took = time.monotonic() - begun
    finally:
        for watcher in watchers:
            watcher.stop()

    assert (_from("good"), _from("refusing"), _from("silent")) == (2, 0, 0)
    assert took < SOON


def _from(mailbox: str) -> int:
    with session():
        return Ticket.select().where(Ticket.mailbox == mailbox).count()


@pytest.mark.row("MI-08")
def test_a_mailbox_that_is_not_read_is_told_after_its_minutes_and_when_it_is_read_again(meet: Meet) -> None:
    broken, server = meet("broken", no_on="SELECT")

    broken.pass_time(13 * 60)
    early = notices()
    broken.pass_time(3600)
    server.switches.no_on = ""
    broken.pass_time(3600)

    assert early == []
    assert [text[:1] for text in notices()] == ["📪", "📬"]
    assert notices()[1] == "📬 broken is read again."


@pytest.mark.row("MI-09", "INV-09")
def test_healthz_names_the_mailbox_whose_password_is_refused_and_no_other(meet: Meet) -> None:
    locked, _ = meet("locked", no_on="LOGIN")
    good, _ = meet("good", first=10)

    locked.round()
    good.round()

    loops = {**locked.health.loops(), **good.health.loops()}
    assert {name: loop["ok"] for name, loop in loops.items()} == {"mailbox:locked": False, "mailbox:good": True}
    assert 'mailbox "locked"' in str(loops["mailbox:locked"]["error"])
    assert good.error == "None"
