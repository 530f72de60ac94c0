"""`escalation` in chats and on the command line: chains typed, or kept in a form that shows first what would ring."""

from typing import Any

import pytest

from bot.backoffice import Backoffice
from bot.clock import SetClock
from bot.commands.requests import Caller, Request
from bot.desk import people
from bot.desk.audit import at_the_server
from bot.outgoing.cards import Answer, Field
from storage.models import Event

BOB = Caller("slack", "U0BOB", "Bob", "bob@example.org")
CAROL = Caller("slack", "U0CAROL", "Carol", "carol@example.org")
CLI = Caller("cli", "bob@example.org")
BLOCKING = {"group": "", "severity": "BLOCKING"}


def ask(office: Backoffice, words: str | tuple[str, ...] = "", caller: Caller = BOB, **request: Any) -> Answer:
    """What the desk answers."""
    return office.runner.run(Request(caller, words=words, **request))


def submit(office: Backoffice, values: dict[str, str], **request: Any) -> Answer:
    """What the desk answers to the form that was filled in."""
    return ask(office, verb="escalation", fields=values, submitted=True, **request)


def opened(office: Backoffice, **choices: str) -> dict[str, str]:
    """What the form holds after these choices, with its draft."""
    return filled(ask(office, verb="escalation", fields=choices, changed="which", can_ask=True))


def filled(answer: Answer) -> dict[str, str]:
    """The values of a form as they come back."""
    assert answer.form is not None, answer.text
    values = {field.key: field.value for field in answer.form.fields if field.kind != "shown"}
    return values | ({"draft": answer.form.draft} if answer.form.draft else {})


def shown(answer: Answer) -> list[str]:
    """The lines that a preview shows."""
    assert answer.form is not None, answer.text
    return [line for field in answer.form.fields for line in field.value.splitlines()]


def field(answer: Answer, key: str) -> Field:
    """One field of a form."""
    assert answer.form is not None, answer.text
    return next(one for one in answer.form.fields if one.key == key)


@pytest.fixture
def office(office: Backoffice, clock: SetClock) -> Backoffice:
    """A desk with Sam, and a rota by which he is on call."""
    people.add_agent("sam@example.org", "Sam", "agent", clock)
    office.desk.rotas.add("NIGHT", at_the_server(), name="Night")
    office.desk.rotas.set_layer("NIGHT", {"members": "sam", "starts": "2026-03-01"}, at_the_server())
    return office


@pytest.fixture
def chain(office: Backoffice, clock: SetClock) -> dict[str, Any]:
    """Blocking tickets ring Sam, then the rota three times."""
    return office.desk.escalating.chains.set("", "BLOCKING", ["sam@example.org 5m", "rota:NIGHT 5m x3"], clock.now())


def chains(office: Backoffice) -> list[dict[str, Any]]:
    """All there are."""
    return office.desk.escalating.chains.every()


# typed ---------------------------------------------------------------------------------------------------------------


def test_a_chain_is_typed_and_the_answer_says_what_will_ring(office: Backoffice) -> None:
    typed = "set severity:blocking sam@example.org 5m, rota:night 5m x3, channel 15m mon-fri 08:00-12:30,13:30-18:00"

    answer = ask(office, f"escalation {typed}")

    assert answer.text == "all groups · Blocking is saved."
    assert answer.lines == (
        "at once: Sam",
        "after 5 min: rota NIGHT (now Sam) ×3 (5 min apart)",
        "after 20 min: the channel, only mon-fri 08:00-12:30,13:30-18:00",
        "then from the beginning, until somebody takes it",
        "Started by: a new ticket, a deadline that has passed, a client's reply that nobody has answered",
    )
    assert chains(office)[0]["steps"][2] == "channel 15m mon-fri 08:00-12:30,13:30-18:00"


