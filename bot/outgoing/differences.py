"""How a difference between two states of a ticket is told: `Severity: NORMAL → HIGH`. Pure."""

from collections.abc import Mapping

from bot.desk.fields import Difference
from bot.texts import Words

LABELS = {
    "subject": "Subject",
    "group": "Group",
    "type": "Type",
    "severity": "Severity",
    "assignee": "Assignee",
    "client": "Client",
    "contact": "Client's address",
    "project": "Project",
    "contract": "Contract",
    "tag": "Tags",
    "notify": "Write to the client",
    "progress": "Progress (%)",
    "cc": "Read along",
}
NOTIFY = {"none": "Never", "milestones": "At opening and closing", "all": "At everything public"}
SECRET = frozenset(("contact", "cc"))
"""Fields of which only the fact is told: the people in them stand nowhere but in their own rows."""


def line(one: Difference, words: Words, names: Mapping[str, str]) -> str:
    """One field's difference; `names` are the labels of own fields by code."""
    label = words(LABELS[one.key]) if one.key in LABELS else names.get(one.key, one.key)
    if one.key in SECRET:
        told = words("{field} changed", field=label)
    else:
        told = f"{words('{label}:', label=label)} {one.old or '–'} → {one.new or '–'}"
    return told + (" · " + words("you: {value}", value=one.wanted) if one.wanted else "")
