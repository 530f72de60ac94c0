"""Where in the file's text a mailbox's rule stands: TOML's own reader does not tell.

Only the headers are looked for; of a rule that is written in any other way there is no line.
"""

import re
from itertools import islice

from bot.config.schema import Location

HEADER = re.compile(r"[ \t]*\[\[[ \t]*mailbox[ \t]*(\.[ \t]*rule[ \t]*)?\]\]")
TABLE = re.compile(r"[ \t]*\[")


def rule_line(text: str, at: Location) -> int | None:
    """The line of a place in a rule, ("mailbox", 0, "rule", 1, "subject"): its key's, else the rule's header's."""
    match at:
        case ("mailbox", int(box), "rule", int(rule), *keys):
            lines = text.splitlines()
            header = _header(lines, box, rule)
            return header and _key_line(lines, header, str(keys[0]) if keys else "")
    return None


def _header(lines: list[str], box: int, rule: int) -> int | None:
    place = (-1, -1)
    for number, line in enumerate(lines, start=1):
        found = HEADER.match(line)
        if found:
            place = (place[0], place[1] + 1) if found[1] else (place[0] + 1, -1)
            if place == (box, rule):
                return number
    return None


def _key_line(lines: list[str], header: int, key: str) -> int:
    wanted = re.compile(rf"[ \t]*[\"']?{re.escape(key)}[\"']?[ \t]*[.=]")
    for number, line in enumerate(islice(lines, header, None), start=header + 1):
        if TABLE.match(line):
            break
        if key and wanted.match(line):
            return number
    return header
