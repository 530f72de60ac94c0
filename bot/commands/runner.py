"""CommandRunner: the one door for chats and the command line. A request comes in, an answer goes out.

What may change something runs in one transaction together with its receipt, so that the same request again gets the
same answer and has no second effect. Refused tries are recorded.
"""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import asdict, replace
from typing import Any

import structlog

from bot.commands import (  # noqa: F401  (they register their verbs)
    administering,
    chains,
    clients,
    deleting,
    drafts,
    editing,
    ending,
    grammar,
    handover,
    heard,
    helping,
    home,
    interventions,
    joining,
    linking,
    lists,
    many,
    mentions,
    oncall,
    problems,
    quarantined,
    replying,
    rotas,
    staffing,
    storms,
    suggesting,
    talking,
    timelines,
    timing,
    topics,
    viewing,
    why,
    working,
)
from bot.commands.calls import Call, not_here, unknown_verb
from bot.commands.guessing import Guesses
from bot.commands.requests import Caller, Request, Spot
from bot.commands.verbs import VERBS, Verb
from bot.desk import custom_fields, people, permissions, references
from bot.desk.desk import Desk
from bot.desk.pairing import Pairings
from bot.desk.people import Agent
from bot.errors import (
    Busy,
    Disguised,
    FieldErrors,
    Full,
    HeldByAnother,
    NotFound,
    Refusal,
    Stale,
    Unmet,
    Unrecognised,
    WrongUsage,
)
from bot.failpoints import reach
from bot.outgoing import buttons
from bot.outgoing.cards import Answer, Button
from bot.texts import Words
from storage.database import DatabaseBusy, DatabaseUnavailable, StorageFull, session, transaction
from storage.queries import joining as joining_rows
from storage.queries import people as people_rows
from storage.queries import requests as receipts
from storage.queries import tickets as rows
from storage.queries import topics as topic_rows

log = structlog.get_logger("deskbell.commands")

TO_LINK = {
    "telegram": "I do not know this phone. Type `/ticket pair` in Slack or `deskbell ticket pair`, and open the link.",
    "slack": "I do not know you as an agent. An admin can add you: `deskbell agent add`.",
    "cli": "There is no active agent {id}. An admin can add one: `deskbell agent add`.",
}
KEPT = ("text", "lines", "reference", "version", "refused", "exit_code", "language")


