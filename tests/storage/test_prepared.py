"""Statements whose SQL is made once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from peewee import ModelSelect

from bot.backoffice import Backoffice
from storage.database import transaction
from storage.models import Jotting
from storage.prepared import insert, prepared, update
from tests.conftest import NOON

pytestmark = pytest.mark.database
KEPT = [("a", 1), ("b", 2), ("c", 3)]


@prepared
def before(moment: Any) -> ModelSelect[Jotting]:
    """Jottings that end before a moment."""
    return Jotting.select().where(Jotting.expires_at < moment).order_by(Jotting.key)


@prepared
def called(keys: Any) -> ModelSelect[Jotting]:
    """Jottings by key."""
    return Jotting.select().where(Jotting.key.in_(keys)).order_by(Jotting.key)


@prepared
def forgotten(key: Any) -> Any:
    """One jotting less."""
    return Jotting.delete().where(Jotting.key == key)


def keep() -> None:
    with transaction():
        for key, hours in KEPT:
            insert(Jotting(key=key, value={"n": hours}, expires_at=NOON + timedelta(hours=hours)))


def test_the_same_question_takes_new_values_each_time(office: Backoffice) -> None:
    keep()

    found = [[row.key for row in before.all(NOON + timedelta(hours=hours))] for hours in (1, 2, 3, 4)]

    assert found == [[], ["a"], ["a", "b"], ["a", "b", "c"]]


def test_lists_of_any_length_are_asked_for(office: Backoffice) -> None:
    keep()

    found = [[row.key for row in called.all(keys)] for keys in ([], ["b"], ["c", "a"], [*"abc", *map(str, range(90))])]

    assert found == [[], ["b"], ["a", "c"], ["a", "b", "c"]]


def test_rows_come_back_as_they_were_written(office: Backoffice) -> None:
    keep()

    found = called.first(["b"])

    assert (found.value, found.expires_at) == ({"n": 2}, NOON + timedelta(hours=2))


def test_a_change_tells_how_many_rows_it_met(office: Backoffice) -> None:
    keep()

    with transaction():
        met = update(Jotting, {"value": 7}, key="a"), update(Jotting, {"value": 7}, key="z")
        gone = forgotten.run("a"), forgotten.run("a")

    assert (met, gone) == ((1, 0), (1, 0))


def test_a_row_that_conflicts_is_left_out(office: Backoffice) -> None:
    keep()

    with transaction():
        again = insert(Jotting(key="a", value=9, expires_at=NOON), "ON CONFLICT (key) DO NOTHING")

    assert again is None
    assert called.first(["a"]).value == {"n": 1}
