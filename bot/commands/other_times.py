"""Moments in words that the own grammar does not know, read by dateparser: `3 Dec 2026 16:00 CET`, `in 2 decades`.

It is asked last and little: only about short texts with a month or a unit in them, never about weekdays (it takes
French ones for others), and what it gives without a whole day counts as not understood.
"""

import re
from datetime import UTC, datetime, time
from typing import Any

from bot.commands.plain_words import MONTHS, UNIT_OF, WEEKDAYS, any_of
from bot.commands.spoken_times import MORNING, Phrase
from bot.desk.business_time import first_moment

_WORDS = [word for word in (*MONTHS, *UNIT_OF, "decade", "decades", "fortnight") if len(word) > 2]
_WORTH_IT = re.compile(rf"(?:^|[\W\d])(?:{any_of(_WORDS)})(?:$|[\W\d])")
_WEEKDAY = re.compile(rf"\b(?:{any_of(WEEKDAYS)})\b")
_HAS_TIME = re.compile(r"\d:\d|\d ?am\b|midnight")
_NUMERIC = re.compile(r"\d[/.-]\d")
MOST_WORDS, LAST_YEAR = 8, 2100
LANGUAGES = {"en": ["en", "fr"], "fr": ["fr", "en"]}


def read(phrase: Phrase) -> datetime | None:
    """The moment that a phrase means, None for one that is not understood. It may be over."""
    plain = phrase.plain
    if len(plain.split()) > MOST_WORDS or not _WORTH_IT.search(plain):
        return None
    return None if _WEEKDAY.search(plain) or _NUMERIC.search(plain) else _parsed(phrase)


def _parsed(phrase: Phrase) -> datetime | None:
    """What dateparser makes of it; a day without its time is its morning."""
    from dateparser.date import DateDataParser  # only when it is needed: it takes long to load

    settings: dict[str, Any] = {
        "RELATIVE_BASE": phrase.now.astimezone(phrase.zone).replace(tzinfo=None),
        "PREFER_DATES_FROM": "future",
        "PARSERS": ["relative-time", "absolute-time"],
        "REQUIRE_PARTS": ["day", "month"],
    }
    reader = DateDataParser(languages=LANGUAGES[phrase.language], use_given_order=True, settings=settings)
    found = reader.get_date_data(phrase.plain).date_obj
    if found is None or found.year > LAST_YEAR:
        return None
    if found.time() == time() and not _HAS_TIME.search(phrase.plain):
        found = datetime.combine(found, MORNING, found.tzinfo)
    return found.astimezone(UTC) if found.tzinfo else first_moment(found, phrase.zone)
