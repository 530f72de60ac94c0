"""When a card may be redrawn: at once, unless it just was; while changes rain it waits until they stop, not for ever.

Times are seconds of a clock that only goes forward.
"""

from dataclasses import dataclass

PACE, QUIET, LONGEST = 1.0, 0.5, 4.0
"""Seconds from one drawing to the next, without a change before it, and between two at most."""
MOST_CARDS = 10_000

Key = tuple[int | None, str]


@dataclass(slots=True)
class _Card:
    drawn_at: float
    drawn: int
    seen: int = -1


class Redraws:
    """The cards that were drawn lately, by ticket and place."""

    def __init__(self) -> None:
        self._cards: dict[Key, _Card] = {}

    def wait(self, key: Key, version: int, now: float) -> float:
        """Seconds until this version may be drawn; with 0 it counts as drawn."""
        card = self._cards.get(key)
        since = now - card.drawn_at if card else LONGEST
        if card is not None and since < PACE:
            card.seen = version
            return PACE - since
        if card is not None and since < LONGEST and version > card.drawn + 1 and version != card.seen:
            card.seen = version
            return QUIET
        self._drawn(key, version, now)
        return 0.0

    def _drawn(self, key: Key, version: int, now: float) -> None:
        if len(self._cards) >= MOST_CARDS:
            self._cards = {key: card for key, card in self._cards.items() if now - card.drawn_at < LONGEST}
        self._cards[key] = _Card(now, version)
