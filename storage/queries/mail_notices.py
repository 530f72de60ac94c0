"""Where the notices about mails in quarantine hang."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from peewee import ModelSelect

from storage.models import MailNotice
from storage.prepared import prepared


def spots(mail_id: int) -> list[tuple[str, str, int]]:
    """Where notices about this mail hang: platform, channel as the desk names it, topic."""
    return [(row.platform, _channel(row), row.topic) for row in _of_mail.all(mail_id)]


@prepared
def _of_mail(mail_id: Any) -> ModelSelect[MailNotice]:
    return MailNotice.select().where(MailNotice.mail == mail_id).order_by(MailNotice.id)


def _channel(row: MailNotice) -> str:
    return row.place.removeprefix(f"{row.platform}:").removesuffix(f"/{row.topic}" if row.topic else "")


def hanging(mail_id: int, place: str) -> MailNotice | None:
    """The notice about a mail in one place."""
    return MailNotice.get_or_none((MailNotice.mail == mail_id) & (MailNotice.place == place))


def hang(mail_id: int, place: str, *, platform: str, channel: str, topic: int, message: str, at: datetime) -> None:
    """A notice hangs now: in this place there is no other about this mail."""
    MailNotice.insert(
        mail=mail_id, place=place, platform=platform, channel=channel, topic=topic, message=message, at=at
    ).on_conflict(
        conflict_target=[MailNotice.mail, MailNotice.place],
        update={MailNotice.channel: channel, MailNotice.message: message},
    ).execute()


def unhang(mail_id: int, place: str) -> None:
    """The notice is not there any more."""
    MailNotice.delete().where((MailNotice.mail == mail_id) & (MailNotice.place == place)).execute()


def is_about(mail_id: int, platform: str, channel: str, message: str) -> bool:
    """Whether this message of a chat is a notice about this mail."""
    at = (MailNotice.platform == platform) & (MailNotice.channel == channel) & (MailNotice.message == message)
    return MailNotice.select().where(at & (MailNotice.mail == mail_id)).exists()
