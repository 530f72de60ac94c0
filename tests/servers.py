"""What all servers that the tests start have in common: free ports, waiting until they answer, skipping where missing."""

import os
import shutil
import socket
import time
from pathlib import Path

import pytest


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def program(name: str, package: str, *places: str) -> str:
    """The path of a server's program. Without it the test is skipped, on CI it fails: install the package."""
    found = shutil.which(name) or next((place for place in places if Path(place).exists()), None)
    if found:
        return found
    reason = f"{name} is missing: apt-get install {package}"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def wait_for_port(port: int, seconds: float = 20) -> None:
    """Wait until something listens there."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with socket.socket() as probe:
            probe.settimeout(0.2)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise TimeoutError(f"nothing listens on port {port}")
