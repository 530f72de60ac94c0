"""How cards and answers look in Slack: pure drawing into Block Kit, within Slack's limits. Forms are in `forms`.

A card is its title and one coloured attachment. Slack shows a message's `text` above attachments unless there are
blocks as well: therefore the title is a block, and `text` is read in notifications alone.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from bot.outgoing.cards import Answer, Button, Card, Row
from bot.outgoing.mail_notices import Notice
from bot.texts import Words
from handlers.slack.elements import (
    OPTION_VALUE,
    PLACEHOLDER,
    VALUE,
    Block,
    actions,
    button,
    context,
    fitting,
    mention,
    option,
    paragraph,
    plain_text,
    rich,
    rich_line,
    rich_quote,
    said,
    size,
    table,
)
from handlers.slack.mrkdwn import ELLIPSIS, cut, plain, plain_lines

CARD_EVENT = "deskbell_card"
MOST_BUTTONS, MOST_IN_MENU, MOST_FACTS, MOST_NOTES, MOST_UNDER_ANSWER = 4, 25, 6, 5, 5
MOST_BLOCKS, MOST_TEXT = 40, 11_000
FALLBACK, SUBJECT, EXCERPT = 600, 300, 600
TEXT, SHORTEST_LINE, LONGEST_LINK = 2800, 120, 1000
LINE, QUOTED, NOTICE = 1000, 1500, 3500
SEPARATOR = "  ·  "


# cards ---------------------------------------------------------------------------------------------------------------


def card_message(card: Card, words: Words, *, key: str = "") -> dict[str, Any]:
    """The arguments of chat.postMessage for a card: fallback text, title, coloured rest, metadata to find it by."""
    message: dict[str, Any] = {
        "text": cut(card.fallback, FALLBACK),
        "blocks": [paragraph(card.instead, SUBJECT) if card.instead else card_title(card)],
        "attachments": [] if card.instead else [card_body(card, words)],
    }
    if key:
        message["metadata"] = metadata(CARD_EVENT, key, ticket=card.reference)
    return message


def metadata(kind: str, key: str, **more: str) -> Block:
    """What a message carries so that it can be found again."""
    return {"event_type": kind, "event_payload": {"key": key, **more}}


def card_title(card: Card) -> Block:
    """`🔴 TS2611-0042 · Printer on fire  ·  Unread`: the one place where the status stands."""
    title, status = said(plain(card.title, SUBJECT), bold=True), said(plain(card.status, 60), bold=True)
    return rich(rich_line(said(f"{plain(card.emoji, 60)} "), title, said(SEPARATOR), status))


def card_body(card: Card, words: Words) -> Block:
    """All the rest, beside its colour bar."""
    return {"color": card.colour, "fallback": cut(card.fallback, FALLBACK), "blocks": _body(card, words)}


def _body(card: Card, words: Words) -> list[Block]:
    """Client and facts, excerpt, who and until when, buttons, notes, what happened and what happens next."""
    blocks = [context(_facts(card))]
    if card.excerpt.strip():
        blocks.append(paragraph(card.excerpt, EXCERPT))
    blocks.append(_state(card, words))
    if card.buttons or card.menu:
        blocks.append(_actions(card, words))
    notes = [plain(note, 200) for note in card.notes[:MOST_NOTES] if note.strip()]
    if notes:
        blocks.append(context(*notes))
    footer = SEPARATOR.join(plain(part, 300) for part in (card.last, card.next) if part)
    return [*blocks, context(footer)] if footer else blocks


def _facts(card: Card) -> str:
    values = dict.fromkeys(value for _, value in card.facts[:MOST_FACTS] if value.strip())
    facts = [plain(value, 80) for value in values]  # the group and the type may both be called Other
    return SEPARATOR.join([f"👤 {plain(card.client, 200)}", *facts])


def _state(card: Card, words: Words) -> Block:
    columns = [(words("Assignee"), plain(card.assignee, 120))]
    if card.deadline:
        columns.append((words("Deadline"), plain(card.deadline, 120)))
    return table(columns)


def _actions(card: Card, words: Words) -> Block:
    elements = [button(one, card.reference, card.version, words) for one in card.buttons[:MOST_BUTTONS]]
    return actions([*elements, _menu(card, words)] if card.menu else elements)


def _menu(card: Card, words: Words) -> Block:
    """The ⋯ menu. A choice cannot ask for a confirmation by itself, so its question stands under its name."""
    options = [option(one.label, _choice(one, card), one.confirm) for one in card.menu[:MOST_IN_MENU]]
    placeholder = plain_text(words("⋯ More"), PLACEHOLDER)
    return {"type": "static_select", "action_id": "more", "placeholder": placeholder, "options": options}


def _choice(one: Button, card: Card) -> str:
    return f"{one.verb}|{card.reference}|{card.version}"[:OPTION_VALUE]


# lines and notices ---------------------------------------------------------------------------------------------------


def line_message(text: str, member: str = "") -> dict[str, Any]:
    """A line of a thread, which calls a member where one is named; what follows its first line is a quotation."""
    head, _, rest = text.partition("\n")
    first = [said(plain(head, LINE))]
    parts = [rich_line(*([mention(member), said(" "), *first] if member else first))]
    fallback = (f"<@{member}> " if member else "") + cut(head, LINE)
    if rest.strip():
        parts.append(rich_quote(rest, QUOTED))
        fallback += f"\n{cut(rest, QUOTED)}"
    return {"text": fallback or ELLIPSIS, "blocks": [rich(*parts)]}


def notice_message(text: str) -> dict[str, Any]:
    """A message of its own."""
    return {"text": cut(text, NOTICE) or ELLIPSIS, "blocks": [rich(rich_line(said(plain_lines(text, NOTICE))))]}


def mail_notice(notice: Notice, words: Words) -> dict[str, Any]:
    """A notice with buttons, which carry the number of a mail or an offer where a card's carry a reference."""
    drawn = notice_message(notice.text)
    buttons = [button(one, str(notice.number), 0, words) for one in notice.buttons]
    return {**drawn, "blocks": [*drawn["blocks"], *([actions(buttons)] if buttons else [])]}


