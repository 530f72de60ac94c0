"""What rules set and what the desk has: all that is there is taken, all that is not is named and left out."""

import pytest

from bot.backoffice import Backoffice
from bot.config import MailboxConfig
from bot.desk import engagements
from bot.intake.assigned import missing, usable


def test_everything_that_a_rule_may_set_is_taken_where_it_is_there(office: Backoffice) -> None:
    engagements.add("project", "P-1", "Move", office.clock)
    wanted = {"severity": "HIGH", "assignee": "bob@example.org", "project": "P-1", "tag": "vip", "notify": "none"}

    found = usable(wanted, None)

    assert found.misfits == ()
    assert {**found.fields, **found.more} == wanted


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("group", "NOWHERE"),
        ("type", "NONE"),
        ("severity", "NONE"),
        ("assignee", "eve@evil.example"),
        ("third_party", "NOBODY"),
        ("project", "P-9"),
        ("contract", "C-9"),
        ("custom.order", "1"),
    ],
)
def test_what_is_not_there_is_left_out_and_named(office: Backoffice, name: str, value: str) -> None:
    found = usable({name: value, "tag": "vip"}, None)

    assert (dict(found.fields), dict(found.more), len(found.misfits)) == ({}, {"tag": "vip"}, 1)


def test_rules_that_name_what_is_not_there_are_told_before_there_is_a_mail(office: Backoffice) -> None:
    rule = {"name": "billing", "set": {"group": "NOWHERE", "severity": "HIGH"}}
    box = MailboxConfig.model_validate(
        {"name": "support", "address": "support@example.org", "host": "h", "username": "u", "password": "p"}
        | {"rule": [rule]}
    )

    (sentence,) = missing([box])

    assert sentence.startswith('mailbox "support": rule "billing": ') and "NOWHERE" in sentence
