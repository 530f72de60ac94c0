"""IDLE (RFC 2177): the server says by itself when something came. Only a wake-up: what it is is asked for after."""

import select
import time
from collections.abc import Callable

from handlers.mail.connection import Box

SLICE = 0.25
DONE_SECONDS = 10.0
NEWS = ("EXISTS", "RECENT")


def has_news(box: Box) -> bool:
    """Whether the server announced mails since `forget_news`, among its answers to other commands."""
    return any(kind in box.client.untagged_responses for kind in NEWS)


def forget_news(box: Box) -> None:
    """What was announced is going to be asked for."""
    for kind in NEWS:
        box.client.untagged_responses.pop(kind, None)


def idle(box: Box, seconds: float, is_over: Callable[[], bool]) -> bool | None:
    """Wait until mails are announced (True), the time is up or `is_over` says so. A lost connection raises.

    None at once where the server does not let us.
    """
    if has_news(box):
        return True
    tag = _start(box)
    if tag is None:
        return None
    until = time.monotonic() + seconds
    while not has_news(box) and time.monotonic() < until and not is_over():
        if _says_something(box):
            box.client.begin()
            box.client._get_response()
            box.client._check_bye()
    _stop(box, tag)
    return has_news(box)


def _start(box: Box) -> bytes | None:
    """Begin; None where the server does not let us."""
    client = box.client
    client.begin()
    tag = client._command("IDLE")
    while client._get_response() is not None:
        if client.tagged_commands[tag]:
            del client.tagged_commands[tag]
            return None
    return tag


def _stop(box: Box, tag: bytes) -> None:
    client = box.client
    client.begin(seconds=DONE_SECONDS)
    client.send(b"DONE\r\n")
    while not client.tagged_commands[tag]:
        client._get_response()
    del client.tagged_commands[tag]


def _says_something(box: Box) -> bool:
    if box.client.has_buffered():
        return True
    poller = select.poll()
    poller.register(box.client.sock, select.POLLIN)
    return bool(poller.poll(SLICE * 1000))
