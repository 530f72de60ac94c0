"""Questions about addresses of contacts that letters do not reach."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from peewee import ModelSelect, ModelUpdate

from storage.models import ContactAddress
from storage.prepared import prepared


def fails(addresses: Iterable[str], failure: str, at: datetime) -> None:
    """Letters to these do not arrive; addresses of nobody are passed over. Only inside the transaction that tells."""
    wanted = [address.lower() for address in addresses]
    ContactAddress.update(failed_at=at, failure=failure).where(ContactAddress.address.in_(wanted)).execute()


def works(address: str) -> None:
    """Its owner has written from there."""
    _works.run(address.lower())


@prepared
def _works(address: Any) -> ModelUpdate:
    failing = (ContactAddress.address == address) & ContactAddress.failed_at.is_null(False)
    return ContactAddress.update(failed_at=None, failure="").where(failing)


def among(addresses: Iterable[str]) -> Mapping[str, str]:
    """Those of these that letters do not reach, each with why."""
    found = _failing.all([address.lower() for address in addresses])
    return {row.address: row.failure for row in found}


@prepared
def _failing(addresses: Any) -> ModelSelect[ContactAddress]:
    failing = ContactAddress.address.in_(addresses) & ContactAddress.failed_at.is_null(False)
    return ContactAddress.select(ContactAddress.address, ContactAddress.failure).where(failing)
