"""Mailbox rules as they stand in the file: conditions, what they set, what they extract, what becomes of the mail.

Patterns are compiled here once to be refused at the start; the conditions keep the raw texts, which
`bot.config.patterns.compile_pattern` turns into patterns again.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from bot.config.checks import choice, flag, one_line, says, wrong
from bot.config.hints import hint, quoted
from bot.config.patterns import compile_pattern, compile_regex
from bot.config.values import Line

UNITS = {"": 1, "b": 1, "kb": 1000, "mb": 1000**2, "gb": 1000**3, "kib": 1024, "mib": 1024**2, "gib": 1024**3}
FIELDS = ("group", "type", "severity", "assignee", "third_party", "project", "contract", "tag", "notify")
CUSTOM = re.compile(r"custom\.[A-Za-z0-9_-]+")
KNOWN = f"{', '.join(FIELDS)}, custom.NAME"
NOTIFY = ("none", "milestones", "all")

Patterns = tuple[str, ...]


class Section(BaseModel):
    """What every table of the file has in common: strict types, unknown keys refused, nothing changes later."""

    model_config = ConfigDict(
        strict=True,
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        validate_by_alias=True,
        validate_by_name=True,
    )


def patterns(value: object) -> Patterns:
    """One pattern or a list of them, each of which compiles."""
    found = [value] if isinstance(value, str) else value
    if not isinstance(found, list | tuple) or not found or not all(isinstance(one, str) for one in found):
        raise wrong("a pattern or a list of patterns")
    for pattern in found:
        _compiled(pattern, compile_pattern)
    return tuple(found)


def _compiled(pattern: str, compile_it: Callable[[str], object]) -> None:
    try:
        compile_it(pattern)
    except ValueError as error:
        raise says(str(error)) from None


def header_patterns(value: object) -> dict[str, Patterns]:
    """{header's name: pattern or patterns}."""
    if not isinstance(value, Mapping) or not value:
        raise wrong('a table such as { "X-Priority" = "1*" }')
    for name in value:
        if not isinstance(name, str) or not re.fullmatch(r"[!-9;-~]+", name):
            raise wrong("a table whose keys are names of header lines")
    return {name: patterns(one) for name, one in value.items()}


def size(value: object) -> int:
    """A number of bytes, or a text such as "5 MB"."""
    if type(value) is int and 0 <= value < 2**53:
        return value
    found = re.fullmatch(r"([0-9]{1,9}) ?([A-Za-z]{0,3})", value) if isinstance(value, str) else None
    if found is None or found[2].lower() not in UNITS:
        raise wrong('a number of bytes, or a text such as "5 MB"')
    return int(found[1]) * UNITS[found[2].lower()]


def flattened(value: Any) -> Any:
    """`custom.order = …` without quotes is a table inside a table in TOML: both spellings mean the same."""
    if not isinstance(value, Mapping) or not isinstance(value.get("custom"), Mapping):
        return value
    named = {f"custom.{name}": one for name, one in value["custom"].items()}
    return {name: one for name, one in value.items() if name != "custom"} | named


def assignments(value: object) -> dict[str, str]:
    """{field: value} of what a rule sets."""
    if not isinstance(value, Mapping):
        raise wrong('a table such as { group = "BILLING" }')
    for name, one in value.items():
        _known_field(name)
        if not isinstance(one, str) or not one.strip() or not one_line(one):
            raise says(f"needs one line of text in {name}")
    if value.get("notify", "all") not in NOTIFY:
        raise says(f"needs one of {', '.join(NOTIFY)} in notify")
    return dict(value)


def _known_field(name: object) -> None:
    if not isinstance(name, str) or not (name in FIELDS or CUSTOM.fullmatch(name)):
        raise says(f"has an unknown key {quoted(str(name))}{hint(name, FIELDS) or f' (known: {KNOWN})'}")


def looked_at(value: object) -> str:
    """Where an extraction looks: subject, body, or HEADER:Name."""
    if not isinstance(value, str) or not re.fullmatch(r"subject|body|HEADER:[!-9;-~]+", value):
        raise wrong('"subject", "body" or "HEADER:Name"')
    return value


def extraction(value: object) -> str:
    """A regular expression (without slashes) with exactly one group."""
    if not isinstance(value, str):
        raise wrong("a regular expression in quotes")
    _compiled(value, compile_regex)
    if compile_regex(value).groups != 1:
        raise wrong("a regular expression with exactly one group")
    return value


def extractions(value: object) -> object:
    """{field: extraction}, the fields' names checked; their content is checked by the model."""
    if not isinstance(value, Mapping):
        raise wrong('a table such as { "custom.order" = { from = "subject", pattern = "#(\\\\d+)" } }')
    for name in value:
        _known_field(name)
    return dict(value)


class ExtractConfig(Section):
    """Where a field's value is looked for, and the expression whose one group is the value."""

    source: Annotated[str, BeforeValidator(looked_at)] = Field(alias="from")
    pattern: Annotated[str, BeforeValidator(extraction)]


OptionalPatterns = Annotated[Patterns | None, BeforeValidator(patterns)]
OptionalSize = Annotated[int | None, BeforeValidator(size)]
OptionalFlag = Annotated[bool | None, BeforeValidator(flag)]


class RuleConfig(Section):
    """One `[[mailbox.rule]]`. A condition that is None was not given; a rule without conditions fits every mail."""

    name: Line
    from_: OptionalPatterns = Field(None, alias="from")
    to: OptionalPatterns = None
    cc: OptionalPatterns = None
    reply_to: OptionalPatterns = None
    subject: OptionalPatterns = None
    body: OptionalPatterns = None
    header: Annotated[dict[str, Patterns] | None, BeforeValidator(header_patterns)] = None
    has_attachment: OptionalFlag = None
    larger: OptionalSize = None
    smaller: OptionalSize = None
    is_reply: OptionalFlag = None
    automatic: OptionalFlag = None
    sets: Annotated[dict[str, str], BeforeValidator(assignments)] = Field({}, alias="set")
    extract: Annotated[dict[str, ExtractConfig], BeforeValidator(extractions)] = {}
    action: Annotated[str, BeforeValidator(choice("create", "ignore", "quarantine"))] = "create"

    @property
    def conditions(self) -> dict[str, Any]:
        """The conditions that were given, by their names in the file (`from`, `header`, `larger` in bytes, …)."""
        fields = type(self).model_fields
        names = {name: fields[name].alias or name for name in fields if name not in NO_CONDITIONS}
        given = {alias: getattr(self, name) for name, alias in names.items()}
        return {alias: value for alias, value in given.items() if value is not None}

    @property
    def expressions(self) -> Iterator[str]:
        """Every pattern of the rule as it stands in the file; those of extractions between slashes."""
        for value in self.conditions.values():
            for one in value.values() if isinstance(value, Mapping) else (value,):
                yield from one if isinstance(one, tuple) else ()
        yield from (f"/{wanted.pattern}/" for wanted in self.extract.values())


NO_CONDITIONS = ("name", "sets", "extract", "action")
