"""IMAP commands about the mails of the selected folder. Each answers what stands behind its OK."""

from bot.sandbox.mail import fetching, searching
from bot.sandbox.mail.session import Session
from bot.sandbox.mail.syntax import Words, flags, text


async def search(session: Session, given: Words, *, by_uid: bool = False) -> str:
    highest = session.view[-1].uid if session.view else 0
    asks = searching.question(given, highest_number=len(session.view), highest_uid=highest)
    found = [one for one in map(searching.Found, range(1, len(session.view) + 1), session.view) if asks(one)]
    session.say(" ".join(["* SEARCH", *(str(one.mail.uid if by_uid else one.number) for one in found)]))
    return "done"


async def fetch(session: Session, given: Words, *, by_uid: bool = False) -> str:
    names = fetching.items(given[1:])
    reads = fetching.marks_seen(names) and not session.is_read_only
    for number, mail in session.chosen(given[0], by_uid=by_uid):
        asked = names
        if reads and "\\Seen" not in mail.flags:
            mail.flags.add("\\Seen")
            asked = names if "FLAGS" in names else [*names, "FLAGS"]
        session.say(b"* %d FETCH (%s)" % (number, fetching.answer(mail, asked, with_uid=by_uid)))
        await session.writer.drain()
    return "done"


async def store(session: Session, given: Words, *, by_uid: bool = False) -> str:
    session.writable()
    how, wanted = text(given[1]).upper(), flags(given[2])
    for number, mail in session.chosen(given[0], by_uid=by_uid):
        mail.flags = _stored(how[0], mail.flags, wanted)
        if not how.endswith(".SILENT"):
            session.say(b"* %d FETCH (%s)" % (number, fetching.answer(mail, ["FLAGS"], with_uid=by_uid)))
    return "done"


async def copy(session: Session, given: Words, *, by_uid: bool = False) -> str:
    return f"{_copy(session, given, by_uid=by_uid)} copied"


async def move(session: Session, given: Words, *, by_uid: bool = False) -> str:
    folder = session.writable()
    moved = [mail for _, mail in session.chosen(given[0], by_uid=by_uid)]
    session.say(f"* OK {_copy(session, given, by_uid=by_uid)}")
    folder.remove(moved)
    return "moved"


def _copy(session: Session, given: Words, *, by_uid: bool) -> str:
    target = session.named(given[1], creating=True)
    chosen = [mail for _, mail in session.chosen(given[0], by_uid=by_uid)]
    copies = [target.add(mail.raw, mail.received_at, mail.flags) for mail in chosen]
    if not chosen:
        return "nothing"
    sets = (",".join(str(mail.uid) for mail in mails) for mails in (chosen, copies))
    return f"[COPYUID {target.uidvalidity} {' '.join(sets)}]"


async def expunge(session: Session, given: Words, *, by_uid: bool = False) -> str:
    folder = session.writable()
    chosen = [mail for _, mail in session.chosen(given[0], by_uid=True)] if by_uid else session.view
    folder.remove([mail for mail in chosen if "\\Deleted" in mail.flags])
    return "expunged"


def _stored(sign: str, old: set[str], given: set[str]) -> set[str]:
    """FLAGS replaces, +FLAGS adds, -FLAGS takes away."""
    if sign == "+":
        return old | given
    return old - given if sign == "-" else given
