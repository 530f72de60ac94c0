"""Which promised behaviour is held by which test: `@pytest.mark.row("D1")`, and `pytest --rows`, which lists both.

A mark that names no row is an error, so that a slip of the pen does not look like a test. Faults have ids of their
own (`MI-19`) and may be named without standing in the table.
"""

import re
from collections import defaultdict

import pytest

ROWS: dict[str, str] = {
    "D1": "references come from the numbering model",
    "D2": "numbering models",
    "D3": "types are freely definable",
    "D4": "groups are freely definable",
    "D5": "severities are freely definable",
    "D6": "subjects are clean and at most 255 characters",
    "D7": "a description is kept whole",
    "D8": "attachments",
    "D9": "third parties",
    "D10": "contacts",
    "D11": "what the third party is told",
    "D12": "the assignee",
    "D13": "projects",
    "D14": "contracts",
    "D15": "tracking tokens",
    "D16": "dates",
    "D17": "progress",
    "D18": "time spent",
    "D19": "origin",
    "D20": "tags and own fields",
    "S1": "created by mail",
    "S2": "created by staff",
    "S3": "read",
    "S4": "assign and unassign",
    "S5": "take and take over",
    "S6": "public reply",
    "S7": "wait, hold, resume",
    "S8": "the client writes",
    "S9": "close and abandon",
    "S10": "reopen",
    "F1": "create",
    "F2": "modify at any time",
    "F3": "private message",
    "F4": "public reply",
    "F5": "recipients of a reply",
    "F6": "interventions",
    "F8": "close and resolve",
    "F10": "delete",
    "F11": "history",
    "F12": "timeline",
    "F13": "search and lists",
    "F15": "canned replies",
    "F16": "link and merge",
    "F17": "split",
    "C1": "numbering model and mask as a setting",
    "C3": "automatic read",
    "C4": "automatic assignment to the creator",
    "C5": "notify the client on closing",
    "C6": "response delay",
    "C7": "action delay",
    "C8": "reclassify closed tickets",
    "C9": "dictionaries as settings",
    "C10": "roles",
    "C11": "who sees which groups",
    "N1": "sender, name and reply-to of letters",
    "N2": "address told of new tickets",
    "N3": "header of letters",
    "N4": "footer of letters",
    "N6": "letters on, off, dry run",
    "N7": "confirmation to the sender",
    "N8": "assignment notice to the client",
    "N9": "reminder to a silent client, automatic closing",
    "W1": "one card per ticket and place",
    "W2": "thread lines only for what matters",
    "W3": "who acted is not told of it",
    "W4": "a letter that cannot be delivered is on the card",
    "SP": "the same problem of many clients: one answer, one closing",
    "R:html after text": "a mail in HTML after one in text keeps its own body",
    "R:one failing mail": "one failing mail does not stop the others",
    "R:more than a batch": "more mails than a batch are all taken",
    "R:reply reaches assignee": "a client's reply reaches the assignee",
    "R:confirmation and clock": "a confirmation does not stop the response clock",
    "R:response 0 action on": "response delay 0 does not make a new ticket late",
    "R:waiting pauses": "waiting pauses the action clock",
    "R:auto read keeps assignee": "automatic read keeps a chosen assignee",
    "R:reassign keeps progress": "reassigning keeps In progress",
    "R:status writes event": "every status change writes an event",
    "R:guessable address": "a stranger's mail to a guessable address posts nowhere",
    "R:out of office": "an out-of-office has no effect",
    "R:hostile names": "hostile names of attachments",
    "R:200 kB body": "a body of 200 kB",
    "R:two at once": "two simultaneous creations get two references",
    "R:note reaches nobody": "a note reaches only who was picked for it",
    "R:notify all no contact": "closing with all notified and no contact",
    "R:forced severity": "a forced severity is applied",
    "R:documents own fields": "documents contain the ticket's own fields",
    "R:negated and size rules": "negated and size rules work",
    "R:no addresses leak": "no list of recipients and no agent's address leaks",
    "R:reopening clears": "reopening clears the closing date and keeps the history",
    "R:invalid utf-8": "invalid UTF-8 is taken with replacement",
    "R:no message-id": "a mail without Message-ID is taken once",
    "R:deletion purges": "deletion purges messages and files",
    "TM-01": "daylight saving gap and overlap",
    "TM-02": "business hours",
    "TM-03": "the host's time zone",
    "TM-04": "month change",
    "TM-05": "2038, leap day",
    "TM-06": "the clock set back",
    "TM-07": "the host asleep",
    "TM-08": "changed delays",
    "DB-02": "many processes number tickets",
    "DB-09": "foreign keys",
    "DB-11": "huge integers",
    "DB-12": "wildcards in searches",
    "SE-15": "tickets of other groups",
    "SE-16": "names of filters and sorting",
    "CF-05": "a dictionary entry in use",
}
FAULT = re.compile(r"(CF|CI|CO|DB|LD|MI|MO|PR|SE|TM|INV)-\d{2}")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--rows`: list the rows instead of running tests."""
    parser.addoption("--rows", action="store_true", help="list which row is held by which test, and those without one")


def pytest_configure(config: pytest.Config) -> None:
    """The mark is known."""
    config.addinivalue_line("markers", "row(id, …): the rows of tests/rows.py that this test holds")


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """The list is made by one process that sees all tests."""
    if config.getoption("--rows"):
        config.option.numprocesses = 0


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Collect the marks; with --rows nothing runs."""
    held: dict[str, set[str]] = defaultdict(set)
    for item in items:
        for mark in item.iter_markers("row"):
            for row in mark.args:
                if row not in ROWS and not FAULT.fullmatch(row):
                    raise pytest.UsageError(f"{item.nodeid}: there is no row {row!r} in tests/rows.py")
                held[row].add(item.nodeid.partition("[")[0])
    if config.getoption("--rows"):
        _list(held)
        items.clear()


def _list(held: dict[str, set[str]]) -> None:
    for row, words in ROWS.items():
        print(f"\n{row:28}{words}")
        for test in sorted(held[row]) or ["—"]:
            print(f"{'':28}{test}")
    for fault in sorted(set(held) - set(ROWS)):
        print(f"\n{fault}", *sorted(held[fault]), sep=f"\n{'':28}")
    without = [row for row in ROWS if not held[row]]
    print(f"\n{len(ROWS) - len(without)} of {len(ROWS)} rows have a test; without: {', '.join(without) or 'none'}")
