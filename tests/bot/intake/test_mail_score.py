"""The rates on the collection of mails with known answers, where it lies beside the project."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mail_score import Score, score

OWN_MAILS = Path(__file__).parents[2] / "mails"
MAILS = Path(__file__).parents[4] / "shared" / "mails"
FLOORS = {
    "no exception": 1.0,
    "from address": 0.995,
    "from name": 0.99,
    "subject": 0.995,
    "body": 0.99,
    "attachments": 0.96,
    "reply kept": 0.97,
    "quoted cut": 0.95,
    "automatic": 0.99,
    "no false alarm": 0.99,
    "bounce status": 0.97,
    "bounce recipient": 0.97,
}


@pytest.fixture(scope="module")
def rates() -> Score:
    if not (MAILS / "index.jsonl").exists():
        pytest.skip("the collection ../shared/mails is not here")
    return score(MAILS)


@pytest.mark.parametrize("name", FLOORS)
def test_a_rate_has_not_fallen(rates: Score, name: str) -> None:
    assert rates.rate(name) >= FLOORS[name], rates.wrong[name]


def test_every_mail_is_read_in_less_than_a_second(rates: Score) -> None:
    seconds, name = rates.slowest

    assert seconds < 1.0, name


def test_a_hundred_replies_of_our_own_are_kept_and_their_history_is_cut() -> None:
    own = score(OWN_MAILS)

    assert own.right["reply kept"] >= 100
    assert own.rate("reply kept") >= FLOORS["reply kept"]
    assert own.rate("quoted cut") >= FLOORS["quoted cut"]
