"""After every fault: what must always be true is still true of the desk it hit."""

import pytest


@pytest.fixture(autouse=True)
def _sound(desks_hold: None) -> None:
    """Looked at when the test is over."""
