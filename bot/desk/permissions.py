"""Who may do what: one table of the least role for each right. What is not in it is allowed to nobody."""

from bot.errors import NotAllowed

ROLES = ("viewer", "agent", "manager", "admin")

_RIGHTS = {
    "viewer": "show list log why search client stats help oncall more back home preferences suggest",
    "agent": (
        "new read take takeover assign note reply wait hold resume close abandon reopen edit snooze escalate time "
        "intervention document link unlink merge split undo pair unpair swap handover"
    ),
    "manager": "mass_close delete undelete clients contracts canned rotas escalation quarantine_retry retry",
    "admin": "settings dictionaries agents quarantine_drop erase export",
}
LEAST_ROLE = {right: role for role, rights in _RIGHTS.items() for right in rights.split()}


def may(role: str, right: str) -> bool:
    """Whether a role has a right; an unknown role or right has none."""
    least = LEAST_ROLE.get(right)
    return least is not None and role in ROLES and ROLES.index(role) >= ROLES.index(least)


def allow(role: str, right: str) -> None:
    """NotAllowed, naming the role that is needed and who grants it, unless the role has the right."""
    if may(role, right):
        return
    least = LEAST_ROLE.get(right, "admin")
    if right == "mass_close":
        raise NotAllowed(
            "To close several tickets at once you need the role {least}; yours is {role}. An admin can change it.",
            least=least,
            role=role,
        )
    raise NotAllowed(
        "For `{right}` you need the role {least}; yours is {role}. An admin can change it.",
        right=right,
        least=least,
        role=role,
    )
