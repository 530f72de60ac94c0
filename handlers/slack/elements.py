"""The parts that everything in Slack is drawn of, each within its limit: a text that is too long is cut visibly.

What people or mails say stands in plain_text and rich_text alone, where no character means anything; mrkdwn is for
our own labels and addresses. Figures: Slack's reference of blocks and block elements.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from bot.outgoing.cards import Button
from bot.texts import Words
from handlers.slack.mrkdwn import ELLIPSIS, line, plain, plain_lines

Block = dict[str, Any]

SECTION, FIELD, CONTEXT, HEADER = 3000, 2000, 2000, 150
LABEL, VALUE, OPTION, OPTION_VALUE, DESCRIPTION = 75, 2000, 75, 150, 75
CONFIRM_TITLE, CONFIRM_TEXT, CONFIRM_BUTTON = 100, 300, 30
TITLE, FIELD_LABEL, PLACEHOLDER = 24, 2000, 150
MOST_OPTIONS, MOST_ACTIONS, MOST_IN_CONTEXT = 100, 25, 10


def mrkdwn(text: str, limit: int = SECTION) -> Block:
    """Marked-up text, its foreign parts escaped already; addresses in it stay plain text."""
    assert 0 < len(text) <= limit, f"{len(text)} characters where Slack takes 1 to {limit}"
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def plain_text(text: str, limit: int) -> Block:
    """Text without any mark-up, cut."""
    return {"type": "plain_text", "text": plain(text, limit) or " ", "emoji": True}


def literal(text: str, limit: int) -> Block:
    """Lines of text that stand exactly as they are, cut."""
    return {"type": "plain_text", "text": plain_lines(text, limit) or " ", "emoji": True}


def paragraph(text: str, limit: int = SECTION) -> Block:
    """What somebody says."""
    return {"type": "section", "text": literal(text, limit)}


def table(columns: Sequence[tuple[str, str]]) -> Block:
    """Short texts beside each other, each under its label; five at most."""
    heads = [mrkdwn(f"*{line(name, LABEL)}*", FIELD) for name, _ in columns]
    return {"type": "section", "fields": [*heads, *(plain_text(text, FIELD) for _, text in columns)]}


def context(*texts: str) -> Block:
    """Small grey text."""
    return {"type": "context", "elements": [literal(text, CONTEXT) for text in texts[:MOST_IN_CONTEXT]]}


# rich text -----------------------------------------------------------------------------------------------------------


def rich(*parts: Block) -> Block:
    """Paragraphs and quotations whose texts stand as they are; only what is a mention by its type calls anybody."""
    return {"type": "rich_text", "elements": list(parts)}


def rich_line(*elements: Block) -> Block:
    """A paragraph of `words`, `mention` and the like."""
    return {"type": "rich_text_section", "elements": list(elements)}


def rich_quote(text: str, limit: int) -> Block:
    """A quotation."""
    return {"type": "rich_text_quote", "elements": [said(plain_lines(text, limit))]}


def said(text: str, *, bold: bool = False) -> Block:
    """Text within a paragraph; cut before."""
    return {"type": "text", "text": text or " ", **({"style": {"bold": True}} if bold else {})}


def label(text: str) -> Block:
    """A label over what follows."""
    return rich(rich_line(said(plain(text, FIELD_LABEL), bold=True)))


def mention(user: str) -> Block:
    """A member who is called."""
    return {"type": "user", "user_id": user}


def actions(elements: Sequence[Block]) -> Block:
    """Buttons and menus beside each other."""
    return {"type": "actions", "elements": list(elements[:MOST_ACTIONS])}


def button(one: Button, reference: str, version: int, words: Words) -> Block:
    """A button that asks for a verb: action_id `verb:<name>`, value `REF|VERSION`."""
    drawn: Block = {
        "type": "button",
        "action_id": f"verb:{one.verb}",
        "text": plain_text(one.label, LABEL),
        "value": f"{reference}|{version}"[:VALUE],
    }
    if one.style in ("primary", "danger"):
        drawn["style"] = one.style
    if one.confirm:
        drawn["confirm"] = confirmation(one, words)
    return drawn


def confirmation(one: Button, words: Words) -> Block:
    """The question that is asked before a press counts."""
    return {
        "title": plain_text(one.label.rstrip(ELLIPSIS), CONFIRM_TITLE),
        "text": plain_text(one.confirm, CONFIRM_TEXT),
        "confirm": plain_text(one.label.rstrip(ELLIPSIS), CONFIRM_BUTTON),
        "deny": plain_text(words("Cancel"), CONFIRM_BUTTON),
    }


def option(label: str, value: str, description: str = "") -> Block:
    """One choice of a menu."""
    assert 0 < len(value) <= OPTION_VALUE, f"an option's value of {len(value)} characters"
    drawn: Block = {"text": plain_text(label, OPTION), "value": value}
    if description:
        drawn["description"] = plain_text(description, DESCRIPTION)
    return drawn


def size(block: Any) -> int:
    """How many characters of text a block shows; a message takes about 13,000."""
    if isinstance(block, dict):
        return sum(
            len(part) if name == "text" and isinstance(part, str) else size(part) for name, part in block.items()
        )
    return sum(map(size, block)) if isinstance(block, list) else 0


def fitting(blocks: Iterable[Block], most: int, room: int) -> list[Block]:
    """The first blocks, `most` at most, whose text fits into `room` characters; `…` stands for the rest."""
    kept: list[Block] = []
    for block in blocks:
        room -= size(block)
        if room < 0 or len(kept) >= most - 1:
            return [*kept, context(ELLIPSIS)]
        kept.append(block)
    return kept