class CommandRunner:
    """Runs one request at a time for each thread; nothing is kept between requests."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._guesses = Guesses(desk.clock)

    def run(self, request: Request) -> Answer:
        """The answer; refusals are answers too, in the asker's language. DatabaseUnavailable without a database."""
        with session():
            words = self._desk.words(request.caller.language)
            try:
                return self._serve(request)
            except DatabaseBusy:
                return _refusal(Busy(), words)
            except StorageFull:
                return _refusal(Full(), words)
            except DatabaseUnavailable:
                raise
            except Refusal as refusal:
                return self._refused(request, refusal, self._words(self._known(request)))
            except Exception:
                ident = secrets.token_hex(4)
                log.exception("command failed", id=ident, verb=request.verb, platform=request.caller.platform)
                return Answer(text=words("Something went wrong here. Tell an admin this: {id}", id=ident), refused=True)

    def _serve(self, request: Request) -> Answer:
        if request.disguise:
            raise Disguised
        if _concerns_no_ticket(request):
            said = handover.under_post(request, self._known(request))
            if said is None:
                return Answer(nothing=True)
            request = said
        verb, rest = self._verb(request)
        self._guesses.check(request.caller)
        if not verb.writes:
            return self._call(verb, rest, request)
        with transaction():
            known = receipts.receipt(request.receipt) if request.receipt else None
            if known is not None:
                return _as_given(known)
            answer = self._call(verb, rest, request)
            if request.receipt and answer.form is None:
                receipts.add_receipt(request.receipt, _kept(answer), self._desk.clock.now())
        reach("act.after_commit")
        return self._resumed(request, answer)

    # understanding ---------------------------------------------------------------------------------------------------

    def _verb(self, request: Request) -> tuple[Verb, str | tuple[str, ...]]:
        if request.verb:
            name, rest = request.verb, request.words
        else:
            name, rest = grammar.first_word(request.words)
        verb = VERBS.get(name or "help")
        if verb is None or (verb.hidden and not request.verb):
            raise unknown_verb(name, self._desk.words())
        return verb, rest

    def _call(self, verb: Verb, rest: str | tuple[str, ...], request: Request) -> Answer:
        agent = self._known(request)
        if agent is None and (request.caller.platform == "cli" or not verb.open_to_all):
            raise Unrecognised(TO_LINK[request.caller.platform], id=request.caller.id)
        if agent is not None:
            permissions.allow(agent.role, verb.right)
        values = self._values(verb, rest, request, agent)
        call = Call(self._desk, request, verb, self._words(agent), values, agent)
        self._check_press(call)
        lacking = [name for name in grammar.missing(verb.usage, dict(values)) if name == "reference"]
        if lacking:
            raise WrongUsage("Which ticket? Usage: {usage}", usage=verb.usage.line)
        return replace(verb.body(call), language=call.words.language)

    def _values(self, verb: Verb, rest: str | tuple[str, ...], request: Request, agent: Agent | None) -> dict[str, str]:
        here = self._reference_here(request)
        named = _begins_with_reference(rest) or interventions.is_named(verb.name, rest)
        if here and _is_about_a_ticket(verb) and not named:
            rest = f"{here} {rest}" if isinstance(rest, str) else (here, *rest)
        values = grammar.parse(verb.usage, rest, _keys(verb))
        values |= {key: str(value) for key, value in request.fields.items() if value not in (None, "")}
        if "ticket" in values and "reference" not in values:
            values["reference"] = self._reference_of(values["ticket"], agent)
        return values

    def _reference_here(self, request: Request) -> str:
        if request.spot is None or "reference" in request.fields or "ticket" in request.fields:
            return ""
        ticket_id = _ticket_here(request.spot)
        lands_on = joining_rows.current(ticket_id) or ticket_id
        return self._desk.tickets.view(lands_on).reference if lands_on else ""

    def _reference_of(self, ticket_id: str, agent: Agent | None) -> str:
        """The reference behind a button's number; whoever may not see the ticket does not learn it."""
        if not ticket_id.isdecimal() or len(ticket_id) > 15:
            raise not_here(ticket_id[:20])
        try:
            reference = self._desk.tickets.view(int(ticket_id)).reference
            return self._desk.tickets.find(reference, agent).reference if agent else reference
        except NotFound:
            raise not_here(ticket_id) from None

    def _known(self, request: Request) -> Agent | None:
        caller = request.caller
        if caller.platform == "cli":
            try:
                agent = people.agent(caller.id)
            except NotFound:
                return None
            return agent if agent.active else None
        return people.known(caller.platform, caller.id, caller.name, caller.email, self._desk.clock)

    def _words(self, agent: Agent | None) -> Words:
        return self._desk.words(agent.language, agent.timezone) if agent else self._desk.words()

    def _check_press(self, call: Call) -> None:
        """A press counts only on a card that hangs there, and never for a version that does not exist yet."""
        request = call.request
        others = many.is_meant(call) or interventions.is_named(call.verb.name, call.text("reference"))
        of_one = call.has("reference") and _is_about_a_ticket(call.verb) and not others
        if request.version is None or not of_one:
            return
        if request.version > call.ticket.version or request.version < 0:
            raise Stale("This button does not belong to {reference}.", reference=call.ticket.reference)
        on_card = request.pressed and request.spot is not None and bool(request.spot.message)
        if on_card and request.spot and _ticket_at(request.spot) != call.ticket.id:
            raise Stale("This button is out of date. `show {reference}` tells more.", reference=call.ticket.reference)

    # refusing --------------------------------------------------------------------------------------------------------

    def _refused(self, request: Request, refusal: Refusal, words: Words) -> Answer:
        self._record(request, refusal)
        if isinstance(refusal, NotFound) and not isinstance(refusal, WrongUsage | Unmet):
            self._guesses.missed(request.caller)
        drafts.keep_refused(self._desk, request, self._known(request))
        answer = _refusal(refusal, words)
        if isinstance(refusal, Unrecognised):
            self._remember_press(request)
            return replace(answer, unrecognised=True)
        if isinstance(refusal, Unmet):
            return replace(answer, unmet=refusal.values["name"])
        if isinstance(refusal, HeldByAnother):
            return self._with_takeover(refusal, answer, words)
        if isinstance(refusal, WrongUsage) and _names_no_verb(request):
            known = self._known(request)
            return replace(answer, lines=helping.beginning(known.role, words) if known else ())
        return answer

    def _record(self, request: Request, refusal: Refusal) -> None:
        not_last = request.caller.unasked and isinstance(refusal, Unrecognised)
        if not_last or (isinstance(refusal, WrongUsage) and not request.pressed):
            return
        known = self._known(request)
        with transaction():
            rows.add_refusal(
                platform=request.caller.platform,
                caller=request.caller.id,
                agent=known.id if known else None,
                verb=request.verb or grammar.first_word(request.words)[0][:40],
                reference=str(request.fields.get("reference", ""))[:40],
                reason=type(refusal).__name__,
                at=self._desk.clock.now(),
            )

    def _with_takeover(self, refusal: HeldByAnother, answer: Answer, words: Words) -> Answer:
        ticket_id = rows.id_of_reference(refusal.values["reference"])
        if ticket_id is None:
            return answer
        view = self._desk.tickets.view(ticket_id)
        button = Button("takeover", words("Take over"), confirm=buttons.CONFIRM["takeover"](view, words))
        return replace(answer, buttons=(button,), reference=view.reference, version=view.version)

    # pairing ---------------------------------------------------------------------------------------------------------

    def _remember_press(self, request: Request) -> None:
        caller = request.caller
        if caller.platform == "telegram" and request.pressed:
            kept = {"verb": request.verb, "fields": dict(request.fields), "version": request.version}
            kept["spot"] = asdict(request.spot) if request.spot else None
            Pairings(self._desk.clock).remember_press(caller.id, caller.name, kept)

    def _resumed(self, request: Request, answer: Answer) -> Answer:
        """What the phone tried before it was linked, wherever its code was typed."""
        name = request.verb or grammar.first_word(request.words)[0]
        phone = self._phone(request) if name in ("start", "pair") and not answer.refused else None
        waiting = Pairings(self._desk.clock).waiting_press(phone.id) if phone else None
        if phone is None or waiting is None:
            return answer
        done = self.run(_again(waiting, phone, request.receipt))
        return replace(answer, text=f"{answer.text}\n{done.text}")

    def _phone(self, request: Request) -> Caller | None:
        """The Telegram account of whoever asks, if there is one."""
        agent = self._known(request)
        if agent is None or request.caller.platform == "telegram":
            return request.caller if agent else None
        account = people_rows.account("telegram", people_rows.accounts(agent.id).get("telegram", ""))
        return Caller("telegram", account.external_id, account.name) if account else None


