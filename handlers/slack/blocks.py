"""How cards, forms and answers look in Slack: pure drawing into Block Kit, within Slack's limits.

Limits are those of Slack's reference for blocks and views: section 3,000, field 2,000, option value 150, title 24 …
"""

from collections.abc import Iterable, Sequence
from typing import Any

from bot.outgoing.cards import Answer, Button, Card, Field, Form, Option, Row
from bot.texts import Words
from handlers.slack.mrkdwn import cut, escape, plain, quote

Block = dict[str, Any]

CARD_EVENT = "deskbell_card"
MOST_BUTTONS, MOST_OPTIONS, MOST_BLOCKS = 4, 100, 48
SECTION, FIELD, CONTEXT, BUTTON, TITLE, OPTION, VALUE = 2900, 1900, 1900, 75, 24, 75, 150


# cards ---------------------------------------------------------------------------------------------------------------


def card_message(card: Card, words: Words, *, key: str = "") -> dict[str, Any]:
    """The arguments of chat.postMessage for a card: fallback text, one coloured attachment, metadata to find it by."""
    message: dict[str, Any] = {
        "text": cut(card.fallback, 600),
        "attachments": [
            {"color": card.colour, "fallback": cut(card.fallback, 600), "blocks": card_blocks(card, words)}
        ],
    }
    if key:
        message["metadata"] = {"event_type": CARD_EVENT, "event_payload": {"key": key, "ticket": card.reference}}
    return message


def card_blocks(card: Card, words: Words) -> list[Block]:
    """The blocks of a card."""
    blocks = [
        _section(f"{card.emoji} *{cut(card.title, 600)}*   `{escape(card.status)}`"),
        _context(_facts_line(card)),
    ]
    if card.excerpt:
        blocks.append(_section(quote(card.excerpt)))
    blocks.append(_state(card, words))
    actions = _actions(card, words)
    if actions:
        blocks.append(actions)
    blocks += [_context(cut(note, CONTEXT)) for note in card.notes]
    footer = [part for part in (card.last, card.next) if part]
    if footer:
        blocks.append(_context(cut("  ·  ".join(footer), CONTEXT)))
    return blocks


def _facts_line(card: Card) -> str:
    facts = "  ·  ".join(cut(value, 200) for _, value in card.facts)
    return f"👤 *{cut(card.client, 300)}*  ·  {facts}"


def _state(card: Card, words: Words) -> Block:
    fields = [_mrkdwn(f"*{escape(words('Assignee'))}*\n{cut(card.assignee, 200)}", FIELD)]
    if card.deadline:
        fields.append(_mrkdwn(f"*{escape(words('Deadline'))}*\n{cut(card.deadline, 200)}", FIELD))
    return {"type": "section", "fields": fields}


def _actions(card: Card, words: Words) -> Block | None:
    elements = [button(one, card.reference, card.version, words) for one in card.buttons[:MOST_BUTTONS]]
    if card.menu:
        elements.append(_menu(card, words))
    return {"type": "actions", "elements": elements} if elements else None


def _menu(card: Card, words: Words) -> Block:
    options = [
        {
            "text": _plain(one.label, OPTION),
            "value": f"{one.verb}|{card.reference}|{card.version}"[:VALUE],
        }
        for one in card.menu[:MOST_OPTIONS]
    ]
    return {
        "type": "static_select",
        "action_id": "more",
        "placeholder": _plain(words("⋯ More"), 150),
        "options": options,
    }


def button(one: Button, reference: str, version: int, words: Words) -> Block:
    """A button that asks for a verb: action_id `verb:<name>`, value `REF|VERSION`."""
    drawn: Block = {
        "type": "button",
        "action_id": f"verb:{one.verb}",
        "text": _plain(one.label, BUTTON),
        "value": f"{reference}|{version}",
    }
    if one.style in ("primary", "danger"):
        drawn["style"] = one.style
    if one.confirm:
        drawn["confirm"] = {
            "title": _plain(one.label.rstrip("…"), 100),
            "text": _plain(one.confirm, 300),
            "confirm": _plain(words("Yes"), 30),
            "deny": _plain(words("Cancel"), 30),
        }
    return drawn


# forms ---------------------------------------------------------------------------------------------------------------


def view(form: Form, words: Words, *, problem: str = "") -> dict[str, Any]:
    """A modal for a form: callback_id `form:<verb>`, blocks by the fields' keys, only reference and version kept."""
    blocks = [_section(cut(f"⚠️ {problem}", SECTION))] if problem else []
    blocks += [_field(field) for field in form.fields]
    return {
        "type": "modal",
        "callback_id": f"form:{form.verb}",
        "private_metadata": f"{form.reference}|{form.version}",
        "title": _plain(form.title, TITLE),
        "submit": _plain(form.submit, TITLE),
        "close": _plain(words("Cancel"), TITLE),
        "blocks": blocks,
    }


