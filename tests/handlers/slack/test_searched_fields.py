"""Fields that are searched in while one types: clients, people, tickets … through real Bolt; and how quick it is."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.backoffice import Backoffice
from bot.commands.requests import Caller, Request
from bot.desk import clients
from bot.desk.opening import Opening
from bot.desk.people import Actor, agent
from bot.sandbox.slack import View
from storage.database import session, transaction
from storage.rows import db
from tests.handlers.slack.house import CHANNEL, House, open_house

MANY = """
WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 100000)
INSERT INTO third_party (name, code, language, kind, notes, active, created_at)
SELECT 'Client ' || n || ' of the north', 'C' || n, '', '', '', 1, '2026-01-01 00:00:00' FROM number
"""


@pytest.fixture
async def house(tmp_path: Path, over_http: bool) -> AsyncIterator[House]:
    async with open_house(tmp_path, http=over_http) as running:
        with session():
            bob, clock = Actor.of(agent("bob@example.org"), "cli"), running.office.clock
            clients.add("ACME", clock)
            clients.add("Zeta <!channel>", clock)
            clients.add_contact(["ann@acme.example"], clock, name="Ann", client="ACME")
            for subject in ("Printer on fire", "No toner"):
                running.office.desk.tickets.open(Opening(subject=subject), bob)
        yield running


async def form(house: House, words: str) -> View:
    return await (await house.slack.slash("U0BOB", CHANNEL, words)).until_view()


async def offered(house: House, view: View, field: str, typed: str) -> list[str]:
    gesture = await house.slack.suggest("U0BOB", "value", typed, view_id=view.id, block_id=field)
    assert gesture.error is None
    return [option["value"] for option in gesture.options]


async def test_a_client_is_found_by_the_beginning_of_the_name_and_none_is_offered(house: House) -> None:
    view = await form(house, "edit 1")

    assert await offered(house, view, "client", "acm") == ["ACME"]
    assert (await offered(house, view, "client", ""))[0] == "-"


async def test_a_person_is_found_by_name_and_a_new_address_is_offered_as_typed(house: House) -> None:
    view = await form(house, "edit 1")

    assert await offered(house, view, "contact", "ann") == ["ann@acme.example"]
    assert await offered(house, view, "contact", "joe@new.example") == ["joe@new.example"]


async def test_the_other_ticket_is_found_by_word_and_by_number(house: House) -> None:
    view = await form(house, "merge 1")

    by_word, by_number = await offered(house, view, "into", "toner"), await offered(house, view, "into", "2")

    assert len(by_word) == 1
    assert by_number[0] == by_word[0]


async def test_an_assignee_is_found_and_the_choice_counts(house: House) -> None:
    view = await form(house, "assign 1")
    assert await offered(house, view, "who", "car") == ["carol2@example.org", "carol@example.org"]

    done = await house.slack.submit("U0BOB", view.id, {"who": "carol@example.org"})

    assert done.error is None
    with session():
        found = house.office.desk.tickets.find("1", agent("bob@example.org"))
        assert found.assignee
        assert found.assignee.email == "carol@example.org"


async def test_a_stranger_is_offered_nothing(house: House) -> None:
    view = await form(house, "edit 1")
    gesture = await house.slack.suggest("U0BOB", "value", "ac", view_id=view.id, block_id="client")
    payload = {**gesture.payload, "user": {**gesture.payload["user"], "id": "U0EVE"}}

    answer = await house.slack.send_raw({"type": "interactive", "payload": payload})

    assert answer.ack == {"options": []}


def test_a_hundred_thousand_clients_are_searched_in_time(office: Backoffice) -> None:
    with transaction():
        db.execute_sql(MANY)
    clients.add("Zeta", office.clock)
    request = Request(Caller("cli", "bob@example.org"), verb="suggest", fields={"field": "client", "text": "zet"})

    begun = time.perf_counter()
    answer = office.runner.run(request)

    assert [option.value for option in answer.options] == ["ZETA"]
    assert time.perf_counter() - begun < 1.5  # a liveness check: five times what is allowed
