"""One call of a verb: who asks for what, and what the verb needs to answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from bot.commands import grammar
from bot.commands.requests import Request
from bot.commands.verbs import VERBS, Verb
from bot.desk import duty, file_rules, people, workflow
from bot.desk.changes import Writing
from bot.desk.desk import Desk
from bot.desk.files import StoredFile
from bot.desk.people import Actor, Agent
from bot.desk.views import TicketView, as_json
from bot.errors import FieldErrors, NotFound, Unmet, Unrecognised, WrongUsage
from bot.outgoing import telling
from bot.outgoing.cards import Answer, Button, Field, Form
from bot.texts import Words
from storage.queries import dictionaries as dictionary_rows


@dataclass(frozen=True)
class Call:
    """A request, understood. `values` are the verb's slots, keys and fields by name."""

    desk: Desk
    request: Request
    verb: Verb
    words: Words
    values: Mapping[str, str]
    known: Agent | None = None

    @property
    def agent(self) -> Agent:
        """Who asks."""
        if self.known is None:
            raise Unrecognised("I do not know you yet.")
        return self.known

    @property
    def actor(self) -> Actor:
        """Who asks, as the one who acts."""
        return Actor.of(self.agent, self.request.caller.platform)

    @property
    def pen(self) -> telling.Pen:
        """What drawing cards for this reader needs."""
        return telling.Pen(self.words, self.desk.clock.now(), VERBS)

    @cached_property
    def ticket(self) -> TicketView:
        """The ticket that is meant. NotFound, or WrongUsage where none was named."""
        if not self.has("reference"):
            raise WrongUsage("Which ticket? Usage: {usage}", usage=self.verb.usage.line)
        return self.desk.tickets.find(self.values["reference"], self.agent)

    def has(self, name: str) -> bool:
        """Whether a value was given."""
        return bool(self.values.get(name, "").strip())

    def text(self, name: str = "text") -> str:
        """A value, "" when it was not given."""
        return self.values.get(name, "").strip()

    def writing(self, **values: Any) -> Writing:
        """What was written, with the files that came with it."""
        return Writing(self.text(), files=self.files(), **values)

    def files(self) -> tuple[StoredFile, ...]:
        """The files that came with the request, stored. FieldErrors for one that is too large or of a refused type."""
        for file in self.request.enclosures:
            fault = file_rules.fault_of(file.name, file.type, len(file.content), self.desk.settings)
            if fault:
                raise FieldErrors({"files": fault})
        return tuple(self.desk.files.keep(file.content, file.name, file.type) for file in self.request.enclosures)

    # answers ---------------------------------------------------------------------------------------------------------

    def done(self, ticket: TicketView, sentence: str, **values: Any) -> Answer:
        """Something was done to a ticket."""
        text = self.words(sentence, reference=ticket.reference, **values)
        return Answer(text=text, reference=ticket.reference, version=ticket.version, data=as_json(ticket))

    def ask(self, form: Form) -> Answer:
        """More is needed: open the form, or say what is missing where no form can open.

        Refusal where all of it would be asked for nothing: the step leads nowhere from the ticket's status.
        """
        if form.version and self.verb.name in workflow.NEXT:
            ticket = self.ticket
            workflow.after(self.verb.name, ticket.status, ticket.reference, ticket.merged_into)
        if self.request.caller.platform == "cli":
            raise WrongUsage(
                "Missing: {wanted}. Usage: {usage}", wanted=self._lacking(form), usage=self.verb.usage.line
            )
        if self.request.can_ask:
            return Answer(form=form, reference=form.reference, version=form.version)
        button = Button(self.verb.name, form.title, "primary")
        text = self.words("Press to go on:")
        return Answer(text=text, buttons=(button,), reference=form.reference, version=form.version)

    def _lacking(self, form: Form) -> str:
        """The labels of what was not said: what has no value, else what a form would only suggest."""
        slots = {slot.name for slot in self.verb.usage.slots}
        suggested = [field.label for field in form.fields if field.key in slots and not self.has(field.key)]
        return ", ".join([field.label for field in form.fields if _is_missing(field)] or suggested)

    def someone(self, name: str) -> Agent:
        """The agent a value names: an address, a name, a mention, or `me`. NotFound otherwise."""
        return self.person(self.text(name))

    def person(self, wanted: str) -> Agent:
        """The agent that these words name, as `someone`; `oncall` is whoever is on call for the ticket's group."""
        if wanted in self.request.mentions:
            return self._mentioned(wanted)
        if duty.is_meant(wanted):
            return duty.whoever(wanted, self._rota_of_group(), self.desk.clock.now())
        return self.agent if wanted.lower() in ("me", "@me") else people.named(wanted, self.request.caller.platform)

    def _rota_of_group(self) -> int | None:
        """The rota of the ticket's group, or of the one that was named."""
        code = self.ticket.group.code if self.has("reference") else self.text("group")
        row = dictionary_rows.by_code("group", code) if code else dictionary_rows.default("group")
        return row.default_rota_id if row else None

    def _mentioned(self, mention: str) -> Agent:
        person = self.request.mentions[mention]
        found = people.known(person.platform, person.id, person.name, person.email, self.desk.clock)
        if found is None:
            raise Unmet("{name} is no agent that I know.", name=mention)
        return found


def _is_missing(field: Field) -> bool:
    return not (field.optional or field.value or field.kind == "shown")


def unknown_verb(word: str, words: Words) -> WrongUsage:
    """A refusal that names the nearest verb."""
    near = grammar.nearest(word, [known for known, verb in VERBS.items() if not verb.hidden])
    if near:
        usage = VERBS[near].usage.line
        return WrongUsage(
            "I do not know “{word}”. Did you mean `{near}`? Usage: {usage}", word=word, near=near, usage=usage
        )
    return WrongUsage("I do not know “{word}”. `help` shows what I can do.", word=word)


def not_here(reference: str) -> NotFound:
    """The same answer for what does not exist and what one may not see."""
    return NotFound("There is no ticket {reference} that you can see.", reference=reference)
