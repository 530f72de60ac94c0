"""auth.*, apps.*, bots.*, users.* and usergroups.*: who is who; addresses only with users:read.email."""

from bot.sandbox.slack.methods.registry import (
    SPECIAL,
    TIER_1,
    TIER_2,
    TIER_3,
    TIER_4,
    Arguments,
    method,
    page,
)
from bot.sandbox.slack.records import Member, UserGroup
from bot.sandbox.slack.refusals import Json, Refused
from bot.sandbox.slack.workspace import Workspace


@method("auth.test", rate=SPECIAL)
def auth_test(workspace: Workspace, arguments: Arguments) -> Json:
    return {
        "url": workspace.base,
        "team": "Deskbell sandbox",
        "user": "deskbell",
        "team_id": workspace.team,
        "user_id": workspace.bot_user,
        "bot_id": workspace.bot_id,
        "is_enterprise_install": False,
    }


@method("apps.connections.open", rate=TIER_1 * 60, app_token=True)
def connections_open(workspace: Workspace, arguments: Arguments) -> Json:
    address = workspace.base.replace("http://", "ws://")
    return {"url": f"{address}link/?ticket={workspace.new_ticket()}&app_id={workspace.app_id}"}


@method("bots.info", scopes=("users:read",), rate=TIER_3)
def bots_info(workspace: Workspace, arguments: Arguments) -> Json:
    if arguments.text("bot") not in ("", workspace.bot_id):
        raise Refused("bot_not_found")
    bot: Json = {"id": workspace.bot_id, "deleted": False, "name": "Deskbell", "updated": 0}
    return {"bot": bot | {"app_id": workspace.app_id, "user_id": workspace.bot_user, "icons": {}}}


def _user(workspace: Workspace, member: Member, arguments: Arguments) -> Json:
    with_email = "users:read.email" in workspace.scopes
    return member.to_dict(with_email=with_email, with_locale=arguments.flag("include_locale"))


@method("users.info", "user", scopes=("users:read",), rate=TIER_4)
def users_info(workspace: Workspace, arguments: Arguments) -> Json:
    return {"user": _user(workspace, workspace.member(arguments.text("user")), arguments)}


@method("users.lookupByEmail", "email", scopes=("users:read.email",), rate=TIER_3)
def lookup_by_email(workspace: Workspace, arguments: Arguments) -> Json:
    wanted = arguments.text("email").lower()
    for member in workspace.members.values():
        hidden = member.deleted or member.bot or member.foreign
        if wanted and member.email.lower() == wanted and not hidden:
            return {"user": _user(workspace, member, arguments)}
    raise Refused("users_not_found")


@method("users.list", scopes=("users:read",), rate=TIER_2)
def users_list(workspace: Workspace, arguments: Arguments) -> Json:
    home = [m for m in workspace.members.values() if not m.foreign]
    members, cursor = page(home, arguments)
    return {
        "members": [_user(workspace, member, arguments) for member in members],
        "cache_ts": int(workspace.clock()),
        "response_metadata": {"next_cursor": cursor},
    }


def _group(workspace: Workspace, arguments: Arguments) -> UserGroup:
    if arguments.text("usergroup") not in workspace.groups:
        raise Refused("no_such_subteam")
    return workspace.groups[arguments.text("usergroup")]


@method("usergroups.list", scopes=("usergroups:read",), rate=TIER_2)
def usergroups_list(workspace: Workspace, arguments: Arguments) -> Json:
    shown = [g for g in workspace.groups.values() if not g.disabled or arguments.flag("include_disabled")]
    with_users = arguments.flag("include_users")
    return {"usergroups": [group.to_dict(workspace.team, with_users=with_users) for group in shown]}


@method("usergroups.users.list", "usergroup", scopes=("usergroups:read",), rate=TIER_2)
def usergroup_users(workspace: Workspace, arguments: Arguments) -> Json:
    return {"users": list(_group(workspace, arguments).users)}


@method("usergroups.users.update", "usergroup", "users", scopes=("usergroups:write",), rate=TIER_2)
def usergroup_update(workspace: Workspace, arguments: Arguments) -> Json:
    group, given = _group(workspace, arguments), arguments["users"]
    users = given if isinstance(given, list) else [name for name in str(given).split(",") if name]
    if not users:
        raise Refused("no_users_provided")
    if any(user not in workspace.members for user in users):
        raise Refused("invalid_users")
    group.users = users
    return {"usergroup": group.to_dict(workspace.team, with_users=True)}
