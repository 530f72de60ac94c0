"""What the value of a setting leads to, in lines for whoever has just set it: one table, `EFFECTS`."""

from collections.abc import Callable, Mapping

from bot.desk.allocation import Allocator, model
from bot.desk.desk import Desk
from bot.desk.numbering import Mask
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


EFFECTS: Mapping[str, Effect] = {"numbering_model": _numbering, "numbering_mask": _mask}
