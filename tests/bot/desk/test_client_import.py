"""Clients from a CSV file: what is right is taken, what is wrong is told with its line, and twice is once."""

import pytest

from bot.backoffice import Backoffice
from bot.clock import SetClock
from bot.desk import client_import, clients
from bot.desk.people import client_of
from bot.errors import NotFound, Refusal

FILE = """client,code,domains,client_language,name,addresses,phone
ACME,ACME,acme.example acme.test,fr,Ann,Ann@acme.example ann@home.example,+33 1
ACME,ACME,,,Paul,paul@acme.example,
Globex,,globex.example,en,,,
"""


def taken(content: str | bytes, clock: SetClock, *, dry_run: bool = False) -> list[client_import.Outcome]:
    raw = content.encode() if isinstance(content, str) else content
    return list(client_import.take(client_import.read(raw), clock, dry_run=dry_run))


@pytest.mark.row("D9", "D10")
def test_a_file_makes_clients_with_their_people(office: Backoffice, clock: SetClock) -> None:
    outcomes = taken(FILE, clock)

    acme = clients.record("ACME")
    assert [(one.number, one.fault) for one in outcomes] == [(2, None), (3, None), (4, None)]
    assert acme.domains == ("acme.example", "acme.test")
    assert [person.name for person in acme.people] == ["Ann", "Paul"]
    assert client_of("ann@home.example").language == "fr"
    assert clients.record("GLOBEX").domains == ("globex.example",)


def test_the_same_file_again_changes_nothing(office: Backoffice, clock: SetClock) -> None:
    taken(FILE, clock)
    before = [client.as_json() for client in clients.everyone()]

    outcomes = taken(FILE, clock)

    assert all(one.fault is None for one in outcomes)
    assert [client.as_json() for client in clients.everyone()] == before


def test_a_wrong_line_is_told_with_its_number_and_the_others_are_taken(office: Backoffice, clock: SetClock) -> None:
    content = "client,addresses\nACME,ann@acme.example\nACME,no address\nACME,paul@acme.example\n"

    outcomes = taken(content, clock)

    assert [(one.number, str(one.fault)) for one in outcomes if one.fault] == [(3, "no is not an address.")]
    assert {person.addresses[0] for person in clients.record("ACME").people} == {
        "ann@acme.example",
        "paul@acme.example",
    }


def test_half_a_line_is_not_kept(office: Backoffice, clock: SetClock) -> None:
    taken("client,domains,addresses\nGlobex,globex.example,bob@example.org\n", clock)

    with pytest.raises(NotFound):
        clients.find("Globex")


def test_a_dry_run_tells_what_would_be_wrong_and_keeps_nothing(office: Backoffice, clock: SetClock) -> None:
    content = "client,domains\nACME,acme.example\nGlobex,acme.example\n"

    outcomes = taken(content, clock, dry_run=True)

    assert [(one.number, bool(one.fault)) for one in outcomes] == [(2, False), (3, True)]
    assert clients.everyone() == []


@pytest.mark.parametrize(
    "content",
    [
        "client;name;addresses\nCafé;Zoë;zoe@cafe.example\n".encode("cp1252"),
        "\ufeffClient\tName\tAddresses\r\nCafé\tZoë\tzoe@cafe.example\r\n".encode(),
    ],
    ids=["semicolons and cp1252", "tabs and a byte order mark"],
)
def test_a_file_from_a_spreadsheet_is_read(office: Backoffice, clock: SetClock, content: bytes) -> None:
    taken(content, clock)

    assert [person.name for person in clients.record("Café").people] == ["Zoë"]


@pytest.mark.parametrize("content", ["", "firm,mail\nACME,a@b.example\n", "name,phone\nAnn,1\n"])
def test_a_file_without_the_right_columns_is_refused_whole(content: str) -> None:
    with pytest.raises(Refusal, match="must name the columns"):
        client_import.read(content.encode())
