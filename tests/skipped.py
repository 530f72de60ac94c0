"""At the end of a run: how many tests were skipped for what is not installed here, one line for each reason."""

from collections import Counter

import pytest

MARK = "apt-get install"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what to install."""
    reports = terminalreporter.stats.get("skipped", [])
    reasons = Counter(_reason(report) for report in reports if MARK in _reason(report))
    for reason, number in sorted(reasons.items()):
        terminalreporter.write_line(f"{number} tests skipped: {reason}", yellow=True)


def _reason(report: pytest.TestReport) -> str:
    said = report.longrepr
    return said[2].removeprefix("Skipped: ") if isinstance(said, tuple) else ""
