"""Mails that come twice, hijack threads, or are written by robots: `thr-*`, `auto-*`."""

from __future__ import annotations

from collections.abc import Iterator

from tests.faults.hostile.shape import ALIVE, FINAL, IGNORED, TICKET, Expected, Hostile, mail, mixed, part

TWICE = frozenset(("duplicate",))
TOKEN, TAG = b"a" * 26, b"b" * 10
STATUS = (
    b"Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; ann@acme.example\r\nAction: %b\r\nStatus: %b\r\n"
)


def doubles() -> Iterator[Hostile]:
    """The same mail again, one Message-ID on several, and mails without any."""
    same = mail("thr-dup")
    yield Hostile("thr-dup-a", same)
    yield Hostile("thr-dup-b", same, Expected(TWICE), twin="thr-dup-a")
    yield Hostile("thr-dup-c-other-body", mail("thr-dup", b"Other help."), Expected(TICKET | {"followup"}))
    other = mail("thr-dup", fields={"from": b"Mallory <mallory@other.example>"})
    yield Hostile("thr-dup-d-other-sender", other, Expected(sender="mallory@other.example"))
    nameless = mail("thr-nomid", without=("Message-ID",))
    yield Hostile("thr-nomid-a", nameless)
    yield Hostile("thr-nomid-b", nameless, Expected(TWICE), twin="thr-nomid-a")
    yield Hostile("thr-nomid-c", mail("thr-nomid", b"Other help.", without=("Message-ID",)))


def threads() -> Iterator[Hostile]:
    """Answers to what was never said, with proofs that are made up."""
    forged = b"<dsk." + TOKEN + b".m1." + TAG + b"@example.org>"
    yield Hostile("thr-irt-forged-hmac", mail("thr-irt-forged-hmac", in_reply_to=forged))
    yield Hostile("thr-irt-forged-note", mail("thr-irt-forged-note", in_reply_to=forged.replace(b".m1.", b".n1.")))
    agent = b"Bob <bob@example.org>"
    yield Hostile("thr-irt-agent-spoof", mail("thr-irt-agent-spoof", in_reply_to=forged, fields={"from": agent}))
    yield Hostile("thr-irt-broken", mail("thr-irt-broken", in_reply_to=b"<<>><a b>" * 200))
    yield Hostile("thr-irt-many", mail("thr-irt-many", references=b" ".join(b"<%d@x>" % n for n in range(5_000))))
    yield Hostile("thr-irt-self", mail("thr-irt-self", in_reply_to=b"<thr-irt-self@mail.example>"))
    tagged = b"support+" + TOKEN + TAG + b"@example.org"
    yield Hostile("thr-tag-forged", mail("thr-tag-forged", to=tagged))
    yield Hostile("thr-tag-empty", mail("thr-tag-empty", to=b"support+@example.org"))
    yield Hostile("thr-tag-long", mail("thr-tag-long", to=b"support+" + b"a" * 5_000 + b"@example.org"))
    yield Hostile("thr-tag-elsewhere", mail("thr-tag-elsewhere", to=tagged.replace(b"example.org", b"evil.example")))
    yield Hostile("thr-tag-many", mail("thr-tag-many", cc=b", ".join([tagged] * 500)))
    yield Hostile("thr-subject-many", mail("thr-subject-many", subject=b"[20260304-0001] " * 300))
    yield Hostile("thr-subject-digits", mail("thr-subject-digits", subject=b"#" + b"9" * 5_000))


def robots() -> Iterator[Hostile]:
    """Bounces, absences and other desks."""
    for action, code in ((b"failed", b"5.1.1"), (b"delayed", b"4.4.7"), (b"failed", b"nonsense"), (b"\xff", b"")):
        name = f"auto-dsn-{action.decode('latin-1')}-{code.decode()}".strip("-").replace("\xff", "garbled")
        report = part(b"message/delivery-status", STATUS % (action, code))
        raw = mixed(name, part(b"text/plain", b"Undeliverable."), report, fields=DAEMON)
        yield Hostile(name, raw, Expected(IGNORED, has=(), automatic=True))
    huge = part(b"message/delivery-status", b"Final-Recipient: rfc822; a@b.example\r\n\r\n" * 20_000)
    yield Hostile("auto-dsn-huge", mixed("auto-dsn-huge", part(b"text/plain", b"Lost."), huge, fields=DAEMON), ROBOT)
    yield Hostile(
        "auto-dsn-words", mail("auto-dsn-words", b"a@b.example: user unknown\r\n" * 20_000, fields=DAEMON), ROBOT
    )
    yield Hostile(
        "auto-dsn-empty", mixed("auto-dsn-empty", part(b"message/delivery-status", b""), fields=DAEMON), ROBOT
    )
    for key, fields in ROBOTS.items():
        yield Hostile(f"auto-{key}", mail(f"auto-{key}", fields=fields), Expected(FINAL, automatic=True))
    desk = mail("auto-helpdesk-nohdr", subject=b"We have received your message", auto_submitted=b"")
    yield Hostile("auto-helpdesk-nohdr", desk, Expected(ALIVE))


DAEMON = {
    "from": b"Mail Delivery System <MAILER-DAEMON@mx.example>",
    "subject": b"Undelivered Mail",
    "return_path": b"<>",
}
ROBOT = Expected(IGNORED, has=(), automatic=True)
ROBOTS = {
    "vacation": {"subject": b"Out of office: help", "auto_submitted": b"auto-replied"},
    "vacation-comment": {"subject": b"Out of office: x", "auto_submitted": b"auto-replied (vacation); owner=x"},
    "vacation-header": {"x_autoreply": b"yes"},
    "generated": {"auto_submitted": b"auto-generated"},
    "generated-case": {"auto_submitted": b"AUTO-Generated"},
    "bulk": {"precedence": b"bulk"},
    "list": {"list_id": b"<list.example>"},
    "exchange": {"x_auto_response_suppress": b"All", "subject": b"Automatic reply: help"},
}
