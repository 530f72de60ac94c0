"""A form, asked one question after the other; what was answered is in the notebook and survives a restart.

What is prefilled is not asked again. A form that is to be confirmed ends with all of it shown, and nothing is done
before its button is pressed.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot.outgoing.cards import Field, Form, Option
from handlers.telegram import enclosures, keyboards
from handlers.telegram.asking import Where
from handlers.telegram.buttons import StepPress
from handlers.telegram.enclosures import Attached
from handlers.telegram.keyboards import Drawn, Keyboard
from handlers.telegram.markup import TEXT_UNITS, Run, bold, cut, joined, plain, to_html, units

ALWAYS_ASKED = frozenset(("notify", "problem"))
CHOSEN = ("select", "agent", "several")
MOST_OPTIONS = 48
WIDE = 18
CANCEL, SKIP, SEND, DONE = "cancel", "skip", "send", "done"


@dataclass(frozen=True, slots=True)
class Session:
    """A form being asked, in the asker's language.

    `order` are the keys to ask, `at` the one that is asked now; beyond the last: to be sent.
    """

    token: str
    form: Form
    where: Where
    order: tuple[str, ...]
    at: int = 0
    values: Mapping[str, str] = field(default_factory=dict)
    files: tuple[Attached, ...] = ()
    message: int = 0
    last: int = 0
    fault: str = ""
    language: str = ""

    @property
    def key(self) -> str:
        """Where the notebook keeps it: one for each person and chat."""
        return session_key(self.where.chat, self.where.user)

    @property
    def asked(self) -> Field | None:
        """The field that is asked now; None when all are answered."""
        if self.at >= len(self.order):
            return None
        return next((one for one in self.form.fields if one.key == self.order[self.at]), None)

    @property
    def is_ready(self) -> bool:
        """Whether it can be submitted without anybody looking at it once more."""
        return self.asked is None and not self.form.confirm and not self.fault

    def answered(self, value: str, files: tuple[Attached, ...] = ()) -> "Session":
        """The next step, with this answer to the present one."""
        key = self.order[self.at]
        return replace(self, values={**self.values, key: value}, files=(*self.files, *files), at=self.at + 1, fault="")

    def toggled(self, value: str) -> "Session":
        """One of several choices taken, or taken back."""
        key = self.order[self.at]
        chosen = [one for one in self.values.get(key, "").split(",") if one]
        chosen = [one for one in chosen if one != value] if value in chosen else [*chosen, value]
        return replace(self, values={**self.values, key: ",".join(chosen)}, fault="")

    @property
    def filled(self) -> dict[str, str]:
        """What was filled in, by key."""
        shown = {one.key for one in self.form.fields if one.kind == "shown"}
        return {key: value for key, value in self.values.items() if value and key not in shown}

    def refused(self, faults: Mapping[str, str], text: str) -> "Session":
        """The fields that cannot be taken are asked again; where it was none of them, all may be sent again."""
        keys = tuple(one.key for one in self.form.fields if one.key in faults)
        fault = "\n".join(faults[key] for key in keys) or text
        done = self.order[: self.at]
        return replace(self, order=(*done, *keys), at=len(done), fault=fault)


def session_key(chat: int, user: int) -> str:
    """The notebook's key of the question that is open for this person in this chat."""
    return f"telegram:question:{chat}:{user}"


def begin(form: Form, where: Where, update: int, language: str = "") -> Session:
    """Start with the first thing that is not known."""
    values = {one.key: one.value for one in form.fields if one.value}
    return Session(secrets.token_hex(4), form, where, to_ask(form), values=values, last=update, language=language)


def to_ask(form: Form) -> tuple[str, ...]:
    """What is not known, what may be written, and whatever decides if the client hears of it.

    A form with nothing of the kind is asked for its choices: they are what it is for.
    """
    usual = [one for one in form.fields if one.kind not in ("shown", "files")]
    first = [one.key for one in usual if one.asks and not one.value]
    open_ones = [one.key for one in usual if not one.value and (not one.optional or one.kind == "text")]
    wanted = [one.key for one in usual if one.key in open_ones or one.key in ALWAYS_ASKED]
    if not wanted and not form.confirm:
        wanted = [one.key for one in usual if one.kind in CHOSEN and not one.optional]
    return tuple(dict.fromkeys((*first, *wanted)))


def chosen(asked: Field, choice: str) -> str | None:
    """The value of an option by its number or by what a person typed; None when it is none."""
    if choice.isdecimal() and len(choice) <= 3 and int(choice) < len(asked.options):
        return asked.options[int(choice)].value
    return typed_choice(asked, choice)


def typed_choice(asked: Field, text: str) -> str | None:
    """The value whose label or code was typed; any text where there are no options or others are taken too."""
    if not asked.options:
        return text
    wanted = text.strip().casefold()
    found = (one.value for one in asked.options if wanted in (one.label.casefold(), one.value.casefold()))
    return next(found, text if asked.free else None)


# drawing -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Labels:
    """The words of the question's own buttons and lines, in the reader's language."""

    cancel: str
    skip: str
    done: str
    reply_here: str
    files: str
    named: str


