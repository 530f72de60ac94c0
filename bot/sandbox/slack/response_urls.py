"""Answers to a gesture's response_url, five in thirty minutes: a new message, or the original changed.

After a slash command there is no original: replace_original then says nothing and a new message comes.
"""

from aiohttp import web

from bot.sandbox.slack.methods.chat import Content, bot_message, content_of, thread_of
from bot.sandbox.slack.methods.registry import Arguments
from bot.sandbox.slack.records import Message
from bot.sandbox.slack.refusals import Json, Refused
from bot.sandbox.slack.rights import ResponseUrl
from bot.sandbox.slack.web_api import read_arguments
from bot.sandbox.slack.workspace import Workspace


async def serve(workspace: Workspace, request: web.Request) -> web.Response:
    """`POST /api/actions/TEAM/SECRET`."""
    try:
        arguments = await read_arguments(request)
        right = workspace.rights.use_response_url(request.match_info["secret"])
        right.gesture.responses.append(dict(arguments))
        respond(workspace, right, arguments)
    except Refused as refused:
        status = 404 if refused.error in ("expired_url", "used_url") else 400
        return web.json_response(refused.answer(), status=status)
    return web.Response(text="ok")


def respond(workspace: Workspace, right: ResponseUrl, arguments: Arguments) -> None:
    """What one answer does; raises what posting raises."""
    if right.source is not None and arguments.flag("delete_original"):
        _delete(workspace, right.source)
    elif right.source is not None and arguments.flag("replace_original"):
        _replace(workspace, right.source, content_of(arguments))
    elif not arguments.flag("delete_original"):
        answer_gesture(workspace, right, arguments)


def _delete(workspace: Workspace, source: Message) -> None:
    if source.ephemeral_for:
        workspace.remove_ephemeral(source)
    else:
        workspace.remove(source)


def _replace(workspace: Workspace, source: Message, content: Content) -> None:
    parts: Json = {"text": content.text or "", "blocks": content.blocks or []}
    if content.attachments is not None:
        parts["attachments"] = content.attachments
    if source.ephemeral_for:
        workspace.change_ephemeral(source, **parts)
    else:
        workspace.change(source, **parts)


def answer_gesture(workspace: Workspace, right: ResponseUrl, arguments: Arguments) -> Message:
    """A new message for the gesture's person alone, or for the channel with response_type in_channel."""
    content = content_of(arguments)
    channel = workspace.channels[right.channel]
    thread_ts = thread_of(arguments)
    if arguments.text("response_type") == "in_channel":
        message = workspace.post(bot_message(workspace, channel, content, thread_ts=thread_ts))
        right.gesture.posted.append(message)
        return message
    message = bot_message(workspace, channel, content, thread_ts=thread_ts, ephemeral_for=right.user)
    return workspace.show_privately(message, right.gesture)
