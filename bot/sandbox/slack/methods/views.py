"""views.*: forms and homes; a trigger opens or pushes once within three seconds, an update needs an open view."""

from bot.sandbox.slack.blocks import view_parts
from bot.sandbox.slack.methods.registry import TIER_4, Arguments, method
from bot.sandbox.slack.records import View
from bot.sandbox.slack.refusals import Json, Refused
from bot.sandbox.slack.workspace import Workspace


def _content(arguments: Arguments, *surfaces: str) -> Json:
    return view_parts(arguments.part("view", "invalid_arguments"), surfaces=surfaces or ("modal",))


def _shown(workspace: Workspace, view: View) -> Json:
    return {"view": workspace.describe_view(view)}


@method("views.open", "trigger_id", "view", rate=TIER_4)
def open_(workspace: Workspace, arguments: Arguments) -> Json:
    content = _content(arguments)
    trigger = workspace.rights.use_trigger(arguments.text("trigger_id"))
    return _shown(workspace, workspace.open_view(trigger.user, content, trigger.gesture))


@method("views.push", "trigger_id", "view", rate=TIER_4)
def push(workspace: Workspace, arguments: Arguments) -> Json:
    content = _content(arguments)
    trigger = workspace.rights.use_trigger(arguments.text("trigger_id"))
    if trigger.view is None or trigger.view not in workspace.stack(trigger.user):
        raise Refused("not_found")
    return _shown(workspace, workspace.push_view(trigger.user, content, trigger.gesture))


@method("views.update", "view", rate=TIER_4)
def update(workspace: Workspace, arguments: Arguments) -> Json:
    content = _content(arguments, "modal", "home")
    view = _named(workspace, arguments)
    if view.content["type"] != content["type"]:
        raise Refused("invalid_arguments", ["[ERROR] a view keeps its type [json-pointer:/view/type]"])
    if arguments.text("hash") and arguments.text("hash") != view.hash:
        raise Refused("hash_conflict")
    return _shown(workspace, workspace.update_view(view, content))


def _named(workspace: Workspace, arguments: Arguments) -> View:
    view_id, external_id = arguments.text("view_id"), arguments.text("external_id")
    if not view_id and not external_id:
        raise Refused("invalid_arguments", ["[ERROR] missing required field: view_id [json-pointer:/]"])
    for view in workspace.views.values():
        named = view.id == view_id if view_id else view.content.get("external_id") == external_id
        if named and view.is_open:
            return view
    raise Refused("not_found")


@method("views.publish", "user_id", "view", rate=TIER_4)
def publish(workspace: Workspace, arguments: Arguments) -> Json:
    content = _content(arguments, "home")
    user = workspace.member(arguments.text("user_id")).id
    home = workspace.homes.get(user)
    if home is not None and arguments.text("hash") and arguments.text("hash") != home.hash:
        raise Refused("hash_conflict")
    return _shown(workspace, workspace.publish_home(user, content))
