"""How well the reader reads a folder of mails with known answers: `python -m tests.mail_score DIR [--failures]`.

DIR holds `index.jsonl`, one record a line with `file` and `expected`, or a `name.json` beside each `name.eml` (the form
that `test_known_mails` describes); a rate that rests on few mails says so.
"""

from __future__ import annotations

import json
import re
import sys
import time
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.intake.phrases import REPLY_PREFIXES
from bot.intake.reading import ParsedMail, read_mail

FEW = 50
_SUBJECT = re.compile(rb"^Subject: *(.*)$", re.MULTILINE | re.IGNORECASE)
_INVISIBLE = re.compile("[\u200b-\u200d\u2060\ufeff\u00ad]")
Record = dict[str, Any]


@dataclass
class Score:
    """Right and wrong answers by field, with the file and a word on each wrong one; the slowest mail in seconds."""

    right: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    wrong: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    slowest: tuple[float, str] = (0.0, "")

    def rate(self, name: str) -> float:
        """The share of right answers, 1.0 when nothing was asked."""
        asked = self.right[name] + len(self.wrong[name])
        return self.right[name] / asked if asked else 1.0

    def lines(self, failures: bool) -> Iterator[str]:
        """The report."""
        for name in sorted({*self.right, *self.wrong}):
            asked = self.right[name] + len(self.wrong[name])
            few = f"  (only {asked} mails)" if asked < FEW else ""
            yield f"{name:16} {self.right[name]:4}/{asked:<4} {self.rate(name):7.1%}{few}"
            yield from (f"    {line}" for line in self.wrong[name] if failures)
        yield f"slowest: {self.slowest[1]} {self.slowest[0]:.3f} s"


def normal(text: str) -> str:
    """As texts are compared: NFC, nothing invisible, white space collapsed."""
    return " ".join(_INVISIBLE.sub("", unicodedata.normalize("NFC", text)).split())


def solid(text: str) -> str:
    """As bodies are compared: no white space at all."""
    return normal(text).replace(" ", "")


def score(folder: Path) -> Score:
    """Read every mail of the folder and compare."""
    result = Score()
    for record in _records(folder):
        _score_one(folder, record, result)
    return result


def _records(folder: Path) -> Iterator[Record]:
    index = folder / "index.jsonl"
    if index.exists():
        yield from (json.loads(line) for line in index.read_text(encoding="utf-8").splitlines())
        return
    for path in sorted(folder.glob("*.json")):
        answers = json.loads(path.read_text(encoding="utf-8"))
        should = _should(answers, path.with_suffix(".eml").read_bytes())
        yield {"file": f"{path.stem}.eml", "expected": {**_expected(answers), "should": should}}


def _expected(answers: Record) -> Record:
    """What a file beside a mail says, in the words of an index; `text` is the whole visible text."""
    name, address = answers.get("sender") or (None, None)
    attachments = [dict(zip(("name", "type", "size"), part, strict=True)) for part in answers.get("attachments", ())]
    recipients, status, _ = answers.get("bounce") or (None, None, None)
    text = answers.get("full", answers.get("text"))
    found = {
        "from_name": name,
        "from_addr": address,
        "subject": answers.get("original_subject"),
        "text": answers.get("text"),
        "body_contains": text.split("\n\n") if text else None,
        "body_not_contains": answers.get("lacks"),
        "attachments": attachments if "attachments" in answers else None,
        "bounce": {"recipients": recipients, "status": status} if recipients else None,
        "ignore_mode": _ignore_mode(answers),
    }
    return {key: value for key, value in found.items() if value is not None}


def _ignore_mode(answers: Record) -> str | None:
    if not answers.get("automatic"):
        return None
    return "no_ticket_no_answer" if answers.get("ignore") else "no_answer_only"


def _should(answers: Record, raw: bytes) -> str:
    """A mail with a wanted text whose subject begins like that of an answer is a reply."""
    if answers.get("automatic"):
        return "ignore" if answers.get("ignore") else "create"
    subject = _SUBJECT.search(raw)
    answered = bool(subject and REPLY_PREFIXES.match(subject[1].decode("latin-1")))
    return "reply" if "text" in answers and answered else "create"


def _score_one(folder: Path, record: Record, result: Score) -> None:
    started = time.perf_counter()
    try:
        mail = read_mail((folder / record["file"]).read_bytes())
    except Exception as error:  # whatever it is, it is what is being counted
        result.wrong["no exception"].append(f"{record['file']}: {error!r}")
        return
    result.right["no exception"] += 1
    result.slowest = max(result.slowest, (time.perf_counter() - started, record["file"]))
    for name, check in CHECKS.items():
        fault = check(record["expected"], mail)
        if fault == "":
            result.right[name] += 1
        elif fault is not None:
            result.wrong[name].append(f"{record['file']}: {fault}")


def _compare(wanted: str, got: str) -> str:
    return "" if normal(wanted) == normal(got) else f"{normal(got)!r} instead of {normal(wanted)!r}"


