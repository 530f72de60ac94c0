"""The `deskbell` program: the commands of `bot.cli`, and the demo, which nothing else knows of."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.app import app, run
from bot.cli.terminal import end


@app.command()
def demo(
    port: int = 8765,
    data: Annotated[Path | None, typer.Option(help="Keep everything in this folder.")] = None,
    speed: Annotated[float, typer.Option(help="How fast the desk's time runs.")] = 1.0,
    browser: Annotated[bool, typer.Option("--browser/--no-browser")] = True,
) -> None:
    """Try everything on this machine, no account needed. Example: deskbell demo --speed 60"""
    try:
        from bot.sandbox.demo import run_demo
    except ModuleNotFoundError as fault:
        missing = str(fault.name).partition(".")[0]
        end(f"the demo needs {missing}, of the extra `demo`: pip install -e '.[demo]'", 1)
    asyncio.run(run_demo(port=port, data=data, speed=speed, open_browser=browser))


def main() -> None:
    """What the console script calls."""
    run()


if __name__ == "__main__":
    main()
