"""files.*: the external upload in three steps (address, bytes, completion) and what the bot may know of a file."""

from typing import Any

from bot.sandbox.slack.methods.chat import Content, bot_message, may_write, thread_of
from bot.sandbox.slack.methods.registry import TIER_4, Arguments, method
from bot.sandbox.slack.records import File
from bot.sandbox.slack.refusals import Json, Refused
from bot.sandbox.slack.workspace import Workspace

LARGEST = 1_000_000_000


@method("files.getUploadURLExternal", "filename", "length", scopes=("files:write",), rate=TIER_4)
def upload_address(workspace: Workspace, arguments: Arguments) -> Json:
    length = arguments.number("length", 0)
    if not 0 < length < LARGEST:
        raise Refused("invalid_arguments", ["[ERROR] must be greater than 0 [json-pointer:/length]"])
    file_id = workspace.new_id("F")
    name = arguments.text("filename")
    workspace.files[file_id] = File(file_id, name, b"", "application/octet-stream", workspace.bot_user, length=length)
    return {"upload_url": f"{workspace.base}upload/v1/{file_id}", "file_id": file_id}


@method("files.completeUploadExternal", "files", scopes=("files:write",), rate=TIER_4)
def complete_upload(workspace: Workspace, arguments: Arguments) -> Json:
    entries = arguments.part("files", "invalid_arguments")
    if not isinstance(entries, list) or not entries:
        raise Refused("invalid_arguments", ["[ERROR] must be an array [json-pointer:/files]"])
    files = [_uploaded(workspace, entry) for entry in entries]
    if arguments.text("channel_id") or arguments.text("channels"):
        _share(workspace, files, arguments)
    for file in files:
        file.complete = True
    return {"files": [file.to_dict(workspace.base) for file in files]}


def _uploaded(workspace: Workspace, entry: Any) -> File:
    file = workspace.files.get(str(entry.get("id"))) if isinstance(entry, dict) else None
    if file is None or file.complete or len(file.content) != file.length:
        raise Refused("file_not_found")
    file.title = str(entry.get("title") or file.name)
    return file


def _share(workspace: Workspace, files: list[File], arguments: Arguments) -> None:
    channels = [workspace.channel(name) for name in _channels(arguments)]
    for channel in channels:
        may_write(workspace, channel)
    content = Content(arguments.text("initial_comment"), None, None)
    for channel in channels:
        for file in files:
            file.channels.append(channel.id)
        shown = [file.to_dict(workspace.base) for file in files]
        message = bot_message(
            workspace, channel, content, thread_ts=thread_of(arguments), subtype="file_share", files=shown
        )
        workspace.post(message)


def _channels(arguments: Arguments) -> list[str]:
    return [name for name in (arguments.text("channel_id") or arguments.text("channels")).split(",") if name]


@method("files.info", "file", scopes=("files:read",), rate=TIER_4)
def info(workspace: Workspace, arguments: Arguments) -> Json:
    file = workspace.files.get(arguments.text("file"))
    if file is None or not file.complete:
        raise Refused("file_not_found")
    return {"file": file.to_dict(workspace.base)}
