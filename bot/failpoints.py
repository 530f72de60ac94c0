"""Named places where a test may kill the process: `DESKBELL_FAIL=intake.after_store:3` kills it the third time there.

Each place is named once, in `NAMES`; in ordinary running `reach` is one look into an empty variable.
"""

import os
import signal
from itertools import count

NAMES = (
    "intake.before_store",
    "intake.after_store",
    "intake.after_flag",
    "intake.before_finish",
    "intake.after_finish",
    "intake.after_move",
    "act.before_commit",
    "act.after_commit",
    "send.after_claim",
    "send.after_send",
    "send.after_complete",
    "update.after_store",
)

_wanted, _, _time = os.environ.get("DESKBELL_FAIL", "").partition(":")
_visits = count(1)


def reach(name: str) -> None:
    """Say that this place is reached; the process ends here, as by kill -9, if it was told so."""
    if name == _wanted and next(_visits) == int(_time or 1):
        os.kill(os.getpid(), signal.SIGKILL)
