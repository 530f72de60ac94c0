"""What the team reads of a shift that is offered, drawn from how the offer is now: a button while it is open."""

from datetime import datetime

from bot.outgoing.cards import Button
from bot.outgoing.mail_notices import Notice
from bot.texts import Words
from storage.models import RotaSwap

ACCEPT = ("swap_accept", "Take the shift", "primary")
OFFERED = "🔁 {name} offers a shift of {rota}: {start} – {end}."
OFFERED_TO = "🔁 {name} offers {to} a shift of {rota}: {start} – {end}."
OUTCOMES = {
    "accepted": "✅ {taker} takes {name}'s shift of {rota}: {start} – {end}.",
    "withdrawn": "↩ {name} keeps the shift of {rota}: {start} – {end}.",
}


def draw(swap: RotaSwap, words: Words, now: datetime) -> Notice:
    """The notice now; times are in the reader's zone."""
    if swap.state != "open":
        return Notice(swap.id, told(OUTCOMES[swap.state], swap, words, now), about="swap")
    verb, label, style = ACCEPT
    text = told(OFFERED_TO if swap.to else OFFERED, swap, words, now)
    return Notice(swap.id, text, (Button(verb, words(label), style),), about="swap")


def told(sentence: str, swap: RotaSwap, words: Words, now: datetime) -> str:
    """A sentence about an offer."""
    return words(
        sentence,
        name=swap.agent.name,
        to=swap.to.name if swap.to else "",
        taker=swap.taken_by.name if swap.taken_by else "",
        rota=swap.rota.name,
        start=words.clock(swap.starts_at, now),
        end=words.clock(swap.ends_at, now),
    )
