"""Questions about replies kept ready."""

from typing import Any

from storage.models import CannedReply


def every() -> list[CannedReply]:
    """All, in their order."""
    return list(CannedReply.select().order_by(CannedReply.position, CannedReply.code))


def by_code(code: str) -> CannedReply | None:
    """By code, in capitals."""
    return CannedReply.get_or_none(CannedReply.code == code)


def save(code: str, **values: Any) -> None:
    """Keep it, in place of the one with this code."""
    CannedReply.insert(code=code, **values).on_conflict(
        conflict_target=[CannedReply.code],
        preserve=[CannedReply.labels, CannedReply.texts, CannedReply.position, CannedReply.active],
    ).execute()


def remove(code: str) -> None:
    """Keep it no longer."""
    CannedReply.delete().where(CannedReply.code == code).execute()
