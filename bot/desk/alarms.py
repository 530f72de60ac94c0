"""What the team is told that belongs to no ticket: alarms and all-clears, in the team's own channels."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.clock import Clock
from bot.desk.outbox import Spot
from bot.desk.settings import Settings
from bot.texts import Words
from storage.database import transaction
from storage.queries import deliveries, notices

FIRST = 0
"""How urgent a digest is: it stands for many rings, and goes before the cards that they are about."""


@dataclass(frozen=True, slots=True)
class Alarms:
    """Says things in the team's channels; `channels` are (platform, channel, topic)."""

    clock: Clock
    settings: Settings
    channels: Sequence[Spot] = ()

    def say(self, key: str, sentence: str, **values: Any) -> None:
        """Say a sentence once; while one of this key waits to be sent, it is not said again."""
        self.post(key, self._words()(sentence, **values), self.channels)

    def about_mail(self, mail_id: int, sentence: str, **values: Any) -> None:
        """A notice about a mail in quarantine, with buttons; where one hangs already it says this from now on."""
        text = self._words()(sentence, **values)
        self._post(f"quarantine:{mail_id}", text, self.channels, about={"mail": mail_id}, kind="post")

    def mail_settled(self, mail_id: int, by: str = "") -> None:
        """The notices about a mail say what became of it, and by whom; nothing where none hangs."""
        spots = notices.spots("mail", mail_id)
        if spots:
            self._post(f"quarantine:{mail_id}", "", spots, about={"mail": mail_id, "by": by}, kind="post")

    def offer(self, swap_id: int, channels: Iterable[Spot]) -> None:
        """A shift is offered, with a button; after it was settled, what became of it."""
        self._post(f"swap:{swap_id}", "", channels, about={"swap": swap_id}, kind="post")

    def handover(self, number: int, channels: Iterable[Spot]) -> None:
        """A shift changes hands, with buttons; where it hangs already it says how it is now."""
        self._post(f"handover:{number}", "", channels, about={"handover": number}, kind="post")

    def reminder(
        self, number: int, time: int, channels: Iterable[Spot], calls: int | None, sentence: str, **values: Any
    ) -> None:
        """A line under a hand-over that nobody accepts; `calls` is the id of an agent who is called by name."""
        about = {"under_handover": number, "calls": calls}
        self._post(f"handover:{number}:{time}", self._words()(sentence, **values), channels, about=about)

    def storm(self, number: int, channels: Iterable[Spot]) -> None:
        """How many tickets wait for somebody, with a button; `number` is an escalation: those of its time are meant."""
        self._post(f"storm:{number}", "", channels, about={"storm": number}, urgency=FIRST)

    def write(self, key: str, text: str, address: str) -> None:
        """The same by a letter that belongs to no ticket: where there is no channel that anybody reads."""
        now = self.clock.now()
        with transaction():
            deliveries.add(
                key=f"alarm:{key}",
                kind="letter",
                platform="mail",
                place=f"mail:{address}",
                channel=address,
                payload={"letter": "alarm", "text": text},
                next_at=now,
                created_at=now,
            )

    def post(self, key: str, text: str, channels: Iterable[Spot]) -> None:
        """The same with a text and in these channels."""
        self._post(key, text, channels)

    def _words(self) -> Words:
        return Words(self.settings.get("language"), self.settings.get("timezone"))

    def _post(
        self,
        key: str,
        text: str,
        channels: Iterable[Spot],
        *,
        about: Mapping[str, Any] | None = None,
        kind: str = "notice",
        urgency: int = 5,
    ) -> None:
        now = self.clock.now()
        with transaction():
            for platform, channel, topic in channels:
                deliveries.add_notice(
                    text,
                    key=f"notice:{key}:{platform}:{channel}/{max(topic, 0)}",
                    platform=platform,
                    channel=channel,
                    topic=topic,
                    at=now,
                    about=about,
                    kind=kind,
                    urgency=urgency,
                )
