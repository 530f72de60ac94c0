"""Whose mail it is: one plain address in one From, or it is in doubt."""

from __future__ import annotations

import pytest

from bot.intake.addresses import sender_of

CLEAR = [
    "ann@acme.example",
    "Ann <ann@acme.example>",
    '"Lee, Ann" <ann@acme.example>',
    "ann@acme.example <ann@acme.example>",
    "'ann@acme.example' <ann@acme.example>",
    '"bob@example.org" <ann@acme.example>',
    "Ann @ Acme <ann@acme.example>",
    "Ann (at work) <Ann@ACME.example.>",
    "ann@acme.example (Ann Lee)",
]
DOUBTFUL = [
    "bob@example.org <ann@acme.example>",
    "bob@example.org(<ann@acme.example>",
    "<ann@acme.example> <bob@example.org>",
    "Ann <ann@acme.example@evil.example>",
    "ann@acme.example, bob@example.org",
    "=?utf-8?b?4oCuYm9i?= <ann@acme.example>",
    "Bob <bob>",
]


@pytest.mark.row("SE-09")
@pytest.mark.parametrize("value", CLEAR)
def test_one_plain_address_is_the_sender(value: str) -> None:
    sender, doubtful = sender_of([value])

    assert sender is not None
    assert (sender.address.lower(), doubtful) == ("ann@acme.example", False)


@pytest.mark.row("SE-09")
@pytest.mark.parametrize("value", DOUBTFUL)
def test_an_address_that_others_may_read_otherwise_is_in_doubt(value: str) -> None:
    _, doubtful = sender_of([value])

    assert doubtful
