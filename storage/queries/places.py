"""Questions about chats as a whole: one that has another id now or takes nothing, and which ones the desk has named."""

from datetime import datetime
from typing import Any

from storage.models import Delivery, HungNotice, Jotting, Posting, Ticket, TicketGroup, TicketTopic

OPEN = 8
"""Statuses below are open."""
UNDER_A_CARD = ("line", "file", "notice")


def cards_in(platform: str, channel: str) -> dict[str, list[int]]:
    """The open tickets whose cards hang in a chat, and those of which something waits to be said there; by place."""
    here = (Posting.platform == platform) & (Posting.channel == channel)
    shown = (Ticket.status < OPEN) & Ticket.deleted_at.is_null()
    hung = Posting.select(Posting.place, Posting.ticket).join(Ticket).where(here & shown)
    said = _waiting(platform, channel).where(Delivery.ticket.is_null(False) & Delivery.kind.in_(UNDER_A_CARD))
    found: dict[str, dict[int, None]] = {}
    for row in (*hung.order_by(Posting.id), *said.order_by(Delivery.id)):
        found.setdefault(row.place, {})[row.ticket_id] = None
    return {place: list(tickets) for place, tickets in found.items()}


def take_down(platform: str, channel: str) -> None:
    """Nothing that hung in a chat can be reached any more."""
    Posting.delete().where((Posting.platform == platform) & (Posting.channel == channel)).execute()
    HungNotice.delete().where((HungNotice.platform == platform) & (HungNotice.channel == channel)).execute()
    TicketTopic.delete().where(TicketTopic.chat == channel).execute()


def readdress(platform: str, old: str, new: str) -> int:
    """What waits for a chat, or is on its way there, goes to another; of how many deliveries."""
    rows = list(_waiting(platform, old).order_by(Delivery.id))
    for row in rows:
        place, key = (text.replace(f"{platform}:{old}", f"{platform}:{new}") for text in (row.place, row.key))
        values = {"channel": new, "place": place, "key": key}
        known = (Delivery.key == key) & (Delivery.state == "pending")
        if row.state == "pending" and Delivery.select().where(known).exists():
            values = {"state": "withdrawn"}
        Delivery.update(values).where(Delivery.id == row.id).execute()
    return len(rows)


def regroup(old: str, new: str) -> int:
    """Groups whose Telegram chat this is are told in another; how many."""
    return int(TicketGroup.update(telegram_chat=new).where(TicketGroup.telegram_chat == old).execute())


def hurry(platform: str, channel: str, at: datetime) -> int:
    """What waits for a chat is due now; of how many deliveries."""
    late = _at(platform, channel) & (Delivery.state == "pending") & (Delivery.next_at > at)
    return int(Delivery.update(next_at=at).where(late).execute())


def failed_cards(platform: str, channel: str) -> list[int]:
    """The deliveries of open tickets' cards that a chat refused for good."""
    refused = _at(platform, channel) & (Delivery.state == "failed") & (Delivery.kind == "card")
    rows = Delivery.select(Delivery.id).join(Ticket).where(refused & (Ticket.status < OPEN))
    return [row.id for row in rows.order_by(Delivery.id)]


def named_chats() -> list[str]:
    """The Telegram chats that groups name."""
    rows = TicketGroup.select(TicketGroup.telegram_chat).where(TicketGroup.telegram_chat != "")
    return sorted({row.telegram_chat for row in rows})


def hangs_something(platform: str, channel: str) -> bool:
    """Whether a card or a notice of ours hangs in a chat."""
    card = Posting.select().where((Posting.platform == platform) & (Posting.channel == channel))
    notice = HungNotice.select().where((HungNotice.platform == platform) & (HungNotice.channel == channel))
    return card.exists() or notice.exists()


def jot_once(key: str, value: Any, expires_at: datetime) -> bool:
    """Remember something unless it is remembered; whether it was not. Of several processes one is told so."""
    row = Jotting.insert(key=key, value=value, expires_at=expires_at).on_conflict_ignore().returning(Jotting.key)
    return bool(list(row.execute()))


def jottings(prefix: str, now: datetime) -> dict[str, Any]:
    """What is remembered under keys that begin like this, by the rest of the key."""
    rows = Jotting.select().where(Jotting.key.startswith(prefix) & (Jotting.expires_at > now))
    return {row.key.removeprefix(prefix): row.value for row in rows}


def _at(platform: str, channel: str) -> Any:
    return (Delivery.platform == platform) & (Delivery.channel == channel)


def _waiting(platform: str, channel: str) -> Any:
    return Delivery.select().where(_at(platform, channel) & Delivery.state.in_(["pending", "sending"]))
