"""Help, the menu of a bare command, and what is said about a verb that does not exist."""

import pytest

from bot.backoffice import Backoffice
from bot.commands.requests import Caller, Request
from bot.commands.verbs import typed
from bot.desk import staff
from bot.desk.people import DESK
from bot.outgoing.cards import Answer

BOB = Caller("slack", "U1", "Bob", "bob@example.org")
EVE = Caller("slack", "U6", "Eve", "eve@example.org")


def ask(office: Backoffice, words: str, caller: Caller = BOB) -> Answer:
    """What the desk answers."""
    return office.runner.run(Request(caller, words=words))


def test_help_has_every_verb_once_under_its_heading_and_the_usual_ones_first(office: Backoffice) -> None:
    lines = ask(office, "help").lines

    usages = [line.split(" — ")[0] for line in lines if not line.startswith("▸")]
    assert sorted(usages) == sorted(verb.usage.line for verb in typed())
    assert lines[0] == "▸ Look"
    assert usages[0].startswith("list")


def test_a_bare_command_is_answered_with_a_menu_in_slack(office: Backoffice) -> None:
    menu = ask(office, "")

    assert [button.label for button in menu.buttons] == ["New ticket", "My tickets", "Help"]
    assert len(menu.lines) == 5


def test_whoever_is_no_agent_gets_no_menu(office: Backoffice) -> None:
    assert ask(office, "", EVE).buttons == ()


def test_a_verb_that_does_not_exist_is_answered_with_the_nearest_and_five_lines(office: Backoffice) -> None:
    answer = ask(office, "tkae 1")

    assert "Did you mean `take`?" in answer.text
    assert len(answer.lines) == 5


@pytest.mark.parametrize("verb", ["reply", "take", "settings"])
def test_the_help_of_a_verb_is_in_its_reader_s_language(office: Backoffice, verb: str) -> None:
    english = ask(office, f"help {verb}")
    staff.change("bob@example.org", office.clock, DESK, language="fr")

    french = ask(office, f"help {verb}")

    assert french.lines and set(french.lines).isdisjoint(english.lines)
    assert "\n" not in french.lines[0]
