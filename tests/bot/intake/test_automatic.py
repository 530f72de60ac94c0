"""Is it a robot? What each sign in a mail says, and which signs a person's mail may carry."""

from collections.abc import Sequence

import pytest

from bot.intake.automatic import (
    ABUSE_REPORT,
    AUTO_SUBMITTED,
    BOUNCE,
    BULK,
    MAILING_LIST,
    NO_REPLY_SENDER,
    OUT_OF_OFFICE,
    READ_RECEIPT,
    Seen,
    Verdict,
    judge,
)
from bot.intake.headers import Headers

DAEMON, ANN = "mailer-daemon@acme.example", "ann@acme.example"
NULL = "Return-Path: <>"
REPORT = "Content-Type: multipart/report; report-type="
TOLD = "Hello,\nuser unknown: dan@acme.example"


def judged(
    *headers: str, subject: str = "Printer", sender: str = ANN, types: Sequence[str] = (), text: str = "Hello"
) -> Verdict | None:
    """The verdict on Ann's mail with something more, or something else."""
    fields = [(name, value.strip()) for name, _, value in (line.partition(":") for line in headers)]
    return judge(Seen(subject, sender, Headers(fields), tuple(types), text))


def test_a_persons_mail_is_none() -> None:
    assert judged("To: support@example.org", "Return-Path: <ann@acme.example>", types=("text/plain",)) is None


@pytest.mark.parametrize(
    ("verdict", "reason", "makes_nothing"),
    [
        (BOUNCE, "bounce", True),
        (READ_RECEIPT, "read receipt", True),
        (OUT_OF_OFFICE, "out-of-office", True),
        (ABUSE_REPORT, "abuse report", False),
        (MAILING_LIST, "mailing list", False),
        (AUTO_SUBMITTED, "auto-submitted", False),
        (BULK, "bulk mail", False),
        (NO_REPLY_SENDER, "no-reply sender", False),
    ],
)
def test_only_what_nobody_waits_for_makes_nothing_at_all(verdict: Verdict, reason: str, makes_nothing: bool) -> None:
    assert verdict == Verdict(reason, makes_nothing)


# reports -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "verdict"),
    [
        ("delivery-status", BOUNCE),
        ('"Disposition-Notification "', READ_RECEIPT),
        ("disposition-notification", READ_RECEIPT),
        ("feedback-report", ABUSE_REPORT),
        ("something-new", BOUNCE),
    ],
)
def test_a_report_says_of_which_kind_it_is(kind: str, verdict: Verdict) -> None:
    assert judged(REPORT + kind) == verdict


@pytest.mark.parametrize(
    ("kind", "verdict"), [("message/disposition-notification", READ_RECEIPT), ("message/feedback-report", ABUSE_REPORT)]
)
def test_a_part_that_only_reports_have_makes_one(kind: str, verdict: Verdict) -> None:
    assert judged(types=("text/plain", kind)) == verdict


@pytest.mark.parametrize("kind", ["message/delivery-status", "message/global-delivery-status"])
def test_a_delivery_status_is_a_bounce_only_where_no_person_forwards_it(kind: str) -> None:
    types = ("text/plain", kind)

    assert judged("Content-Type: multipart/mixed; report-type=delivery-status", types=types) is None
    assert judged("Content-Type: multipart/report", types=types) == BOUNCE
    assert judged(NULL, types=types) == BOUNCE
    assert judged(types=types, sender="postmaster@acme.example") == BOUNCE


def test_a_report_without_a_kind_may_be_a_persons() -> None:
    assert judged("Content-Type: multipart/report", types=("text/plain",)) is None


# machines ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "sender"),
    [(("X-Failed-Recipients: dan@acme.example",), ANN), ((), DAEMON), ((), "double-bounce@acme.example")],
)
def test_a_mail_daemon_bounces(headers: tuple[str, ...], sender: str) -> None:
    assert judged(*headers, sender=sender) == BOUNCE


@pytest.mark.parametrize(
    ("headers", "sender", "verdict"),
    [
        ((), ANN, None),
        ((NULL,), ANN, BOUNCE),
        (("Return-Path: <ann@acme.example>", "Return-Path:  <> "), ANN, BOUNCE),
        ((), "postmaster@acme.example", BOUNCE),
        (("Auto-Submitted: auto-generated",), ANN, BOUNCE),
        (("Auto-Submitted: AUTO-Replied; owner-email=x",), ANN, BOUNCE),
        (("Auto-Submitted: no",), ANN, None),
        ((), "ask-mailer-daemon@acme.example", None),
        ((), "our-postmaster@acme.example", None),
        (("Auto-Submitted: semi-auto-",), ANN, AUTO_SUBMITTED),
    ],
)
def test_a_subject_about_failure_counts_when_a_machine_writes(
    headers: tuple[str, ...], sender: str, verdict: Verdict | None
) -> None:
    assert judged(*headers, sender=sender, subject="Undeliverable: your mail") == verdict


