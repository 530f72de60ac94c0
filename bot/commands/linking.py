"""Verbs that link a phone to an agent."""

from bot.commands.calls import Call
from bot.commands.verbs import verb
from bot.desk.pairing import WRONG_CODE, Pairings
from bot.errors import Refusal
from bot.outgoing.cards import Answer
from storage.queries import desk as rows

BOT_NAME = "telegram-bot"


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
        if not pairings.type_digits(call.text("code"), call.agent):
            return Answer(text=call.words(WRONG_CODE), refused=True)
        return Answer(text=call.words("Your Telegram is linked to {name}.", name=call.agent.name))
    if caller.platform == "telegram":
        return Answer(text=call.words("This phone is linked to {name}.", name=call.agent.name))
    name = rows.jotted(BOT_NAME, call.desk.clock.now())
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
    if not Pairings(call.desk.clock).unlink(call.agent):
        raise Refusal("No Telegram is linked to you.")
    return Answer(text=call.words("Your Telegram is not linked any more."))


@verb("start [CODE]", "begin in Telegram", writes=True, hidden=True, open_to_all=True, right="pair")
def start(call: Call) -> Answer:
    """With the token of a pairing address the phone is linked; what it tried before is carried out afterwards."""
    caller = call.request.caller
    if not call.has("code"):
        return _greeting(call)
    if caller.platform != "telegram" or not caller.private:
        raise Refusal("Open the address in a private chat with me.")
    agent = Pairings(call.desk.clock).open_token(call.text("code"), caller.id, caller.name)
    return Answer(text=call.words("This phone is linked to {name}.", name=agent.name))


def _greeting(call: Call) -> Answer:
    if call.known:
        text = call.words("Hello {name}. `/mine` shows your tickets, `/help` what I can do.", name=call.known.name)
        return Answer(text=text)
    return Answer(
        text=call.words("I do not know this phone yet. Type `/pair` here, or ask for `/ticket pair` in Slack."),
        refused=True,
    )
