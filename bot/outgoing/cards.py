"""What a chat is shown, without any platform in it: Card, Button, Form. All of it is drawn from state, never stored."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain


@dataclass(frozen=True, slots=True)
class Button:
    """One press. `verb` is what it asks for, `style` "primary", "danger" or "", `confirm` a question asked first."""

    verb: str
    label: str
    style: str = ""
    confirm: str = ""
    argument: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """A ticket as it is now, in the words of the reader's language, all plain text (platforms escape it).

    `buttons` stand beside each other (at most four), `menu` is behind ⋯; `phone` are the rows of the small keyboard and
    `phone_more` those of its second level. `instead` is one line in place of all the rest: the ticket is not here.
    """

    ticket: int
    reference: str
    version: int
    subject: str
    status: str
    emoji: str
    colour: str
    client: str
    facts: tuple[tuple[str, str], ...]
    excerpt: str
    assignee: str
    deadline: str
    last: str
    next: str
    severity: str
    buttons: tuple[Button, ...] = ()
    menu: tuple[Button, ...] = ()
    phone: tuple[tuple[Button, ...], ...] = ()
    phone_more: tuple[tuple[Button, ...], ...] = ()
    notes: tuple[str, ...] = ()
    instead: str = ""

    @property
    def questions(self) -> dict[str, str]:
        """What is asked before a verb is carried out, by verb."""
        return {button.verb: button.confirm for button in self._every_button() if button.confirm}

    def label_of(self, verb: str) -> str:
        """What the button of this verb says."""
        return next((button.label for button in self._every_button() if button.verb == verb), verb)

    def _every_button(self) -> Iterator[Button]:
        yield from chain(*self.phone, *self.phone_more, self.buttons, self.menu)

    @property
    def title(self) -> str:
        """The title line: `TS2611-0042 · subject`."""
        return f"{self.reference} · {self.subject}"

    @property
    def fallback(self) -> str:
        """The whole card in one line, for notifications and screen readers."""
        return self.instead or f"{self.status}: {self.title}." + (f" {self.last}" if self.last else "")


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a select field."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form.

    kind   "line", "text" (several lines), "select", "several" (of the options; values joined by commas), "agent",
           "files", "shown" (not asked)
    asks   choosing a value asks the verb again at once: `Request.changed` is the field's key
    free   one of the options, or what is typed instead where something can be typed
    search what may be chosen is searched for while one types (`bot.commands.suggesting`, by the key); where a
           platform cannot, one of the options is chosen, or the value is typed
    fresh  the value was put there by the verb, in place of what was typed; another word each time it is another value
    """

    key: str
    label: str
    kind: str = "line"
    value: str = ""
    options: tuple[Option, ...] = ()
    optional: bool = False
    hint: str = ""
    limit: int = 3000
    asks: bool = False
    free: bool = False
    fresh: str = ""
    search: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """What is asked of a person before a verb can be carried out. `reference` and `version` say on which ticket.

    `draft` names what was filled in before and comes back with it; `buttons` are other ways on (`argument` is then
    `Request.changed`); `confirm`: nothing is asked, the person looks and submits.
    """

    verb: str
    title: str
    submit: str
    fields: tuple[Field, ...]
    reference: str = ""
    version: int = 0
    draft: str = ""
    buttons: tuple[Button, ...] = ()
    confirm: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One ticket in a list."""

    reference: str
    subject: str
    emoji: str
    status: str
    details: str


@dataclass(frozen=True, slots=True)
class Panel:
    """One part of a person's own page: a title, lines, tickets, and what may be pressed under them.

    A button with an `argument` asks for its verb with these words.
    """

    title: str
    lines: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a verb says to the person who asked, and to nobody else.

    text       a sentence or several lines; plain
    lines      further lines, each one fact or message
    card       the ticket in full, where one was asked for
    rows       tickets in a list; `page` of `pages`, `again` the words that ask for another page ("{page}" in them)
    form       more is needed: this form asks for it
    faults     a form's values that cannot be taken: key of the field → sentence
    buttons    what may be pressed under the answer
    refused    nothing was done; the text says why (Telegram shows it as an alert)
    nothing    there is nothing to say at all (not our business)
    data       the same for programs: what `--json` prints
    link       an address to open (pairing), with `text` beside it
    unmet      a mention in the words that names nobody we know, as it stands there
    language   the asker's: what a platform adds (labels, Cancel) is said in it; "" = the desk's
    redraw     the card that was pressed is to be shown like this now (second level of the phone's keyboard)
    panels     the asker's own page, part by part
    options    what a field that is searched in offers
    """

    text: str = ""
    lines: tuple[str, ...] = ()
    card: Card | None = None
    rows: tuple[Row, ...] = ()
    page: int = 1
    pages: int = 1
    again: str = ""
    form: Form | None = None
    faults: Mapping[str, str] = field(default_factory=dict)
    buttons: tuple[Button, ...] = ()
    refused: bool = False
    nothing: bool = False
    data: object = None
    link: str = ""
    redraw: Card | None = None
    panels: tuple[Panel, ...] = ()
    options: tuple[Option, ...] = ()
    reference: str = ""
    version: int = 0
    exit_code: int = 0
    unrecognised: bool = False
    unmet: str = ""
    language: str = ""
