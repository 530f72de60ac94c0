"""What the rules of a mailbox say about a mail."""

import time
from typing import Any

import pytest

from bot.config import RuleConfig
from bot.intake.reading import read_mail
from bot.intake.rules import LOOKED_AT, Ruling, decide

MAIL = (
    b"From: Ann <ann@acme.example>\r\nTo: support@example.org, sales@example.org\r\nCc: bob@example.org\r\n"
    b"Reply-To: accounts@acme.example\r\nSubject: Re: Your invoice #4711\r\nX-Priority: 1 (Highest)\r\n"
    b"\r\nPlease pay until Friday.\r\nCustomer: A-17\r\n"
)
ATTACHED = (
    b"From: ann@acme.example\r\nSubject: File\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nHello\r\n"
    b"--x\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\n\r\nPDF\r\n--x--\r\n"
)
ROBOT = b"From: monitor@acme.example\r\nSubject: Disk\r\nAuto-Submitted: auto-generated\r\n\r\nDisk is full.\r\n"


def _rule(name: str = "billing", **given: Any) -> RuleConfig:
    return RuleConfig.model_validate({"name": name, **given})


def _decide(*rules: RuleConfig, raw: bytes = MAIL, is_reply: bool = False, size: int | None = None) -> Ruling:
    return decide(rules, read_mail(raw), is_reply=is_reply, size=len(raw) if size is None else size)


def test_without_a_rule_that_matches_a_ticket_is_made() -> None:
    assert _decide(_rule(subject="weather*")) == Ruling("create", None, {})


@pytest.mark.parametrize(
    "condition",
    [
        {"from": "*@acme.example"},
        {"from": "*@ACME.EXAMPLE"},
        {"from": ["*@nobody.example", "ann@*"]},
        {"from": "!*@spam.example"},
        {"to": "sales@example.org"},
        {"cc": "bob@*"},
        {"reply_to": "accounts@*"},
        {"subject": "*invoice*"},
        {"subject": "/INVOICE|facture/i"},
        {"subject": r"/#\d+$/"},
        {"subject": "!/credit note/"},
        {"body": "/^Customer: /m"},
        {"header": {"x-priority": "1*"}},
        {"header": {"X-Missing": "!*yes*"}},
        {"header": {"X-Missing": "/^$/"}},
        {"from": "/^ann@/"},
        {"to": "/sales/"},
        {"cc": "/bob/"},
        {"reply_to": "/accounts/"},
        {"header": {"X-Priority": "/highest/i"}},
        {"has_attachment": False},
        {"larger": 100},
        {"smaller": "1 MB"},
        {"is_reply": False},
        {"automatic": False},
        {},
    ],
    ids=str,
)
@pytest.mark.row("R:negated and size rules")
def test_a_condition_fits(condition: dict[str, Any]) -> None:
    assert _decide(_rule(**condition)).rule == "billing"


@pytest.mark.parametrize(
    "condition",
    [
        {"from": "acme.example"},
        {"from": "!*@acme.example"},
        {"to": "bob@example.org"},
        {"to": "!sales@*"},
        {"subject": "/INVOICE/"},
        {"body": "/^pay/m"},
        {"header": {"X-Priority": "5*"}},
        {"header": {"X-Missing": "yes"}},
        {"header": {"X-Missing": "1*"}},
        {"header": {"X-Priority": "1*", "X-Missing": "yes"}},
        {"has_attachment": True},
        {"larger": 1000},
        {"smaller": 100},
        {"is_reply": True},
        {"automatic": True},
        {"from": "*@acme.example", "subject": "weather"},
    ],
    ids=str,
)
@pytest.mark.row("R:negated and size rules")
def test_a_condition_does_not_fit(condition: dict[str, Any]) -> None:
    assert _decide(_rule(**condition)).rule is None


def test_an_attachment_is_seen() -> None:
    assert _decide(_rule(has_attachment=True), raw=ATTACHED).rule == "billing"


def test_a_robot_is_seen() -> None:
    assert _decide(_rule(automatic=True), raw=ROBOT).rule == "billing"


def test_a_reply_is_seen() -> None:
    assert _decide(_rule(is_reply=True), is_reply=True).rule == "billing"


