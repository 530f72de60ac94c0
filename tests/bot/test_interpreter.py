"""Which Pythons are warned of."""

import pytest

from bot import interpreter


@pytest.mark.row("SE-25")
@pytest.mark.parametrize(
    ("version", "warned"),
    [
        ((3, 11, 0), True),
        ((3, 11, 9), True),
        ((3, 11, 10), False),
        ((3, 12, 4), True),
        ((3, 12, 5), False),
        ((3, 13, 0), False),
    ],
)
def test_a_python_whose_mail_library_has_a_known_fault_is_warned_of(version: tuple[int, ...], warned: bool) -> None:
    said = interpreter.warning(version)

    assert ("CVE-2024-6923" in said) is warned
