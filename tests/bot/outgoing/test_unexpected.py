"""What nobody foresaw ends no delivery; what the database's absence cut off waits no longer than it has to."""

import pytest

from bot.outgoing.packed import AFTER_OUTAGE, unexpected
from storage.database import ConnectionLost, DatabaseUnavailable, StorageFull


@pytest.mark.row("DB-03")
@pytest.mark.parametrize("fault", [ConnectionLost("lost"), DatabaseUnavailable("away"), StorageFull("full")])
def test_what_the_database_cut_off_is_begun_anew_soon(fault: Exception) -> None:
    error = unexpected(fault)

    assert (error.permanent, error.retry_after) == (False, AFTER_OUTAGE)
    assert str(error) == f"unexpected: {type(fault).__name__}"


def test_anything_else_waits_longer_and_longer() -> None:
    error = unexpected(ValueError("a secret"))

    assert (error.permanent, error.retry_after) == (False, None)
    assert str(error) == "unexpected: ValueError"
