"""IMAP commands about folders: list, make, select, look at. Each answers what stands behind its OK."""

import re
import time
from collections.abc import Iterable

from bot.sandbox.mail.session import Refused, Session
from bot.sandbox.mail.syntax import SyntaxMistake, Words, flags, quoted, text

KNOWN_FLAGS = r"\Answered \Flagged \Deleted \Seen \Draft"


async def list_folders(session: Session, given: Words) -> str:
    _list(session, "LIST", given, session.owner().folders)
    return "done"


async def lsub(session: Session, given: Words) -> str:
    _list(session, "LSUB", given, sorted(session.owner().subscribed))
    return "done"


def _list(session: Session, verb: str, given: Words, names: Iterable[str]) -> None:
    wanted = text(given[0]) + text(given[1])
    if not wanted:
        session.say(rf'* {verb} (\Noselect) "/" ""')
        return
    pattern = re.escape(wanted).replace(r"\*", ".*").replace("%", "[^/]*")
    for name in names:
        if re.fullmatch(pattern, name, re.IGNORECASE if name == "INBOX" else 0):
            session.say(rf'* {verb} (\HasNoChildren) "/" {quoted(name)}')


async def namespace(session: Session, _words: Words) -> str:
    session.say('* NAMESPACE (("" "/")) NIL NIL')
    return "done"


async def create(session: Session, given: Words) -> str:
    name = text(given[0]).rstrip("/")
    if not name or session.owner().folder(name):
        raise Refused("[ALREADYEXISTS] there is such a folder")
    session.owner().create(name)
    return "created"


async def delete(session: Session, given: Words) -> str:
    folder = session.named(given[0])
    if folder.name == "INBOX":
        raise Refused("INBOX stays")
    del session.owner().folders[folder.name]
    return "deleted"


async def subscribe(session: Session, given: Words) -> str:
    session.owner().subscribed.add(text(given[0]))
    return "done"


async def unsubscribe(session: Session, given: Words) -> str:
    session.owner().subscribed.discard(text(given[0]))
    return "done"


async def status(session: Session, given: Words) -> str:
    folder = session.named(given[0])
    values = {
        "MESSAGES": len(folder.mails),
        "RECENT": 0,
        "UIDNEXT": folder.next_uid,
        "UIDVALIDITY": folder.uidvalidity,
        "UNSEEN": sum("\\Seen" not in mail.flags for mail in folder.mails),
    }
    asked = [text(one).upper() for one in given[1]]
    if any(one not in values for one in asked):
        raise SyntaxMistake("unknown status item")
    said = " ".join(f"{one} {values[one]}" for one in asked)
    session.say(f"* STATUS {quoted(folder.name)} ({said})")
    return "done"


async def select(session: Session, given: Words) -> str:
    return _open(session, given, is_read_only=False)


async def examine(session: Session, given: Words) -> str:
    return _open(session, given, is_read_only=True)


def _open(session: Session, given: Words, *, is_read_only: bool) -> str:
    session.leave_folder()
    folder = session.named(given[0])
    session.folder, session.view, session.is_read_only = folder, list(folder.mails), is_read_only
    folder.watchers.append(session.news.set)
    for line in (
        f"FLAGS ({KNOWN_FLAGS})",
        f"OK [PERMANENTFLAGS ({KNOWN_FLAGS} \\*)]",
        f"{len(session.view)} EXISTS",
        "0 RECENT",
        f"OK [UIDVALIDITY {folder.uidvalidity}]",
        f"OK [UIDNEXT {folder.next_uid}]",
    ):
        session.say(f"* {line}")
    return f"[READ-{'ONLY' if is_read_only else 'WRITE'}] selected"


async def close(session: Session, _words: Words) -> str:
    if not session.is_read_only:
        session.selected().remove([mail for mail in session.view if "\\Deleted" in mail.flags])
    session.leave_folder()
    return "closed"


async def unselect(session: Session, _words: Words) -> str:
    session.leave_folder()
    return "closed"


async def append(session: Session, given: Words) -> str:
    folder = session.named(given[0], creating=True)
    given_flags = next((one for one in given[1:-1] if isinstance(one, list)), [])
    mail = folder.add(given[-1], time.time(), flags(given_flags))
    return f"[APPENDUID {folder.uidvalidity} {mail.uid}] appended"
