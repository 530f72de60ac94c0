"""Rights that go out with a gesture and run out: trigger ids (once, 3 s) and response_urls (five times, 30 min)."""

import itertools
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from bot.sandbox.slack.gesture import Gesture
from bot.sandbox.slack.records import Message, View
from bot.sandbox.slack.refusals import Refused

TRIGGER_SECONDS = 3.0
URL_SECONDS = 30 * 60
URL_USES = 5


@dataclass
class Trigger:
    """A short-lived right to open a view for a person; `view` is the view it came from."""

    user: str
    born: float
    gesture: Gesture
    view: View | None = None
    used: bool = False


@dataclass
class ResponseUrl:
    """A right to answer a gesture; `source` is the message that was pressed, None after a slash command."""

    user: str
    channel: str
    born: float
    gesture: Gesture
    source: Message | None = None
    uses: int = 0


class Rights:
    """All that were handed out; `prefix` is what every response_url begins with."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock, self.prefix = clock, ""
        self.triggers: dict[str, Trigger] = {}
        self.response_urls: dict[str, ResponseUrl] = {}
        self._numbers = itertools.count(1)

    def new_trigger(self, user: str, gesture: Gesture, view: View | None = None) -> str:
        trigger_id = f"{next(self._numbers)}.{secrets.randbelow(10**10)}.{secrets.token_hex(16)}"
        self.triggers[trigger_id] = Trigger(user, self.clock(), gesture, view)
        return trigger_id

    def use_trigger(self, trigger_id: str) -> Trigger:
        """The trigger, used up; raises invalid_, expired_ or exchanged_trigger_id."""
        trigger = self.triggers.get(trigger_id)
        if trigger is None:
            raise Refused("invalid_trigger_id")
        if trigger.used:
            raise Refused("exchanged_trigger_id")
        if self.clock() - trigger.born > TRIGGER_SECONDS:
            raise Refused("expired_trigger_id")
        trigger.used = True
        return trigger

    def new_response_url(self, user: str, channel: str, gesture: Gesture, source: Message | None = None) -> str:
        secret = secrets.token_hex(12)
        self.response_urls[secret] = ResponseUrl(user, channel, self.clock(), gesture, source)
        return self.prefix + secret

    def of_address(self, address: str) -> ResponseUrl:
        return self.response_urls[address.removeprefix(self.prefix)]

    def use_response_url(self, secret: str) -> ResponseUrl:
        """The right behind a response_url, one use less; raises expired_url or used_url."""
        right = self.response_urls.get(secret)
        if right is None or self.clock() - right.born > URL_SECONDS:
            raise Refused("expired_url")
        if right.uses >= URL_USES:
            raise Refused("used_url")
        right.uses += 1
        return right
