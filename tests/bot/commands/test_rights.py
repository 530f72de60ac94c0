"""Who may do what: each cell of the table of rights, through the one door; tickets of other groups do not exist."""

from typing import Any

import pytest

from bot.backoffice import Backoffice
from bot.clock import SetClock
from bot.commands.requests import Caller, Request, Spot
from bot.commands.verbs import VERBS
from bot.desk import people, permissions
from bot.desk.audit import at_the_server
from bot.desk.permissions import ROLES
from bot.desk.views import TicketView
from bot.errors import NotAllowed
from bot.outgoing.cards import Answer
from storage.models import Event
from storage.queries import deliveries

TABLE = {
    "viewer": "show list log why search client stats help oncall more back home preferences suggest",
    "agent": (
        "new read take takeover assign note reply wait hold resume close abandon reopen edit snooze escalate time "
        "intervention document link unlink merge split undo pair unpair swap handover"
    ),
    "manager": "mass_close delete undelete clients contracts canned rotas escalation quarantine_retry retry",
    "admin": "settings dictionaries agents quarantine_drop erase export",
}
CELLS = [(role, right, least) for least, rights in TABLE.items() for right in rights.split() for role in ROLES]
ADDRESS = {"viewer": "vic@example.org", "agent": "carol@example.org", "manager": "max@example.org"}
NEEDS_A_TICKET = sorted(
    name for name, verb in VERBS.items() if any(slot.name == "reference" for slot in verb.usage.slots)
)
WORDS = {
    "assign": "bob@example.org",
    "note": "Hello",
    "reply": "Hello",
    "abandon": "no ticket",
    "edit": "severity:HIGH",
    "snooze": "1h",
    "merge": "1",
    "link": "1",
    "unlink": "1",
    "split": "1",
    "time": "30m",
}


def ask(office: Backoffice, address: str, words: str = "", **request: Any) -> Answer:
    """What an agent is answered."""
    return office.runner.run(Request(Caller("cli", address), words=words, **request))


@pytest.fixture
def hidden(office: Backoffice, ticket: TicketView) -> TicketView:
    """A ticket of a group that only Bob sees; another one that everybody sees has no number 1."""
    office.desk.dictionaries.add("group", "SECRET", {"agents": "bob@example.org"}, at_the_server())
    ask(office, "bob@example.org", f"edit {ticket.reference} group:SECRET")
    return office.desk.tickets.view(ticket.id)


# the table -----------------------------------------------------------------------------------------------------------


@pytest.mark.row("C10")
@pytest.mark.parametrize(("role", "right", "least"), CELLS)
def test_each_cell_of_the_table(role: str, right: str, least: str) -> None:
    assert permissions.may(role, right) is (ROLES.index(role) >= ROLES.index(least))


@pytest.mark.row("C10")
def test_every_right_stands_in_the_table() -> None:
    assert len(permissions.LEAST_ROLE) == len(CELLS) // len(ROLES)


@pytest.mark.row("C10")
@pytest.mark.parametrize(
    ("role", "right", "least"),
    [("viewer", "take", "agent"), ("agent", "delete", "manager"), ("viewer", "xyz", "admin")],
)
def test_whoever_lacks_a_right_is_told_which_role_has_it(role: str, right: str, least: str) -> None:
    with pytest.raises(NotAllowed) as refusal:
        permissions.allow(role, right)

    permissions.allow(least, "take")
    assert str(refusal.value) == f"For `{right}` you need the role {least}; yours is {role}. An admin can change it."


@pytest.mark.row("C10")
@pytest.mark.parametrize("right", ["", "nonsense", "Take"])
def test_what_is_not_in_the_table_is_allowed_to_nobody(right: str) -> None:
    assert not any(permissions.may(role, right) for role in ROLES)
    assert not permissions.may("owner", "show")


@pytest.mark.row("C10")
@pytest.mark.parametrize("role", ADDRESS)
@pytest.mark.parametrize("name", sorted(name for name, verb in VERBS.items() if not verb.open_to_all))
def test_every_verb_asks_for_its_right(
    office: Backoffice, clock: SetClock, ticket: TicketView, name: str, role: str
) -> None:
    people.add_agent("max@example.org", "Max", "manager", clock)
    before = Event.select().count()

    answer = ask(office, ADDRESS[role], verb=name, fields={"reference": ticket.reference})

    refused_for_the_role = answer.refused and "you need the role" in answer.text
    assert refused_for_the_role is not permissions.may(role, VERBS[name].right)
    if refused_for_the_role:
        assert Event.select().count() == before


