"""The usual desk for tests: a database of its own, a clock that stands at noon, and the usual people.

The connection stays open for the whole test, so that tests may look at rows; other threads open their own.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.backoffice import Backoffice, open_backoffice
from bot.clock import SetClock
from bot.config import load_config
from bot.desk import invariants, people
from bot.desk.opening import Opening
from bot.desk.people import Actor, Client, client_of
from bot.desk.views import TicketView
from storage.database import close_database, session

pytest_plugins = ["tests.rows", "tests.postgres", "tests.skipped", "tests.modes", "tests.telegram_spec"]

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)

CONFIG = """
data_dir = "{folder}/data"
[database]
url = "{database}"
[slack]
bot_token = "xoxb-1-2-abcdefghijkl"
app_token = "xapp-1-A-1-abcdefghijk"
channel = "#support"
[smtp]
host = "localhost"
sender = "support@example.org"
[[mailbox]]
name = "support"
address = "support@example.org"
host = "localhost"
username = "support"
password = "correct-horse-battery"
"""


@pytest.fixture
def clock() -> SetClock:
    """The desk's clock; it stands at noon until it is moved."""
    return SetClock(NOON)


@pytest.fixture
def office(tmp_path: Path, database_url: str, clock: SetClock, request: pytest.FixtureRequest) -> Iterator[Backoffice]:
    """A desk with Bob (admin), Carol (agent) and Vic (viewer); what must always be true is looked at in the end."""
    file = tmp_path / "deskbell.toml"
    file.write_text(CONFIG.format(folder=tmp_path, database=database_url), encoding="utf-8")
    file.chmod(0o600)
    made = open_backoffice(load_config(file, {}), clock)
    with session():
        people.add_agent("bob@example.org", "Bob", "admin", clock)
        people.add_agent("carol@example.org", "Carol", "agent", clock)
        people.add_agent("vic@example.org", "Vic", "viewer", clock)
        yield made
        wrong = list(invariants.broken(made.desk.files))
    close_database()
    assert _unwanted(wrong, request) == []


@pytest.fixture
def desks_hold(tmp_path: Path, database_url: str, request: pytest.FixtureRequest) -> Iterator[None]:
    """When the test is over, what must always be true is true of every desk whose deskbell.toml lies in its folder."""
    yield
    for file in tmp_path.rglob("deskbell.toml"):
        made = open_backoffice(load_config(file, {}))
        with session():
            wrong = list(invariants.broken(made.desk.files))
        close_database()
        assert _unwanted(wrong, request) == []


def _unwanted(wrong: list[str], request: pytest.FixtureRequest) -> list[str]:
    """Without those that the test says it breaks."""
    broken = tuple(name for mark in request.node.iter_markers("breaks") for name in mark.args)
    return [sentence for sentence in wrong if not sentence.startswith(broken)]


def _acting(address: str) -> Actor:
    return Actor.of(people.agent(address), "slack")


@pytest.fixture
def bob(office: Backoffice) -> Actor:
    """Bob, acting in Slack."""
    return _acting("bob@example.org")


@pytest.fixture
def carol(office: Backoffice) -> Actor:
    """Carol, acting in Slack."""
    return _acting("carol@example.org")


@pytest.fixture
def vic(office: Backoffice) -> Actor:
    """Vic, who may only look, in Slack."""
    return _acting("vic@example.org")


@pytest.fixture
def ann(office: Backoffice) -> Client:
    """Ann, the client at ACME."""
    return client_of("ann@acme.example", "Ann")


@pytest.fixture
def ticket(office: Backoffice, ann: Client) -> TicketView:
    """Ann's printer is on fire; nobody has looked yet."""
    opening = Opening("The printer is on fire", "Please help", client=ann, reply_address=ann.address)
    return office.desk.tickets.open(opening, Actor("client", ann.name, "mail"))
