"""From file and environment to a checked Config: nothing is written, no connection made, the first mistake ends it."""

import copy
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from pydantic import BaseModel, ValidationError

from bot.config import reading
from bot.config.addresses import is_loopback
from bot.config.draft import Draft, Problem
from bot.config.environment import mailbox_part, overlay, variables
from bot.config.hints import hint
from bot.config.models import Config, MailboxConfig, SmtpConfig
from bot.config.patterns import is_risky
from bot.config.rules import flattened
from bot.config.schema import INTERNAL, Location, all_keys, path_keys, secret_keys, tables
from bot.config.wording import first_line, problems_of, secrets_of, shown, unknown_key
from bot.errors import ConfigError

LARGEST_SECRET = 65_536
DEFAULT_PATHS = {"data_dir": "data"}
DEFAULT_DATABASE = "sqlite:///deskbell.db"
SQLITE = "sqlite:///"
PATH_SETTINGS = ("templates_dir", "logo")


class Parser(Protocol):
    """What is needed of a desk setting: its check, which raises ValueError(sentence)."""

    def parse(self, raw: object) -> object:
        """The value in its final type."""


def load_config(
    path: Path | None = None,
    environ: Mapping[str, str] = os.environ,
    *,
    settings: Mapping[str, Parser] | None = None,
) -> Config:
    """The configuration of `path`, else of $DESKBELL_CONFIG, else of ./deskbell.toml, with the environment over it.

    settings: the desk settings that may stand at the top level; by default all there are.
    Raises ConfigError, one line that names file or variable and key and holds no secret.
    """
    known = desk_settings() if settings is None else settings
    draft = _begin(path, environ)
    overlay(draft, environ, known)
    _prepare_rules(draft)
    _refuse_unknown_keys(draft, known)
    _refuse_repeated_mailboxes(draft)
    given = _take_settings(draft, known)
    _read_secret_files(draft)
    _make_paths_absolute(draft)
    config = _checked(draft, given)
    return config.model_copy(update={"warnings": (*draft.warnings, *_warnings(config))})


def desk_settings() -> Mapping[str, Parser]:
    """The desk's own settings; imported here because they know more than a configuration needs to be read."""
    from bot.desk.setting_table import SETTINGS

    return SETTINGS


def _begin(path: Path | None, environ: Mapping[str, str]) -> Draft:
    file = reading.find(path, environ)
    if file is None and not variables(environ):
        raise ConfigError(f"{reading.NAME}: {reading.FIRST_STEPS}")
    original, text = reading.read(file) if file else ({}, "")
    folder = (file.parent if file else Path()).absolute()
    draft = Draft(file, folder, original, copy.deepcopy(original), text)
    if file and _is_open_to_all(file) and _holds_a_secret(original):
        draft.warnings.append(f"{reading.label(file)}: holds secrets and can be read by every user (chmod 600)")
    return draft


def _holds_a_secret(values: dict[str, Any]) -> bool:
    found = ((key, table.get(key)) for _, table, model in tables(values) for key in secret_keys(model))
    return any(value for key, value in found if key != "url" or "@" in str(value))


def _refuse_unknown_keys(draft: Draft, settings: Mapping[str, Parser]) -> None:
    for at, table, model in list(tables(draft.values)):
        known = [*all_keys(model), *(settings if not at else ())]
        for key in [key for key in table if key not in known]:
            del table[key]
            draft.problems.append(Problem((*at, key), unknown_key(key, hint(key, known)), "unknown"))


def _refuse_repeated_mailboxes(draft: Draft) -> None:
    seen: set[str] = set()
    boxes = draft.values.get("mailbox")
    for index, box in enumerate(boxes if isinstance(boxes, list) else ()):
        name = box.get("name") if isinstance(box, dict) else None
        if isinstance(name, str) and mailbox_part(name) in seen:
            draft.problems.append(Problem(("mailbox", index, "name"), "is the name of another mailbox too"))
        elif isinstance(name, str):
            seen.add(mailbox_part(name))


def _take_settings(draft: Draft, settings: Mapping[str, Parser]) -> dict[str, object]:
    """The desk settings of the top level, checked; those that are keys of their own stay there as well."""
    given: dict[str, object] = {}
    for name in [name for name in draft.values if name in settings]:
        is_ours = name in Config.model_fields and name not in INTERNAL
        raw = draft.values[name] if is_ours else draft.values.pop(name)
        try:
            given[name] = _setting(draft, name, raw, settings[name])
        except (ValueError, ArithmeticError) as error:
            if not is_ours:
                draft.problems.append(Problem((name,), _sentence(name, raw, error, draft)))
    return given


