"""The alarm that the storage is full: said once, past the database, which takes no delivery then; and that it is over.

It may be told from any thread, again and again; only the first of a kind is said.
"""

import threading

from bot.desk.desk import Desk
from bot.outgoing.notifier import Notifier
from bot.ports import Place
from storage.database import session

FULL = "💾 The storage is full: no mails are taken and nothing can be changed until there is room."
ROOM = "💾 The storage has room again."


class RoomAlarm:
    """Knows whether the team was told."""

    def __init__(self, desk: Desk, notifier: Notifier) -> None:
        self._desk = desk
        self._notifier = notifier
        self._told = False
        self._lock = threading.Lock()

    def full(self) -> None:
        """Nothing can be written."""
        with self._lock:
            if not self._told:
                places = [Place(*spot) for spot in self._desk.alarms.channels]
                self._notifier.shout(places, self._desk.words()(FULL))
                self._told = True

    def room(self) -> None:
        """Something was written. StorageFull when this was too much already."""
        with self._lock:
            if self._told:
                with session(patience=10):
                    self._desk.alarms.say("storage", ROOM)
                self._told = False
                self._notifier.wake()
