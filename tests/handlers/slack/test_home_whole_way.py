"""The app's home tab through real Bolt: counts, one's own oldest tickets, what is late, own settings, the desk's."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.desk.opening import Opening
from bot.desk.people import Actor, agent
from bot.sandbox.slack import View
from storage.database import session
from tests.handlers.slack.house import CHANNEL, House, open_house


@pytest.fixture(params=[False, True], ids=["socket", "http"])
async def house(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[House]:
    async with open_house(tmp_path, http=request.param) as running:
        yield running


def opened(house: House, *subjects: str, by: str = "bob@example.org") -> None:
    with session():
        somebody = agent(by)
        for subject in subjects:
            house.office.desk.tickets.open(Opening(subject=subject, assignee=by), Actor.of(somebody, "cli"))


async def home(house: House, user: str) -> View:
    view = await house.slack.open_home(user)
    await house.until(lambda: user in house.slack.workspace.homes)
    return view or house.slack.workspace.homes[user]


async def test_an_agent_sees_counts_and_the_own_oldest_tickets_first(house: House) -> None:
    opened(house, "Printer on fire", "No toner")
    opened(house, "Carol's", by="carol@example.org")

    shown = (await home(house, "U0BOB")).words

    assert "Mine: 2 · Open: 3 · Unassigned: 0" in shown
    assert shown.index("Printer on fire") < shown.index("No toner")
    assert "Carol's" not in shown
    assert "Administration" in shown


async def test_an_agent_who_is_no_admin_sees_no_administration(house: House) -> None:
    shown = (await home(house, "U0CAROL")).words

    assert "You have no open tickets." in shown
    assert "Administration" not in shown


async def test_a_stranger_reads_what_to_do_and_no_ticket(house: House) -> None:
    opened(house, "Printer on fire")

    shown = (await home(house, "U0EVE")).words

    assert "I do not know you as an agent." in shown
    assert "Printer on fire" not in shown


async def test_a_list_is_shown_over_the_page_and_turned_there(house: House) -> None:
    opened(house, *(f"Ticket {number}" for number in range(12)))
    page = await home(house, "U0BOB")

    view = await (await house.slack.press_in_view("U0BOB", page.id, "page:open")).until_view()
    before = view.updates
    await house.slack.press_in_view("U0BOB", view.id, "page:next")
    await house.until(lambda: view.updates > before)

    assert "Ticket 1" in view.words
    assert "Ticket 11" not in view.words


async def test_a_ticket_is_shown_over_the_page(house: House) -> None:
    opened(house, "Printer on fire")
    page = await home(house, "U0BOB")

    view = await (await house.slack.press_in_view("U0BOB", page.id, "verb:show")).until_view()

    assert "Printer on fire" in view.words


async def test_the_own_language_is_set_there_and_the_page_is_drawn_in_it(house: House) -> None:
    page = await home(house, "U0CAROL")
    view = await (await house.slack.press_in_view("U0CAROL", page.id, "verb:preferences")).until_view()

    done = await house.slack.submit("U0CAROL", view.id, {"language": "fr", "timezone": "Europe/Paris"})

    assert done.error is None
    await house.until(lambda: "Vous n’avez" in page.words or "Vous n'avez" in page.words)
    with session():
        assert (agent("carol@example.org").language, agent("carol@example.org").timezone) == ("fr", "Europe/Paris")


async def test_a_zone_that_does_not_exist_stays_at_its_field(house: House) -> None:
    page = await home(house, "U0CAROL")
    view = await (await house.slack.press_in_view("U0CAROL", page.id, "verb:preferences")).until_view()

    refused = await house.slack.submit("U0CAROL", view.id, {"timezone": "Mars/Olympus"})

    assert list(refused.field_errors) == ["timezone"]


async def test_an_admin_makes_somebody_a_manager(house: House) -> None:
    page = await home(house, "U0BOB")
    view = await (await house.slack.press_in_view("U0BOB", page.id, "verb:agents")).until_view()
    before = view.updates
    chosen = "Carol · carol@example.org · agent"
    await house.slack.press_in_view("U0BOB", view.id, "value", option=chosen, block_id="who")
    await house.until(lambda: view.updates > before)

    done = await house.slack.submit("U0BOB", view.id, {"carol@example.org.role": "manager"})

    assert done.error is None
    with session():
        assert agent("carol@example.org").role == "manager"


async def test_who_is_no_admin_cannot_open_the_agents(house: House) -> None:
    done = await house.slack.slash("U0CAROL", CHANNEL, "agents")

    assert "you need the role admin" in str(done.ack)