def draw(session: Session, labels: Labels) -> Drawn:
    """The question as a message, or, when everything is answered, what would be sent."""
    asked = session.asked
    if asked is None:
        return _summary(session, labels)
    fault = [[plain(f"⚠️ {session.fault}")]] if session.fault else []
    lines: list[list[Run]] = [*_head(session), *fault, [plain(asked.label)]]
    if asked.hint:
        lines.append([(asked.hint, "italic")])
    if not session.where.private and not asked.options:
        lines.append([(labels.reply_here, "italic")])
    return Drawn(to_html(joined(lines)), _keyboard(session, asked, labels))


def _summary(session: Session, labels: Labels) -> Drawn:
    fault = [[plain(f"⚠️ {session.fault}")]] if session.fault else []
    body_keys = [one.key for one in session.form.fields if _is_body(one)]
    shown = [one for one in session.form.fields if one.key not in body_keys and session.values.get(one.key)]
    facts: list[list[Run]] = [
        [bold(f"{labels.named.format(label=one.label)} "), plain(_said(one, session.values[one.key]))] for one in shown
    ]
    files = (
        [[plain(f"📎 {labels.named.format(label=labels.files)} {', '.join(file.name for file in session.files)}")]]
        if session.files
        else []
    )
    head = [*_head(session), *fault, *facts, *files]
    used = sum(1 + units(words) for runs in head for words, _ in runs)
    texts = [session.values[key] for key in body_keys if key in session.values]
    body = cut("\n\n".join(texts), max(200, TEXT_UNITS - used - 10))
    rows = [[(session.form.submit, _step(session, SEND)), (labels.cancel, _step(session, CANCEL))]]
    return Drawn(to_html(joined([*head, [plain(f"\n{body}")]])), keyboards.choices(rows))


def _is_body(one: Field) -> bool:
    return one.kind == "text" or (one.kind == "shown" and "\n" in one.value)


def _head(session: Session) -> list[list[Run]]:
    parts = (session.form.title, session.form.reference)
    return [[bold(" · ".join(part for part in parts if part))]]


def _said(asked: Field, value: str) -> str:
    return next((option.label for option in asked.options if option.value == value), value)


def _keyboard(session: Session, asked: Field, labels: Labels) -> Keyboard:
    several = asked.kind == "several"
    value = session.values.get(asked.key, "") if several else asked.value
    offered = [(_marked(value, one), _step(session, str(n))) for n, one in enumerate(asked.options[:MOST_OPTIONS])]
    wide = any(units(label) > WIDE for label, _ in offered)
    width = 1 if wide else 2
    rows = [offered[start : start + width] for start in range(0, len(offered), width)]
    skip = [(labels.skip, _step(session, SKIP))] if asked.optional and not several else []
    skip += [(labels.done, _step(session, DONE))] if several else []
    return keyboards.choices([*rows, [*skip, (labels.cancel, _step(session, CANCEL))]])


def _marked(value: str, option: Option) -> str:
    return f"• {option.label}" if option.value in map(str.strip, value.split(",")) else option.label


def _step(session: Session, choice: str) -> str:
    return StepPress(session.token, session.at, choice).data()


# keeping -------------------------------------------------------------------------------------------------------------


def as_json(session: Session) -> dict[str, object]:
    """For the notebook."""
    form, where = session.form, session.where
    return {
        "token": session.token,
        "form": {
            "verb": form.verb,
            "title": form.title,
            "submit": form.submit,
            "reference": form.reference,
            "version": form.version,
            "draft": form.draft,
            "confirm": form.confirm,
            "fields": [_field_json(one) for one in form.fields],
        },
        "where": {"chat": where.chat, "user": where.user, "topic": where.topic, "private": where.private},
        "order": list(session.order),
        "at": session.at,
        "values": dict(session.values),
        "files": enclosures.as_json(session.files),
        "message": session.message,
        "last": session.last,
        "fault": session.fault,
        "language": session.language,
    }


def from_json(kept: Mapping[str, Any]) -> Session:
    """From the notebook."""
    form = dict(kept["form"])
    fields = tuple(_field_of(one) for one in form.pop("fields"))
    return Session(
        token=kept["token"],
        form=Form(**form, fields=fields),
        where=Where(**kept["where"]),
        order=tuple(kept["order"]),
        at=kept["at"],
        values=kept["values"],
        files=enclosures.from_json(kept["files"]),
        message=kept["message"],
        last=kept["last"],
        fault=kept["fault"],
        language=kept.get("language", ""),
    )


def _field_json(one: Field) -> dict[str, object]:
    return {
        "key": one.key,
        "label": one.label,
        "kind": one.kind,
        "value": one.value,
        "options": [[option.value, option.label] for option in one.options],
        "optional": one.optional,
        "hint": one.hint,
        "limit": one.limit,
        "asks": one.asks,
        "free": one.free,
    }


def _field_of(kept: Mapping[str, Any]) -> Field:
    options = tuple(Option(value, label) for value, label in kept["options"])
    return Field(**{**kept, "options": options})
