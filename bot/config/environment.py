"""The environment: DESKBELL_KEY, DESKBELL_SECTION__KEY and DESKBELL_MAILBOX__NAME__KEY over the file's values.

A variable wins over the file, for a secret over both spellings (`password` and `password_file`). Its text is
converted to the key's type here; what cannot be converted stays text and is refused by the key's own check.
"""

import json
import re
import shlex
from collections.abc import Collection, Iterator, Mapping
from typing import Any, get_origin

from pydantic import BaseModel

from bot.config.draft import Draft, Problem
from bot.config.hints import hint
from bot.config.models import Config, MailboxConfig
from bot.config.schema import Location, all_keys, keys, kind, nested

PREFIX = "DESKBELL_"
NO_SETTINGS = ("DESKBELL_CONFIG", "DESKBELL_FAIL", "DESKBELL_TEST_POSTGRES")
FLAGS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
IN_FILE_ONLY = ("name", "rule")


def variables(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that are meant for us."""
    return {name: text for name, text in environ.items() if name.startswith(PREFIX) and name not in NO_SETTINGS}


def overlay(draft: Draft, environ: Mapping[str, str], settings: Collection[str]) -> None:
    """Put the environment's values over the draft's; unknown names become problems.

    settings: names of desk settings, which are known at the top level too and stay text.
    """
    found = variables(environ)
    if not found:
        return
    may_add = not draft.values.get("mailbox")
    known = _places(draft, settings)
    for name, text in found.items():
        places = known | (_new_mailbox(name) if may_add else {})
        if name in places:
            _put(draft, places[name], name, text)
        else:
            draft.problems.append(Problem((), f"names no setting{hint(name, places)}", "table", name))


def variable_name(at: Location, values: Mapping[str, Any]) -> str:
    """The variable that would give the value at a place."""
    steps = list(at)
    if len(steps) > 1 and steps[0] == "mailbox":
        steps[1] = mailbox_part(values["mailbox"][steps[1]].get("name", ""))
    return PREFIX + "__".join(str(step).upper() for step in steps)


def mailbox_part(name: str) -> str:
    """A mailbox's name as it stands in a variable's name."""
    return re.sub(r"[^A-Z0-9]", "_", name.upper())


def _places(draft: Draft, settings: Collection[str]) -> dict[str, Location]:
    """Every variable that may be given, with the place of its value."""
    places: list[Location] = [(name,) for name in settings]
    places += _keys_below(Config, ())
    for index, mailbox in enumerate(_mailboxes(draft)):
        if isinstance(mailbox, dict) and isinstance(mailbox.get("name"), str):
            places += _keys_below(MailboxConfig, ("mailbox", index))
    return {variable_name(place, draft.values): place for place in places}


def _mailboxes(draft: Draft) -> list[Any]:
    found = draft.values.get("mailbox", [])
    return found if isinstance(found, list) else []


def _keys_below(model: type[BaseModel], at: Location) -> Iterator[Location]:
    for key in all_keys(model):
        field = keys(model).get(key)
        inside = nested(field) if field else None
        if inside and inside.shape == "one":
            yield from _keys_below(inside.model, (*at, key))
        elif not inside and not (model is MailboxConfig and key in IN_FILE_ONLY):
            yield (*at, key)


def _new_mailbox(variable: str) -> dict[str, Location]:
    """The places of a mailbox that only the environment speaks of."""
    part = variable.removeprefix(PREFIX + "MAILBOX__").partition("__")[0]
    if not variable.startswith(PREFIX + "MAILBOX__") or not re.fullmatch(r"[A-Z0-9]+(_[A-Z0-9]+)*", part):
        return {}
    places = list(_keys_below(MailboxConfig, ("mailbox", part.lower())))
    return {PREFIX + "__".join(str(step).upper() for step in place): place for place in places}


def _put(draft: Draft, at: Location, variable: str, text: str) -> None:
    at = _with_mailbox(draft, at, variable)
    found = _table_for(draft, at, variable)
    if found is None:
        return
    node, model = found
    key = str(at[-1])
    plain = key.removesuffix("_file")
    for other in {plain, f"{plain}_file"} - {key}:
        if (*at[:-1], other) not in draft.variables:
            node.pop(other, None)
    node[key] = _converted(text, model, key)
    draft.variables[at] = variable


def _table_for(draft: Draft, at: Location, variable: str) -> tuple[dict[str, Any], type[BaseModel]] | None:
    """The table that a value goes into, made if missing; None where the file has something else in its place."""
    node: Any = draft.values
    model: type[BaseModel] = Config
    for depth, step in enumerate(at[:-1]):
        if isinstance(step, int):
            node = node[step]
            continue
        inside = nested(keys(model)[step])
        assert inside is not None, "places only lead through tables"
        if step not in node:
            draft.variables[at[: depth + 1]] = variable
        model, node = inside.model, node.setdefault(step, {})
        if inside.shape == "one" and not isinstance(node, dict):
            return None
    return node, model


def _with_mailbox(draft: Draft, at: Location, variable: str) -> Location:
    """The place with the mailbox's number instead of its name, the mailbox made if it is not there yet."""
    if len(at) < 2 or isinstance(at[1], int) or at[0] != "mailbox":
        return at
    boxes = draft.values.setdefault("mailbox", [])
    names = [box["name"] for box in boxes]
    if at[1] not in names:
        boxes.append({"name": at[1]})
        draft.variables[("mailbox", len(names))] = variable
        names.append(at[1])
    return ("mailbox", names.index(at[1]), *at[2:])


def _converted(text: str, model: type[BaseModel], key: str) -> object:
    field = keys(model).get(key)
    plain = kind(field.annotation) if field else str
    if plain is int and re.fullmatch(r"[+-]?[0-9]{1,18}", text.strip()):
        return int(text)
    if plain is bool:
        return FLAGS.get(text.strip().lower(), text)
    return _words(text) if get_origin(plain) is tuple else text


def _words(text: str) -> object:
    """A list, written as JSON or as words of a shell."""
    try:
        return json.loads(text) if text.lstrip().startswith("[") else shlex.split(text)
    except (ValueError, RecursionError):
        return text
