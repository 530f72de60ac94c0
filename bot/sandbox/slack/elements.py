"""Block Kit's interactive elements and their limits, one table; what is not in it is refused, field by field.

Figures: Slack's reference of block elements.
"""

from collections.abc import Iterator
from typing import Any

from bot.sandbox.slack.refusals import Json
from bot.sandbox.slack.shapes import (
    Check,
    anything,
    boolean,
    both,
    complain,
    integer,
    listing,
    one_of,
    plain,
    shape,
    string,
    text,
    typed,
    url,
)

CONFIRM = shape(
    {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": one_of("primary", "danger")},
)


def _option(label: Check, **more: Check) -> Check:
    return shape({"text": label, "value": string(150)}, {"description": text(75), **more})


OPTION = _option(plain(75))
CHOICE = _option(text(75))
OVERFLOW_OPTION = _option(plain(75), url=url)
OPTIONS = listing(OPTION, 1, 100)
GROUPS = listing(shape({"label": plain(75), "options": OPTIONS}, {}), 1, 100)

ACTION: dict[str, Check] = {"type": anything}
COMMON: dict[str, Check] = {"action_id": string(255), "confirm": CONFIRM, "focus_on_load": boolean}
ASKING: dict[str, Check] = {**COMMON, "placeholder": plain(150)}
SEVERAL: dict[str, Check] = {**ASKING, "max_selected_items": integer(1, 100)}
CHOOSING: dict[str, Check] = {"options": OPTIONS, "option_groups": GROUPS}
DISPATCH = shape(
    {},
    {
        "trigger_actions_on": listing(one_of("on_enter_pressed", "on_character_entered"), 1, 2),
    },
)
TYPING: dict[str, Check] = {
    "action_id": string(255),
    "placeholder": plain(150),
    "focus_on_load": boolean,
    "dispatch_action_config": DISPATCH,
}
ID = string(255)
IDS = listing(ID, 1, 100)
FILTER = anything


def all_options(element: Json) -> Iterator[Json]:
    """The options of a select, grouped or not."""
    yield from element.get("options") or []
    for group in element.get("option_groups") or []:
        yield from group.get("options") or []


def _initial_is_an_option(value: Any, place: str, problems: list[str]) -> None:
    initial = [value["initial_option"]] if "initial_option" in value else value.get("initial_options") or []
    known = list(all_options(value))
    if any(option not in known for option in initial):
        complain(problems, "initial option must match one of the options", place)


def _select(required: dict[str, Check], optional: dict[str, Check], any_of: tuple[str, ...] = ()) -> Check:
    return both(shape({**ACTION, **required}, optional, any_of), _initial_is_an_option)


def _element(**optional: Check) -> Check:
    return shape(ACTION, optional)


ELEMENTS: dict[str, Check] = {
    "button": shape(
        {**ACTION, "text": plain(75)},
        {
            **COMMON,
            "value": string(2000),
            "url": url,
            "style": one_of("primary", "danger"),
            "accessibility_label": string(75),
        },
    ),
    "overflow": shape({**ACTION, "options": listing(OVERFLOW_OPTION, 2, 5)}, COMMON),
    "static_select": _select({}, {**ASKING, **CHOOSING, "initial_option": OPTION}, ("options", "option_groups")),
    "multi_static_select": _select(
        {}, {**SEVERAL, **CHOOSING, "initial_options": OPTIONS}, ("options", "option_groups")
    ),
    "external_select": _element(**ASKING, initial_option=OPTION, min_query_length=integer(0, 75)),
    "multi_external_select": _element(**SEVERAL, initial_options=OPTIONS, min_query_length=integer(0, 75)),
    "users_select": _element(**ASKING, initial_user=ID),
    "multi_users_select": _element(**SEVERAL, initial_users=IDS),
    "conversations_select": _element(
        **ASKING,
        initial_conversation=ID,
        default_to_current_conversation=boolean,
        response_url_enabled=boolean,
        filter=FILTER,
    ),
    "multi_conversations_select": _element(
        **SEVERAL, initial_conversations=IDS, default_to_current_conversation=boolean, filter=FILTER
    ),
    "channels_select": _element(**ASKING, initial_channel=ID, response_url_enabled=boolean),
    "multi_channels_select": _element(**SEVERAL, initial_channels=IDS),
    "datepicker": _element(**ASKING, initial_date=string(10, 10)),
    "timepicker": _element(**ASKING, initial_time=string(5, 5), timezone=string(100)),
    "datetimepicker": _element(**COMMON, initial_date_time=integer(10**9, 10**10 - 1)),
    "checkboxes": _select({"options": listing(CHOICE, 1, 10)}, {**COMMON, "initial_options": listing(CHOICE, 1, 10)}),
    "radio_buttons": _select({"options": listing(CHOICE, 1, 10)}, {**COMMON, "initial_option": CHOICE}),
    "plain_text_input": _element(
        **TYPING,
        initial_value=string(3000, 0),
        multiline=boolean,
        min_length=integer(0, 3000),
        max_length=integer(1, 3000),
    ),
    "email_text_input": _element(**TYPING, initial_value=string(3000, 0)),
    "url_text_input": _element(**TYPING, initial_value=string(3000, 0)),
    "number_input": shape(
        {**ACTION, "is_decimal_allowed": boolean},
        {**TYPING, "initial_value": string(100), "min_value": string(100), "max_value": string(100)},
    ),
    "rich_text_input": _element(**TYPING, initial_value=anything),
    "file_input": _element(action_id=string(255), filetypes=listing(string(20), 1, 100), max_files=integer(1, 10)),
    "image": shape(
        {**ACTION, "alt_text": string(2000)},
        {"image_url": url, "slack_file": anything},
        ("image_url", "slack_file"),
    ),
}

SELECTS = {
    f"{many}{kind}_select"
    for many in ("", "multi_")
    for kind in ("static", "external", "users", "conversations", "channels")
}
SINGLE = {name for name in SELECTS if not name.startswith("multi_")}
PICKERS = {"datepicker", "timepicker", "datetimepicker", "checkboxes", "radio_buttons"}
TYPED = {"plain_text_input", "email_text_input", "url_text_input", "number_input", "rich_text_input"}


def among(names: set[str]) -> Check:
    return typed({name: ELEMENTS[name] for name in names}, "element type")


IN_SECTION = among({"button", "overflow", "image"} | SELECTS | PICKERS - {"datetimepicker"})
IN_ACTIONS = among({"button", "overflow"} | SINGLE | PICKERS)
IN_INPUT = among(SELECTS | PICKERS | TYPED | {"file_input"})
