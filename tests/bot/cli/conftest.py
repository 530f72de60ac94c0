"""The command line as people have it: `deskbell` in a folder of its own, in a process of its own."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
CONFIG = """
data_dir = "data"
[database]
url = "sqlite:///desk.db"
"""


class Shell:
    """Runs `deskbell` in a folder of its own, which begins with a small `deskbell.toml`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment: Mapping[str, str] = {"PYTHONPATH": str(ROOT)}
        (folder / "deskbell.toml").write_text(CONFIG)

    def __call__(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run it to its end."""
        return subprocess.run(
            self.command(*words),
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def command(self, *words: str) -> list[str]:
        """What has to be started."""
        return [sys.executable, "-m", "bot", *words]

    def configure(self, *lines: str) -> None:
        """More lines for `deskbell.toml`."""
        file = self.folder / "deskbell.toml"
        file.write_text("\n".join([file.read_text(), *lines, ""]))


@pytest.fixture
def deskbell(tmp_path: Path) -> Shell:
    """The program, with an empty desk."""
    return Shell(tmp_path)
