"""The settings in force, which an administrator changes while the bot runs (`bot.desk.setting_table` has them all).

A value comes from the database when somebody set it, else from the configuration file, else it is the default.
"""

from collections.abc import Mapping
from typing import Any

from bot.clock import Clock
from bot.desk.setting_table import SETTINGS, Setting, find
from bot.errors import Refusal
from storage.database import session
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
        chosen = self._chosen()
        if name in chosen:
            return chosen[name]
        return self._from_file.get(name, SETTINGS[name].default)

    def is_on(self, name: str) -> bool:
        """Whether an on/off setting is on."""
        return self.get(name) == "on"

    def origin(self, name: str) -> str:
        """Where the value comes from: "set", "file" or "default"."""
        if name in self._chosen():
            return "set"
        return "file" if name in self._from_file else "default"

    def set(self, name: str, raw: object, by: str) -> object:
        """Set a value after checking it; returns it. Refusal says what it must be."""
        setting = find(name)
        try:
            value = setting.parse(raw)
        except ValueError as fault:
            raise Refusal("{name} {fault}", name=name, fault=str(fault)) from None
        rows.set_setting(name, value, by, self._clock.now())
        self._read_at = float("-inf")
        return value

    def reset(self, name: str) -> None:
        """Back to the file's value or the default."""
        rows.reset_setting(find(name).name)
        self._read_at = float("-inf")

    def _chosen(self) -> Mapping[str, object]:
        if self._clock.monotonic() - self._read_at > REFRESH:
            with session():
                self._set = rows.settings()
            self._read_at = self._clock.monotonic()
        return self._set
