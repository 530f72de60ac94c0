"""Every sentence a person reads, in that person's language.

English sentences stand in the code, as `words("Taken by {name}", name=…)`; other languages have a gettext catalogue in
`locales/<language>/deskbell.po` with the English sentence as key. A sentence without a translation is shown in English.
"""

import gettext
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

LANGUAGES = ("en", "fr")


class Phrase(str):
    """A value inside a sentence that is itself to be said in the reader's language."""

    __slots__ = ()


class Words:
    """One language and one time zone: says sentences, dates and spans of time."""

    def __init__(self, language: str = "en", timezone: str = "UTC") -> None:
        self.language = language if language in LANGUAGES else "en"
        self.zone = ZoneInfo(timezone)
        self._catalogue = _catalogue(self.language)

    def __call__(self, sentence: str, /, **values: Any) -> str:
        said = self._catalogue.gettext(sentence) if sentence else ""
        return said.format(**{name: self._value(value) for name, value in values.items()}) if values else said

    def _value(self, value: Any) -> Any:
        if isinstance(value, Phrase):
            return self(str(value))
        if isinstance(value, datetime):
            return self.moment(value)
        return self.span(value) if isinstance(value, timedelta) else value

    def plural(self, one: str, many: str, number: int, /, **values: Any) -> str:
        """`one` or `many` by the language's rule, with `{n}` as the number."""
        return self._catalogue.ngettext(one, many, number).format(n=number, **values)

    def label(self, labels: Mapping[str, str], code: str) -> str:
        """A dictionary entry's label: this language's, else English, else the code."""
        return labels.get(self.language) or labels.get("en") or code

    def clock(self, moment: datetime, now: datetime) -> str:
        """`13:02` today, else `24 Nov 13:02`, in this reader's time zone."""
        local, today = moment.astimezone(self.zone), now.astimezone(self.zone)
        if local.date() == today.date():
            return f"{local:%H:%M}"
        return f"{local.day} {self(_MONTHS[local.month - 1])} {local:%H:%M}"

    def moment(self, wall: datetime, now: datetime | None = None) -> str:
        """`Mon 30 Nov 09:00` by the moment's own wall clock, with its year where that is not the year of `now`."""
        year = "" if now and now.astimezone(wall.tzinfo).year == wall.year else f" {wall.year}"
        day = f"{self(_WEEKDAYS[wall.weekday()])} {wall.day} {self(_MONTHS[wall.month - 1])}{year}"
        return f"{day} {wall:%H:%M}"

    def span(self, length: timedelta) -> str:
        """A length of time in its largest unit or two: `40 s`, `5 min`, `1 h 40`, `3 d`."""
        seconds = max(0, round(length.total_seconds()))
        if seconds < 60:
            return self("{n} s", n=seconds)
        if seconds < 3600:
            return self("{n} min", n=seconds // 60)
        if seconds < 48 * 3600:
            hours, minutes = divmod(seconds // 60, 60)
            return self("{n} h", n=hours) + (f" {minutes:02d}" if minutes else "")
        return self("{n} d", n=seconds // 86400)


class CurrentWords(Words):
    """The words of whoever `read()` names, (language, time zone), now: it is asked again for each sentence."""

    def __init__(self, read: Callable[[], tuple[str, str]]) -> None:
        self._read, self._known = read, read()
        super().__init__(*self._known)

    def __call__(self, sentence: str, /, **values: Any) -> str:
        if (now := self._read()) != self._known:
            self._known = now
            super().__init__(*now)
        return super().__call__(sentence, **values)


_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    if language == "en":
        return gettext.NullTranslations()
    from babel.messages.mofile import write_mo  # only when another language than English is spoken
    from babel.messages.pofile import read_po

    source = resources.files("bot") / "locales" / language / "deskbell.po"
    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(source.read_bytes()), locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
