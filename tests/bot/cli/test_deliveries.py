"""What could not be told: seen and tried again from the command line."""

import json
from datetime import UTC, datetime

import pytest

from bot.backoffice import open_backoffice
from bot.config import load_config
from storage.database import close_database, session
from storage.queries import deliveries as rows
from tests.bot.cli.conftest import Shell

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


@pytest.fixture
def failed(deskbell: Shell) -> int:
    """The number of a notice that Slack did not take; another one waits."""
    open_backoffice(load_config(deskbell.folder / "deskbell.toml", {}))
    with session():
        for key in ("first", "second"):
            rows.add_notice("The mailbox is silent", key=key, platform="slack", channel="#support", topic=0, at=NOON)
        number = rows.undelivered()[0].id
        rows.fail(number, "channel_not_found")
    close_database()
    return number


def listed(deskbell: Shell) -> list[tuple[str, str]]:
    """(state, error) of each."""
    return [(one["state"], one["error"]) for one in json.loads(deskbell("deliveries", "--json").stdout)]


def test_what_failed_and_what_waits_is_listed(deskbell: Shell, failed: int) -> None:
    found = listed(deskbell)
    line = deskbell("deliveries", "list").stdout.splitlines()[0]

    assert found == [("failed", "channel_not_found"), ("pending", "")]
    assert "notice  slack #support  0 tries: channel_not_found" in line


@pytest.mark.parametrize("all_of_them", [True, False])
def test_what_failed_is_tried_again(deskbell: Shell, failed: int, all_of_them: bool) -> None:
    retried = deskbell("deliveries", "retry", *([] if all_of_them else [str(failed)]), "--json")

    assert json.loads(retried.stdout) == {"retried": 1}
    assert listed(deskbell) == [("pending", "channel_not_found"), ("pending", "")]


def test_what_did_not_fail_is_not_tried_again(deskbell: Shell, failed: int) -> None:
    refused = deskbell("deliveries", "retry", str(failed + 1))

    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == "only 0 of 1 had failed: `deskbell deliveries` shows which\n"
