"""`deskbell demo` as somebody starts it: one line on stdout, a page behind it, a clean end."""

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp
import pytest

ROOT = Path(__file__).parents[2]
Start = Callable[..., Coroutine[Any, Any, Process]]


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    """Start a demo with these options; what still runs at the end is killed."""
    async with AsyncExitStack() as running:

        async def begin(*options: str) -> Process:
            command = (sys.executable, "-m", "bot", "demo", "--no-browser", *options)
            environment = {"TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
            process = await asyncio.create_subprocess_exec(
                *command, stdout=PIPE, stderr=PIPE, env=environment, cwd=tmp_path
            )
            running.push_async_callback(_ended, process)
            return process

        yield begin


async def _ended(process: Process) -> None:
    if process.returncode is None:
        process.kill()
        await process.communicate()


async def first_line(process: Process) -> str:
    assert process.stdout is not None
    async with asyncio.timeout(40):
        return (await process.stdout.readline()).decode().strip()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_the_first_line_is_the_page_s_address_and_a_signal_ends_it_cleanly(
    start: Start, tmp_path: Path, number: signal.Signals
) -> None:
    demo = await start("--port", "0")
    address = await first_line(demo)
    async with aiohttp.ClientSession() as session, session.get(address) as answer:
        page = await answer.text()

    demo.send_signal(number)
    async with asyncio.timeout(10):
        more, errors = await demo.communicate()

    assert '<section id="client"' in page
    assert (demo.returncode, more, errors) == (0, b"", b"")
    assert inside(tmp_path) == []


async def test_a_folder_of_one_s_own_is_kept(start: Start, tmp_path: Path) -> None:
    demo = await start("--port", "0", "--data", str(tmp_path / "mine"))
    await first_line(demo)
    demo.send_signal(signal.SIGTERM)
    await demo.communicate()

    assert {"deskbell.toml", "deskbell.db"} <= {path.name for path in inside(tmp_path / "mine")}


async def test_a_taken_port_is_one_line_and_exit_code_2(start: Start) -> None:
    first = await start("--port", "0")
    port = (await first_line(first)).rpartition(":")[2]

    second = await start("--port", port)
    said, errors = await second.communicate()

    assert (second.returncode, said) == (2, b"")
    assert len(errors.splitlines()) == 1
    assert f"--port {port}" in errors.decode()


def inside(folder: Path) -> list[Path]:
    return list(folder.iterdir())
