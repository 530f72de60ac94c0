"""Whose phones are linked, what each is spoken to in, and what its owner may ask for: for a platform's own menus."""

from bot.commands.verbs import typed
from bot.desk import permissions
from bot.ports import Phone
from storage.queries import people


def phones(platform: str) -> list[Phone]:
    """Those of the active agents."""
    rights = {one.name: one.right for one in typed()}
    return [
        Phone(
            account.external_id,
            account.agent.language,
            frozenset(name for name, right in rights.items() if permissions.may(account.agent.role, right)),
        )
        for account in people.accounts_on(platform)
    ]
