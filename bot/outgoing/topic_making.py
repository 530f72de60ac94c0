"""Making and changing a ticket's own topic: what is about to be made is written down before it is asked for."""

from collections.abc import Awaitable, Callable

from bot.bridge import Bridge
from bot.errors import DeliveryError
from bot.failpoints import reach
from bot.outgoing.packed import Packed
from bot.outgoing.topics import Topics
from bot.ports import Chat, Forum


async def keep(chat: Chat, packed: Packed, bridge: Bridge, desk_side: Topics) -> None:
    """Make or change a topic. DeliveryError when it does not work (now)."""
    assert packed.topic is not None
    forum = _forum(chat)
    if packed.place.topic:
        await forum.keep_topic(packed.place, packed.topic, packed.differs)
        await bridge.patiently(desk_side.kept, packed)
        return
    await bridge.patiently(desk_side.begin, packed)
    making = forum.make_topic(packed.place, packed.topic)
    number = await _made(making, lambda: bridge.patiently(desk_side.not_made, packed))
    reach("send.after_send")
    await bridge.patiently(desk_side.made, packed, number)


def _forum(chat: Chat) -> Forum:
    if not isinstance(chat, Forum):
        raise DeliveryError(f"{chat.platform} has no topics", topic="refused")
    return chat


async def _made(making: Awaitable[int], not_made: Callable[[], Awaitable[None]]) -> int:
    try:
        return await making
    except DeliveryError as fault:
        if not fault.unsure:
            await not_made()
        raise