def test_a_subject_must_begin_with_the_failure() -> None:
    assert judged("Auto-Submitted: auto-generated", subject="Why undeliverable?") == AUTO_SUBMITTED


@pytest.mark.parametrize(
    ("headers", "sender", "verdict"),
    [
        ((), ANN, None),
        ((NULL,), ANN, BOUNCE),
        ((), "postmaster@acme.example", BOUNCE),
        ((), "no-reply@acme.example", BOUNCE),
    ],
)
def test_words_about_failure_count_when_a_machine_says_them(
    headers: tuple[str, ...], sender: str, verdict: Verdict | None
) -> None:
    assert judged(*headers, sender=sender, text=TOLD) == verdict


def test_words_about_failure_count_near_the_beginning_only() -> None:
    assert judged(NULL, text="x" * 4_987 + " user unknown") == BOUNCE
    assert judged(NULL, text="x" * 4_988 + " user unknown") == AUTO_SUBMITTED
    assert judged(NULL, text="Hello") == AUTO_SUBMITTED


# answers that nobody wrote -------------------------------------------------------------------------------------------


@pytest.mark.row("R:out of office")
@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: Auto-Replied (vacation)",
        "Precedence: auto_reply",
        "Precedence: AUTO-REPLY",
        "X-Autoreply: yes",
        "X-Autorespond: 1",
        "X-Auto-Reply: gone",
        "X-Auto-Respond: x",
        "X-Autoresponder: y",
        "X-Autoreply-From: ann@acme.example",
        "X-Mail-Autoreply: on",
    ],
)
def test_an_answering_machine_is_told_by_its_headers(header: str) -> None:
    assert judged(header) == OUT_OF_OFFICE


@pytest.mark.row("R:out of office")
@pytest.mark.parametrize("value", ["no", "False", "OFF", " (none)"])
def test_a_header_that_says_no_is_no_sign(value: str) -> None:
    assert judged(f"X-Autoreply: {value}") is None


@pytest.mark.row("R:out of office")
def test_an_answering_machine_is_told_by_its_subject() -> None:
    assert judged(subject="Out of office: Printer") == OUT_OF_OFFICE
    assert judged(subject="Out of office printer is broken") is None
    assert judged(subject="Wanted: out of office") is None


# lists, bulk, and what asks for no answer ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header",
    [
        "List-Id: <a.acme.example>",
        "List-Post: NO",
        "List-Unsubscribe: <https://acme.example>",
        "List-Help: x",
        "Mailing-List: x",
        "X-Mailing-List: x",
        "List-Owner: x",
        "List-Subscribe: x",
        "Precedence: List",
    ],
)
def test_a_mailing_list_is_told_by_its_headers(header: str) -> None:
    assert judged(header) == MAILING_LIST


@pytest.mark.parametrize(
    ("header", "verdict"),
    [
        ("Auto-Submitted: auto-generated", AUTO_SUBMITTED),
        ("Auto-Submitted: No", None),
        ("Auto-Submitted: (x) auto-generated", None),
        ("Precedence: Bulk", BULK),
        ("Precedence: junk", BULK),
        ("Precedence: first-class", None),
        (NULL, AUTO_SUBMITTED),
        ("Return-Path: <x@y.example>", None),
        ("X-Auto-Response-Suppress: All", AUTO_SUBMITTED),
        ("X-Auto-Response-Suppress: DR, OOF ,RN", AUTO_SUBMITTED),
        ("X-Auto-Response-Suppress: AutoReply", AUTO_SUBMITTED),
        ("X-Auto-Response-Suppress: DR, RN, NRN", None),
        ("X-Auto-Response-Suppress: none", None),
    ],
)
def test_what_wants_no_answer_says_so(header: str, verdict: Verdict | None) -> None:
    assert judged(header) == verdict


@pytest.mark.parametrize(
    ("sender", "verdict"),
    [
        ("no-reply@acme.example", NO_REPLY_SENDER),
        ("acme_donotreply@acme.example", NO_REPLY_SENDER),
        ("ann@no-reply.example", None),
        ("", None),
    ],
)
def test_a_sender_that_nobody_reads_is_told_by_the_part_before_the_at(sender: str, verdict: Verdict | None) -> None:
    assert judged(sender=sender) == verdict


@pytest.mark.parametrize(
    ("headers", "more", "verdict"),
    [
        (("Auto-Submitted: auto-replied", "List-Id: x"), {}, OUT_OF_OFFICE),
        (("List-Id: x", "Auto-Submitted: auto-generated"), {}, MAILING_LIST),
        (("Auto-Submitted: auto-generated", "Precedence: bulk"), {}, AUTO_SUBMITTED),
        (("Precedence: bulk",), {"sender": "no-reply@acme.example"}, BULK),
        ((REPORT + "disposition-notification",), {"sender": DAEMON}, READ_RECEIPT),
    ],
)
def test_of_several_signs_the_graver_decides(headers: tuple[str, ...], more: dict[str, str], verdict: Verdict) -> None:
    assert judged(*headers, **more) == verdict
