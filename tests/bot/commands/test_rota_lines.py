"""`rotas` as it is typed: added with a layer, changed, overridden, taken apart and removed."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.backoffice import Backoffice
from bot.clock import SetClock
from bot.commands.requests import Caller, Request
from bot.desk import oncall, people
from bot.desk.audit import at_the_server
from bot.outgoing.cards import Answer
from tests.conftest import NOON

BOB = Caller("slack", "U0BOB", "Bob", "bob@example.org")
CAROL = Caller("slack", "U0CAROL", "Carol", "carol@example.org")


def ask(office: Backoffice, words: str | tuple[str, ...], caller: Caller = BOB, **request: Any) -> Answer:
    """What the desk answers."""
    return office.runner.run(Request(caller, words=words, **request))


@pytest.fixture
def nights(office: Backoffice) -> None:
    """A rota by which Bob and Carol take turns of a week."""
    ask(office, 'rotas add nights name:"The nights" members:"bob, carol" starts:2026-03-02')


def test_a_rota_is_added_with_its_first_layer(office: Backoffice, nights: None) -> None:
    rota = office.desk.rotas.find("NIGHTS")

    assert (rota.name, len(rota.layers), rota.layers[0].days) == ("The nights", 1, 7)
    assert oncall.on_duty("NIGHTS", NOON) == people.agent("bob@example.org")


def test_layers_are_added_changed_and_taken_away(office: Backoffice, nights: None) -> None:
    ask(office, 'rotas layer NIGHTS members:carol days:day hours:"sat,sun 00:00-24:00"')
    ask(office, "rotas layer NIGHTS number:1 handover:09:30")
    before = office.desk.rotas.find("NIGHTS")
    answer = ask(office, "rotas remove NIGHTS layer:2")

    assert [f"{layer.handover:%H:%M}" for layer in before.layers] == ["09:30", "08:00"]
    assert answer.text == "NIGHTS is changed."
    assert len(office.desk.rotas.find("NIGHTS").layers) == 1


def test_an_override_is_typed_in_words_and_taken_back(office: Backoffice, nights: None) -> None:
    ask(office, 'rotas override NIGHTS agent:carol since:"tomorrow 18:00" until:12h')
    (made,) = office.desk.rotas.find("NIGHTS").overrides
    ask(office, f"rotas remove NIGHTS override:{made.id}")

    assert (made.shift.start, made.shift.end) == (
        datetime(2026, 3, 5, 18, tzinfo=UTC),
        datetime(2026, 3, 6, 6, tzinfo=UTC),
    )
    assert office.desk.rotas.find("NIGHTS").overrides == ()


def test_a_rota_is_put_out_of_use_and_removed(office: Backoffice, nights: None) -> None:
    ask(office, "rotas set NIGHTS active:no name:Old")
    old = office.desk.rotas.find("NIGHTS")
    removed = ask(office, "rotas remove NIGHTS")

    assert (old.active, old.name) == (False, "Old")
    assert removed.text == "NIGHTS is removed."
    assert ask(office, "rotas list").lines == ()


def test_a_rota_that_a_chain_rings_stays(office: Backoffice, nights: None, clock: SetClock) -> None:
    office.desk.escalating.chains.set("", "BLOCKING", ["rota:nights 5m"], clock.now())

    assert ask(office, "rotas remove NIGHTS").text == "A chain of escalation rings NIGHTS. Change that first."
    assert office.desk.rotas.find("NIGHTS").layers


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("add", "Missing: ROTA."),
        ("layer", "Missing: ROTA."),
        ("add NIGHTS", "There is already a rota NIGHTS."),
        ("layer DAYS members:bob", "There is no rota DAYS."),
        ("layer NIGHTS number:x", "x is no number."),
        ("remove NIGHTS layer:7", "NIGHTS has no layer 7."),
        ("remove NIGHTS calendar:yes", "NIGHTS follows no calendar."),
        ("override NIGHTS agent:carol since:yesterday until:12h", "“yesterday” is Tue 3 Mar 2026 09:00; that is over."),
        ("override NIGHTS agent:carol since:1h", "I do not understand the time “”."),
        ("set NIGHTS zone:Mars", "timezone"),
    ],
)
def test_what_cannot_be_is_refused(office: Backoffice, nights: None, words: str, said: str) -> None:
    answer = ask(office, f"rotas {words}")

    assert answer.refused
    assert answer.text.startswith(said)
    assert len(office.desk.rotas.find("NIGHTS").layers) == 1


@pytest.mark.row("INV-04")
@pytest.mark.parametrize("words", ["add X", "set NIGHTS name:X", "layer NIGHTS members:carol", "remove NIGHTS", "list"])
def test_agents_type_no_rotas(office: Backoffice, nights: None, words: str) -> None:
    assert ask(office, f"rotas {words}", CAROL).text.startswith("For `rotas` you need the role manager")


def test_the_form_opens_at_the_rota_that_is_named(office: Backoffice, nights: None) -> None:
    form = ask(office, "rotas nights", can_ask=True).form

    assert form is not None
    assert {field.key: field.value for field in form.fields} == {"which": "NIGHTS", "what": ""}


@pytest.mark.parametrize("what", ["all", "unfollow"])
def test_the_whole_rota_or_its_calendar_goes_by_the_form(office: Backoffice, nights: None, what: str) -> None:
    calendar = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nEND:VCALENDAR\r\n"
    office.desk.feeds.take("NIGHTS", calendar, at_the_server())
    opened = ask(office, "", verb="rotas", fields={"which": "NIGHTS", "what": what}, changed="what", can_ask=True)
    assert opened.form is not None
    values = {field.key: field.value for field in opened.form.fields} | {"draft": opened.form.draft}

    ask(office, "", verb="rotas", fields=values, submitted=True)

    left = {rota.code: rota.followed for rota in oncall.every(NOON)}
    assert left == ({} if what == "all" else {"NIGHTS": None})
