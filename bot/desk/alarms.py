"""What the team is told that belongs to no ticket: alarms and all-clears, in the team's own channels."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.clock import Clock
from bot.desk.outbox import Spot
from bot.desk.settings import Settings
from bot.texts import Words
from storage.database import transaction
from storage.queries import deliveries


@dataclass(frozen=True, slots=True)
class Alarms:
    """Says things in the team's channels; `channels` are (platform, channel, topic)."""

    clock: Clock
    settings: Settings
    channels: Sequence[Spot] = ()

    def say(self, key: str, sentence: str, **values: Any) -> None:
        """Say a sentence once; while one of this key waits to be sent, it is not said again."""
        words = Words(self.settings.get("language"), self.settings.get("timezone"))
        self.post(key, words(sentence, **values), self.channels)

    def post(self, key: str, text: str, channels: Iterable[Spot]) -> None:
        """The same with a text and in these channels."""
        now = self.clock.now()
        with transaction():
            for platform, channel, topic in channels:
                deliveries.add_notice(
                    text,
                    key=f"notice:{key}:{platform}:{channel}/{topic}",
                    platform=platform,
                    channel=channel,
                    topic=topic,
                    at=now,
                )
