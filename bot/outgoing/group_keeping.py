"""Keeping a platform's group of people in step with who is on call: who is meant, and what became of it."""

from datetime import timedelta

from bot.bridge import Bridge
from bot.desk.desk import Desk
from bot.desk.user_groups import EVERY
from bot.errors import DeliveryError
from bot.outgoing.packed import Packed
from bot.ports import Chat, Roster
from storage.database import transaction
from storage.models import Delivery
from storage.queries import deliveries as rows


class Groups:
    """The desk's side (synchronous)."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def members(self, delivery: Delivery) -> tuple[str, ...]:
        """Who is to be in the group now; the delivery is over where nobody is on call, or it is no rota's any more."""
        found = tuple(self._desk.user_groups.members(delivery.channel))
        if not found:
            rows.sent(delivery.id, self._desk.clock.now(), "nobody is on call")
        return found

    def kept(self, packed: Packed) -> None:
        """They are its members."""
        with transaction():
            rows.sent(packed.id, self._desk.clock.now(), ",".join(packed.members))
            self._desk.user_groups.kept(packed.place.channel)

    def refused(self, packed: Packed, error: str) -> None:
        """A person has to see to it: it is tried again every hour."""
        with transaction():
            rows.again(packed.id, self._desk.clock.now() + timedelta(seconds=EVERY.total_seconds()), error)
            self._desk.user_groups.refused(packed.place.channel, error)


async def keep(chat: Chat, packed: Packed, bridge: Bridge, groups: Groups) -> None:
    """Put them into the group. DeliveryError when it does not work (now)."""
    if not isinstance(chat, Roster):
        raise DeliveryError(f"{chat.platform} has no groups of people", permanent=True)
    await chat.set_members(packed.place.channel, packed.members)
    await bridge.patiently(groups.kept, packed)