def _setting(draft: Draft, name: str, raw: object, setting: Parser) -> object:
    value = setting.parse(raw)
    if isinstance(raw, str) and not isinstance(value, str) and not draft.variable_of((name,)):
        raise ValueError("must be written without quotes")
    return str(draft.folder / str(value)) if name in PATH_SETTINGS and value else value


def _sentence(name: str, raw: object, error: Exception, draft: Draft) -> str:
    """A setting's own sentence, without the name that the line begins with anyway, and what was there instead."""
    said = " ".join(str(error).split()).removeprefix(f"{name}: ").removeprefix(f"{name} ").rstrip(".")
    return f"{said}, not {shown(raw, secrets_of(draft))}" if said.startswith("must") and ", not " not in said else said


def _read_secret_files(draft: Draft) -> None:
    for at, table, model in list(tables(draft.values)):
        for key in secret_keys(model):
            if f"{key}_file" in table:
                _read_secret_file(draft, at, table, key)


def _read_secret_file(draft: Draft, at: Location, table: dict[str, Any], key: str) -> None:
    named = f"{key}_file"
    raw = table.pop(named)
    if table.get(key, "") != "":
        draft.problems.append(Problem((*at, named), f"cannot be given together with {key}"))
        return
    try:
        table[key] = _secret_in(draft, at, named, raw)
        if (*at, named) in draft.variables:
            draft.variables[(*at, key)] = draft.variables[(*at, named)]
    except (OSError, ValueError) as error:
        draft.problems.append(Problem((*at, named), f"cannot be read: {reading.reason(error)}"))


def _secret_in(draft: Draft, at: Location, named: str, raw: object) -> str:
    if not isinstance(raw, str) or not raw:
        raise ValueError("it must be a file's name")
    path = draft.folder / raw
    secret = reading.read_text(path, LARGEST_SECRET).rstrip("\r\n")
    if not secret:
        raise ValueError("the file is empty")
    if _is_open_to_all(path):
        draft.warnings.append(": ".join([*draft.named((*at, named)), "the file can be read by every user (chmod 600)"]))
    return secret


def _is_open_to_all(path: Path) -> bool:
    return path.is_file() and bool(path.stat().st_mode & stat.S_IROTH)


def _make_paths_absolute(draft: Draft) -> None:
    for key, default in DEFAULT_PATHS.items():
        draft.values.setdefault(key, default)
    database = draft.values.setdefault("database", {})
    if isinstance(database, dict):
        database["url"] = _absolute_url(draft.folder, database.get("url", DEFAULT_DATABASE))
    for _, table, model in list(tables(draft.values)):
        _absolute_paths(draft.folder, table, model)


def _absolute_paths(folder: Path, table: dict[str, Any], model: type[BaseModel]) -> None:
    for key in path_keys(model):
        if isinstance(table.get(key), str) and table[key]:
            table[key] = folder / table[key]


def _absolute_url(folder: Path, url: object) -> object:
    if not isinstance(url, str) or not url.startswith(SQLITE) or url == SQLITE or ":memory:" in url:
        return url
    return f"{SQLITE}{folder / url.removeprefix(SQLITE)}"


def _prepare_rules(draft: Draft) -> None:
    """A rule that has no name is called by its number; fields of `custom` get their dotted names."""
    for box in _tables_in(draft.values, "mailbox"):
        for number, rule in enumerate(_tables_in(box, "rule"), start=1):
            rule.setdefault("name", f"rule {number}")
            rule |= {key: flattened(rule[key]) for key in ("set", "extract") if key in rule}


def _tables_in(table: dict[str, Any], key: str) -> Iterator[dict[str, Any]]:
    members = table.get(key)
    for member in members if isinstance(members, list) else ():
        if isinstance(member, dict):
            yield member


def _checked(draft: Draft, given: dict[str, object]) -> Config:
    problems = list(draft.problems)
    try:
        config = Config(**draft.values, settings=given)
    except ValidationError as error:
        problems += problems_of(error, draft)
    if problems:
        raise ConfigError(first_line(draft, problems))
    return config


def _warnings(config: Config) -> Iterator[str]:
    servers: list[tuple[str, SmtpConfig | MailboxConfig]] = [(f'mailbox "{box.name}"', box) for box in config.mailboxes]
    if config.smtp:
        servers.insert(0, ("smtp", config.smtp))
    for name, server in servers:
        if server.security == "none" and server.username and not is_loopback(server.host):
            yield f"{name}: the password goes to {server.host} without encryption"
    for box in config.mailboxes:
        for rule in box.rules:
            if any(map(is_risky, rule.expressions)):
                yield f'mailbox "{box.name}": rule "{rule.name}": {RISKY}'


RISKY = "a group that repeats is repeated, as in (a+)+: where that takes too long with a mail, it counts as no match"
