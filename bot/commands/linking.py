"""Verbs that link a phone to an agent."""

from bot.commands.calls import Call
from bot.commands.verbs import verb
from bot.desk.pairing import WRONG_CODE, Pairings
from bot.errors import Refusal
from bot.outgoing.cards import Answer
from storage.queries import desk as desk_rows
from storage.queries import tickets as rows

BOT_NAME = "telegram-bot"
SEEN_BY_OTHERS = (
    "Others have seen this code: it counts no more. Open a new one, from `pair`, in a private chat with me."
)


@verb(
    "pair [CODE]", "link your Telegram: an address to open, or the code your phone shows", writes=True, open_to_all=True
)
def pair(call: Call) -> Answer:
    """In Telegram, an unknown phone gets six digits to type in Slack."""
    pairings = Pairings(call.desk.clock)
    caller = call.request.caller
    if call.known is None:
        return _digits(call, pairings)
    if call.has("code"):
        phone = pairings.type_digits(call.text("code"), call.agent, caller.platform)
        if phone is None:
            return _refused(call, WRONG_CODE)
        text = call.words("The Telegram of {phone} is linked to {name}.", phone=phone, name=call.agent.name)
        return Answer(text=text)
    if caller.platform == "telegram":
        return Answer(text=call.words("This phone is linked to {name}.", name=call.agent.name))
    name = desk_rows.jotted(BOT_NAME, call.desk.clock.now())
    if not name:
        raise Refusal("Telegram is not set up, or the bot has not run yet.")
    link = f"https://t.me/{name}?start={pairings.token_for(call.agent)}"
    text = call.words("Open this on your phone within ten minutes:")
    return Answer(text=text, link=link, data={"link": link})


def _digits(call: Call, pairings: Pairings) -> Answer:
    caller = call.request.caller
    if caller.platform != "telegram" or not caller.private:
        raise Refusal("Write `/pair` to me in a private chat.")
    digits = pairings.digits_for(caller.id, caller.name)
    text = "Type `/ticket pair {digits}` in Slack within ten minutes, or `deskbell ticket pair {digits}`."
    return Answer(text=call.words(text, digits=digits))


@verb("unpair", "forget your Telegram", writes=True)
def unpair(call: Call) -> Answer:
    """Presses from that phone count no more."""
    if not Pairings(call.desk.clock).unlink(call.agent, call.request.caller.platform):
        raise Refusal("No Telegram is linked to you.")
    return Answer(text=call.words("Your Telegram is not linked any more."))


@verb("start [CODE]", "begin in Telegram", writes=True, hidden=True, open_to_all=True, right="pair")
def start(call: Call) -> Answer:
    """With the token of a pairing address the phone is linked; what it tried before is carried out afterwards."""
    caller = call.request.caller
    if not call.has("code"):
        return _greeting(call)
    if caller.platform != "telegram":
        raise Refusal("Open the address in a private chat with me.")
    pairings = Pairings(call.desk.clock)
    if not caller.private:
        pairings.spoil(call.text("code"))
        return _refused(call, SEEN_BY_OTHERS)
    agent = pairings.open_token(call.text("code"), caller.id, caller.name)
    if agent is None:
        return _refused(call, WRONG_CODE)
    return Answer(text=call.words("This phone is linked to {name}.", name=agent.name))


def _refused(call: Call, sentence: str) -> Answer:
    """No exception, for what was counted or spoilt has to last; written down as refusals are."""
    caller = call.request.caller
    rows.add_refusal(
        platform=caller.platform,
        caller=caller.id,
        agent=call.known.id if call.known else None,
        verb=call.verb.name,
        reference="",
        reason="WrongCode",
        at=call.desk.clock.now(),
    )
    return Answer(text=call.words(sentence), refused=True)


def _greeting(call: Call) -> Answer:
    if call.known:
        text = call.words("Hello {name}. `/mine` shows your tickets, `/help` what I can do.", name=call.known.name)
        return Answer(text=text)
    return Answer(
        text=call.words("I do not know this phone yet. Type `/pair` here, or ask for `/ticket pair` in Slack."),
        refused=True,
    )
