"""Made-up texts: words as frequent as in a language, and four whose frequency is known.

"printer" stands in 30 % of the tickets, "invoice" in 1 %, "scanner" in 0.1 %, "zephyr" in twenty of however many.
"""

import random

_SYLLABLES = "ba ce di fo gu ha ki le mo nu pa re si to vu wa xe yo za li".split()
FREQUENT, SOMETIMES, SELDOM, RARE = "printer", "invoice", "scanner", "zephyr"


class Prose:
    """Texts by ticket and place; the same ones again for the same number of tickets."""

    def __init__(self, tickets: int) -> None:
        dice = random.Random(7)
        self._words = ["".join(dice.choices(_SYLLABLES, k=dice.choice((2, 3, 4)))) for _ in range(20_000)]
        self._weights = [1 / (rank + 10) for rank in range(len(self._words))]
        self._every = max(1, tickets // 20)
        self._pool = dice.choices(self._words, self._weights, k=200_000)

    def subject(self, number: int) -> str:
        """Four words; the known ones come here."""
        return " ".join([*self._known(number), *self._some(number * 11, 4)])

    def text(self, number: int, place: int) -> str:
        """Twenty to sixty words."""
        start = number * 37 + place * 101
        return " ".join(self._some(start, 20 + start % 41))

    def _some(self, start: int, count: int) -> list[str]:
        start = start * 7919 % (len(self._pool) - 100)
        return self._pool[start : start + count]

    def _known(self, number: int) -> list[str]:
        steps = ((FREQUENT, 10, 3), (SOMETIMES, 100, 1), (SELDOM, 1000, 1), (RARE, self._every, 1))
        return [word for word, every, most in steps if number % every < most]
