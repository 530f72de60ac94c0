"""Masks: how references are built from a number, a moment and a client. Pure; what a mask may hold stands here only.

`{0000}` counter, three digits at least, growing when they are used up · `{0000+N}` begins after N · `{0000@M}` begins
again each year in month M · `{0000@99}` each month · `{cccc0000}` one counter for each client code · `{yyyy}` `{yy}`
`{y}` `{mm}` `{dd}` · `{cccc}` client, `{tttt}` kind of client, `{uuuu}` author, cut or filled up with 0 to their width.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import count
from zoneinfo import ZoneInfo

from bot.errors import Refusal

LEAST_WIDTH = 3
LONGEST = 30
LONGEST_TEXT = 80
MONTHLY = 99
RESETS = frozenset((*map(str, range(1, 13)), str(MONTHLY)))

_PIECE = re.compile(r"\{([^{}]*)\}|([^{}]+)|[{}]")
_COUNTER = re.compile(r"(c*)(0+)(?:\+(\d+))?(?:@(\d+))?")
_TAG = re.compile(r"yyyy|yy|y|mm|dd|c+|t+|u+")
_PLACE = re.compile(r"\{c*0\+(\d+)@(\d+)\}")
_LITERAL = re.compile(r"[A-Za-z0-9_./#+-]+")


@dataclass(frozen=True, slots=True)
class Occasion:
    """When, in the desk's zone, and for whom a ticket is made: the client's code and kind, the author's login."""

    at: datetime
    client: str = ""
    kind: str = ""
    author: str = ""

    @classmethod
    def of(cls, at: datetime, zone: ZoneInfo, *, client: str = "", kind: str = "", author: str = "") -> "Occasion":
        """At an aware moment, seen from the desk's zone."""
        return cls(at.astimezone(zone), client, kind, author)


@dataclass(frozen=True, slots=True)
class Counter:
    """The counter of a mask: digits, first number less one, month of its reset (0: never), letters of the client."""

    width: int
    offset: int = 0
    reset: int = 0
    letters: int = 0

    def shown(self, number: int) -> str:
        """The digits of the `number`th one."""
        return f"{number + self.offset:0{self.width}d}"

    def period(self, at: datetime) -> str:
        """The name of the time in which it counts on."""
        if self.reset == MONTHLY:
            return f"{at:%Y-%m}"
        return str(self.year(at)) if self.reset else ""

    def year(self, at: datetime) -> int:
        """The year that the count of this moment began in."""
        return at.year if self.reset == MONTHLY or at.month >= self.reset else at.year - 1

    def is_nearly_full(self, number: int) -> bool:
        """Whether nine tenths of the numbers that its width can hold are given."""
        return number + self.offset >= 9 * 10 ** (self.width - 1)


@dataclass(frozen=True, slots=True)
class Mask:
    """A mask, understood: `before` and `after` are what stands around its counter, literal texts and `{tags}`."""

    text: str
    before: tuple[str, ...]
    counter: Counter
    after: tuple[str, ...]

    @staticmethod
    @lru_cache(maxsize=64)
    def parse(text: str) -> "Mask":
        """Read a mask. Refusal with the reason when it is none."""
        if len(text) > LONGEST_TEXT:
            raise _too_long(text[:LONGEST_TEXT])
        pieces = list(_pieces(text))
        places = [place for place, piece in enumerate(pieces) if isinstance(piece, Counter)]
        if len(places) != 1:
            raise Refusal(ONE_COUNTER[bool(places)])
        before, counter, after = pieces[: places[0]], pieces[places[0]], pieces[places[0] + 1 :]
        assert isinstance(counter, Counter)
        mask = Mask(text, tuple(map(str, before)), counter, tuple(map(str, after)))
        mask._check()
        return mask

    def _check(self) -> None:
        reset, text = self.counter.reset, self.text
        if reset and not self._has("{y"):
            raise Refusal("A counter that begins again needs the year beside it, such as {{yyyy}}: {mask}", mask=text)
        if reset == MONTHLY and not self._has("{mm}"):
            raise Refusal("A counter that begins again each month needs {{mm}} beside it: {mask}", mask=text)
        if len(self.pattern(self.counter.offset)) > LONGEST:
            raise _too_long(text)

    def _has(self, beginning: str) -> bool:
        return any(piece.startswith(beginning) for piece in (*self.before, *self.after))

    @property
    def names_client(self) -> bool:
        """Whether references depend on the client."""
        return self.counter.letters > 0 or self._has("{c") or self._has("{t")

    def counter_name(self, occasion: Occasion) -> str:
        """The row that counts on this occasion. A mask that only becomes wider counts on."""
        counter = self.counter
        place = "{" + "c" * counter.letters + f"0+{counter.offset}@{counter.reset}" + "}"
        client = _code(occasion.client, counter.letters)
        return f"{''.join(self.before)}{place}{''.join(self.after)} {counter.period(occasion.at)} {client}".strip()

    def around(self, occasion: Occasion) -> tuple[str, str]:
        """What stands before and after the number on this occasion, in capitals."""
        client = _code(occasion.client, self.counter.letters)
        return self._filled(self.before, occasion) + client, self._filled(self.after, occasion)

    def render(self, number: int, occasion: Occasion) -> str:
        """The reference of the counter's `number`th ticket."""
        before, after = self.around(occasion)
        return before + self.counter.shown(number) + after

    def pattern(self, shown: int) -> str:
        """What every reference with this number looks like; `_` stands for any one character."""
        before, after = (_blank(pieces) for pieces in (self.before, self.after))
        return before + "_" * self.counter.letters + f"{shown:0{self.counter.width}d}" + after

    def first_free(self, number: int, occasion: Occasion, taken: Collection[str]) -> int:
        """The first number from this one on whose reference is not taken."""
        before, after = self.around(occasion)
        return next(free for free in count(number) if before + self.counter.shown(free) + after not in taken)

    def _filled(self, pieces: Iterable[str], occasion: Occasion) -> str:
        return "".join(self._value(piece, occasion) for piece in pieces)

    def _value(self, piece: str, occasion: Occasion) -> str:
        if not piece.startswith("{"):
            return piece
        width = len(piece) - 2
        if piece[1] == "y":
            return str(self._year(occasion.at))[-width:]
        return VALUES[piece[1]](occasion, width)

    def _year(self, at: datetime) -> int:
        """Without a month beside it, the year that the count began in, else numbers would come twice in one year."""
        return at.year if self._has("{mm}") else self.counter.year(at)