def _subject(expected: Record, mail: ParsedMail) -> str | None:
    return _compare(expected["subject"], mail.original_subject) if "subject" in expected else None


def _from_addr(expected: Record, mail: ParsedMail) -> str | None:
    got = mail.sender.address if mail.sender else ""
    return _compare(expected["from_addr"].lower(), got.lower()) if "from_addr" in expected else None


def _from_name(expected: Record, mail: ParsedMail) -> str | None:
    return _compare(expected["from_name"], mail.sender.name if mail.sender else "") if "from_name" in expected else None


def _body(expected: Record, mail: ParsedMail) -> str | None:
    wanted = expected.get("body_contains")
    text = solid(mail.full_text)
    missing = [piece for piece in wanted or () if solid(piece) not in text]
    return None if wanted is None else f"lacks {missing[0]!r}" if missing else ""


def _kept(expected: Record, mail: ParsedMail) -> str | None:
    wanted = expected.get("body_contains") if expected["should"] == "reply" else None
    text = solid(mail.text)
    missing = [piece for piece in wanted or () if solid(piece) not in text]
    return None if wanted is None else f"lost {missing[0]!r}" if missing else ""


def _cut(expected: Record, mail: ParsedMail) -> str | None:
    unwanted = expected.get("body_not_contains")
    text = solid(mail.text)
    if expected["should"] == "reply" and "text" in expected:
        if solid(expected["text"]) == solid(mail.full_text):
            return None
        return "" if solid(expected["text"]) == text else f"{mail.text!r} instead of {expected['text']!r}"
    left = [piece for piece in unwanted or () if solid(piece) in text]
    return None if unwanted is None else f"still has {left[0]!r}" if left else ""


def _attachments(expected: Record, mail: ParsedMail) -> str | None:
    if "attachments" not in expected:
        count = expected.get("attachment_count")
        return None if count is None else "" if count == len(mail.parts) else f"{_listed(mail)} instead of {count}"
    left = list(mail.parts)
    for wanted in expected["attachments"]:
        found = next((part for part in left if _is(part, wanted)), None)
        if found is None:
            return f"no {wanted} in {_listed(mail)}"
        left.remove(found)
    return "" if not left else f"{_listed(mail)} instead of {expected['attachments']}"


def _is(part: Any, wanted: Record) -> bool:
    names = (normal(part.name), normal(part.original_name))
    return (
        ("name" not in wanted or normal(wanted["name"]) in names)
        and wanted.get("size", len(part.content)) == len(part.content)
        and wanted.get("type", part.type).lower() == part.type
    )


def _listed(mail: ParsedMail) -> str:
    return str([(part.name, len(part.content), part.type) for part in mail.parts])


def _automatic(expected: Record, mail: ParsedMail) -> str | None:
    mode = expected.get("ignore_mode")
    if mode is None:
        return None
    right = mail.ignore if mode == "no_ticket_no_answer" else mail.automatic is not None and not mail.ignore
    return "" if right else f"{mail.automatic}, ignore={mail.ignore} instead of {mode}"


def _false_alarm(expected: Record, mail: ParsedMail) -> str | None:
    if expected["should"] not in ("create", "reply") or "ignore_mode" in expected:
        return None
    return "" if mail.automatic is None else str(mail.automatic)


def _bounce_status(expected: Record, mail: ParsedMail) -> str | None:
    status = expected.get("bounce", {}).get("status")
    if not status:
        return None
    return _compare(status, mail.bounce.status if mail.bounce else "no bounce")


def _bounce_recipient(expected: Record, mail: ParsedMail) -> str | None:
    if "recipients" in expected.get("bounce", {}):
        wanted = {address.lower() for address in expected["bounce"]["recipients"]}
        got = {address.lower() for address in mail.bounce.recipients} if mail.bounce else set()
        return "" if wanted == got else f"{sorted(got)} instead of {sorted(wanted)}"
    if "bounce" not in expected or expected["ignore_mode"] != "no_ticket_no_answer":
        return None
    return "" if mail.bounce and mail.bounce.recipients else f"no recipient: {mail.bounce}"


CHECKS: dict[str, Callable[[Record, ParsedMail], str | None]] = {
    "from address": _from_addr,
    "from name": _from_name,
    "subject": _subject,
    "body": _body,
    "reply kept": _kept,
    "quoted cut": _cut,
    "attachments": _attachments,
    "automatic": _automatic,
    "no false alarm": _false_alarm,
    "bounce status": _bounce_status,
    "bounce recipient": _bounce_recipient,
}


def main(arguments: list[str]) -> int:
    """Print the report; 1 when some mail raised an exception."""
    folders = [argument for argument in arguments if not argument.startswith("-")]
    if len(folders) != 1:
        print("usage: python -m tests.mail_score DIR [--failures]", file=sys.stderr)
        return 2
    result = score(Path(folders[0]))
    print("\n".join(result.lines("--failures" in arguments)))
    return 1 if result.wrong["no exception"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
