"""`deskbell` as a process that can be told while it runs where to die: `python -m tests.faults.armed FILE run …`.

On SIGUSR1 it reads from the file a place as in DESKBELL_FAIL, `name:n`, and dies there the nth time from then on.
"""

import signal
import sys
from itertools import count
from pathlib import Path
from types import FrameType

from bot import failpoints
from bot.__main__ import main


def arm(file: Path) -> None:
    """From now on the next visits count."""
    wanted, _, time = file.read_text(encoding="utf-8").partition(":")
    failpoints._wanted, failpoints._time, failpoints._visits = wanted, time, count(1)


if __name__ == "__main__":
    place = Path(sys.argv.pop(1))

    def told(_number: int, _frame: FrameType | None) -> None:
        arm(place)

    signal.signal(signal.SIGUSR1, told)
    main()
