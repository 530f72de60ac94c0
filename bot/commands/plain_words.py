"""The words of days, months and hours in English and French, and a typed phrase made plain: one way of writing each.

Plain is lower case without accents, numbers in digits, and half and quarter hours in minutes.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import time

LONGEST = 80
"""No moment takes more characters to say; longer texts are not looked at."""


def _numbered(lines: Iterable[str]) -> dict[str, int]:
    return {word: number for number, words in enumerate(lines) for word in words.split()}


WEEKDAYS = _numbered(
    (
        "monday mon lundi lun",
        "tuesday tue tues mardi",
        "wednesday wed mercredi mer",
        "thursday thu thur thurs jeudi jeu",
        "friday fri vendredi ven",
        "saturday sat samedi sam",
        "sunday sun dimanche dim",
    )
)
MONTHS = _numbered(
    (
        "",
        "january jan janvier janv",
        "february feb fevrier fevr fev",
        "march mar mars",
        "april apr avril avr",
        "may mai",
        "june jun juin",
        "july jul juillet juil",
        "august aug aout",
        "september sept sep septembre",
        "october oct octobre",
        "november nov novembre",
        "december dec decembre",
    )
)
MIDNIGHT = frozenset(("midnight", "minuit"))
PARTS = {
    **dict.fromkeys(("morning", "matin", "matinee"), time(9)),
    **dict.fromkeys(("noon", "midday", "midi"), time(12)),
    **dict.fromkeys(("afternoon", "apres-midi", "aprem"), time(14)),
    **dict.fromkeys(("evening", "soir", "soiree", "end of day", "eod", "fin de journee"), time(18)),
    "tonight": time(20),
    **dict.fromkeys(("night", "nuit"), time(22)),
    **dict.fromkeys(MIDNIGHT, time(0)),
}
UNITS = {
    "minutes": "m mn min mins minute minutes",
    "hours": "h hr hrs hour hours heure heures",
    "days": "d day days j jour jours",
    "weeks": "w week weeks sem semaine semaines",
    "months": "month months mois",
    "years": "year years an ans annee annees",
}
UNIT_OF = {word: unit for unit, words in UNITS.items() for word in words.split()}
_NUMBERS = {
    **_numbered(("", "un une one", "deux two", "trois three", "quatre four", "cinq five", "six", "seven")),
    **dict.fromkeys(("premier", "1er"), 1),
    **dict.fromkeys(("huit", "eight"), 8),
    **dict.fromkeys(("neuf", "nine"), 9),
    **dict.fromkeys(("dix", "ten"), 10),
    **dict.fromkeys(("onze", "eleven"), 11),
    **dict.fromkeys(("douze", "twelve"), 12),
    **dict.fromkeys(("quinze", "fifteen"), 15),
    **dict.fromkeys(("vingt", "twenty"), 20),
    **dict.fromkeys(("trente", "thirty"), 30),
    **dict.fromkeys(("quarante-cinq", "forty-five"), 45),
    "treize": 13,
    "quatorze": 14,
}
_COUNTED = "minute|hour|day|week|month|year|heure|jour|semaine|annee|quart|demi|half|couple|fortnight"
_MINUTES = {"demi": "30", "quar": "15"}
_SAID: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (r"[’ʼ`´]", "'"),
    (r"[\s\u200b]+", " "),
    (r"^[ ,]+|[ ,.;!]+$", ""),
    (r"\bapres (?=midi|demain)", "apres-"),
    (r"\bweek[- ]end", "weekend"),
    (r"(?<![\w-])[\w-]+(?![\w-])", lambda found: _digits(found[0])),
    (r"\bsept (?=heures?|minutes?|jours?|semaines?|mois|ans|h\b)", "7 "),
    (rf"\ban? (?={_COUNTED})", "1 "),
    (r"\b1 couple of |\bcouple of ", "2 "),
    (r"\b1 fortnight\b", "2 weeks"),
    (r"\b1 demi[- ]heure\b|\bhalf 1 hour\b|\b1 half[- ]hour\b", "30 minutes"),
    (r"\b1 quart d'heure\b|\b1 quarter of 1 hour\b", "15 minutes"),
    (r"\b3 quarts d'heure\b|\b3 quarters of 1 hour\b", "45 minutes"),
    (r"\b(\d+) hours? and 1 half\b|\b(\d+) and 1 half hours?\b", lambda found: f"{found[1] or found[2]} h 30 min"),
    (r"\b(\d+) heures? et (demie?|quart)\b", lambda found: f"{found[1]} heures {_MINUTES[found[2][:4]]}"),
    (r"\b(\d+) heures? moins (?:le|1) quart\b", lambda found: f"{(int(found[1]) - 1) % 24} heures 45"),
    (r"\bhalf past (\d+)\b", r"\1 o'clock 30"),
    (r"\b(?:1 )?quarter past (\d+)\b", r"\1 o'clock 15"),
    (r"\b(?:1 )?quarter to (\d+)\b", lambda found: f"{(int(found[1]) - 1) % 24} o'clock 45"),
    (r"(?<=\d) ?([ap])\.? ?m\b\.?", r" \1m"),
    (r"\b(?:this )?tonight\b", "this tonight"),
    (r"^(?:until|till|jusqu'au?) (?=\d{1,2} ?(?:h|:|am|pm|o'c|$))", "a "),
    (r"^(?:until|till|jusqu'(?:au|a|en)) ", ""),
)


def plain(typed: str) -> str:
    """A phrase made plain; "" for one that is too long to be looked at."""
    if len(typed) > LONGEST:
        return ""
    apart = unicodedata.normalize("NFKD", typed.strip().lower())
    said = "".join(letter for letter in apart if not unicodedata.combining(letter))
    for pattern, instead in _SAID:
        said = re.sub(pattern, instead, said)
    return said if said.isascii() and len(said) <= 2 * LONGEST else ""


def any_of(words: Iterable[str]) -> str:
    """A pattern for one of these words, the longest that fits."""
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


def _digits(word: str) -> str:
    return str(_NUMBERS.get(word, word))
