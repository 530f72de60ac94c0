"""Groups on Telegram into which somebody lets the bot: it stays where the desk has work for it, and nowhere else.

In a group that the desk does not name no word of a ticket is ever said. An agent who lets the bot in is about to name
the group, and is told its number, as is whoever sets up a desk without any; anybody else is told once, and it leaves.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from bot.clock import Clock
from bot.desk import audit, people
from bot.desk.people import DESK
from bot.desk.settings import Settings
from bot.texts import Words
from storage.database import transaction
from storage.queries import desk as desk_rows
from storage.queries import people as people_rows
from storage.queries import places as rows
from storage.queries import tickets as ticket_rows

TELEGRAM = "telegram"
TOLD_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether the bot stays in a group, and what it says there, "" for nothing."""

    stays: bool
    says: str = ""


class Admissions:
    """Decides where the bot stays. `configured` are the chats of the configuration file, `now` the id of each now."""

    def __init__(self, clock: Clock, settings: Settings, configured: Iterable[str], now: Callable[[str], str]) -> None:
        self._clock = clock
        self._settings = settings
        self._configured = tuple(configured)
        self._now = now

    def named(self) -> set[str]:
        """The chats that the desk has named."""
        return {self._now(chat) for chat in (*self._configured, *rows.named_chats())}

    def concerns(self, chat: str) -> bool:
        """Whether anything is ever told in a chat: one that is named, or an agent's own."""
        return chat in self.named() or people_rows.account(TELEGRAM, chat) is not None

    def decide(self, chat: str, title: str, by_id: str, by_name: str) -> Admission:
        """Whether to stay in a group that this account has let the bot into; a foreign one is written down."""
        if chat in self.named() or rows.hangs_something(TELEGRAM, chat):
            return Admission(True)
        words = Words(self._settings.get("language"), self._settings.get("timezone"))
        with transaction():
            told = self._was_told(chat)
            if people.recognise(TELEGRAM, by_id) is not None or not self.named():
                text = words(
                    "I have no work in this group yet. Its number, for the desk’s settings, is {chat}.", chat=chat
                )
                return Admission(True, "" if told else text)
            self._write_down(chat, title, by_id, by_name)
            return Admission(False, "" if told else words("This group is none of my desk’s: I leave it."))

    def _was_told(self, chat: str) -> bool:
        key, now = f"let-in:{chat}", self._clock.now()
        told = desk_rows.jotted(key, now) is not None
        desk_rows.jot(key, True, now + TOLD_FOR)
        return told

    def _write_down(self, chat: str, title: str, by_id: str, by_name: str) -> None:
        new = {"chat": chat, "title": title, "by": by_name}
        audit.record("foreign_chat", DESK, self._clock, about=TELEGRAM, old={}, new=new)
        ticket_rows.add_refusal(
            platform=TELEGRAM,
            caller=by_id,
            agent=None,
            verb="let_in",
            reference="",
            reason="Foreign",
            at=self._clock.now(),
        )
