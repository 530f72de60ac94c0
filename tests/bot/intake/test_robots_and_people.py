"""Mails in six languages that nobody wrote, and people's that look almost like them: each is told for what it is."""

import pytest

from bot.intake.reading import read_mail
from tests.bot.intake.robots_and_people import PEOPLE, ROBOTS, Sample

IGNORED = {"bounce", "out-of-office"}
BOUNCES = [sample for sample in ROBOTS if sample.reason == "bounce"]


@pytest.mark.row("MI-39", "R:out of office")
@pytest.mark.parametrize("sample", ROBOTS, ids=lambda sample: sample.name)
def test_what_nobody_wrote_is_told_for_what_it_is(sample: Sample) -> None:
    mail = read_mail(sample.raw())

    assert (mail.automatic, mail.ignore) == (sample.reason, sample.reason in IGNORED)


@pytest.mark.row("MI-39")
@pytest.mark.parametrize("sample", PEOPLE, ids=lambda sample: sample.name)
def test_what_a_person_wrote_is_not_taken_for_a_machines(sample: Sample) -> None:
    mail = read_mail(sample.raw())

    assert (mail.automatic, mail.ignore, mail.bounce) == (None, False, None)


@pytest.mark.row("MI-38")
@pytest.mark.parametrize("sample", BOUNCES, ids=lambda sample: sample.name)
def test_a_bounce_says_whom_it_did_not_reach_and_why(sample: Sample) -> None:
    bounce = read_mail(sample.raw()).bounce

    assert bounce is not None
    assert (bounce.recipients, bounce.status, bounce.action) == (sample.failed, sample.status, sample.action)
