"""Every sentence that people read is in every catalogue, with the same places, and no catalogue holds dead ones.

Sentences are found where the code says them: as the first argument of what speaks, and in the tables that are spoken.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from bot.commands import helping, home, oncall, rotas, timelines
from bot.commands.runner import VERBS
from bot.desk import shift_changes, user_groups, workflow
from bot.desk.setting_table import SETTINGS
from bot.outgoing import buttons, handover_notices, mail_notices, storm_notices, swap_notices, telling, topics
from bot.texts import LANGUAGES
from handlers.telegram import menus

ROOT = Path(__file__).parents[1]
LOCALES = ROOT / "bot" / "locales"
OTHERS = [language for language in LANGUAGES if language != "en"]
SPEAKS = re.compile(
    r"(words|_words|Refusal|NotFound|UnknownValue|NotAllowed|Stale|WrongUsage|WrongValue|HeldByAnother|Unrecognised|Phrase|Outside)$"
)
SECOND = {"done", "say", "about_mail"}
SHOWN_AS_THEY_ARE = {"Slack", "Telegram", "Deskbell"}


def spoken() -> Iterator[str]:
    """The sentences of the tables, then those in the code."""
    yield from workflow.LABELS.values()
    yield from buttons.LABELS.values()
    yield from telling.LAST.values()
    yield from (mail_notices.NOTHING, mail_notices.LIES_THERE, *mail_notices.OUTCOMES.values())
    yield from (label for _, label, _ in mail_notices.BUTTONS)
    yield from (swap_notices.OFFERED, swap_notices.OFFERED_TO, swap_notices.ACCEPT[1], *swap_notices.OUTCOMES.values())
    yield storm_notices.TAKE_ALL[1]
    yield from (handover_notices.ACCEPT[1], handover_notices.NOTES[1], *handover_notices.SENTENCES)
    yield from (shift_changes.WAITS_FOR_YOU, shift_changes.WAITS_STILL, user_groups.OUT_OF_STEP, user_groups.IN_STEP)
    yield from timelines.LEFT.values()
    yield from telling.PLATFORMS.values()
    yield from (label for rows in buttons.PHONE.values() for row in rows for _, label, _ in row)
    yield from (part for verb in VERBS.values() if not verb.hidden for part in (verb.summary, verb.explained))
    yield from home.COUNTS.values()
    yield from (*helping.GROUPS, *helping.MENU.values())
    yield from (*oncall.BUTTONS.values(), *rotas.LABELS.values(), *rotas.HINTS.values())
    yield from (setting.help for setting in SETTINGS.values())
    yield from (topics.REFUSED, topics.ORPHAN, *menus.OWN.values())
    for file in sources():
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call):
                yield from _said(call)


def sources() -> Iterator[Path]:
    """Our code, without what is shown to nobody but those who try the demo."""
    for top in ("bot", "handlers"):
        yield from (file for file in (ROOT / top).rglob("*.py") if "sandbox" not in file.parts)


def _said(call: ast.Call) -> Iterator[str]:
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    if name == "plural":
        said = call.args[:2]
    else:
        said = call.args[1:2] if name in SECOND else call.args[:1] if SPEAKS.search(name) else []
    for argument in said:
        yield from (text for text in _constants(argument) if name not in SECOND or " " in text)


def _constants(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.IfExp):
        yield from _constants(node.body)
        yield from _constants(node.orelse)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and re.search(r"[A-Za-z]{2}", node.value):
        yield node.value


def catalogue(language: str) -> Catalog:
    with (LOCALES / language / "deskbell.po").open("rb") as file:
        return read_po(file, locale=language)


@pytest.mark.parametrize("language", OTHERS)
def test_a_catalogue_lacks_no_sentence(language: str) -> None:
    known = {part for message in catalogue(language) for part in _forms(message.id)}

    lacking = sorted({sentence for sentence in spoken() if sentence not in known} - SHOWN_AS_THEY_ARE)

    assert lacking == []


@pytest.mark.parametrize("language", OTHERS)
def test_a_catalogue_holds_no_sentence_that_nobody_says(language: str) -> None:
    constants = {
        node.value
        for file in sources()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    } | set(spoken())

    dead = [message.id for message in catalogue(language) if message.id and _forms(message.id)[0] not in constants]

    assert dead == []


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_has_text_and_the_places_of_its_sentence(language: str) -> None:
    held = catalogue(language)

    wrong = [
        message.id
        for message in held
        if message.id
        for said in _forms(message.string)
        if not said or _places(said) != _places(_forms(message.id)[-1])
    ]

    assert wrong == []
    assert [message.id for message in held if list(message.check(held))] == []


@pytest.mark.parametrize("language", OTHERS)
def test_plurals_follow_the_language_s_rule(language: str) -> None:
    held = catalogue(language)

    assert {len(_forms(message.string)) for message in held if isinstance(message.id, tuple | list)} == {
        held.num_plurals
    }


def _forms(text: object) -> list[str]:
    return [str(part) for part in text] if isinstance(text, tuple | list) else [str(text)]


def _places(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)", text))
