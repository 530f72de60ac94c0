"""How forms look in Slack: a Form becomes a modal whose block_ids are the fields' keys, action_id always `value`.

The modal itself remembers only on which ticket it is asked and where to answer; what was typed is never kept in it.
"""

from typing import Any

from bot.outgoing.cards import Answer, Button, Field, Form, Option
from bot.texts import Words
from handlers.slack.blocks import answer_message
from handlers.slack.elements import (
    FIELD_LABEL,
    LABEL,
    MOST_OPTIONS,
    OPTION_VALUE,
    PLACEHOLDER,
    SECTION,
    TITLE,
    Block,
    actions,
    label,
    option,
    paragraph,
    plain_text,
)
from handlers.slack.mrkdwn import ELLIPSIS, paragraphs, plain

MOST_TYPED, MOST_FIELDS, MOST_BLOCKS, MOST_FILES = 3000, 50, 100, 10


def form_view(form: Form, words: Words, *, channel: str = "") -> dict[str, Any]:
    """A modal for a form; private_metadata is `REF|VERSION|CHANNEL|DRAFT`."""
    blocks = [block for field in form.fields[:MOST_FIELDS] for block in _field(field, words)]
    ways = [_way(one) for one in form.buttons]
    return {
        "type": "modal",
        "callback_id": f"form:{form.verb}",
        "private_metadata": "|".join([form.reference, str(form.version), channel, *filter(None, [form.draft])]),
        "title": plain_text(form.title, TITLE),
        "submit": plain_text(form.submit, TITLE),
        "close": plain_text(words("Cancel"), TITLE),
        "blocks": [*blocks[: MOST_BLOCKS - 1], *([actions(ways)] if ways else [])],
    }


def message_view(text: str, words: Words, title: str = "Deskbell") -> dict[str, Any]:
    """A modal that only says something."""
    return {
        "type": "modal",
        "title": plain_text(title, TITLE),
        "close": plain_text(words("Close"), TITLE),
        "blocks": [paragraph(text or ELLIPSIS)],
    }


def answer_view(answer: Answer, words: Words, title: str = "Deskbell") -> dict[str, Any]:
    """A modal that shows an answer: what its message would show, with the card's blocks among the others."""
    message = answer_message(answer, words)
    cards = [block for card in message.get("attachments", ()) for block in card["blocks"]]
    blocks = [*message.get("blocks", ()), *cards] or [paragraph(answer.text or words("Done."))]
    return {**message_view("", words, title), "blocks": blocks[:MOST_BLOCKS]}


def _way(one: Button) -> Block:
    """A button inside a form: action_id `form:<argument>`, value the verb."""
    return {
        "type": "button",
        "action_id": f"form:{one.argument}",
        "text": plain_text(one.label, LABEL),
        "value": one.verb,
    }


def _field(field: Field, words: Words) -> list[Block]:
    return _shown(field) if field.kind == "shown" else [_asked(field, words)]


def _shown(field: Field) -> list[Block]:
    """A text in as many paragraphs as it takes, all of it: it is what will be sent."""
    return [label(field.label), *map(paragraph, paragraphs(field.value, SECTION))]


def _asked(field: Field, words: Words) -> Block:
    too_long = len(field.value) > _limit(field)
    hint = words("The text is too long to be edited here.") if too_long else field.hint
    block: Block = {
        "type": "input",
        "block_id": field.key,
        "label": plain_text(field.label, FIELD_LABEL),
        "optional": field.optional,
        "element": _element(field, words),
    }
    if field.asks:
        block["dispatch_action"] = True
    return {**block, "hint": plain_text(hint, FIELD_LABEL)} if hint else block


def _element(field: Field, words: Words) -> Block:
    if field.kind == "files":
        return {"type": "file_input", "action_id": "value", "max_files": MOST_FILES}
    if field.kind == "several" and _usable(field):
        return _several(field, words)
    if field.search:
        return _searched(field, words)
    return _select(field) if field.kind == "select" and _usable(field) else _input(field)


def _limit(field: Field) -> int:
    return max(1, min(field.limit, MOST_TYPED))


def _input(field: Field) -> Block:
    """A box to type in. A text that does not fit is not offered at all: it would come back cut."""
    element: Block = {
        "type": "plain_text_input",
        "action_id": f"value.{field.fresh}" if field.fresh else "value",
        "multiline": field.kind == "text",
        "max_length": _limit(field),
    }
    if field.value and len(field.value) <= _limit(field):
        element["initial_value"] = field.value
    return element


def _usable(field: Field) -> list[Option]:
    return [one for one in field.options if 0 < len(one.value) <= OPTION_VALUE]


def _select(field: Field) -> Block:
    """A menu; above a hundred choices they stand in groups of a hundred, named by the first and the last."""
    usable = _usable(field)[: MOST_OPTIONS * MOST_OPTIONS]
    drawn = [option(one.label, one.value) for one in usable]
    element: Block = {"type": "static_select", "action_id": "value"}
    if len(drawn) <= MOST_OPTIONS:
        element["options"] = drawn
    else:
        element["option_groups"] = [_group(drawn[at : at + MOST_OPTIONS]) for at in range(0, len(drawn), MOST_OPTIONS)]
    chosen = next((one for one in drawn if one["value"] == field.value), None)
    return {**element, "initial_option": chosen} if chosen else element


def _searched(field: Field, words: Words) -> Block:
    """A menu that asks what to offer while one types (`handlers.slack.options`)."""
    placeholder = plain_text(words("Type to search"), PLACEHOLDER)
    element: Block = {
        "type": "external_select",
        "action_id": "value",
        "min_query_length": 0,
        "placeholder": placeholder,
    }
    if not 0 < len(field.value) <= OPTION_VALUE:
        return element
    shown = next((one.label for one in field.options if one.value == field.value), field.value)
    return {**element, "initial_option": option(shown, field.value)}


def _several(field: Field, words: Words) -> Block:
    """A menu of which several may be chosen; `value` are the chosen ones, joined by commas."""
    drawn = [option(one.label, one.value) for one in _usable(field)[:MOST_OPTIONS]]
    wanted = [value.strip() for value in field.value.split(",")]
    chosen = [one for one in drawn if one["value"] in wanted]
    element: Block = {"type": "multi_static_select", "action_id": "value", "options": drawn}
    return {**element, "initial_options": chosen} if chosen else element


def _group(options: list[Block]) -> Block:
    first, last = (plain(one["text"]["text"], 30) for one in (options[0], options[-1]))
    return {"label": plain_text(f"{first} – {last}", 75), "options": options}
