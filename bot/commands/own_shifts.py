"""When the reader's own shifts begin and end: `snooze 42 shift` is until the next one, `end of shift` until it ends."""

import re
from datetime import datetime

from bot.commands.calls import Call
from bot.commands.plain_words import plain
from bot.desk import oncall
from bot.errors import WrongUsage

_BEGINS = re.compile(
    r"(?:(?:my|the) )?(?:next )?shift|(?:(?:ma|la|mon|le) )?(?:prochaine? )?(?:astreinte|garde|tour)"
    r"|(?:next|prochaine?) (?:on-call|on call)"
)
_ENDS = re.compile(
    r"(?:the )?end of (?:(?:my|the) )?shift|(?:la )?fin (?:de |d')(?:(?:ma |la |mon |l'))?(?:astreinte|garde|tour)"
    r"|la fin du tour|fin du tour"
)


def boundary(call: Call, typed: str) -> datetime | None:
    """Where the reader's shift begins or ends; None for other words. WrongUsage where there is none to come."""
    wanted, now = plain(typed), call.desk.clock.now()
    if not (begins := _BEGINS.fullmatch(wanted)) and not _ENDS.fullmatch(wanted):
        return None
    turns = [turn for _, turn in oncall.turns_of(call.agent, now)]
    moments = [turn.start for turn in turns if turn.start > now] if begins else [turn.end for turn in turns]
    if not moments:
        raise WrongUsage("You are not on call in the coming four weeks.")
    return min(moments)


def is_coming(call: Call) -> bool:
    """Whether the reader has a shift in the coming four weeks that has not begun."""
    now = call.desk.clock.now()
    return any(turn.start > now for _, turn in oncall.turns_of(call.agent, now))