ONE_COUNTER = {
    False: "A mask needs a counter, such as {0000}.",
    True: "A mask has one counter; this one has several.",
}
VALUES: dict[str, Callable[[Occasion, int], str]] = {
    "m": lambda occasion, width: f"{occasion.at:%m}",
    "d": lambda occasion, width: f"{occasion.at:%d}",
    "c": lambda occasion, width: _code(occasion.client, width),
    "t": lambda occasion, width: _code(occasion.kind, width),
    "u": lambda occasion, width: _code(occasion.author, width),
}


def _pieces(text: str) -> Iterator[str | Counter]:
    if not text or re.search(r"\s", text):
        raise Refusal("A mask must not be empty and has no spaces: “{mask}”", mask=text)
    for found in _PIECE.finditer(text):
        inner, literal = found.groups()
        if inner is not None:
            yield _braced(inner)
        elif literal is None or not _LITERAL.fullmatch(literal):
            raise Refusal(
                "Outside its braces a mask has letters, digits and - _ . / # + only, not “{part}”.", part=found[0]
            )
        else:
            yield literal.upper()


def _braced(inner: str) -> str | Counter:
    counter = _COUNTER.fullmatch(inner)
    if counter:
        return _counter(*counter.groups(default=""))
    if not _TAG.fullmatch(inner):
        raise Refusal("A mask knows no “{part}”.", part="{" + inner + "}")
    return "{" + inner + "}"


def _counter(letters: str, zeros: str, offset: str, reset: str) -> Counter:
    if len(zeros) < LEAST_WIDTH:
        raise Refusal("A counter has {n} digits at least, such as {{000}}.", n=LEAST_WIDTH)
    if reset and reset.lstrip("0") not in RESETS:
        raise Refusal("After @ comes the month of the reset, 1 to 12, or 99 for each month; not {part}.", part=reset)
    return Counter(len(zeros), int(offset or 0), int(reset or 0), len(letters))


def _too_long(text: str) -> Refusal:
    return Refusal("References by this mask would have more than {n} characters: {mask}", n=LONGEST, mask=text)


def _code(value: str, width: int) -> str:
    return re.sub(r"[^A-Z0-9]", "", value.upper())[:width].ljust(width, "0")


def _blank(pieces: Iterable[str]) -> str:
    return "".join("_" * (len(piece) - 2) if piece.startswith("{") else piece for piece in pieces)


def counted_under(name: str) -> tuple[re.Pattern[str], int]:
    """What every reference counted under `counter_name` looks like, its number the only group; and its offset.

    Of a count that goes on over months or years those of others may look the same.
    """
    shape, *rest = name.split(" ")
    before, offset, reset, after = _PLACE.split(shape)
    period = rest.pop(0) if reset != "0" else ""
    known = _dated(period) if "-" in period or "{mm}" not in shape else {}
    around = [_expression(text, known) for text in (before, after)]
    return re.compile(rf"{around[0]}{''.join(rest)}(\d{{{LEAST_WIDTH},}}){around[1]}"), int(offset)


def _dated(period: str) -> dict[str, str]:
    """What the tags of a date are in a period of `Counter.period`."""
    year, _, month = period.partition("-")
    return {"{" + "y" * width + "}": year[-width:] for width in (1, 2, 4) if year} | ({"{mm}": month} if month else {})


def _expression(text: str, known: Mapping[str, str]) -> str:
    pieces = re.split(r"(\{\w+\})", text)
    return "".join(
        known.get(piece, "." * (len(piece) - 2)) if piece.startswith("{") else re.escape(piece) for piece in pieces
    )


SIMPLE = Mask.parse("TS{yy}{mm}-{0000}")
