"""Calendars that rotas follow: taken from a file, read again at an address within size, time and TLS, exported."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from bot import fetching
from bot.backoffice import Backoffice
from bot.clock import SetClock
from bot.desk import oncall, people, rota_calendars
from bot.desk.audit import at_the_server
from bot.desk.people import Actor
from bot.errors import NotAllowed, Refusal
from storage.models import Event
from tests.conftest import NOON

AT_SERVER = at_the_server()


def calendar(*events: str) -> bytes:
    """An iCal file of these events."""
    inside = "".join(
        f"BEGIN:VEVENT\r\nUID:{number}\r\n{event}\r\nEND:VEVENT\r\n" for number, event in enumerate(events)
    )
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{inside}END:VCALENDAR\r\n".encode()


def week_of(who: str, name: str = "ATTENDEE:mailto:") -> bytes:
    """A calendar in which somebody is on call for the week around noon."""
    return calendar(f"DTSTART:20260302T070000Z\r\nDTEND:20260309T070000Z\r\n{name}{who}")


class Shelf(ThreadingHTTPServer):
    """A web server that gives what lies under each path; nothing there is a 404."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.moved: dict[str, str] = {}
        self.asked = 0
        super().__init__(("127.0.0.1", 0), _Giving)

    def address(self, path: str) -> str:
        """Where a path lies."""
        return f"http://127.0.0.1:{self.server_port}{path}"


class _Giving(BaseHTTPRequestHandler):
    server: Shelf

    def do_GET(self) -> None:
        self.server.asked += 1
        if self.path in self.server.moved:
            self.send_response(302)
            self.send_header("Location", self.server.moved[self.path])
            self.end_headers()
            return
        content = self.server.files.get(self.path)
        self.send_response(404 if content is None else 200)
        self.end_headers()
        self.wfile.write(content or b"")

    def log_message(self, *words: object) -> None:
        """Nothing is said."""


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    """The web server, running."""
    with Shelf() as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def days(office: Backoffice) -> str:
    """A rota without a layer."""
    return office.desk.rotas.add("DAYS", AT_SERVER, zone="Europe/Paris").code


@pytest.mark.parametrize(
    "content",
    [
        week_of("Carol@Example.org"),
        week_of("Carol", "SUMMARY:"),
        week_of("On call: Carol (Support)".replace("(Support)", ""), "SUMMARY:"),
        calendar("DTSTART;VALUE=DATE:20260304\r\nRRULE:FREQ=DAILY\r\nSUMMARY:carol"),
    ],
    ids=["attendee", "title", "name in a title", "whole days"],
)
def test_a_calendar_says_who_is_on_call(office: Backoffice, days: str, content: bytes) -> None:
    office.desk.feeds.take(days, content, AT_SERVER)

    assert oncall.on_duty(days, NOON) == people.agent("carol@example.org")


def test_whole_days_are_those_of_the_rota_s_zone(office: Backoffice, days: str) -> None:
    rota = office.desk.feeds.take(days, calendar("DTSTART;VALUE=DATE:20260305\r\nSUMMARY:Carol"), AT_SERVER)

    (turn,) = rota.turns(NOON, NOON + timedelta(weeks=1))
    assert (turn.start, turn.end) == (datetime(2026, 3, 4, 23, tzinfo=UTC), datetime(2026, 3, 5, 23, tzinfo=UTC))


def test_what_names_nobody_we_know_is_left_out(office: Backoffice, days: str) -> None:
    rota = office.desk.feeds.take(days, week_of("eve@example.org"), AT_SERVER)

    assert rota.turns(NOON, NOON + timedelta(days=1)) == []


def test_an_override_stands_above_the_calendar(office: Backoffice, bob: Actor, days: str) -> None:
    office.desk.feeds.take(days, week_of("carol@example.org"), AT_SERVER)

    office.desk.rotas.override(days, people.agent("bob@example.org"), NOON, NOON + timedelta(hours=1), bob)

    assert oncall.on_duty(days, NOON) == bob.agent
    assert oncall.on_duty(days, NOON + timedelta(hours=1)) == people.agent("carol@example.org")


def test_a_calendar_is_read_again_at_its_address(office: Backoffice, clock: SetClock, days: str, shelf: Shelf) -> None:
    shelf.files["/a.ics"] = week_of("carol@example.org")
    office.desk.feeds.follow(days, shelf.address("/a.ics"), AT_SERVER)
    shelf.files["/a.ics"] = week_of("bob@example.org")

    office.desk.feeds.look()
    before = oncall.on_duty(days, NOON)
    clock.move(minutes=15)
    office.desk.feeds.look()

    assert (before, shelf.asked) == (people.agent("carol@example.org"), 2)
    assert oncall.on_duty(days, NOON) == people.agent("bob@example.org")


