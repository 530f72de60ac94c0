"""What a backup has to know of the rows: which kept files they name, and whether there is a desk at all."""

from storage.models import Agent, Attachment, Mail, Ticket
from storage.queries.invariants import kept_mails
from storage.rows import db


def named_files() -> list[str]:
    """The hashes of all files that messages and mails name, each once."""
    attached = {row.sha256 for row in Attachment.select(Attachment.sha256).distinct()}
    mails = {mail.sha256 for mail in kept_mails() if mail.content is None}
    return sorted(attached | mails)


def is_named(sha256: str) -> bool:
    """Whether a message or mail names the file now."""
    return (
        Attachment.select().where(Attachment.sha256 == sha256).exists()
        or Mail.select().where(Mail.sha256 == sha256).exists()
    )


def has_a_desk() -> bool:
    """Whether anybody works here, or anything was asked."""
    return any(db.table_exists(model._meta.table_name) and model.select().exists() for model in (Agent, Ticket))
