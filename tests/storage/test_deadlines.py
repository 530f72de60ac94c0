"""Questions about deadlines use their index, on both databases: what they cost depends on what they find alone."""

from datetime import UTC, datetime
from typing import Any

import pytest

from storage.database import is_sqlite
from storage.queries import deadlines
from storage.rows import db

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def plan(query: Any) -> str:
    """How the database would answer; an empty PostgreSQL reads its tables whole unless it is told not to."""
    if not is_sqlite():
        db.execute_sql("SET enable_seqscan = off")
        db.execute_sql("SET enable_bitmapscan = off")
    text, values = query.sql()
    how = "EXPLAIN QUERY PLAN" if is_sqlite() else "EXPLAIN"
    return "\n".join(str(row) for row in db.execute_sql(f"{how} {text}", values).fetchall())


@pytest.mark.row("C6")
@pytest.mark.database
def test_the_scan_for_alerts_reads_only_what_is_to_be_told(desk: None) -> None:
    how = plan(deadlines.to_tell(NOON, 50))

    assert "ticket_next_alert" in how
    assert "Sort" not in how
    assert "TEMP B-TREE" not in how


@pytest.mark.database
def test_open_tickets_are_read_page_by_page_without_the_closed_ones(desk: None) -> None:
    how = plan(deadlines.open_after(10, 25))

    assert "ticket_open " in how
    assert "Sort" not in how
    assert "TEMP B-TREE" not in how
