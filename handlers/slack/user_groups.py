"""Slack's user groups: the people in one, set to just those who are to be there, and whether that may be done.

An error that a person has to see to is permanent here, however Slack's word for it is taken elsewhere.
"""

from collections.abc import Sequence
from typing import Any

from slack_sdk.errors import SlackApiError

from bot.errors import DeliveryError
from bot.ports import Finding
from handlers.slack.faults import Reaction, error_of, is_slower, reaction_to
from handlers.slack.inspection import lacking
from handlers.slack.scopes import OPTIONAL_SCOPES
from handlers.slack.web_api import SILENCE, WebApi


async def set_members(api: WebApi, group: str, people: Sequence[str]) -> None:
    """Ids, or addresses that Slack knows. DeliveryError, permanent where trying again is of no use."""
    try:
        known = await _find(api, group)
        wanted = [await _member(api, one) for one in people]
        if set(known.get("users") or ()) != set(wanted):
            await api.post("usergroups.users.update", usergroup=known["id"], users=wanted)
    except DeliveryError as fault:
        if _is_final(fault):
            raise DeliveryError(str(fault), permanent=True) from fault
        raise


async def _find(api: WebApi, group: str) -> dict[str, Any]:
    answer = await api.get("usergroups.list", include_users="true")
    for known in answer.get("usergroups") or []:
        if group in (known.get("id"), known.get("handle")):
            return dict(known)
    raise DeliveryError(f"Slack has no user group {group}, or it is switched off", permanent=True)


async def _member(api: WebApi, person: str) -> str:
    if "@" not in person:
        return person
    answer = await api.get("users.lookupByEmail", email=person)
    return str(answer["user"]["id"])


def _is_final(fault: DeliveryError) -> bool:
    cause = fault.__cause__
    refused = isinstance(cause, SlackApiError) and not is_slower(cause)
    return refused and reaction_to(error_of(cause)) is not Reaction.RETRY  # type: ignore[arg-type]


async def findings(api: WebApi, groups: Sequence[str]) -> list[Finding]:
    """What keeps these groups from being kept in step: a scope, or a group that is not there."""
    try:
        missing = lacking(await api.client.auth_test(), OPTIONAL_SCOPES)
    except (SlackApiError, *SILENCE) as fault:
        return [Finding("slack user group", False, f"could not be looked at ({type(fault).__name__})")]
    if missing:
        said = f"missing for user groups: {', '.join(missing)}: add them and reinstall the app"
        return [Finding("slack scopes", False, said)]
    return [await _finding(api, group) for group in groups]


async def _finding(api: WebApi, group: str) -> Finding:
    try:
        known = await _find(api, group)
    except DeliveryError as fault:
        return Finding("slack user group", False, str(fault))
    return Finding("slack user group", True, f"@{known.get('handle')}")
