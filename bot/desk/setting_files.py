"""Settings as a TOML file, out and in: `name = value` for each that was set, as one would write it by hand.

A file is taken whole or not at all; what is not in it stays as it is.
"""

import json
import tomllib

from bot.desk.people import Actor
from bot.desk.setting_table import SETTINGS, find
from bot.desk.settings import Settings, checked
from bot.errors import Refusal
from storage.database import transaction


def written(settings: Settings, *, everything: bool = False) -> str:
    """The settings that were set, or all in force, each under its help."""
    names = list(SETTINGS) if everything else list(settings.chosen())
    return "".join(f"# {SETTINGS[name].help}\n{name} = {_toml(settings.get(name))}\n" for name in names)


def take(settings: Settings, text: str, by: Actor, *, dry_run: bool = False) -> list[str]:
    """Set all values of a file; the names of those that change. Refusal for the first that cannot be."""
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise Refusal("This is no TOML: {fault}", fault=str(fault)) from None
    wanted = {name: checked(find(name), raw) for name, raw in given.items()}
    before = settings.chosen()
    changed = [name for name in wanted if name not in before or before[name] != wanted[name]]
    with transaction():
        for name in () if dry_run else changed:
            settings.set(name, wanted[name], by)
    return changed


def _toml(value: object) -> str:
    """A number as it is; a text in quotes, every unusual character by its number."""
    if isinstance(value, int | float):
        return json.dumps(value)
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
