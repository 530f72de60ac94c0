"""Projects and contracts: small records that tickets belong to, and whether a ticket is inside its contract.

Both dates of a contract are included; outside them, or outside its hours, a ticket says so on its card.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from bot.cleaning import clean_line, clean_text
from bot.clock import Clock
from bot.desk import clients
from bot.desk.business_time import BusinessHours, week
from bot.desk.views import Agreement
from bot.errors import NotFound, Refusal
from storage.database import transaction
from storage.queries import clients as rows

KINDS = ("project", "contract")
CONTRACT_ONLY = ("starts_on", "ends_on", "support_hours")


@dataclass(frozen=True, slots=True)
class Outside:
    """Why a ticket is outside its contract: a sentence with its values."""

    sentence: str
    values: Mapping[str, str]


def find(kind: str, reference: str) -> Any:
    """The row of a project or contract. NotFound otherwise."""
    row = rows.engagement(kind, reference.strip())
    if row is None or not row.active:
        raise NotFound(_NOT_FOUND[kind], reference=reference.strip())
    return row


_NOT_FOUND = {
    "project": "There is no project {reference}. `deskbell project list` shows all.",
    "contract": "There is no contract {reference}. `deskbell contract list` shows all.",
}


def of_client(kind: str, reference: str, third_party_id: int | None) -> Any:
    """As `find`, for a ticket of this third party. Refusal where it is another client's."""
    row = find(kind, reference)
    if row.third_party_id is not None and third_party_id is not None and row.third_party_id != third_party_id:
        owner = row.third_party.name
        raise Refusal("{reference} belongs to {name}, another client.", reference=row.reference, name=owner)
    return row


def add(kind: str, reference: str, name: str, clock: Clock, *, client: str = "", **values: str) -> Any:
    """A new one. Refusal when the reference is taken or a value makes no sense."""
    title = clean_line(reference)
    if not title or " " in title:
        raise Refusal("A reference is one word, such as P-2026-01.")
    with transaction():
        if rows.engagement(kind, title) is not None:
            raise Refusal("There is already a {kind} {reference}.", kind=kind, reference=title)
        party = clients.find(client) if client else None
        kept = {"url": "", "notes": "", **_checked(kind, values)}
        return rows.add_engagement(
            kind, reference=title, name=clean_line(name) or title, third_party=party, created_at=clock.now(), **kept
        )


def change(kind: str, reference: str, *, client: str | None = None, **values: Any) -> Any:
    """Change name, client ("" = nobody's), url, notes, active, and of a contract its dates and hours."""
    with transaction():
        row = rows.engagement(kind, reference)
        if row is None:
            raise NotFound(_NOT_FOUND[kind], reference=reference)
        changes = _checked(kind, values, row)
        if client is not None:
            changes["third_party"] = clients.find(client) if client else None
        if changes:
            rows.change_engagement(kind, row.id, **changes)
        return rows.engagement(kind, reference)


def everything(kind: str) -> list[Any]:
    """The rows of all, by reference."""
    return rows.engagements(kind)


def as_json(kind: str, row: Any) -> dict[str, Any]:
    """For programs."""
    told: dict[str, Any] = {
        "reference": row.reference,
        "name": row.name,
        "client": row.third_party.code if row.third_party else None,
        "url": row.url or None,
        "notes": row.notes or None,
        "active": row.active,
    }
    if kind == "contract":
        told |= {name: str(getattr(row, name) or "") or None for name in CONTRACT_ONLY}
    return told


def outside(contract: Agreement, at: datetime, zone: ZoneInfo) -> Outside | None:
    """Why this moment is outside the contract, or None."""
    today = at.astimezone(zone).date()
    name = {"reference": contract.reference}
    if contract.starts_on and today < contract.starts_on:
        return Outside("⚠️ contract {reference} begins on {date}", {**name, "date": contract.starts_on.isoformat()})
    if contract.ends_on and today > contract.ends_on:
        return Outside("⚠️ contract {reference} ended on {date}", {**name, "date": contract.ends_on.isoformat()})
    if contract.support_hours and not BusinessHours(week(contract.support_hours), zone).is_open(at):
        return Outside(
            "⚠️ outside the hours of contract {reference} ({hours})", {**name, "hours": contract.support_hours}
        )
    return None


# checking ------------------------------------------------------------------------------------------------------------


def _checked(kind: str, values: Mapping[str, Any], row: Any = None) -> dict[str, Any]:
    given = {name: value for name, value in values.items() if value is not None}
    wrong = [name for name in given if name in CONTRACT_ONLY and kind != "contract"]
    if wrong:
        raise Refusal("A project has no {name}.", name=wrong[0])
    kept = {name: _CHECKS.get(name, _line)(value) for name, value in given.items()}
    first = kept.get("starts_on", getattr(row, "starts_on", None))
    last = kept.get("ends_on", getattr(row, "ends_on", None))
    if first and last and first > last:
        raise Refusal("A contract cannot end on {last} before it begins on {first}.", first=str(first), last=str(last))
    return kept


def _line(value: Any) -> Any:
    return clean_line(value) if isinstance(value, str) else value


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        raise Refusal("{value} is no date such as 2026-12-31.", value=value[:40]) from None


def _hours(value: str) -> str:
    if value:
        try:
            week(value)
        except ValueError as fault:
            raise Refusal("{name} {fault}", name="support_hours", fault=str(fault)) from None
    return value


def _url(value: str) -> str:
    text = clean_line(value)
    if text and urlsplit(text).scheme not in ("http", "https"):
        raise Refusal("{value} is no address that begins with https://.", value=text[:80])
    return text


_CHECKS: dict[str, Any] = {
    "starts_on": _day,
    "ends_on": _day,
    "support_hours": _hours,
    "url": _url,
    "notes": clean_text,
}