def _keys(verb: Verb) -> Collection[str]:
    """What may stand before a `:`: the grammar's keys, the verb's, and the codes of own fields."""
    if not verb.usage.takes_keys or verb.usage.own_keys:
        return ()
    return grammar.KEYS | verb.keys | {field.code for field in custom_fields.defined()}


def _again(waiting: Mapping[str, Any], caller: Caller, receipt: str) -> Request:
    spot = Spot(**waiting["spot"]) if waiting["spot"] else None
    return Request(
        caller,
        waiting["verb"],
        fields=waiting["fields"],
        version=waiting["version"],
        spot=spot,
        receipt=f"{receipt}:resumed",
        pressed=True,
    )


def _refusal(refusal: Refusal, words: Words) -> Answer:
    faults = {}
    if isinstance(refusal, FieldErrors):
        faults = {key: fault.in_words(words) for key, fault in refusal.faults.items()}
    code = 2 if isinstance(refusal, WrongUsage) and not faults else 1
    text = refusal.in_words(words)
    return Answer(text=text, refused=True, faults=faults, exit_code=code, language=words.language)


def _kept(answer: Answer) -> dict[str, Any]:
    """What is kept of an answer for the same request again; an address to open works once and is not kept."""
    kept = {name: getattr(answer, name) for name in KEPT}
    return {**kept, "faults": dict(answer.faults), "buttons": [asdict(button) for button in answer.buttons]}


def _as_given(kept: Mapping[str, Any]) -> Answer:
    buttons = tuple(Button(**button) for button in kept.get("buttons", ()))
    return Answer(**{**kept, "lines": tuple(kept.get("lines", ())), "buttons": buttons})


def _names_no_verb(request: Request) -> bool:
    """Whether somebody in a chat typed a verb that does not exist."""
    typed = request.caller.platform != "cli" and not request.verb
    return typed and grammar.first_word(request.words)[0] not in VERBS


def _is_about_a_ticket(verb: Verb) -> bool:
    return any(slot.name == "reference" for slot in verb.usage.slots)


def _begins_with_reference(rest: str | tuple[str, ...]) -> bool:
    word = grammar.first_word(rest)[0] if rest else ""
    whole = references.full(word)
    mixed = whole is not None and not whole.isdecimal()
    return references.is_simple(word) or (mixed and rows.id_of_reference(str(whole)) is not None)


def _concerns_no_ticket(request: Request) -> bool:
    """Whether it is what people write to each other in some thread: not our business."""
    named = request.words or request.pressed or "reference" in request.fields or "ticket" in request.fields
    return request.spot is not None and bool(request.verb) and not named and _ticket_here(request.spot) is None


def _ticket_here(spot: Spot) -> int | None:
    """The ticket whose card, or whose own topic, the message stands under."""
    return _ticket_at(spot) or next((one.ticket_id for one in topic_rows.at(spot.channel, spot.topic)), None)


def _ticket_at(spot: Spot) -> int | None:
    return rows.id_of_posting(spot.platform, spot.channel, spot.message)
