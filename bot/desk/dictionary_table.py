"""What an entry of a dictionary consists of: one table of properties for each kind, as people type and read them.

A property reads its text into columns of the row and shows the row's columns as text; "" or - empties it.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.cleaning import clean_line
from bot.desk import addresses, outbox, people
from bot.desk.fields import is_empty
from bot.errors import Refusal, UnknownValue
from bot.texts import LANGUAGES
from storage.queries import dictionaries as rows
from storage.queries import oncall as oncall_rows

KINDS = ("type", "group", "severity", "field")
FIELD_KINDS = ("text", "number", "choice", "date", "yes_no")
YES = dict.fromkeys("yes y on true 1 oui o".split(), True)
NO = dict.fromkeys("no n off false 0 non".split(), False)
_EACH = "each"
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_CHAT = re.compile(r"-?\d{1,18}|@[A-Za-z]\w{3,31}")

Read = Callable[[str, Any], Any]
Show = Callable[[Any], str]


@dataclass(frozen=True, slots=True)
class Property:
    """One property: `column` is what it is kept in; `read(text, row)` its value there (row None for a new entry).

    `form`: how forms ask for it ("line", "yes_no", "severity", "group", "agent", "kind").
    """

    name: str
    label: str
    column: str
    read: Read
    show: Show
    form: str = "line"


def of(kind: str) -> Mapping[str, Property]:
    """The properties of a kind by name. UnknownValue for an unknown kind."""
    if kind not in _TABLES:
        raise UnknownValue("There is no dictionary {kind}. There are: {names}.", kind=kind[:40], names=", ".join(KINDS))
    return _TABLES[kind]


def shown(kind: str, row: Any) -> dict[str, str]:
    """All properties of a row as text."""
    return {name: one.show(row) for name, one in of(kind).items()}


# reading -------------------------------------------------------------------------------------------------------------


def _yes_no(text: str, row: Any) -> bool:
    known = {**YES, **NO}
    if text.strip().lower() not in known:
        raise Refusal("It must be yes or no, not “{value}”.", value=text.strip()[:40])
    return known[text.strip().lower()]


def _number(text: str, row: Any) -> int:
    plain = text.strip() or "0"
    if not re.fullmatch(r"-?\d{1,9}", plain):
        raise Refusal("It must be a whole number, not “{value}”.", value=text.strip()[:40])
    return int(plain)


def _delay(text: str, row: Any) -> float | None:
    """Hours; None where the next level's count."""
    if is_empty(text):
        return None
    plain = text.strip().replace(",", ".")
    if not re.fullmatch(r"\d{1,4}(\.\d{1,6})?", plain) or float(plain) > 8760:
        raise Refusal("It must be hours from 0 to 8760, not “{value}”.", value=text.strip()[:40])
    return float(plain)


def _line(limit: int) -> Read:
    def read(text: str, row: Any) -> str:
        said = "" if is_empty(text) else clean_line(text)
        if len(said) > limit:
            raise Refusal("It must have at most {n} characters.", n=limit)
        return said

    return read


def _colour(text: str, row: Any) -> str:
    said = "" if is_empty(text) else text.strip()
    if said and not _COLOUR.fullmatch(said):
        raise Refusal("It must be a colour such as #d72638, not “{value}”.", value=said[:40])
    return said


def _address(text: str, row: Any) -> str:
    return "" if is_empty(text) else addresses.address(text)


def _chat(text: str, row: Any) -> str:
    said = "" if is_empty(text) else text.strip()
    if said and not _CHAT.fullmatch(said):
        raise Refusal("It must be a chat's number such as -1001234567890, not “{value}”.", value=said[:40])
    return said


def _topic(text: str, row: Any) -> int:
    """A topic's number, 0 for none; `each` for one for each ticket."""
    if text.strip().casefold() == _EACH:
        return outbox.EACH
    topic = _number("" if is_empty(text) else text, row)
    if topic < 0:
        raise Refusal("It must be a topic's number, or “each” for one for each ticket, not “{value}”.", value=text[:40])
    return topic


def _severity(text: str, row: Any) -> Any:
    return None if is_empty(text) else _active("severity", text)


def _parent(text: str, row: Any) -> Any:
    """Groups are a tree: none is above itself."""
    if is_empty(text):
        return None
    above = parent = _active("group", text)
    while above is not None:
        if row is not None and above.id == row.id:
            raise Refusal("{group} cannot be above {code}, which is above it.", group=parent.code, code=row.code)
        above = above.parent
    return parent


def _active(kind: str, code: str) -> Any:
    entry = rows.by_code(kind, code.strip())
    if entry is None or not entry.active:
        codes = ", ".join(one.code for one in rows.entries(kind) if one.active)
        sentence = "There is no {kind} {code}. There are: {codes}."
        raise UnknownValue(sentence, kind=kind, code=code.strip()[:40], codes=codes)
    return entry


def _assignee(text: str, row: Any) -> int | None:
    return None if is_empty(text) else _agent(text.strip()).id


def _rota(text: str, row: Any) -> int | None:
    if is_empty(text):
        return None
    rota = oncall_rows.by_code(text.strip())
    if rota is None or not rota.active:
        raise UnknownValue("There is no rota {code} in use.", code=text.strip()[:40])
    return rota.id


