"""Every mail of `tests/mails` is read as the file beside it says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.intake.reading import ParsedMail, identity_of, read_mail

MAILS = Path(__file__).parents[2] / "mails"
NAMES = sorted(path.stem for path in MAILS.glob("*.eml"))


def answers(mail: ParsedMail, wanted: dict[str, Any]) -> dict[str, Any]:
    """What the mail gives for each thing that its expectations name."""
    found = {
        "text": mail.text,
        "full": mail.full_text,
        "subject": mail.subject,
        "original_subject": mail.original_subject,
        "sender": [mail.sender.name, mail.sender.address] if mail.sender else None,
        "doubtful": mail.sender_doubtful,
        "html": mail.html,
        "attachments": [[part.name, part.type, len(part.content)] for part in mail.parts],
        "inline": [part.name for part in mail.parts if part.inline],
        "automatic": mail.automatic,
        "ignore": mail.ignore,
        "bounce": [list(mail.bounce.recipients), mail.bounce.status, mail.bounce.action] if mail.bounce else None,
        "lacks": [piece for piece in wanted.get("lacks", []) if piece not in mail.text],
    }
    return {name: found[name] for name in wanted}


@pytest.mark.parametrize("name", NAMES)
def test_a_mail_is_read_as_the_file_beside_it_says(name: str) -> None:
    wanted = json.loads((MAILS / f"{name}.json").read_text(encoding="utf-8"))

    mail = read_mail((MAILS / f"{name}.eml").read_bytes())

    assert answers(mail, wanted) == wanted


def test_the_identity_is_the_same_with_and_without_reading() -> None:
    mails = {name: (MAILS / f"{name}.eml").read_bytes() for name in NAMES}

    other = [name for name, raw in mails.items() if read_mail(raw).identity != identity_of(raw)]

    assert mails
    assert other == []
