"""No regular expression of the project is slow: 100 KB of its own pieces take it no more than linear time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.patterns import made_inside

ROOT = Path(__file__).parents[2]
PATIENCE = 120
"""Seconds for all of them, a busy machine allowed for."""
MADE_INSIDE = {
    "bot.commands.plain_words: pattern": "its own tables, on a phrase of a few words",
    "bot.commands.spoken_days: pattern": "its own table, spelt out; the results are tried under their names",
    "bot.commands.spoken_spans: several": "its own words, spelt out; the result is tried under its name",
    "bot.config.checks: pattern": "a fixed shape that a setting's type is declared with",
    "bot.config.lines: key": "a setting's name in the operator's file, each character once",
    "bot.config.patterns: source": "an operator's rule, which a child searches and which is ended when it takes long",
    "bot.config.patterns: token": "one class of an operator's rule, on one character",
    "bot.desk.numbering: around, rest": "a mask in force, on references of thirty characters",
    "bot.intake.robot_phrases: after, phrases": "its results are tried under their names",
    "bot.sandbox.mail.folder_commands: pattern": "the folders of a stage that has five",
    "bot.sandbox.slack.mrkdwn: sign, longest_first": "escaped names, one after the other",
    "bot.sandbox.telegram.html: stop": "one character of two",
    "handlers.telegram.faults: words": "its own words, one after the other",
    "handlers.slack.events: bot_user": "Slack's own id of the bot, escaped, cut once",
}
"""The patterns that cannot be tried here, and why each is harmless."""


def slow(*words: str, patience: float = PATIENCE) -> list[str]:
    """A line for each slow pattern; one that never ends is in the last."""
    command = [sys.executable, "-m", "tests.faults.patterns", *words]
    try:
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=patience, check=True)
    except subprocess.TimeoutExpired as error:
        return (error.stdout or b"").decode().splitlines()[-1:]
    lines = ended.stdout.splitlines()
    assert len(lines) > 200
    return [line for line in lines if not line.endswith("| ")]


@pytest.mark.row("SE-22")
def test_no_pattern_takes_more_than_linear_time() -> None:
    assert slow() == []


@pytest.mark.row("SE-22")
def test_every_pattern_that_is_made_inside_a_function_is_known_to_be_harmless() -> None:
    assert made_inside() == MADE_INSIDE.keys()


def full(folder: Path) -> str:
    """Every text of every pattern at its full length."""
    assert (found := slow("--full", patience=3_600)) == [], found
    return "every pattern is linear"
