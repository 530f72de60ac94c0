"""Questions about the dictionaries: types, severities, groups. They are small and read whole."""

from typing import Any

from storage.models import Severity, TicketGroup, TicketType

MODELS: dict[str, Any] = {"type": TicketType, "severity": Severity, "group": TicketGroup}


def entries(kind: str) -> list[Any]:
    """All entries of one dictionary ("type", "severity", "group") in their order."""
    model = MODELS[kind]
    return list(model.select().order_by(model.position, model.id))


def by_code(kind: str, code: str) -> Any | None:
    """The entry with this code, whatever its case."""
    model = MODELS[kind]
    return model.get_or_none(model.code == code.upper())


def default(kind: str) -> Any:
    """The one default entry."""
    model = MODELS[kind]
    return model.get(model.is_default)


def add(kind: str, **values: Any) -> Any:
    """A new entry."""
    return MODELS[kind].create(**values)


def change(kind: str, entry_id: int, **values: Any) -> None:
    """Change columns of one entry."""
    model = MODELS[kind]
    model.update(**values).where(model.id == entry_id).execute()


def clear_default(kind: str) -> None:
    """No entry is the default, until one is made it in the same transaction."""
    model = MODELS[kind]
    model.update(is_default=False).where(model.is_default).execute()
