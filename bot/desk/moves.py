"""Chats that have another id now: a Telegram group becomes a supergroup, and nobody is to change a setting for that.

A move is remembered for good, so that the old id in the configuration file goes on meaning the chat. The messages of
the old chat stay behind: open tickets get a card in the new one, quietly, and what waited for the old one follows.
"""

from datetime import timedelta

from bot.clock import Clock
from bot.desk import audit, moving, outbox
from bot.desk.people import DESK
from storage.database import session, transaction
from storage.queries import desk as desk_rows
from storage.queries import moving as moving_rows
from storage.queries import places as rows

KEY = "moved:"
FOR_EVER = timedelta(days=36_500)
REFRESH = 10.0
"""Seconds after which a move that another process learned of is known; until then the old chat itself tells of it."""


class Moves:
    """Where chats are now."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: dict[str, str] = {}
        self._read_at = float("-inf")

    def now(self, platform: str, channel: str) -> str:
        """The id that a chat has now; its own where it has never moved."""
        if self._clock.monotonic() - self._read_at > REFRESH:
            with session():
                self._known = rows.jottings(KEY, self._clock.now())
            self._read_at = self._clock.monotonic()
        return self._known.get(f"{platform}:{channel}", channel)

    def telegram(self, chat: str) -> str:
        """The same for one of Telegram's."""
        return self.now("telegram", chat)

    def learn(self, platform: str, old: str, new: str) -> bool:
        """A chat has another id: everything follows it there. False when that was known and nothing was left."""
        if old == new or self.now(platform, new) == old:
            return False
        with transaction():
            news = self.now(platform, old) != new
            if news:
                self._remember(platform, old, new)
                audit.record("chat_moved", DESK, self._clock, about=platform, old={"chat": old}, new={"chat": new})
            moved = self._bring(platform, old, new)
        self._read_at = float("-inf")
        return news or moved

    def _remember(self, platform: str, old: str, new: str) -> None:
        """What had come to the old id before leads to the new one as well."""
        until = self._clock.now() + FOR_EVER
        for place, led_to in self._known.items():
            if led_to == old and place.startswith(f"{platform}:"):
                desk_rows.jot(KEY + place, new, until)
        desk_rows.jot(f"{KEY}{platform}:{old}", new, until)
        desk_rows.forget(f"{KEY}{platform}:{new}")
        rows.regroup(old, new)

    def _bring(self, platform: str, old: str, new: str) -> bool:
        cards = rows.cards_in(platform, old)
        rows.take_down(platform, old)
        waiting = rows.readdress(platform, old, new)
        for place, tickets in cards.items():
            _, _, topic = outbox.spot(place)
            spot = (platform, new, topic)
            there = outbox.place(*spot)
            moving_rows.add_all(moving.delivery(one, there, spot, self._clock, silent=True) for one in tickets)
        return bool(cards or waiting)
