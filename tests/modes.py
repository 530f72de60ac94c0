"""Two modes: Slack over Socket Mode and Telegram by polling, or both of them posting to the bot's own web server.

Tests of the whole way run in one of both, `--both-modes` in each. Which one is decided by the test's name, so that it
is always the same and about half of them take each.
"""

from zlib import crc32

import pytest

MODES = {"socket": False, "http": True}


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--both-modes`: every test of the whole way twice."""
    parser.addoption("--both-modes", action="store_true", help="socket and polling, and HTTP, in every test")


def pytest_configure(config: pytest.Config) -> None:
    """`one_mode`: for a test that takes long and is about something else."""
    config.addinivalue_line("markers", "one_mode: in one mode also with --both-modes")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`over_http`: whether Slack and Telegram post to the bot's web server in this test."""
    stated = any("over_http" in mark.args[0] for mark in metafunc.definition.iter_markers("parametrize"))
    if "over_http" not in metafunc.fixturenames or stated:
        return
    names = list(MODES)
    both = metafunc.config.getoption("--both-modes") and not metafunc.definition.get_closest_marker("one_mode")
    chosen = names if both else [names[crc32(metafunc.definition.name.encode()) % 2]]
    metafunc.parametrize("over_http", [MODES[name] for name in chosen], ids=chosen)
