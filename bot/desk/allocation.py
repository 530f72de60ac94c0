"""Which reference the next ticket gets: the model in force, its counter's row, and what to do when one is taken.

Numbers are given inside the transaction that makes the ticket, so that none is lost and none is given twice.
"""

import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import structlog

from bot.desk import numbering
from bot.desk.alarms import Alarms
from bot.desk.numbering import Mask, Occasion
from bot.desk.people import Actor
from bot.desk.settings import Settings
from bot.errors import Refusal
from storage.queries import desk as rows
from storage.queries import people as people_rows
from storage.queries import tickets as ticket_rows

log = structlog.get_logger("deskbell.numbering")

SIMPLE_COUNTER = "reference"
NEARLY_FULL = (
    "References have reached {reference}: nine tenths of their counter are used. They will grow longer; an admin can "
    "give numbering_mask a wider counter than {mask} has."
)
EXAMPLE = {"client": "CLIENT", "kind": "KIND"}


def model(settings: Settings) -> Mask:
    """The mask in force; one that cannot be read must not keep anybody from opening a ticket."""
    text = settings.get("numbering_mask")
    if settings.get("numbering_model") != "mask" or not text:
        return numbering.SIMPLE
    try:
        return Mask.parse(text)
    except Refusal as fault:
        log.warning("numbering mask cannot be read", mask=text, reason=str(fault))
        return numbering.SIMPLE


class Allocator:
    """Gives references; `alarms` tells the team when a counter is nearly used up."""

    def __init__(self, settings: Settings, alarms: Alarms | None = None) -> None:
        self._settings = settings
        self._alarms = alarms

    def next(self, at: datetime, third_party_id: int | None, by: Actor) -> dict[str, Any]:
        """The columns of the next reference, given for good; only inside the transaction that makes the ticket."""
        mask, occasion = model(self._settings), self._occasion(at, by)
        if mask.names_client and third_party_id:
            party = people_rows.third_party_by_id(third_party_id)
            occasion = self._occasion(at, by, client=party.code, kind=party.kind)
        name = counter_name(mask, occasion)
        number = rows.next_number(name)
        free = _free(mask, number, occasion)
        if free != number:
            rows.set_number(name, free)
        reference = mask.render(free, occasion)
        self._warn(mask, name, number, free, reference)
        return {"reference": reference, "number": free + mask.counter.offset}

    def preview(self, mask: Mask, at: datetime, by: str, most: int = 3) -> list[str]:
        """The next references by a mask, without giving them, for a client called CLIENT."""
        occasion = Occasion.of(at, self._zone(), author=_login(by), **EXAMPLE)
        last = rows.last_number(counter_name(mask, occasion))
        shown: list[str] = []
        while len(shown) < most:
            last = _free(mask, last + 1, occasion)
            shown.append(mask.render(last, occasion))
        return shown

    def _occasion(self, at: datetime, by: Actor, *, client: str = "", kind: str = "") -> Occasion:
        author = _login(by.agent.email) if by.agent else ""
        return Occasion.of(at, self._zone(), client=client, kind=kind, author=author)

    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self._settings.get("timezone"))

    def _warn(self, mask: Mask, name: str, first: int, number: int, reference: str) -> None:
        counter = mask.counter
        before = first > 1 and counter.is_nearly_full(first - 1)
        if self._alarms and mask != numbering.SIMPLE and counter.is_nearly_full(number) and not before:
            self._alarms.say(f"numbering:{name}", NEARLY_FULL, reference=reference, mask=mask.text)


def counter_name(mask: Mask, occasion: Occasion) -> str:
    """The row that counts: the simple model has one of its own, whatever the moment."""
    return SIMPLE_COUNTER if mask == numbering.SIMPLE else f"{SIMPLE_COUNTER}:{mask.counter_name(occasion)}"


def counted_under(name: str) -> tuple[re.Pattern[str], int]:
    """What the references look like that a counter's row gave (the number is the group), and its offset."""
    if name == SIMPLE_COUNTER:
        return re.compile(r"TS\d{4}-(\d{4,})"), 0
    return numbering.counted_under(name.removeprefix(f"{SIMPLE_COUNTER}:"))


def _free(mask: Mask, number: int, occasion: Occasion) -> int:
    if ticket_rows.id_of_reference(mask.render(number, occasion)) is None:
        return number
    return mask.first_free(number, occasion, ticket_rows.references_beginning(mask.around(occasion)[0]))


def _login(address: str) -> str:
    return address.partition("@")[0]