@pytest.mark.row("C10")
def test_help_shows_only_what_one_may_do(office: Backoffice) -> None:
    told = ask(office, "vic@example.org", "help").lines

    verbs = {line.split()[0] for line in told if not line.startswith("▸")}
    assert verbs <= {name for name, verb in VERBS.items() if permissions.may("viewer", verb.right)}
    assert "show" in verbs


# groups that are not theirs ------------------------------------------------------------------------------------------


@pytest.mark.row("C11", "SE-15")
@pytest.mark.parametrize("name", NEEDS_A_TICKET)
def test_a_ticket_of_another_group_is_as_if_it_did_not_exist(
    office: Backoffice, clock: SetClock, hidden: TicketView, name: str
) -> None:
    people.add_agent("max@example.org", "Max", "admin", clock)
    missing = "TS2603-0999"
    before = Event.select().count()
    more = WORDS.get(name, "")

    answers = [
        ask(office, "max@example.org", (name, reference, *filter(None, [more])), verb="")
        if not VERBS[name].hidden
        else ask(office, "max@example.org", verb=name, fields={"reference": reference}, submitted=True)
        for reference in (hidden.reference, missing)
    ]

    assert all(answer.refused for answer in answers)
    assert answers[0].text.replace(hidden.reference, missing) == answers[1].text
    assert Event.select().count() == before


@pytest.mark.row("C11", "SE-15")
@pytest.mark.parametrize("name", NEEDS_A_TICKET)
def test_a_button_of_another_group_s_ticket_says_no_more_than_of_none(
    office: Backoffice, clock: SetClock, hidden: TicketView, name: str
) -> None:
    people.add_agent("max@example.org", "Max", "admin", clock)
    deliveries.hang(hidden.id, "slack:C1", version=0, at=clock.now(), platform="slack", channel="C1", message="1.1")

    def press(ticket_id: int) -> Answer:
        spot = Spot("slack", "C1", "1.1" if ticket_id == hidden.id else "9.9")
        fields = {"ticket": str(ticket_id)}
        return ask(office, "max@example.org", verb=name, fields=fields, version=0, pressed=True, spot=spot)

    of_another, of_none = press(hidden.id), press(999)

    assert (of_another.refused, of_none.refused) == (True, True)
    assert of_another.text.replace(str(hidden.id), "999") == of_none.text


@pytest.mark.row("C11", "SE-15")
@pytest.mark.parametrize(
    "words", ["list all", "list open", "search printer", "client ann@acme.example", "list all group:SECRET"]
)
def test_lists_show_no_ticket_of_another_group(office: Backoffice, hidden: TicketView, words: str) -> None:
    theirs = ask(office, "carol@example.org", words)
    own = ask(office, "bob@example.org", words)

    assert (theirs.data, len(own.data if isinstance(own.data, list) else [])) == ([], 1)
    assert hidden.reference not in theirs.text


@pytest.mark.row("C11")
@pytest.mark.parametrize("name", ["merge", "link"])
def test_the_other_ticket_of_a_pair_is_hidden_as_well(office: Backoffice, hidden: TicketView, name: str) -> None:
    seen = ask(office, "carol@example.org", "new Visible").reference

    answers = [
        ask(office, "carol@example.org", f"{name} {seen} {other}") for other in (hidden.reference, "TS2603-0999")
    ]

    assert answers[0].text.replace(hidden.reference, "TS2603-0999") == answers[1].text
    assert answers[0].refused


@pytest.mark.row("C11")
def test_many_at_once_do_not_name_a_hidden_one(office: Backoffice, clock: SetClock, hidden: TicketView) -> None:
    people.add_agent("max@example.org", "Max", "manager", clock)

    answers = [ask(office, "max@example.org", f"close {other},2") for other in (hidden.reference, "TS2603-0999")]

    assert answers[0].text.replace(hidden.reference, "TS2603-0999") == answers[1].text
