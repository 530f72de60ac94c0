"""Chats that are shut to us for now: told once elsewhere, and once more when they are open again.

A person's own chat is shut by blocking the bot, a group or channel by throwing it out. What is to be said in a group
waits; what is to be said to a person is given up, and told where somebody reads it. What a chat's members cannot mend
by themselves is told to whoever can: in the team's other chat, where there is none by a letter to notify_address.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.clock import Clock
from bot.desk import audit, moving, outbox
from bot.desk.alarms import Alarms
from bot.desk.moves import Moves
from bot.desk.outbox import Spot
from bot.desk.people import DESK
from bot.desk.settings import Settings
from bot.texts import Words
from storage.database import session, transaction
from storage.queries import deliveries
from storage.queries import desk as desk_rows
from storage.queries import moving as moving_rows
from storage.queries import people as people_rows
from storage.queries import places as rows

KEY = "shut:"
FOR_EVER = timedelta(days=36_500)
REFRESH = 10.0
PLATFORMS = {"slack": "Slack", "telegram": "Telegram"}


class Doors:
    """Knows which chats are shut. `everywhere`: the team's own places, in order; `mail`: whether letters can leave."""

    def __init__(
        self, clock: Clock, settings: Settings, alarms: Alarms, moves: Moves, everywhere: Sequence[Spot], *, mail: bool
    ) -> None:
        self._clock = clock
        self._settings = settings
        self._alarms = alarms
        self._moves = moves
        self._everywhere = everywhere
        self._mail = mail
        self._shut: dict[str, dict[str, Any]] = {}
        self._read_at = float("-inf")

    def is_shut(self, platform: str, channel: str) -> bool:
        """Whether a chat is known to take nothing; what another process learned is known within seconds."""
        return f"{platform}:{channel}" in self._known()

    def is_given_up(self, platform: str, channel: str) -> bool:
        """Whether it is a person's, so that nothing waits for it."""
        return bool(self._known().get(f"{platform}:{channel}", {}).get("person"))

    def _known(self) -> dict[str, dict[str, Any]]:
        if self._clock.monotonic() - self._read_at > REFRESH:
            with session():
                self._shut = rows.jottings(KEY, self._clock.now())
            self._read_at = self._clock.monotonic()
        return self._shut

    def shut(self, platform: str, channel: str, why: str, title: str = "") -> bool:
        """A chat takes nothing: told once; False when that was known. `title`: what it is called there."""
        with transaction():
            person = _person(platform, channel)
            known = {"why": why, "title": title, "person": bool(person)}
            if not rows.jot_once(_key(platform, channel), known, self._clock.now() + FOR_EVER):
                return False
            audit.record("chat_shut", DESK, self._clock, about=platform, old={}, new={"chat": channel, "why": why})
            said = _sentence_shut(self._words(), person, _place(platform, channel, title), why)
            self._say("shut", platform, channel, said)
        self._read_at = float("-inf")
        return True

    def opened(self, platform: str, channel: str) -> bool:
        """A chat takes messages again: what waited for it is due, and a person's cards are drawn anew there.

        False when it was not known to be shut.
        """
        with transaction():
            known = desk_rows.jotted(_key(platform, channel), self._clock.now())
            if known is None:
                return False
            desk_rows.forget(_key(platform, channel))
            audit.record("chat_opened", DESK, self._clock, about=platform, old={"chat": channel}, new={})
            person = _person(platform, channel)
            said = _sentence_open(self._words(), person, _place(platform, channel, known["title"]))
            self._say("open", platform, channel, said)
            self._catch_up(platform, channel, drawn_anew=bool(person))
        self._read_at = float("-inf")
        return True

    def _catch_up(self, platform: str, channel: str, *, drawn_anew: bool) -> None:
        now = self._clock.now()
        rows.hurry(platform, channel, now)
        deliveries.retry_failed(rows.failed_cards(platform, channel), now)
        for place, tickets in rows.cards_in(platform, channel).items() if drawn_anew else ():
            spot = outbox.spot(place)
            moving_rows.add_all(moving.delivery(one, place, spot, self._clock, silent=True) for one in tickets)

    # telling ---------------------------------------------------------------------------------------------------------

    def _words(self) -> Words:
        return Words(self._settings.get("language"), self._settings.get("timezone"))

    def _say(self, what: str, platform: str, channel: str, text: str) -> None:
        """In the team's first place that is another one, and open; by mail where there is none."""
        key = f"{what}:{platform}:{channel}:{self._clock.now().isoformat()}"
        address = self._settings.get("notify_address") if self._mail else ""
        others = [spot for spot in self._everywhere if self._is_open(spot, platform, channel)]
        if others:
            self._alarms.post(key, text, others[:1])
        elif address:
            self._alarms.write(key, text, address)

    def _is_open(self, spot: Spot, platform: str, channel: str) -> bool:
        there = spot[0], self._moves.now(*spot[:2])
        return there != (platform, channel) and not self.is_shut(*there)


def takes_messages(platform: str, channel: str, now: datetime) -> bool:
    """Whether nothing is known against a chat at this moment, by what every process has written down."""
    return desk_rows.jotted(_key(platform, channel), now) is None


def _sentence_shut(words: Words, person: str, place: str, why: str) -> str:
    if person:
        return words(
            "📵 {name}’s Telegram takes no messages from me ({why}): nothing rings there.", name=person, why=why
        )
    return words("📵 {place} takes no messages from me ({why}). What is to be said there waits.", place=place, why=why)


def _sentence_open(words: Words, person: str, place: str) -> str:
    if person:
        return words("📳 {name}’s Telegram takes messages again.", name=person)
    return words("📳 {place} takes messages again.", place=place)


def _person(platform: str, channel: str) -> str:
    """Whose own chat it is, "" for nobody's."""
    account = people_rows.account(platform, channel)
    return account.agent.name if account else ""


def _place(platform: str, channel: str, title: str) -> str:
    return f"{PLATFORMS.get(platform, platform)}: {title or channel}"


def _key(platform: str, channel: str) -> str:
    return f"{KEY}{platform}:{channel}"
