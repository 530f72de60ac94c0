"""A small IMAP4rev1 server (RFC 3501, with IDLE, MOVE, UIDPLUS): the table of its commands."""

import asyncio
from collections.abc import Awaitable, Callable

from bot.sandbox.mail import folder_commands as folders
from bot.sandbox.mail import mail_commands as mails
from bot.sandbox.mail.session import Command, LogIn, Refused, Session
from bot.sandbox.mail.syntax import SyntaxMistake, Words, text

CAPABILITIES = "IMAP4rev1 LITERAL+ IDLE MOVE UIDPLUS UNSELECT NAMESPACE ID"
LINE_BYTES = 64 * 1024 * 1024


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, log_in: LogIn) -> None:
    """Serve one connection until the client logs out or is gone."""
    await Session(reader, writer, log_in, COMMANDS).run()


async def capability(session: Session, _words: Words) -> str:
    session.say(f"* CAPABILITY {CAPABILITIES}")
    return "done"


async def noop(session: Session, _words: Words) -> str:
    return "done"


async def identify(session: Session, _words: Words) -> str:
    session.say('* ID ("name" "sandbox")')
    return "done"


async def logout(session: Session, _words: Words) -> str:
    session.say("* BYE")
    session.is_over = True
    return "logged out"


async def login(session: Session, given: Words) -> str:
    session.account = session.log_in(text(given[0]), text(given[1]))
    if session.account is None:
        raise Refused("[AUTHENTICATIONFAILED] wrong name or password")
    return f"[CAPABILITY {CAPABILITIES}] logged in"


async def idle(session: Session, _words: Words) -> str:
    session.say("+ idling")
    done = asyncio.create_task(session.reader.readline())
    try:
        while not done.done():
            session.announce()
            await session.writer.drain()
            news = asyncio.create_task(session.news.wait())
            await asyncio.wait({done, news}, return_when=asyncio.FIRST_COMPLETED)
            news.cancel()
    finally:
        done.cancel()
    if done.result().strip().upper() != b"DONE":
        raise SyntaxMistake("DONE is expected")
    return "done"


def _by_uid(command: Callable[..., Awaitable[str]]) -> Command:
    return lambda session, given: command(session, given, by_uid=True)


COMMANDS: dict[str, Command] = {
    "CAPABILITY": capability, "NOOP": noop, "CHECK": noop, "ID": identify, "LOGOUT": logout, "LOGIN": login,
    "IDLE": idle, "LIST": folders.list_folders, "LSUB": folders.lsub, "NAMESPACE": folders.namespace,
    "CREATE": folders.create, "DELETE": folders.delete, "SUBSCRIBE": folders.subscribe,
    "UNSUBSCRIBE": folders.unsubscribe, "STATUS": folders.status, "SELECT": folders.select,
    "EXAMINE": folders.examine, "CLOSE": folders.close, "UNSELECT": folders.unselect, "APPEND": folders.append,
    "SEARCH": mails.search, "FETCH": mails.fetch, "STORE": mails.store, "COPY": mails.copy, "MOVE": mails.move,
    "EXPUNGE": mails.expunge,
    "UID SEARCH": _by_uid(mails.search), "UID FETCH": _by_uid(mails.fetch), "UID STORE": _by_uid(mails.store),
    "UID COPY": _by_uid(mails.copy), "UID MOVE": _by_uid(mails.move), "UID EXPUNGE": _by_uid(mails.expunge),
}  # fmt: skip