def _agents(text: str, row: Any) -> list[int]:
    """The ids of those who see the group; none = everybody."""
    return [] if is_empty(text) else [_agent(part).id for part in addresses.listed(text)]


def _agent(address: str) -> people.Agent:
    agent = people.agent(address)
    if not agent.active:
        raise Refusal("{name} is no agent any more.", name=agent.name)
    return agent


def _field_kind(text: str, row: Any) -> str:
    """A field that tickets have a value in keeps its kind."""
    said = text.strip().lower()
    if said not in FIELD_KINDS:
        raise Refusal("It must be one of {choices}.", choices=", ".join(FIELD_KINDS))
    if row is not None and row.kind != said and rows.is_used("field", row.id):
        raise Refusal("Tickets have values in {code}: its kind stays.", code=row.code)
    return said


def _choices(text: str, row: Any) -> list[str]:
    parts = [clean_line(part) for part in re.split(r"[,;\n]", text)]
    return [] if is_empty(text) else list(dict.fromkeys(part[:100] for part in parts if part))


# showing -------------------------------------------------------------------------------------------------------------


def _plain(column: str) -> Show:
    return lambda row: str(getattr(row, column) or "")


def _as_yes_no(column: str) -> Show:
    return lambda row: "yes" if getattr(row, column) else "no"


def _as_hours(column: str) -> Show:
    return lambda row: "" if getattr(row, column) is None else f"{getattr(row, column):g}"


def _as_topic(row: Any) -> str:
    return _EACH if row.telegram_topic == outbox.EACH else str(row.telegram_topic or "")


def _as_code(column: str) -> Show:
    return lambda row: getattr(row, column).code if getattr(row, column) else ""


def _as_agents(row: Any) -> str:
    return ", ".join(agent.email for agent in rows.agents_of(row.id)) if row.restricted else ""


# the table -----------------------------------------------------------------------------------------------------------


def _label(language: str) -> Property:
    """A label is kept in the one column of all labels."""
    name = f"label:{language}"
    said = {"en": "Label in English", "fr": "Label in French"}[language]
    return Property(name, said, name, _line(80), lambda row: row.labels.get(language, ""))


def _delays() -> Iterable[Property]:
    yield Property("response_delay", "Response delay (hours)", "response_delay", _delay, _as_hours("response_delay"))
    yield Property("action_delay", "Action delay (hours)", "action_delay", _delay, _as_hours("action_delay"))


_LABELS = tuple(map(_label, LANGUAGES))
_POSITION = Property("position", "Position", "position", _number, lambda row: str(row.position))
_ACTIVE = Property("active", "In use", "active", _yes_no, _as_yes_no("active"), "yes_no")
_DEFAULT = Property("default", "The default", "is_default", _yes_no, _as_yes_no("is_default"), "yes_no")
_COMMON = (*_LABELS, _POSITION, _ACTIVE, _DEFAULT)
_SEVERITY = (
    Property("emoji", "Emoji", "emoji", _line(16), _plain("emoji")),
    Property("colour", "Colour", "colour", _colour, _plain("colour")),
    Property("rings", "Telegram makes a sound", "rings", _yes_no, _as_yes_no("rings"), "yes_no"),
    *_delays(),
)
_GROUP = (
    Property("parent", "Part of the group", "parent", _parent, _as_code("parent"), "group"),
    Property(
        "forced_severity",
        "Severity of all its tickets",
        "forced_severity",
        _severity,
        _as_code("forced_severity"),
        "severity",
    ),
    Property(
        "default_severity",
        "Severity if nobody says",
        "default_severity",
        _severity,
        _as_code("default_severity"),
        "severity",
    ),
    Property(
        "default_assignee",
        "New tickets go to",
        "default_assignee",
        _assignee,
        lambda row: row.default_assignee.email if row.default_assignee else "",
        "agent",
    ),
    Property(
        "default_rota",
        "New tickets go to whoever is on call in",
        "default_rota",
        _rota,
        _as_code("default_rota"),
        "rota",
    ),
    Property("slack_channel", "Slack channel", "slack_channel", _line(80), _plain("slack_channel")),
    Property("telegram_chat", "Telegram chat", "telegram_chat", _chat, _plain("telegram_chat")),
    Property("telegram_topic", "Telegram topic (“each”: one for each ticket)", "telegram_topic", _topic, _as_topic),
    Property("notify_address", "Address told of new tickets", "notify_address", _address, _plain("notify_address")),
    *_delays(),
    Property("agents", "Only these agents see it", "agents", _agents, _as_agents),
)
_FIELD = (
    *_LABELS,
    Property("kind", "Kind", "kind", _field_kind, _plain("kind"), "kind"),
    Property("choices", "Choices", "choices", _choices, lambda row: ", ".join(row.choices)),
    _POSITION,
    _ACTIVE,
)
_TABLES: Mapping[str, Mapping[str, Property]] = {
    "type": {one.name: one for one in _COMMON},
    "severity": {one.name: one for one in (*_COMMON, *_SEVERITY)},
    "group": {one.name: one for one in (*_COMMON, *_GROUP)},
    "field": {one.name: one for one in _FIELD},
}
