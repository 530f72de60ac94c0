"""Who is on call: the verb `oncall`, and the buttons by which shifts change hands. Times are in the reader's zone."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.commands.calls import Call
from bot.commands.verbs import verb
from bot.desk import oncall, people, permissions, rota_json
from bot.desk.oncall import Followed, Rota, Turn
from bot.errors import WrongUsage
from bot.outgoing import swap_notices
from bot.outgoing.cards import Answer, Button, Field, Form, Option
from storage.models import RotaSwap

EVERYBODY = "+all"
MOST_LINES, MOST_SHIFTS = 10, 40
BUTTONS = {
    "shift_takeover": "Take over…",
    "shift_swap": "Swap…",
    "swap_accept": "Accept a shift…",
    "handover": "Hand over…",
    "rotas": "Edit rotas…",
}


class Span(NamedTuple):
    """A shift as a form carries it: `NIGHTS|2026-03-02T07:00:00+00:00|…`."""

    code: str
    start: datetime
    end: datetime


@verb("oncall [ROTA]", "who is on call now and next, and when you are")
def on_call(call: Call) -> Answer:
    """With a rota its next shifts as well, and where nobody or more than one is on call in the coming four weeks."""
    now, words = call.desk.clock.now(), call.words
    known = [oncall.find(call.text("rota"), now)] if call.has("rota") else oncall.in_use(now)
    if not known:
        return Answer(text=words("There is no rota yet."), buttons=buttons(call, known), data=[])
    lines = [line(call, rota) for rota in known]
    if call.has("rota"):
        lines += [*_coming(call, known[0]), *_faults(call, known[0])]
    offers = [swap_notices.draw(swap, words, now).text for swap in _acceptable(call)]
    data = [rota_json.as_json(rota, now) for rota in known]
    return Answer(text=own(call), lines=(*lines, *offers), buttons=buttons(call, known), data=data)


def own(call: Call) -> str:
    """When the reader is on call."""
    words, now = call.words, call.desk.clock.now()
    rota, turn = next(iter(oncall.turns_of(call.agent, now)), (None, None))
    if rota is None or turn is None:
        return words("You are not on call in the coming four weeks.")
    end = words.clock(turn.end, now)
    if turn.start <= now and turn.end >= now + oncall.AHEAD:
        return words("You are on call ({rota}).", rota=rota.name)
    if turn.start <= now:
        return words("You are on call until {end} ({rota}).", end=end, rota=rota.name)
    return words(
        "You are on call from {start} to {end} ({rota}).", start=words.clock(turn.start, now), end=end, rota=rota.name
    )


def line(call: Call, rota: Rota) -> str:
    """A rota in a line: who is on call now, who is next."""
    words, now = call.words, call.desk.clock.now()
    current, following = rota.now_and_next(now)
    said = words("nobody")
    if current and current.end >= now + oncall.AHEAD:
        said = current.agent.name
    elif current:
        said = words("{name} until {end}", name=current.agent.name, end=words.clock(current.end, now))
    if following:
        start = words.clock(following.start, now)
        said += " · " + words("then {name} from {start}", name=following.agent.name, start=start)
    return f"📟 {rota.name} ({rota.code}): {said}"


def _coming(call: Call, rota: Rota) -> Iterator[str]:
    now = call.desk.clock.now()
    for turn in rota.turns(now, now + oncall.AHEAD)[:MOST_LINES]:
        yield f"{_span(call, turn)} {turn.agent.name}"


def _faults(call: Call, rota: Rota) -> Iterator[str]:
    words, now = call.words, call.desk.clock.now()
    if rota.followed:
        yield _followed(call, rota.followed)
    for start, end in rota.gaps(now)[:MOST_LINES]:
        yield words("⚠️ nobody: {start} – {end}", start=words.clock(start, now), end=words.clock(end, now))
    for below, above in rota.overlaps(now)[:MOST_LINES]:
        sentence = "⚠️ both {name} and {other}: {start} – {end}; {other} counts"
        both = Turn(max(below.start, above.start), min(below.end, above.end), above.agent)
        span = {"start": words.clock(both.start, now), "end": words.clock(both.end, now)}
        yield words(sentence, name=below.agent.name, other=above.agent.name, **span)


def _followed(call: Call, followed: Followed) -> str:
    words = call.words
    ago = call.desk.clock.now() - followed.read_at if followed.read_at else timedelta(0)
    if followed.fault:
        return words("⚠️ its calendar could not be read for {ago}: {fault}", ago=ago, fault=followed.fault)
    return words("📅 its calendar was read {ago} ago", ago=ago)


def _span(call: Call, turn: Turn) -> str:
    words, now = call.words, call.desk.clock.now()
    return f"{words.clock(turn.start, now)} – {words.clock(turn.end, now)}"


def buttons(call: Call, known: list[Rota]) -> tuple[Button, ...]:
    """Those that make sense for this reader."""
    role = call.agent.role
    swaps = permissions.may(role, "swap")
    shown = {
        "shift_takeover": swaps and any(_others(call, known)),
        "shift_swap": swaps and bool(_mine(call)),
        "swap_accept": swaps and bool(_acceptable(call)),
        "handover": permissions.may(role, "handover") and _hands_over(call),
        "rotas": permissions.may(role, "rotas"),
    }
    return tuple(Button(name, call.words(BUTTONS[name])) for name, wanted in shown.items() if wanted)


def _hands_over(call: Call) -> bool:
    """Whether there is something to hand over, or to accept."""
    desk = call.desk.handovers
    return bool(desk.accepting(call.agent) or desk.handing(call.agent))


def _acceptable(call: Call) -> list[RotaSwap]:
    return [
        one for one in call.desk.swaps.offers() if one.agent_id != call.agent.id and one.to_id in (None, call.agent.id)
    ]


# taking over ---------------------------------------------------------------------------------------------------------


@verb("shift_takeover", "be on call in somebody's place", right="swap", writes=True, hidden=True)
def take_over(call: Call) -> Answer:
    """For what is left of the shift that is chosen."""
    words, now = call.words, call.desk.clock.now()
    if not call.has("shift"):
        shifts = _others(call, oncall.in_use(now))
        field = Field("shift", words("Which shift?"), "select", options=tuple(shifts))
        return _asked(call, Form("shift_takeover", words("Take a shift over"), words("Save"), (field,)), shifts)
    span = _read(call.text("shift"))
    rota = call.desk.swaps.take_over(span.code, span.start, span.end, call.actor)
    return Answer(text=words("You are on call until {end} ({rota}).", end=words.clock(span.end, now), rota=rota.name))


def _others(call: Call, known: list[Rota]) -> list[Option]:
    now = call.desk.clock.now()
    turns = [(rota, turn) for rota in known for turn in rota.turns(now, now + oncall.AHEAD)]
    found = [(rota, turn) for rota, turn in turns if turn.agent.id != call.agent.id]
    return [_option(call, rota, turn) for rota, turn in sorted(found, key=lambda one: one[1].start)[:MOST_SHIFTS]]


# swapping ------------------------------------------------------------------------------------------------------------


@verb("shift_swap", "offer one of your shifts to others", right="swap", writes=True, hidden=True)
def swap(call: Call) -> Answer:
    """To one colleague or to everybody; whoever accepts first has it."""
    words = call.words
    if not (call.has("shift") and call.has("to")):
        shifts = _mine(call)
        able = [one for one in oncall.able_agents() if one.id != call.agent.id]
        options = (Option(EVERYBODY, words("everybody")), *(Option(one.email, one.name) for one in able))
        fields = (
            Field("shift", words("Which shift?"), "select", options=tuple(shifts)),
            Field("to", words("Offered to"), "select", options=options),
        )
        return _asked(call, Form("shift_swap", words("Swap a shift"), words("Offer"), fields), shifts)
    span = _read(call.text("shift"))
    to = None if call.text("to") == EVERYBODY else people.agent(call.text("to"))
    offer = call.desk.swaps.offer(span.code, span.start, span.end, call.actor, to)
    return Answer(
        text=words("Your shift is offered; you keep it until somebody accepts."),
        buttons=(Button("swap_withdraw", words("Withdraw")),),
        reference=str(offer.id),
    )


def _mine(call: Call) -> list[Option]:
    turns = oncall.turns_of(call.agent, call.desk.clock.now())[:MOST_SHIFTS]
    return [_option(call, rota, turn) for rota, turn in turns]


@verb("swap_accept", "take a shift that is offered", right="swap", writes=True, hidden=True)
def accept(call: Call) -> Answer:
    """One press under the offer; elsewhere it is chosen first."""
    words, now = call.words, call.desk.clock.now()
    if not (call.has("reference") or call.has("offer")):
        options = [Option(str(one.id), _told(call, one)) for one in _acceptable(call)[:MOST_SHIFTS]]
        field = Field("offer", words("Which shift?"), "select", options=tuple(options))
        return _asked(call, Form("swap_accept", words("Take a shift"), words("Take it"), (field,)), options)
    taken = call.desk.swaps.accept(_number(call.text("reference") or call.text("offer")), call.actor)
    return Answer(text=swap_notices.draw(taken, words, now).text)


@verb("swap_withdraw", "take your offer of a shift back", right="swap", writes=True, hidden=True)
def withdraw(call: Call) -> Answer:
    """As long as nobody has accepted it."""
    kept = call.desk.swaps.withdraw(_number(call.text("reference")), call.actor)
    return Answer(text=swap_notices.draw(kept, call.words, call.desk.clock.now()).text)


def _told(call: Call, one: RotaSwap) -> str:
    words, now = call.words, call.desk.clock.now()
    return f"{words.clock(one.starts_at, now)} – {words.clock(one.ends_at, now)} · {one.agent.name} · {one.rota.code}"


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 15):
        raise WrongUsage("There is no offer {number}.", number=text[:20])
    return int(text)


# shifts in forms -----------------------------------------------------------------------------------------------------


def _asked(call: Call, form: Form, choices: list[Option]) -> Answer:
    """The form; where there is nothing to choose, that is said."""
    return call.ask(form) if choices else Answer(text=call.words("There is no such shift in the coming four weeks."))


def _option(call: Call, rota: Rota, turn: Turn) -> Option:
    value = "|".join((rota.code, turn.start.isoformat(), turn.end.isoformat()))
    return Option(value, f"{_span(call, turn)} · {turn.agent.name} · {rota.code}")


def _read(text: str) -> Span:
    code, _, rest = text.partition("|")
    start, _, end = rest.partition("|")
    try:
        span = Span(code, datetime.fromisoformat(start), datetime.fromisoformat(end))
    except ValueError:
        span = None
    if span is None or span.start.tzinfo is None or span.end.tzinfo is None:
        raise WrongUsage("{text} is no shift.", text=text[:60])
    return span
