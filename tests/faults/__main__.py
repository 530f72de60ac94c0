"""The faults in their full numbers: `python -m tests.faults --full [name …]`; `NAMES` says which there are.

Each is the `full` of its module and prints what it saw; the first that finds something amiss ends it all.
"""

import asyncio
import inspect
import sys
import tempfile
import time
from collections.abc import Awaitable
from importlib import import_module
from pathlib import Path

NAMES = (
    "backlog",
    "chats_down",
    "database_faults",
    "hostile_mails",
    "killed_everywhere",
    "killed_sending",
    "large_store",
    "load",
    "loops",
    "many_processes",
    "patterns",
    "slack_socket",
    "soak",
    "storm",
    "telegram_updates",
)


def run(name: str) -> None:
    """One of them, in a folder of its own, with databases there."""
    full = import_module(f"tests.faults.test_{name}").full
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix=f"{name}-") as folder:
        places = (Path(folder), f"sqlite:///{folder}/{{}}.db")
        done = full(*places[: len(inspect.signature(full).parameters)])
        if inspect.isawaitable(done):
            done = asyncio.run(_awaited(done))
    print(f"{name}: {done or 'well'} ({time.monotonic() - begun:.0f} s)", flush=True)


async def _awaited(done: Awaitable[object]) -> object:
    return await done


def main(words: list[str]) -> int:
    """Run those that are named, or all."""
    if words[:1] != ["--full"] or not set(words[1:]) <= set(NAMES):
        print(f"usage: python -m tests.faults --full [{' | '.join(NAMES)}]", file=sys.stderr)
        return 2
    for name in words[1:] or NAMES:
        run(name)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