@pytest.mark.row("R:negated and size rules")
@pytest.mark.parametrize(("size", "rule"), [(99, "small"), (100, None), (101, "large")])
def test_a_size_is_larger_or_smaller_never_just_that(size: int, rule: str | None) -> None:
    assert _decide(_rule("small", smaller=100), _rule("large", larger=100), size=size).rule == rule


def test_only_the_beginning_of_a_long_text_is_looked_at() -> None:
    near, far = (b"Subject: x\r\n\r\n" + b"x" * count + b" A-17" for count in (LOOKED_AT - 5, LOOKED_AT))
    glob, expression = _rule("glob", body="*A-17*"), _rule("expression", body="/A-17/")
    extract = _rule("extract", extract={"custom.order": {"from": "body", "pattern": "(A-17)"}})

    assert [_decide(rule, raw=near).rule for rule in (glob, expression)] == ["glob", "expression"]
    assert [_decide(rule, raw=far).rule for rule in (glob, expression)] == [None, None]
    assert [dict(_decide(extract, raw=raw).fields) for raw in (near, far)] == [{"custom.order": "A-17"}, {}]


def test_the_size_is_that_of_the_raw_mail() -> None:
    assert _decide(_rule(larger="5 MB"), size=6_000_000).rule == "billing"


@pytest.mark.parametrize("action", ["create", "ignore", "quarantine"])
def test_the_first_rule_that_matches_decides_the_action(action: str) -> None:
    ruling = _decide(_rule("other", subject="weather"), _rule("first", action=action), _rule("second", action="ignore"))

    assert (ruling.action, ruling.rule) == (action, "first")


def test_fields_left_open_are_filled_by_later_rules_that_match() -> None:
    first = _rule("first", set={"group": "BILLING"})
    stranger = _rule("stranger", subject="weather", set={"type": "WEATHER"})
    later = _rule("later", set={"group": "HELP", "severity": "HIGH"})

    assert _decide(first, stranger, later).fields == {"group": "BILLING", "severity": "HIGH"}


@pytest.mark.parametrize(
    ("source", "pattern", "value"),
    [
        ("subject", r"#(\d+)", "4711"),
        ("body", r"Customer: (\S+)", "A-17"),
        ("body", r"Customer:(.*)", "A-17"),
        ("HEADER:X-Priority", r"\((\w+)\)", "Highest"),
    ],
)
def test_a_field_is_extracted(source: str, pattern: str, value: str) -> None:
    rule = _rule(extract={"custom.order": {"from": source, "pattern": pattern}})

    assert _decide(rule).fields == {"custom.order": value}


@pytest.mark.parametrize("pattern", [r"order (\d+)", r"invoice( ?)#"])
def test_what_is_not_there_is_not_extracted(pattern: str) -> None:
    rule = _rule(extract={"custom.order": {"from": "body", "pattern": pattern}})

    assert _decide(rule).fields == {}


@pytest.mark.row("CF-04")
@pytest.mark.parametrize(
    "expression", ["/.*invoice.*total/i", r"/(a|a)*b/", r"/(a+)+$/", "!/(a+)+$/", r"/.*x.*\d+.*y/"]
)
def test_a_hostile_mail_does_not_hold_up_a_slow_expression(expression: str) -> None:
    body = b"invoice x1 " * 1500 + b"a" * 3000 + b"!"
    begun = time.monotonic()

    ruling = _decide(_rule("slow", body=expression), _rule("next"), raw=b"From: eve@example.net\r\n\r\n" + body)

    assert ruling.rule == "next"
    assert time.monotonic() - begun < 10


@pytest.mark.row("CF-04")
def test_many_slow_expressions_share_their_time() -> None:
    begun = time.monotonic()
    rules = [_rule(f"slow {number}", body="/(a+)+$/") for number in range(10)]

    ruling = _decide(*rules, _rule("next", body="*!"), raw=b"From: eve@example.net\r\n\r\n" + b"a" * 3000 + b"!")

    assert ruling.rule == "next"
    assert time.monotonic() - begun < 10


@pytest.mark.row("CF-04")
def test_a_field_whose_expression_takes_too_long_is_left_out() -> None:
    extract = {
        "custom.order": {"from": "body", "pattern": "((?:a+)+)$"},
        "custom.who": {"from": "body", "pattern": "(!)"},
    }

    ruling = _decide(_rule(extract=extract), raw=b"From: eve@example.net\r\n\r\n" + b"a" * 3000 + b"!")

    assert ruling.fields == {"custom.who": "!"}
