"""What `explain`, the ledger and `why` say of the rule that decided: its conditions that held, each field's source."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.backoffice import Backoffice
from bot.cli.mail import _told
from bot.config import MailboxConfig, RuleConfig
from bot.intake.explaining import Explainer
from bot.intake.finishing import Finisher
from bot.intake.judging import Judge
from bot.intake.reader import Reader
from storage.models import Mail
from tests.bot.commands.test_why import why
from tests.bot.intake.test_finishing import keep
from tests.faults.mailboxes import notices

RAW = b"From: Ann <ann@acme.example>\r\nTo: support@example.org\r\nSubject: Your invoice #7\r\n\r\nPlease pay.\r\n"
BILLING = {"name": "billing", "subject": "/invoice/i", "header": {"To": "support@*"}, "set": {"severity": "HIGH"}}
LATER = {"name": "later", "larger": 10, "set": {"group": "NOWHERE", "notify": "none"}}


def _mailbox(*rules: dict[str, Any]) -> MailboxConfig:
    return MailboxConfig(
        name="support",
        address="support@example.org",
        host="127.0.0.1",
        port=143,
        security="none",
        username="support",
        password=SecretStr("x"),
        rule=tuple(RuleConfig.model_validate(one) for one in rules),
    )


def _explained(office: Backoffice, folder: Path, *rules: dict[str, Any]) -> dict[str, Any]:
    file = folder / "one.eml"
    file.write_bytes(RAW)
    explainer = Explainer(office.desk, Judge(office.desk, _mailbox(*rules)))
    try:
        return explainer.explain(file)
    finally:
        explainer.close()


def _taken(office: Backoffice, raw: bytes, *rules: dict[str, Any]) -> Mail:
    reader = Reader(seconds=20)
    list(Finisher(office.desk, _mailbox(*rules), reader).finish(keep(office, raw)))
    reader.close()
    return Mail.get()


def test_explain_says_which_conditions_held_and_where_each_field_comes_from(office: Backoffice, tmp_path: Path) -> None:
    told = _explained(office, tmp_path, BILLING, LATER)

    assert told["because"] == ["subject matches /invoice/i", "header To matches support@*"]
    assert told["reason"] == "rule “billing” (subject matches /invoice/i, header To matches support@*)"
    assert told["sources"] == {
        "severity": "rule “billing”",
        "notify": "rule “later”",
        "type": "the dictionary's default",
        "group": "the dictionary's default",
    }
    assert "NOWHERE" in told["left_out"][0]
    assert "severity HIGH: rule “billing”" in _told(told)


def test_explain_names_no_source_of_a_mail_that_becomes_no_ticket(office: Backoffice, tmp_path: Path) -> None:
    told = _explained(office, tmp_path, {"name": "spam", "automatic": False, "action": "ignore"})

    assert (told["decision"], told["because"], told["sources"]) == ("ignore", ["automatic is false"], {})


@pytest.mark.row("SE-05")
def test_a_placeholder_in_what_was_extracted_stays_as_it_is(office: Backoffice) -> None:
    tag = {"tag": {"from": "subject", "pattern": "invoice (.+)"}}
    raw = RAW.replace(b"#7", b"{{7*7}}{ticket.token}")

    mail = _taken(office, raw, {"name": "tagging", "extract": tag})

    ticket = office.desk.tickets.view(mail.ticket_id or 0)
    assert "49" not in f"{ticket.tags} {ticket.subject} {mail.reason}"
    assert "{{7*7}}{ticket.token}" in ticket.subject


def test_the_ledger_names_conditions_and_the_fields_of_other_rules(office: Backoffice) -> None:
    mail = _taken(office, RAW, BILLING, LATER)

    assert mail.reason.startswith("rule “billing” (subject matches /invoice/i")
    assert "notify by rule “later”" in mail.reason
    assert "NOWHERE" in mail.reason


@pytest.mark.row("MI-17")
def test_a_mail_that_a_rule_puts_aside_is_told_in_the_teams_channel(office: Backoffice) -> None:
    mail = _taken(office, RAW, {"name": "odd", "subject": "/invoice/", "action": "quarantine"})

    (notice,) = notices()
    assert mail.state == "quarantined"
    assert "put aside" in notice and "rule “odd” (subject matches /invoice/)" in notice


def test_why_says_which_conditions_held(office: Backoffice) -> None:
    mail = _taken(office, RAW, BILLING)

    told = why(office, office.desk.tickets.view(mail.ticket_id or 0))

    assert "Filed by rule “billing” (subject matches /invoice/i, header To matches support@*)." in told.lines