def test_one_that_cannot_be_read_stays_as_it_was_and_says_since_when(
    office: Backoffice, clock: SetClock, days: str, shelf: Shelf
) -> None:
    shelf.files["/a.ics"] = week_of("carol@example.org")
    office.desk.feeds.follow(days, shelf.address("/a.ics"), AT_SERVER)
    shelf.files["/a.ics"] = b"<html>Please log in</html>"
    clock.move(minutes=15)

    failed = office.desk.feeds.look()

    followed = office.desk.rotas.find(days).followed
    assert followed is not None
    assert (failed, followed.read_at, followed.fault) == (1, NOON, "This is no calendar that I can read.")
    assert oncall.on_duty(days, NOON) == people.agent("carol@example.org")


def test_an_address_is_a_secret(office: Backoffice, days: str, shelf: Shelf) -> None:
    from bot.desk.rota_json import as_json

    shelf.files["/secret/a.ics"] = week_of("carol@example.org")

    rota = office.desk.feeds.follow(days, shelf.address("/secret/a.ics"), AT_SERVER)

    said = [str(as_json(rota, NOON)), *(f"{event.old}{event.new}" for event in Event.select())]
    assert as_json(rota, NOON)["calendar"]["from"] == "http://127.0.0.1/…"
    assert [one for one in said if "secret" in one] == []


@pytest.mark.row("INV-10")
def test_only_who_works_at_the_server_names_an_address(office: Backoffice, bob: Actor, days: str, shelf: Shelf) -> None:
    with pytest.raises(NotAllowed, match="at the server"):
        office.desk.feeds.follow(days, shelf.address("/a.ics"), bob)
    assert shelf.asked == 0


# what is not fetched -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    ["http://calendar.example/a", "ftp://calendar.example/a", "file:///etc/passwd", "https://", "http://[::1", "x"],
)
def test_only_https_is_asked_or_this_machine(address: str) -> None:
    with pytest.raises(Refusal, match="https://"):
        fetching.check(address)


@pytest.mark.row("INV-10")
@pytest.mark.parametrize("to", ["http://calendar.example/a.ics", "ftp://calendar.example/a.ics"])
def test_a_redirection_is_an_address_like_any_other(shelf: Shelf, to: str) -> None:
    shelf.moved["/a.ics"] = to

    with pytest.raises(Refusal, match="https://"):
        fetching.fetch(shelf.address("/a.ics"), most=1000, seconds=5)


def test_what_is_too_large_is_not_read_to_its_end(shelf: Shelf) -> None:
    shelf.files["/a.ics"] = b"x" * 300_000

    with pytest.raises(Refusal, match="too large"):
        fetching.fetch(shelf.address("/a.ics"), most=1000, seconds=5)


def test_a_server_that_is_not_there_is_said(shelf: Shelf) -> None:
    with pytest.raises(Refusal, match="answered 404"):
        fetching.fetch(shelf.address("/b.ics"), most=1000, seconds=5)
    with pytest.raises(Refusal, match="cannot be reached"):
        fetching.fetch("http://127.0.0.1:1/", most=1000, seconds=5)


@pytest.mark.parametrize(
    "event",
    [
        "DTSTART:20260302T070000Z\r\nRRULE:FREQ=SECONDLY\r\nSUMMARY:Carol",
        "DTSTART:00010101T000000Z\r\nRRULE:FREQ=DAILY\r\nSUMMARY:Carol",
    ],
)
def test_a_calendar_without_end_is_refused(event: str) -> None:
    with pytest.raises(Refusal):
        rota_calendars.duties(calendar(event), NOON, NOON + timedelta(weeks=4))


# and out again -------------------------------------------------------------------------------------------------------


def test_an_exported_rota_says_the_same_as_the_rota(office: Backoffice, bob: Actor, days: str) -> None:
    rotas = office.desk.rotas
    rotas.set_layer(days, {"members": "bob, carol", "starts": "2026-03-02", "days": "day"}, bob)
    rotas.set_layer(days, {"members": "carol", "hours": "mon-fri 18:00-20:00", "starts": "2026-03-02"}, bob)
    hour = timedelta(hours=1)
    rotas.override(days, people.agent("bob@example.org"), NOON + hour, NOON + 48 * hour, bob)
    rota = rotas.override(days, people.agent("carol@example.org"), NOON, NOON + 3 * hour, bob)
    rotas.add("COPY", bob, zone="Europe/Paris")

    copy = office.desk.feeds.take("COPY", rota.calendar(NOON), AT_SERVER)

    span = NOON, NOON + timedelta(weeks=4)
    assert copy.turns(*span) == rota.turns(*span)
