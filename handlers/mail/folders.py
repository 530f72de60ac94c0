"""Folders that mails are moved to: made when missing, with accents and blanks, below the server's prefix if need be.

Names are quoted in modified UTF-7 (RFC 3501, 5.1.3).
"""

import re
from collections.abc import Callable

import imap_tools

from handlers.mail.connection import Box


def bring(box: Box, bring_to: Callable[[str], str], folder: str) -> str:
    """Bring mails to a folder with `bring_to(quoted name)`, which gives "" or the server's refusal; the last refusal.

    First as if the folder were there, then making it, then making it below the prefix that the server wants.
    """
    refusal = bring_to(quoted(folder))
    for name in (folder, prefix(box) + folder) if refusal else ():
        _make(box, name)
        refusal = bring_to(quoted(name))
        if not refusal:
            break
    return refusal


def quoted(folder: str) -> str:
    """A folder's name as it is written in a command."""
    encoded: bytes = imap_tools.utils.encode_folder(folder)
    return encoded.decode("ascii")


def prefix(box: Box) -> str:
    """What the server wants in front of every folder of ours, such as "INBOX." (RFC 2342); "" for nothing."""
    if not box.can("NAMESPACE"):
        return ""
    box.client.begin()
    _, answer = box.client.namespace()
    found = re.match(rb'\(\("([^"]*)"', answer[0] or b"") if answer else None
    return found[1].decode("ascii", "replace") if found else ""


def _make(box: Box, folder: str) -> None:
    """A folder that cannot be made shows when it is used."""
    box.client.begin()
    try:
        box.folder.create(folder)
    except imap_tools.MailboxFolderCreateError:
        return
