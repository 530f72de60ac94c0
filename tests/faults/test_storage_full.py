"""A disk that is full: the team is told once, people read so in the chat, and when there is room nothing is lost."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import pytest

from bot.app import letter_writer
from bot.backoffice import Backoffice
from bot.bridge import Bridge
from bot.commands.requests import Caller, Request
from bot.commands.verbs import VERBS
from bot.outgoing.notifier import Notifier
from bot.outgoing.packing import Packer
from bot.outgoing.room import FULL, ROOM, RoomAlarm
from bot.ports import Place, Posted
from storage.rows import db
from tests.faults.imap_server import FaultImap, numbered
from tests.faults.mailboxes import Watched, accounted_for, notices, states, subjects, watched
from tests.servers import until

LONG = b"Everything is on fire. " * 1000
COUNT = 4


class Channel:
    """Slack as far as an alarm needs it."""

    platform = "slack"
    largest_file = 0

    def __init__(self) -> None:
        self.told: list[str] = []

    async def post_notice(self, place: Place, text: str, *, key: str, silent: bool = False) -> Posted:
        """Hang it up."""
        self.told.append(text)
        return Posted(place.channel, key)


@contextmanager
def no_room() -> Iterator[None]:
    """The database may not grow by a single page, whoever writes."""
    limit_pages(db.execute_sql("PRAGMA page_count").fetchone()[0])
    try:
        yield
    finally:
        limit_pages(1_000_000)


def limit_pages(most: int) -> None:
    """SQLite keeps such a limit for each connection: those that nobody uses are closed, new ones get it."""
    db.obj.close_idle()
    db.obj.pragma("max_page_count", most, permanent=True)


@pytest.fixture
async def channel(office: Backoffice) -> AsyncIterator[Channel]:
    """The team's channel."""
    yield Channel()


@pytest.fixture
async def alarm(office: Backoffice, channel: Channel) -> AsyncIterator[RoomAlarm]:
    """The alarm, whose notifier runs and has nothing else to do."""
    bridge = Bridge()
    packer = Packer(office.desk, letter_writer(office), VERBS)
    notifier = Notifier(bridge, packer, [channel], None, office.clock)  # type: ignore[list-item]
    notifier._loop = asyncio.get_running_loop()
    yield RoomAlarm(office.desk, notifier)
    bridge.close()


@pytest.fixture
def server() -> Iterator[FaultImap]:
    """Some long mails."""
    made = FaultImap(mails=[mail + LONG + b"\r\n" for mail in numbered(COUNT)])
    yield made
    made.stop()


@pytest.fixture
def mailbox(office: Backoffice, server: FaultImap, alarm: RoomAlarm) -> Iterator[Watched]:
    """Support's mailbox, which tells the alarm."""
    with watched(office, server) as made:
        made.watcher.on_full, made.watcher.on_room = alarm.full, alarm.room
        yield made


@pytest.mark.row("MI-32", "INV-01")
async def test_a_full_disk_pauses_the_mailbox_with_one_alarm_and_loses_nothing(
    mailbox: Watched, server: FaultImap, channel: Channel
) -> None:
    with no_room():
        pauses = [mailbox.round() for _ in range(4)]
        meanwhile = (mailbox.error, subjects(), "quarantined" in states().values())
    again = mailbox.round()
    await until(lambda: channel.told)

    assert (min(pauses), again) == (15, 0)
    assert meanwhile == ("the storage is full", [], False)
    assert channel.told == [FULL]
    assert [text for text in notices() if text == ROOM] == [ROOM]
    assert subjects() == [f"Request {number}" for number in range(1, COUNT + 1)]
    assert accounted_for(server)


@pytest.mark.row("MI-32")
def test_who_asks_for_something_reads_that_the_storage_is_full(office: Backoffice) -> None:
    request = Request(Caller("cli", "bob@example.org", "Bob"), "new", ("Scanner",), {"text": LONG.decode()})

    with no_room():
        answers = [office.runner.run(request) for _ in range(20)]
    after = office.runner.run(request)

    refused = [answer.text for answer in answers if answer.refused]
    assert set(refused) == {"The storage is full and nothing was done. Please tell an admin."}
    assert not after.refused
    assert len(subjects()) == len(answers) - len(refused) + 1
