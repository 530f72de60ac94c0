"""What the Slack app is allowed and told, kept in code once: the same stands in app_manifest.yml, each with its reason.

A scope that no longer serves anything is taken out of both.
"""

SCOPES = (
    "app_mentions:read",
    "channels:history",
    "channels:read",
    "chat:write",
    "commands",
    "files:read",
    "files:write",
    "groups:history",
    "groups:read",
    "reactions:read",
    "users:read",
    "users:read.email",
)
OPTIONAL_SCOPES = ("usergroups:read", "usergroups:write")
"""Wanted only where a rota names a user group."""
EVENTS = (
    "app_home_opened",
    "app_mention",
    "app_uninstalled",
    "message.channels",
    "message.groups",
    "reaction_added",
    "tokens_revoked",
)
