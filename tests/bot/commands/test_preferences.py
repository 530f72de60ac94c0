"""One's own language, time zone and quiet hours: in a form, typed in a chat, and on the command line."""

import pytest

from bot.backoffice import Backoffice
from bot.commands.requests import Caller, Request
from bot.desk import people
from bot.outgoing.cards import Answer

CAROL = "carol@example.org"
NIGHTS = "22:00-07:00"


def typed(office: Backoffice, words: str, platform: str = "slack") -> Answer:
    """Carol types this."""
    caller = Caller(platform, CAROL if platform == "cli" else "U0CAROL", "Carol", CAROL)
    return office.runner.run(Request(caller, words=words if platform == "slack" else tuple(words.split())))


def kept() -> tuple[str, str, str]:
    """What is known of Carol."""
    carol = people.agent(CAROL)
    return carol.language, carol.timezone, carol.quiet_hours


def test_what_is_not_typed_stays_as_it_is(office: Backoffice) -> None:
    typed(office, f"preferences timezone:Asia/Tokyo quiet_hours:{NIGHTS}")
    typed(office, "preferences language:fr", "cli")
    changed = kept()
    typed(office, "preferences quiet_hours:-")

    assert changed == ("fr", "Asia/Tokyo", NIGHTS)
    assert kept() == ("fr", "Asia/Tokyo", "")


@pytest.mark.parametrize("wrong", ["quiet_hours:late", "quiet_hours:7-8-9", "timezone:Mars", "language:de"])
def test_what_cannot_be_is_refused_by_its_name(office: Backoffice, wrong: str) -> None:
    answer = typed(office, f"preferences {wrong}")

    assert list(answer.faults) == [wrong.partition(":")[0]]
    assert kept() == ("", "", "")


def test_a_form_asks_for_all_three_and_what_is_emptied_is_as_the_desk(office: Backoffice) -> None:
    typed(office, f"preferences timezone:Asia/Tokyo quiet_hours:{NIGHTS}")
    form = typed(office, "preferences").form
    caller = Caller("slack", "U0CAROL", "Carol", CAROL)
    fields = {"language": "-", "timezone": "", "quiet_hours": NIGHTS}
    office.runner.run(Request(caller, verb="preferences", fields=fields, submitted=True))

    assert form is not None
    asked = [(one.key, one.value) for one in form.fields]
    assert asked == [("language", "-"), ("timezone", "Asia/Tokyo"), ("quiet_hours", NIGHTS)]
    assert kept() == ("", "", NIGHTS)


def test_the_command_line_tells_what_is_set(office: Backoffice) -> None:
    typed(office, f"preferences quiet_hours:{NIGHTS}", "cli")

    assert f"quiet hours: {NIGHTS}" in typed(office, "preferences", "cli").text
