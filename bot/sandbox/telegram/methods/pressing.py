"""The answer to a press: once, within 15 seconds, at most 200 characters."""

import time

from bot.sandbox.telegram.arguments import Arguments
from bot.sandbox.telegram.entities import units
from bot.sandbox.telegram.methods.table import method
from bot.sandbox.telegram.refusals import QUERY_TOO_OLD, bad_request
from bot.sandbox.telegram.world import World

ANSWER_SECONDS = 15
ANSWER_UNITS = 200


@method("answerCallbackQuery")
def answer_callback_query(world: World, arguments: Arguments) -> bool:
    """Stop the button's progress bar, with a toast or an alert."""
    press = world.presses.get(arguments.text("callback_query_id"))
    if press is None or press.answered or world.clock() - press.at > ANSWER_SECONDS:
        raise bad_request(QUERY_TOO_OLD)
    text = arguments.text("text")
    if units(text) > ANSWER_UNITS:
        raise bad_request("MESSAGE_TOO_LONG")
    press.answered = True
    press.text, press.alert = text, arguments.flag("show_alert")
    press.latency = time.monotonic() - press.started
    world.tell("answer", person=press.person.id, text=press.text, alert=press.alert)
    return True
