"""What stands in the fields of a form: initial values, what a person entered, and the `state` that Slack sends of it.

One table says for each element how its value is called; a value that a person gives is checked as the client would.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from bot.sandbox.slack.blocks import located
from bot.sandbox.slack.elements import all_options
from bot.sandbox.slack.records import View
from bot.sandbox.slack.refusals import Json, NotThere

Entered = Mapping[tuple[str, str], Any]

VALUES = {
    "plain_text_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "rich_text_input": ("rich_text_value", "initial_value"),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_external_select": ("selected_options", "initial_options"),
    "checkboxes": ("selected_options", "initial_options"),
    "users_select": ("selected_user", "initial_user"),
    "multi_users_select": ("selected_users", "initial_users"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "channels_select": ("selected_channel", "initial_channel"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "file_input": ("files", "initial_files"),
}
SEVERAL = {kind for kind, (name, _) in VALUES.items() if name.endswith("s")}
OPTIONS = {kind for kind, (name, _) in VALUES.items() if name.startswith("selected_option")}
FORMATS = {
    "email_text_input": re.compile(r"(?<![^@\s])[^@\s]++@(?=[^@\s]+\.[^@\s])[^@\s]++"),
    "url_text_input": re.compile(r"https?://\S+"),
    "number_input": re.compile(r"-?\d+(\.\d+)?"),
    "datepicker": re.compile(r"\d{4}-\d\d-\d\d"),
    "timepicker": re.compile(r"\d\d:\d\d"),
}


def state_of(blocks: Iterable[Json], entered: Entered) -> Json:
    """`state.values` of a view or a message: block id → action id → value; buttons and overflows have none."""
    values: Json = {}
    for block, element in located(list(blocks)):
        if element["type"] in VALUES:
            key = (block["block_id"], element["action_id"])
            values.setdefault(key[0], {})[key[1]] = _state(element, entered.get(key, initial(element)))
    return values


def _state(element: Json, value: Any) -> Json:
    return {"type": element["type"], VALUES[element["type"]][0]: value}


def initial(element: Json) -> Any:
    kind = element["type"]
    return element.get(VALUES[kind][1], [] if kind in SEVERAL else None)


def keep_entered(view: View) -> dict[tuple[str, str], Any]:
    """What was entered, as far as its fields are still in the view."""
    here = {(b["block_id"], e["action_id"]) for b, e in located(view.blocks)}
    return {key: value for key, value in view.entered.items() if key in here}


def as_value(element: Json, given: Any, suggested: Mapping[str, Json] | None = None) -> Any:
    """What a person gives, in the element's own form: texts stay, option values become options.

    Raises NotThere for an option that the element does not offer.
    """
    kind = element["type"]
    if given is None:
        return [] if kind in SEVERAL else None
    if kind in SEVERAL:
        items = given if isinstance(given, list | tuple) else [given]
        return [_one(element, item, suggested or {}) for item in items]
    return _one(element, given, suggested or {})


def _one(element: Json, given: Any, suggested: Mapping[str, Json]) -> Any:
    if element["type"] not in OPTIONS or isinstance(given, dict):
        return given
    if "external" in element["type"]:
        return suggested.get(given) or {"text": {"type": "plain_text", "text": given, "emoji": True}, "value": given}
    return option_of(element, given)


def option_of(element: Json, value: str) -> Json:
    """The offered option of this value, else of this shown text."""
    options = list(all_options(element))
    for option in options:
        if option["value"] == value:
            return option
    for option in options:
        if option["text"]["text"] == value:
            return option
    raise NotThere(f"{element['action_id']}: no option {value!r} among {[o['value'] for o in options]}")


def client_errors(view: View) -> dict[str, str]:
    """What the client itself says under the fields before anything is sent: block id → sentence."""
    errors: dict[str, str] = {}
    for block, element in located(view.blocks):
        if block["type"] == "input":
            value = view.entered.get((block["block_id"], element["action_id"]), initial(element))
            if complaint := _complaint(block, element, value):
                errors[block["block_id"]] = complaint
    return errors


def _complaint(block: Json, element: Json, value: Any) -> str | None:
    if value in (None, "", []):
        return None if block.get("optional") else "Please complete this required field."
    if isinstance(value, str):
        return _text_complaint(element, value)
    return None


def _text_complaint(element: Json, value: str) -> str | None:
    if len(value) > element.get("max_length", 3000):
        return f"Please enter at most {element.get('max_length', 3000)} characters."
    if len(value) < element.get("min_length", 0):
        return f"Please enter at least {element['min_length']} characters."
    pattern = FORMATS.get(element["type"])
    return None if pattern is None or pattern.fullmatch(value) else "Please enter a valid value."
