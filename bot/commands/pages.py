"""The token `page:`: a number as people type it, and what stands behind it on a button.

`13~12~0.8231.~0.8222.` asks for page 13 and says where page 12 began and ended, so that the page beside it is found by
that place, not by counting from the beginning. People see the number alone.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.commands.calls import Call
from bot.errors import WrongUsage
from storage.queries import lists
from storage.queries.lists import Filter, Order, Page, Place

SIZE = 10
MOST = 1_000_000
_PLACE = re.compile(r"(\d{1,3})\.(\d{1,18})\.(.{0,300})")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Page `number`; where page `known` began and ended, if a button knew."""

    number: int
    known: int = 0
    first: Place | None = None
    last: Place | None = None


def number_of(text: str) -> int:
    """A page's number as typed. WrongUsage when it is none."""
    if not text.isdecimal() or len(text) > 9 or not 1 <= int(text) <= MOST:
        raise WrongUsage("{page} is no page number.", page=text[:20])
    return int(text)


def read(call: Call, order: Order) -> Wanted:
    """The page that a call asks for. WrongUsage when it is none."""
    number, *behind = (call.text("page") or "1").split("~")
    if not behind:
        return Wanted(number_of(number))
    if len(behind) != 3:
        raise WrongUsage("{page} is no page number.", page=call.text("page")[:20])
    known, first, last = behind
    return Wanted(number_of(number), number_of(known), _read(first, order), _read(last, order))


def written(number: int, page: Page) -> str:
    """The token for the pages beside this one, `{page}` where their number comes."""
    if page.first is None or page.last is None or "~" in f"{page.first.value}{page.last.value}":
        return "page:{page}"
    return f"page:{{page}}~{number}~{_write(page.first)}~{_write(page.last)}"


def fetch(filter_: Filter, order: Order, wanted: Wanted) -> Page:
    """The page itself: the one beside a known page from there, any other by counting."""
    step = wanted.number - wanted.known
    if wanted.last and step == 1:
        return lists.next_page(filter_, order, SIZE, wanted.last)
    if wanted.first and step == -1 and wanted.number > 1:
        return lists.previous_page(filter_, order, SIZE, wanted.first)
    return lists.page(filter_, order, SIZE, skip=(wanted.number - 1) * SIZE)


def count(number: int, page: Page, limit: int) -> int:
    """How many pages there are, as far as tickets were counted; at least one more where more follow."""
    counted = -(-min(page.total, limit) // SIZE)
    return max(1, counted, number + 1 if page.has_more else 1)


def _write(place: Place) -> str:
    value = place.value.isoformat() if isinstance(place.value, datetime) else place.value or ""
    return f"{place.run}.{place.id}.{value}"


def _read(text: str, order: Order) -> Place:
    found = _PLACE.fullmatch(text)
    if found is None:
        raise WrongUsage("{page} is no page number.", page=text[:20])
    return Place(int(found[1]), _value(found[3], order), int(found[2]))


def _value(text: str, order: Order) -> datetime | str | None:
    if not text or order.name == "reference":
        return text or None
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise WrongUsage("{page} is no page number.", page=text[:20]) from None
