"""Whoever opens a ticket in a chat while nobody is there reads when somebody will be: once for each closed time.

Only where the desk counts its hours (`delays_count = business_hours`): round the clock somebody is always there.
"""

from datetime import timedelta

from bot.commands.calls import Call
from bot.desk.timetable import Timetable
from storage.queries import desk

INSTANT = timedelta(microseconds=1)


def notice(call: Call) -> tuple[str, ...]:
    """The sentence, if it is to be said now."""
    caller, settings, now = call.request.caller, call.desk.settings, call.desk.clock.now()
    if caller.platform == "cli" or settings.get("delays_count") != "business_hours":
        return ()
    hours = Timetable(settings).business_hours()
    if hours.is_open(now):
        return ()
    opens = hours.after(now, INSTANT)
    if desk.count_up(f"after_hours:{caller.platform}:{caller.id}", now, opens):
        return ()
    return (call.words("🌙 Nobody is here now. The desk opens {time}.", time=call.words.clock(opens, now)),)
