"""The settings in force, which an administrator changes while the bot runs (`bot.desk.setting_table` has them all).

A value comes from the database when somebody set it, else from the configuration file, else it is the default. Every
change is an event, `setting_changed`.
"""

from collections.abc import Mapping
from typing import Any

from bot.clock import Clock
from bot.desk import audit
from bot.desk.people import Actor
from bot.desk.setting_table import SETTINGS, Setting, find
from bot.errors import Refusal, WrongUsage
from storage.database import session, transaction
from storage.queries import desk as rows

__all__ = ["SETTINGS", "Setting", "Settings", "find"]

REFRESH = 1.0


class Settings:
    """The settings in force; rows that another process set are seen within a second."""

    def __init__(self, clock: Clock, from_file: Mapping[str, object] | None = None) -> None:
        self._clock = clock
        self._from_file = dict(from_file or {})
        self._set: dict[str, object] = {}
        self._read_at = float("-inf")

    def get(self, name: str) -> Any:
        """The value in force."""
        self._chosen()
        return self.seen(name)

    def seen(self, name: str) -> Any:
        """The value as it was read last, without asking the database."""
        chosen = self._set
        return chosen[name] if name in chosen else self.unset(name)

    def unset(self, name: str) -> Any:
        """The value where nobody sets one: the file's or the default."""
        return self._from_file.get(name, SETTINGS[name].default)

    def shown(self, name: str) -> str:
        """The value in force as one types it."""
        return SETTINGS[name].shown(self.get(name))

    def is_on(self, name: str) -> bool:
        """Whether an on/off setting is on."""
        return self.get(name) == "on"

    def origin(self, name: str) -> str:
        """Where the value comes from: "set", "file" or "default"."""
        if name in self._chosen():
            return "set"
        return "file" if name in self._from_file else "default"

    def chosen(self) -> dict[str, object]:
        """All values that were set, by name, in the order of the table."""
        chosen = self._chosen()
        return {name: chosen[name] for name in SETTINGS if name in chosen}

    def forget(self) -> None:
        """What was read is old: look again."""
        self._read_at = float("-inf")

    def set(self, name: str, raw: object, by: Actor | str) -> object:
        """Set a value after checking it; returns it. WrongUsage says what it must be, NotAllowed who may.

        `by` is who does it; a mere name stands for somebody at the server.
        """
        setting, actor = find(name), _actor(by)
        audit.allow(actor, "settings")
        value = checked(setting, raw)
        with transaction():
            before = rows.settings().get(name)
            rows.set_setting(name, value, actor.name, self._clock.now())
            if value != before:
                self._record(actor, name, before, value)
        self.forget()
        return value

    def reset(self, name: str, by: Actor | str = "Deskbell") -> object:
        """Back to the file's value or the default, which is returned."""
        setting, actor = find(name), _actor(by)
        audit.allow(actor, "settings")
        with transaction():
            before = rows.settings()
            rows.reset_setting(setting.name)
            if name in before:
                self._record(actor, name, before[name], None)
        self.forget()
        return self.unset(name)

    def _record(self, by: Actor, name: str, before: object, now: object) -> None:
        """None stands for a value that nobody has set."""
        audit.record("setting_changed", by, self._clock, about=name, old={name: before}, new={name: now})

    def _chosen(self) -> Mapping[str, object]:
        if self._clock.monotonic() - self._read_at > REFRESH:
            with session():
                self._set = {name: value for name, value in rows.settings().items() if name in SETTINGS}
            self._read_at = self._clock.monotonic()
        return self._set


def _actor(by: Actor | str) -> Actor:
    return by if isinstance(by, Actor) else Actor("desk", by, "cli")


def checked(setting: Setting, raw: object) -> object:
    """What is kept of a value. WrongUsage says what it must be."""
    try:
        return setting.parse(raw)
    except Refusal as fault:
        raise WrongUsage("{name} {fault}", name=setting.name, fault=fault) from None
