"""An open database without a desk, for tests of the questions that are asked of it."""

from collections.abc import Iterator

import pytest

from storage import database, schema
from storage.database import session


@pytest.fixture
def desk(database_url: str) -> Iterator[None]:
    """An open database, brought up to date."""
    database.open_database(database_url)
    schema.migrate()
    with session():
        yield
    database.close_database()