def problem_view(text: str, words: Words, title: str = "Deskbell") -> dict[str, Any]:
    """A modal that only says something."""
    return {
        "type": "modal",
        "title": _plain(title, TITLE),
        "close": _plain(words("Close"), TITLE),
        "blocks": [_section(cut(text, SECTION))],
    }


def _field(field: Field) -> Block:
    if field.kind == "shown":
        return _section(f"*{cut(field.label, 200)}*\n{cut(field.value, SECTION - 300)}")
    block: Block = {
        "type": "input",
        "block_id": field.key,
        "label": _plain(field.label, 2000),
        "optional": field.optional,
        "element": _select(field) if field.kind == "select" else _input(field),
    }
    if field.hint:
        block["hint"] = _plain(field.hint, 2000)
    return block


def _input(field: Field) -> Block:
    element: Block = {
        "type": "plain_text_input",
        "action_id": "value",
        "multiline": field.kind == "text",
        "max_length": min(field.limit, 3000),
    }
    if field.value:
        element["initial_value"] = field.value[: element["max_length"]]
    return element


def _select(field: Field) -> Block:
    options = [_option(option) for option in field.options[:MOST_OPTIONS]]
    element: Block = {"type": "static_select", "action_id": "value", "options": options}
    chosen = [option for option in options if option["value"] == field.value]
    if chosen:
        element["initial_option"] = chosen[0]
    return element


def _option(option: Option) -> Block:
    return {"text": _plain(option.label, OPTION), "value": option.value[:VALUE]}


# answers -------------------------------------------------------------------------------------------------------------


def answer_message(answer: Answer, words: Words) -> dict[str, Any]:
    """What an answer looks like in a message that only the asker sees: `text` and blocks."""
    blocks = list(_answer_blocks(answer, words))[:MOST_BLOCKS]
    if answer.card is not None:
        card = answer.card
        drawn = {"color": card.colour, "fallback": cut(card.fallback, 600), "blocks": card_blocks(card, words)}
        return {"text": cut(answer.text or card.fallback, 600), "attachments": [drawn]}
    fallback = answer.text or " ".join(answer.lines) or words("Done.")
    return {"text": cut(fallback, 2900), **({"blocks": blocks} if blocks else {})}


def _answer_blocks(answer: Answer, words: Words) -> Iterable[Block]:
    if answer.text:
        sign = "🚫 " if answer.refused else ""
        yield _section(f"{sign}{cut(answer.text, SECTION)}")
    if answer.link:
        yield _section(cut(answer.link, SECTION))
    yield from _joined(answer.lines)
    yield from (_row(row) for row in answer.rows)
    pages = _pages(answer)
    if pages:
        yield pages
    if answer.buttons:
        elements = [button(one, answer.reference, answer.version, words) for one in answer.buttons]
        yield {"type": "actions", "elements": elements}


def _joined(lines: Sequence[str]) -> Iterable[Block]:
    """Lines together in as few sections as they fit into; a long answer is cut at what one message holds."""
    sections: list[str] = []
    for line in lines:
        drawn = cut(line, 1000)
        if sections and len(sections[-1]) + len(drawn) < SECTION:
            sections[-1] += f"\n{drawn}"
        else:
            sections.append(drawn)
    yield from (_section(text) for text in sections[:4])


def _row(row: Row) -> Block:
    return _section(f"{row.emoji} *{escape(row.reference)}*  {cut(row.subject, 200)}\n{cut(row.details, 400)}")


def _pages(answer: Answer) -> Block | None:
    if answer.pages < 2:
        return None
    steps = [("‹", answer.page - 1), (f"{answer.page}/{answer.pages}", 0), ("›", answer.page + 1)]
    elements = [
        {
            "type": "button",
            "action_id": f"page:{label}",
            "text": _plain(label, BUTTON),
            "value": answer.again.replace("{page}", str(number or answer.page))[:2000],
        }
        for label, number in steps
        if number == 0 or 1 <= number <= answer.pages
    ]
    return {"type": "actions", "elements": elements}


def _section(text: str) -> Block:
    return {"type": "section", "text": _mrkdwn(text, 3000)}


def _context(text: str) -> Block:
    return {"type": "context", "elements": [_mrkdwn(text, 2000)]}


def _mrkdwn(text: str, limit: int) -> Block:
    assert len(text) <= limit, f"{len(text)} characters where Slack takes {limit}"
    return {"type": "mrkdwn", "text": text, **({"verbatim": True} if limit else {})}


def _plain(text: str, limit: int) -> Block:
    return {"type": "plain_text", "text": plain(text, limit) or " ", "emoji": True}
