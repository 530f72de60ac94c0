"""What the rules of a mailbox say about a mail: rules and a mail in, a ruling out; nothing is read or kept.

The first rule that matches decides the action; fields it leaves open are filled by later matching rules.
"""

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

import structlog

from bot.config import ExtractConfig, RuleConfig, compile_pattern
from bot.intake.matching import MATCHER, Groups
from bot.intake.reading import Address, ParsedMail

log = structlog.get_logger("deskbell.intake")

LOOKED_AT = 20_000
BUDGET = 4.0


@dataclass(frozen=True, slots=True)
class Ruling:
    """What becomes of a mail ("create", "ignore", "quarantine"), by which rule (None: none), with what fields.

    `because`: which conditions of that rule held; `sources`: which rule each field came from.
    """

    action: str = "create"
    rule: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    because: tuple[str, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)

    @property
    def reason(self) -> str:
        """`rule “billing” (subject matches /invoice/i)`, "" without a rule."""
        held = f" ({', '.join(self.because)})" if self.because else ""
        return f"rule “{self.rule}”{held}" if self.rule else ""

    @property
    def filled_by(self) -> Iterator[str]:
        """`severity by rule “later”` for each field that another rule filled than the one that decided."""
        yield from (f"{name} by rule “{rule}”" for name, rule in self.sources.items() if rule != self.rule)


def decide(rules: Sequence[RuleConfig], mail: ParsedMail, *, is_reply: bool, size: int) -> Ruling:
    """The ruling; `size` in bytes of the raw mail. Expressions have BUDGET seconds for it, all together."""
    facts = _Facts(mail, is_reply, size, time.monotonic() + BUDGET)
    matching = [rule for rule in rules if _matches(rule, facts)]
    if not matching:
        return Ruling()
    fields: dict[str, str] = {}
    sources: dict[str, str] = {}
    for rule in matching:
        for name, value in (*rule.sets.items(), *_extracted(rule, facts)):
            fields.setdefault(name, value)
            sources.setdefault(name, rule.name)
    first = matching[0]
    return Ruling(first.action, first.name, fields, tuple(_conditions(first)), sources)


def _conditions(rule: RuleConfig) -> Iterator[str]:
    """Its conditions, as explain shows them: `subject matches /invoice/i`."""
    for name, wanted in rule.conditions.items():
        named = wanted.items() if isinstance(wanted, Mapping) else [("", wanted)]
        for header, value in named:
            yield f"{name} {header}".strip() + f" {_SAID.get(name, 'matches')} {_in_words(value)}"


def _in_words(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return " or ".join(value) if isinstance(value, tuple) else str(value)


_SAID = dict.fromkeys(("has_attachment", "is_reply", "automatic"), "is") | {"larger": "than", "smaller": "than"}


@dataclass(frozen=True, slots=True)
class _Facts:
    mail: ParsedMail
    is_reply: bool
    size: int
    until: float


def _matches(rule: RuleConfig, facts: _Facts) -> bool:
    return all(_TESTS[name](value, facts) for name, value in rule.conditions.items())


def _any_fits(patterns: Iterable[str], values: Sequence[str], facts: _Facts) -> bool:
    """A positive pattern fits one of the values; a negated one none of them. A list means any of its patterns."""
    return any(_fits(text, values, facts) for text in patterns)


def _fits(text: str, values: Sequence[str], facts: _Facts) -> bool:
    """An expression that takes too long fits nothing, negated or not."""
    pattern, is_glob = _compiled(text), not text.removeprefix("!").startswith("/")
    search = _found_quickly if is_glob else partial(_search, facts)
    try:
        found = any(search(pattern.expression, value[:LOOKED_AT]) for value in values or ("",))
    except TimeoutError:
        return False
    return found != pattern.negated


def _found_quickly(expression: re.Pattern[str], value: str) -> bool:
    """A glob takes linear time."""
    return expression.search(value) is not None


def _search(facts: _Facts, expression: re.Pattern[str], value: str) -> Groups | None:
    try:
        return MATCHER.search(expression, value, seconds=facts.until - time.monotonic())
    except TimeoutError:
        log.warning("a rule's expression takes too long", expression=expression.pattern)
        raise


_compiled = cache(compile_pattern)
_regex = cache(re.compile)


def _addresses(people: Iterable[Address]) -> list[str]:
    return [one.address for one in people]


def _sender(mail: ParsedMail) -> list[str]:
    return [mail.sender.address] if mail.sender and mail.sender.address else []


def _header(wanted: Mapping[str, Sequence[str]], facts: _Facts) -> bool:
    return all(_any_fits(patterns, _values(facts.mail, name), facts) for name, patterns in wanted.items())


def _values(mail: ParsedMail, name: str) -> list[str]:
    return [value for key, value in mail.headers if key.lower() == name.lower()]


_TESTS: dict[str, Callable[[Any, _Facts], bool]] = {
    "from": lambda wanted, facts: _any_fits(wanted, _sender(facts.mail), facts),
    "to": lambda wanted, facts: _any_fits(wanted, _addresses(facts.mail.to), facts),
    "cc": lambda wanted, facts: _any_fits(wanted, _addresses(facts.mail.cc), facts),
    "reply_to": lambda wanted, facts: _any_fits(wanted, _addresses(facts.mail.reply_to), facts),
    "subject": lambda wanted, facts: _any_fits(wanted, [facts.mail.original_subject], facts),
    "body": lambda wanted, facts: _any_fits(wanted, [facts.mail.full_text], facts),
    "header": _header,
    "has_attachment": lambda wanted, facts: wanted == any(not part.inline for part in facts.mail.parts),
    "larger": lambda wanted, facts: facts.size > wanted,
    "smaller": lambda wanted, facts: facts.size < wanted,
    "is_reply": lambda wanted, facts: wanted == facts.is_reply,
    "automatic": lambda wanted, facts: wanted == (facts.mail.automatic is not None),
}


def _extracted(rule: RuleConfig, facts: _Facts) -> Iterable[tuple[str, str]]:
    for name, wanted in rule.extract.items():
        with suppress(TimeoutError):
            value = _first(wanted, facts)
            if value:
                yield name, value


def _first(wanted: ExtractConfig, facts: _Facts) -> str:
    for text in _looked_at(wanted, facts.mail):
        found = _search(facts, _regex(wanted.pattern), text[:LOOKED_AT])
        if found and found[1]:
            return found[1].strip()
    return ""


def _looked_at(wanted: ExtractConfig, mail: ParsedMail) -> list[str]:
    if wanted.source.startswith("HEADER:"):
        return _values(mail, wanted.source.removeprefix("HEADER:"))
    return [mail.original_subject if wanted.source == "subject" else mail.full_text]