@pytest.mark.parametrize(
    "words",
    [
        "escalation set group:other rounds:2 on:overdue sam@example.org 5m → channel",
        "escalation set group:other rounds:2 on:overdue sam@example.org 5m -> channel",
        "escalation set group:other rounds:2 on:overdue sam@example.org 5m\nchannel",
        ("escalation", "set", "group:OTHER", "rounds:2", "on:overdue", "sam@example.org 5m", "channel"),
    ],
)
def test_steps_are_parted_by_whom_they_ring(office: Backoffice, words: str | tuple[str, ...]) -> None:
    ask(office, words, CLI if isinstance(words, tuple) else BOB)

    assert chains(office) == [
        {
            "group": "OTHER",
            "severity": "",
            "steps": ["sam@example.org 5m", "channel"],
            "rounds": 2,
            "causes": ["overdue"],
        }
    ]


def test_chains_are_listed_and_removed(office: Backoffice, chain: dict[str, Any]) -> None:
    listed = ask(office, "escalation list")
    removed = ask(office, "escalation remove severity:BLOCKING")
    again = ask(office, "escalation remove severity:BLOCKING")

    assert listed.lines[0].startswith("📟 all groups · Blocking: at once: Sam · after 5 min: rota NIGHT (now Sam) ×3")
    assert removed.text == "all groups · Blocking is removed."
    assert again.text.startswith("There is no such chain.")
    assert ask(office, "escalation", CLI).text == "There is no chain yet."


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("set severity:BLOCKING", "A chain has from 1 to 20 steps."),
        ("set severity:BLOCKING sam", "A step rings an address, rota:CODE or channel, not “sam”."),
        ("set severity:BLOCKING who@example.org", "There is no agent who@example.org."),
        ("set severity:BLOCKING rota:DAYS", "There is no rota DAYS. There are: NIGHT."),
        ("set severity:BLOCKING rounds:many channel", "many is no number of times."),
        ("set severity:BLOCKING rounds:9999 channel", "A chain is gone through up to 1000 times."),
        ("set severity:BLOCKING on:rain channel", "A chain is started by new, overdue, client, not by rain."),
        ("42", "I do not understand “42”."),
    ],
)
def test_what_cannot_be_is_refused(office: Backoffice, typed: str, said: str) -> None:
    answer = ask(office, f"escalation {typed}")

    assert answer.refused
    assert answer.text.startswith(said)
    assert chains(office) == []


@pytest.mark.row("INV-04")
def test_agents_keep_no_chains(office: Backoffice, chain: dict[str, Any]) -> None:
    for words in ("escalation", "escalation list", "escalation remove severity:BLOCKING", "escalation set channel"):
        assert ask(office, words, CAROL).text.startswith("For `escalation` you need the role manager")

    assert len(chains(office)) == 1


def test_a_change_is_an_event(office: Backoffice, chain: dict[str, Any]) -> None:
    ask(office, "escalation set severity:BLOCKING channel")
    ask(office, "escalation remove severity:BLOCKING")

    events = list(Event.select().where(Event.kind == "chain_changed").order_by(Event.id))

    assert [event.actor_name for event in events] == ["Deskbell", "Bob", "Bob"]
    assert {event.data["about"] for event in events} == {"chain BLOCKING"}
    assert events[1].old["steps"] == ["sam@example.org 5m", "rota:NIGHT 5m x3"]
    assert (events[1].new["steps"], events[2].new) == (["channel"], {})


# in a form -----------------------------------------------------------------------------------------------------------


def test_a_new_chain_is_shown_in_words_and_saved_when_that_is_confirmed(office: Backoffice) -> None:
    form = opened(office, which="+new")
    typed = {
        "+new.group": "-",
        "+new.severity": "BLOCKING",
        "+new.steps": "sam@example.org 5m\nchannel",
        "+new.rounds": "2",
    }

    preview = submit(office, {**form, **typed})
    before = chains(office)
    saved = submit(office, filled(preview))

    assert shown(preview) == [
        "all groups · Blocking",
        "at once: Sam",
        "after 5 min: the channel",
        "then from the beginning, 2 times in all",
        "Started by: a new ticket, a deadline that has passed, a client's reply that nobody has answered",
    ]
    assert before == []
    assert saved.text == "all groups · Blocking is saved."
    assert chains(office)[0]["steps"] == ["sam@example.org 5m", "channel"]