# answers -------------------------------------------------------------------------------------------------------------


def answer_message(answer: Answer, words: Words) -> dict[str, Any]:
    """What an answer looks like in a message that only the asker sees: `text`, blocks, and the card where one is."""
    message: dict[str, Any] = {"text": cut(_fallback(answer, words), TEXT)}
    room = MOST_TEXT
    if answer.card is not None:
        shown = replace(answer.card, buttons=(), menu=())  # a ticket's buttons hang on its card in the channel alone
        message["attachments"] = [card_body(shown, words)]
        room -= size(message["attachments"])
    blocks = _answer_blocks(answer, words, room)
    if blocks:
        message["blocks"] = blocks
    return message


def _fallback(answer: Answer, words: Words) -> str:
    said = [answer.text, *answer.lines, *(f"{row.reference} · {row.subject}" for row in answer.rows)]
    text = "\n".join(part for part in said if part.strip())
    return text or (answer.card.fallback if answer.card else words("Done."))


def _answer_blocks(answer: Answer, words: Words, room: int) -> list[Block]:
    head, foot = list(_head(answer)), list(_foot(answer, words))
    room -= size(head) + size(foot)
    body = [*_lines(answer.lines, room), *(ticket_row(row) for row in answer.rows)]
    return [*head, *fitting(body, MOST_BLOCKS - len(head) - len(foot), room), *foot]


def _head(answer: Answer) -> Iterator[Block]:
    if answer.text.strip():
        yield paragraph(("🚫 " if answer.refused else "") + answer.text, TEXT)
    if answer.link:
        yield _link(answer.link)
    if answer.card:
        yield card_title(answer.card)


def _link(address: str) -> Block:
    """Our own address, live; any other kind is only shown."""
    if address.startswith("https://") and len(address) <= LONGEST_LINK and not set(address) & set("<>|… \n"):
        return rich(rich_line({"type": "link", "url": plain(address, LONGEST_LINK)}))
    return paragraph(address, LONGEST_LINK)


def _foot(answer: Answer, words: Words) -> Iterator[Block]:
    if answer.pages > 1:
        yield _pages(answer)
    if answer.buttons:
        yield actions(
            [button(one, answer.reference, answer.version, words) for one in answer.buttons[:MOST_UNDER_ANSWER]]
        )


def _lines(lines: Sequence[str], room: int) -> Iterable[Block]:
    """Lines together in as few paragraphs as they fit into; where they are too long, each is cut to its share."""
    shown = [plain_lines(part, TEXT) for part in lines if part.strip()]
    share = TEXT
    if sum(len(part) + 1 for part in shown) > room:
        share = min(TEXT, max(SHORTEST_LINE, room // len(shown) - 1))
    together = ""
    for drawn in (plain_lines(part, share) for part in shown):
        if together and len(together) + len(drawn) >= TEXT:
            yield paragraph(together)
            together = ""
        together += ("\n" if together else "") + drawn
    if together:
        yield paragraph(together)


def ticket_row(row: Row) -> Block:
    """A ticket of a list in two lines."""
    title = f"{row.emoji} {plain(row.reference, 60)}  {plain(row.subject, 200)}"
    return paragraph(f"{title}\n{plain(row.details, 400)}")


def _pages(answer: Answer) -> Block:
    """‹ 2/7 ›; each button's value holds the words that ask for its page."""
    steps = [
        ("page:previous", "‹", answer.page - 1),
        ("page:again", f"{answer.page}/{answer.pages}", answer.page),
        ("page:next", "›", answer.page + 1),
    ]
    return actions([_step(answer, *step) for step in steps if 1 <= step[2] <= max(answer.pages, answer.page)])


def _step(answer: Answer, name: str, label: str, page: int) -> Block:
    value = answer.again.replace("{page}", str(page))[:VALUE] or "list"
    return {"type": "button", "action_id": name, "text": plain_text(label, 75), "value": value}
