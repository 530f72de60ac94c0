"""What all servers that the tests start have in common: free ports, certificates, waiting, skipping where missing."""

import asyncio
import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

PR_SET_PDEATHSIG = 1


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def program(name: str, package: str, *places: str) -> str:
    """The path of a server's program. Without it the test is skipped, on CI it fails: install the package."""
    found = shutil.which(name) or next((place for place in places if Path(place).exists()), None)
    return found or missing(f"{name} is missing: apt-get install {package}")


def missing(reason: str) -> NoReturn:
    """Skip the test for this reason; on CI it fails, so that nothing goes untested there unnoticed."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def unprivileged() -> tuple[int, int]:
    """The user and group of servers that refuse to work as root, or for root."""
    entry = pwd.getpwnam("nobody")
    return entry.pw_uid, entry.pw_gid


def ending_with_us(number: signal.Signals) -> Callable[[], None]:
    """What a server's process does first (`preexec_fn`): Linux sends it this signal when the tests end, however."""
    libc = ctypes.CDLL(None)

    def ask() -> None:
        libc.prctl(PR_SET_PDEATHSIG, number)

    return ask


def certificate(cert: Path, key: Path) -> None:
    """A certificate of its own authority for localhost and 127.0.0.1, good for two days."""
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost "
        "-addext subjectAltName=DNS:localhost,IP:127.0.0.1"
    ).split()
    program("openssl", "openssl")
    subprocess.run([*command, "-keyout", str(key), "-out", str(cert)], check=True, capture_output=True)


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


def wait_until(condition: Callable[[], object], seconds: float = 30) -> None:
    """The same for tests without a loop: wait until something is so."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.02)


async def until(condition: Callable[[], object], seconds: float = 30) -> None:
    """Wait until something is so; it may take long on a busy machine."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)