def test_edit_goes_back_to_the_form_with_what_was_typed(office: Backoffice, chain: dict[str, Any]) -> None:
    form = opened(office, which="-/BLOCKING")
    preview = submit(office, {**form, "-/BLOCKING.steps": "channel 10m", "-/BLOCKING.causes": "overdue"})

    back = ask(office, verb="escalation", fields=filled(preview), changed="edit", can_ask=True)
    again = submit(office, {**filled(back), "-/BLOCKING.rounds": "3"})
    submit(office, filled(again))

    assert chains(office) == [BLOCKING | {"steps": ["channel 10m"], "rounds": 3, "causes": ["overdue"]}]


def test_a_chain_is_opened_by_its_group_and_severity(office: Backoffice, chain: dict[str, Any]) -> None:
    form = filled(ask(office, "escalation severity:BLOCKING", can_ask=True))

    assert form["which"] == "-/BLOCKING"
    assert form["-/BLOCKING.steps"] == "sam@example.org 5m\nrota:NIGHT 5m x3"


def test_a_chain_is_removed_in_the_form_when_that_is_confirmed(office: Backoffice, chain: dict[str, Any]) -> None:
    form = opened(office, which="-/BLOCKING")

    preview = submit(office, {**form, "-/BLOCKING.what": "remove"})
    before = len(chains(office))
    submit(office, filled(preview))

    assert shown(preview) == ["all groups · Blocking", "It is removed; what rings by it is silent."]
    assert (before, chains(office)) == (1, [])


@pytest.mark.parametrize(
    ("part", "typed", "said"),
    [
        ("steps", "sam", "A step rings an address, rota:CODE or channel, not “sam”."),
        ("rounds", "often", "often is no number of times."),
    ],
)
def test_a_fault_stands_at_its_field(
    office: Backoffice, chain: dict[str, Any], part: str, typed: str, said: str
) -> None:
    form = opened(office, which="-/BLOCKING")

    refused = submit(office, {**form, f"-/BLOCKING.{part}": typed})

    assert refused.faults == {f"-/BLOCKING.{part}": said}


def test_a_second_chain_for_the_same_tickets_is_refused(office: Backoffice, chain: dict[str, Any]) -> None:
    form = opened(office, which="+new")
    typed = {"+new.group": "-", "+new.severity": "BLOCKING", "+new.steps": "channel"}

    refused = submit(office, {**form, **typed})

    assert refused.faults == {"+new.group": "There is already a chain for these tickets."}


@pytest.mark.parametrize("seen", ["form", "preview"])
def test_nobody_overwrites_what_somebody_else_has_changed(
    office: Backoffice, chain: dict[str, Any], clock: SetClock, seen: str
) -> None:
    form = opened(office, which="-/BLOCKING")
    last = filled(submit(office, {**form, "-/BLOCKING.steps": "channel"})) if seen == "preview" else form
    office.desk.escalating.chains.set("", "BLOCKING", ["carol@example.org"], clock.now())

    refused = submit(office, last)

    assert refused.text.startswith("Somebody else has changed this meanwhile.")
    assert chains(office)[0]["steps"] == ["carol@example.org"]


def test_a_forged_confirmation_changes_nothing(office: Backoffice, chain: dict[str, Any]) -> None:
    for draft in ("x", "", "0" * 16):
        submit(office, {"draft": draft})

    assert chains(office)[0]["steps"] == chain["steps"]


def test_the_home_page_shows_chains_to_admins(office: Backoffice, chain: dict[str, Any]) -> None:
    panels = {panel.title: panel for panel in ask(office, verb="home").panels}

    assert any(line.startswith("📟 all groups · Blocking: at once: Sam") for line in panels["Administration"].lines)
    assert "escalation" in [button.verb for button in panels["Administration"].buttons]
