"""What the value of a setting leads to, in lines for whoever has just set it: one table, `EFFECTS`."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from zoneinfo import ZoneInfo

from bot.desk.allocation import Allocator, model
from bot.desk.desk import Desk
from bot.desk.numbering import Mask
from bot.desk.timetable import Timetable
from bot.outgoing import letters
from bot.texts import Words

Effect = Callable[[Desk, Words, str], list[str]]


def effects(name: str, desk: Desk, words: Words, by: str = "") -> list[str]:
    """What to tell after the setting of this name was set; `by` is the address of who did it."""
    told = EFFECTS.get(name)
    return told(desk, words, by) if told else []


def _numbering(desk: Desk, words: Words, by: str) -> list[str]:
    settings = desk.settings
    upcoming = Allocator(settings).preview(model(settings), desk.clock.now(), by)
    lines = [words("The next references: {references}", references=", ".join(upcoming))]
    if settings.get("numbering_model") == "mask" and not settings.get("numbering_mask"):
        lines.append(words("There is no numbering_mask yet; until there is, the simple model counts."))
    return lines


def _mask(desk: Desk, words: Words, by: str) -> list[str]:
    settings = desk.settings
    text = settings.get("numbering_mask")
    if settings.get("numbering_model") == "mask" or not text:
        return _numbering(desk, words, by)
    upcoming = Allocator(settings).preview(Mask.parse(text), desk.clock.now(), by)
    return [
        words("The next references would be: {references}", references=", ".join(upcoming)),
        words("They are made so once numbering_model is set to mask."),
    ]


def _business_hours(desk: Desk, words: Words, by: str) -> list[str]:
    """When the desk is staffed next; whether that counts at all."""
    now = desk.clock.now()
    hours = Timetable(desk.settings).business_hours()
    zone = ZoneInfo(desk.settings.get("timezone"))
    opening = hours.after(now, timedelta(microseconds=1)).astimezone(zone)
    if hours.is_open(now):
        lines = [words("The desk is staffed now.")]
    else:
        lines = [
            words("The desk is staffed next on {day} at {time}.", day=f"{opening:%Y-%m-%d}", time=f"{opening:%H:%M}")
        ]
    if desk.settings.get("delays_count") == "always":
        lines.append(words("Delays count round the clock; set delays_count to business_hours to change that."))
    return lines


def _letter(desk: Desk, words: Words, by: str) -> list[str]:
    return [words("A letter looks like this now:"), *letters.preview(desk).splitlines()]


def _letters(desk: Desk, words: Words, by: str) -> list[str]:
    sentences = {
        "off": "No letter leaves any more, not even replies.",
        "dry_run": "Letters are written and shown in the ticket, but do not leave.",
        "on": "Letters leave.",
    }
    return [words(sentences[desk.settings.get("letters")])]


EFFECTS: Mapping[str, Effect] = {
    "numbering_model": _numbering,
    "numbering_mask": _mask,
    "business_hours": _business_hours,
    "holidays_country": _business_hours,
    "delays_count": _business_hours,
    "timezone": _business_hours,
    "letter_header": _letter,
    "letter_footer": _letter,
    "letters": _letters,
}
