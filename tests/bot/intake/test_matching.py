"""Searching in a process of its own, with little time."""

import re
import threading
from collections.abc import Iterator

import pytest

from bot.intake.matching import Matcher


@pytest.fixture
def matcher() -> Iterator[Matcher]:
    made = Matcher(seconds=3)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("expression", "text", "found"),
    [
        (re.compile("invoice"), "an invoice", ("invoice",)),
        (re.compile("invoice"), "a bill", None),
        (re.compile(r"#(\d+)(x)?"), "order #42", ("#42", "42", None)),
        (re.compile("^B.*É$", re.IGNORECASE | re.MULTILINE), "a\nbé\nc", ("bé",)),
        (re.compile(r"(\d+)"), "line one\nline \u2028 two \ud83d\n7", ("7", "7")),
    ],
)
def test_it_finds_what_re_finds(
    matcher: Matcher, expression: re.Pattern[str], text: str, found: tuple[str | None, ...] | None
) -> None:
    assert matcher.search(expression, text) == found


def test_a_search_without_end_is_ended_and_the_next_one_works(matcher: Matcher) -> None:
    with pytest.raises(TimeoutError):
        matcher.search(re.compile("(a|a)*b"), "a" * 60)
    found = matcher.search(re.compile("(a|b)+"), "ab")

    assert found == ("ab", "b")


def test_a_child_that_died_meanwhile_is_replaced(matcher: Matcher) -> None:
    matcher.search(re.compile("a+"), "a")
    assert matcher._child is not None
    matcher._child.kill()
    matcher._child.wait()

    assert matcher.search(re.compile("a+"), "aa") == ("aa",)


def test_threads_get_their_own_answers(matcher: Matcher) -> None:
    answers: dict[int, object] = {}

    def ask(number: int) -> None:
        answers[number] = matcher.search(re.compile(r"\d+"), f"x{number}y")

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)

    assert answers == {number: (str(number),) for number in range(20)}
