"""Small checks of which Block Kit's rules are put together; a check writes what is wrong, with its place, and returns.

Each check is called as `check(value, place, problems)`; places are JSON pointers as Slack prints them.
"""

from collections.abc import Callable, Mapping
from typing import Any

Check = Callable[[Any, str, list[str]], None]


def complain(problems: list[str], message: str, place: str) -> None:
    problems.append(f"[ERROR] {message} [json-pointer:{place or '/'}]")


def string(limit: int, minimum: int = 1) -> Check:
    def check(value: Any, place: str, problems: list[str]) -> None:
        if not isinstance(value, str):
            complain(problems, "must be a string", place)
        elif len(value) > limit:
            complain(problems, f"must be less than {limit + 1} characters", place)
        elif len(value) < minimum:
            complain(problems, f"must be more than {minimum - 1} characters", place)

    return check


def boolean(value: Any, place: str, problems: list[str]) -> None:
    if not isinstance(value, bool):
        complain(problems, "must be a boolean", place)


def anything(value: Any, place: str, problems: list[str]) -> None:
    """For parts whose inside does not matter here."""


def integer(lowest: int, highest: int) -> Check:
    def check(value: Any, place: str, problems: list[str]) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            complain(problems, "must be an integer", place)
        elif not lowest <= value <= highest:
            complain(problems, f"must be between {lowest} and {highest}", place)

    return check


def one_of(*allowed: str) -> Check:
    def check(value: Any, place: str, problems: list[str]) -> None:
        if value not in allowed:
            complain(problems, f"must be one of the allowed values: {', '.join(allowed)}", place)

    return check


def url(value: Any, place: str, problems: list[str]) -> None:
    string(3000)(value, place, problems)
    if isinstance(value, str) and not value.startswith(("http://", "https://", "mailto:", "tel:", "slack://")):
        complain(problems, "must be a valid url", place)


def listing(item: Check, minimum: int, maximum: int) -> Check:
    def check(value: Any, place: str, problems: list[str]) -> None:
        if not isinstance(value, list):
            complain(problems, "must be an array", place)
            return
        if len(value) > maximum:
            complain(problems, f"no more than {maximum} items allowed", place)
        if len(value) < minimum:
            complain(problems, f"must have at least {minimum} items", place)
        for number, part in enumerate(value):
            item(part, f"{place}/{number}", problems)

    return check


def shape(required: Mapping[str, Check], optional: Mapping[str, Check], any_of: tuple[str, ...] = ()) -> Check:
    """An object with exactly these fields; of `any_of` at least one is there."""
    known = {**required, **optional}

    def check(value: Any, place: str, problems: list[str]) -> None:
        if not isinstance(value, dict):
            complain(problems, "must be an object", place)
            return
        for name in required:
            if name not in value:
                complain(problems, f"missing required field: {name}", place)
        if any_of and not any(name in value for name in any_of):
            complain(problems, f"missing required field: {' or '.join(any_of)}", place)
        for name, part in value.items():
            _field(known, name)(part, f"{place}/{name}", problems)

    return check


def _field(known: Mapping[str, Check], name: str) -> Check:
    return known.get(name) or _unknown(name)


def _unknown(name: str) -> Check:
    def check(value: Any, place: str, problems: list[str]) -> None:
        complain(problems, f"no additional properties allowed: {name}", place)

    return check


def typed(kinds: Mapping[str, Check], what: str = "type") -> Check:
    """An object whose `type` picks its check."""

    def check(value: Any, place: str, problems: list[str]) -> None:
        if not isinstance(value, dict):
            complain(problems, "must be an object", place)
        elif not isinstance(value.get("type"), str) or value["type"] not in kinds:
            complain(problems, f"unsupported {what}: {value.get('type')}", f"{place}/type")
        else:
            kinds[value["type"]](value, place, problems)

    return check


def both(*checks: Check) -> Check:
    def check(value: Any, place: str, problems: list[str]) -> None:
        for part in checks:
            part(value, place, problems)

    return check


def plain(limit: int) -> Check:
    return _text(limit, "plain_text")


def text(limit: int) -> Check:
    return _text(limit, "plain_text", "mrkdwn")


def _text(limit: int, *kinds: str) -> Check:
    fields: dict[str, Check] = {"emoji": boolean}
    if "mrkdwn" in kinds:
        fields["verbatim"] = boolean
    return shape({"type": one_of(*kinds), "text": string(limit)}, fields)
