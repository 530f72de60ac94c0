"""The little that can be read of any mail: sender and subject, from the beginning of its head, whatever the rest is."""

from bot.intake.reading import MailUnreadable, ParsedMail, read_mail

HEAD_BYTES = 8192


def head_of(content: bytes, most: int = HEAD_BYTES) -> bytes:
    """The header lines at the beginning, their line ends as LF; no more than `most` bytes are looked at."""
    return content[:most].replace(b"\r\n", b"\n").partition(b"\n\n")[0]


def glimpse(content: bytes) -> ParsedMail | None:
    """A mail as if there were nothing but its head; None where even that makes no sense."""
    try:
        return read_mail(_without_kind(head_of(content)) + b"\n\n")
    except MailUnreadable:
        return None


def _without_kind(head: bytes) -> bytes:
    """Without what its body is said to be: there is none."""
    kept, skipping = [], False
    for line in head.split(b"\n"):
        if not line[:1].isspace():
            skipping = line.lower().startswith(b"content-")
        if not skipping:
            kept.append(line)
    return b"\n".join(kept)
