"""Where notices hang that are drawn anew: about mails in quarantine, shifts that are offered, hand-overs."""

from __future__ import annotations

from typing import Any

from peewee import ModelSelect

from storage.models import HungNotice
from storage.prepared import prepared


def spots(about: str, number: int) -> list[tuple[str, str, int]]:
    """Where notices about this hang: platform, channel as the desk names it, topic."""
    return [(row.platform, _channel(row), row.topic) for row in _of.all(about, number)]


@prepared
def _of(about: Any, number: Any) -> ModelSelect[HungNotice]:
    same = (HungNotice.about == about) & (HungNotice.number == number)
    return HungNotice.select().where(same).order_by(HungNotice.id)


def _channel(row: HungNotice) -> str:
    return row.place.removeprefix(f"{row.platform}:").removesuffix(f"/{row.topic}" if row.topic else "")


def hanging(about: str, number: int, place: str) -> HungNotice | None:
    """The notice about this in one place."""
    same = (HungNotice.about == about) & (HungNotice.number == number)
    return HungNotice.get_or_none(same & (HungNotice.place == place))


def hang(about: str, number: int, place: str, *, channel: str, message: str, **where: Any) -> None:
    """A notice hangs now: in this place there is no other about this. `where`: platform, topic, at."""
    HungNotice.insert(about=about, number=number, place=place, channel=channel, message=message, **where).on_conflict(
        conflict_target=[HungNotice.about, HungNotice.number, HungNotice.place],
        update={HungNotice.channel: channel, HungNotice.message: message},
    ).execute()


def unhang(about: str, number: int, place: str) -> None:
    """The notice is not there any more."""
    same = (HungNotice.about == about) & (HungNotice.number == number)
    HungNotice.delete().where(same & (HungNotice.place == place)).execute()


def number_at(about: str, platform: str, channel: str, message: str) -> int | None:
    """What a message of a chat is a notice about; None where it is none of this kind."""
    row = _at.first(about, platform, channel, message)
    return row.number if row else None


@prepared
def _at(about: Any, platform: Any, channel: Any, message: Any) -> ModelSelect[HungNotice]:
    here = (HungNotice.platform == platform) & (HungNotice.channel == channel) & (HungNotice.message == message)
    return HungNotice.select().where(here & (HungNotice.about == about))
