"""Who vouches for a mail's sender: the verdict of the mailbox's own server, and of nobody else. Pure.

Read only from the topmost Authentication-Results with the configured authserv-id (RFC 8601). Only an aligned DMARC pass
is a pass: SPF or DKIM alone say who sent a mail, not that the address in From is theirs (RFC 7489, 3.1). Of several
results the worst counts, and what cannot be read for certain is unknown.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.intake.reading import ParsedMail

PASS, FAIL, UNKNOWN = "pass", "fail", "unknown"
_WORST_FIRST = (FAIL, UNKNOWN, PASS)
CUT = 4_000
"""A header that long was cut by the reader: the worst of it may be missing."""
_TOKEN = re.compile(r"\"(?:[^\"\\]|\\.)*\"|[;=]|[^\s;=\"()]+")


@dataclass(frozen=True, slots=True)
class Verdict:
    """`word`: pass, fail, unknown, or "" where no server was named to be believed; `why`: in English."""

    word: str
    why: str

    @property
    def passed(self) -> bool:
        """Whether the sender is who the mail says."""
        return self.word == PASS

    @property
    def failed(self) -> bool:
        """Whether the sender is somebody else than the mail says."""
        return self.word == FAIL


NOBODY_BELIEVED = Verdict("", "no authserv_id is configured, so nobody is believed")


@dataclass(frozen=True, slots=True)
class Result:
    """One method's result, both in lower case, and its properties in their order: `header.from`, `acme.example`."""

    method: str
    result: str
    properties: tuple[tuple[str, str], ...] = ()


def verdict_on(mail: ParsedMail, authserv_id: str) -> Verdict:
    """The verdict on a mail's sender; `authserv_id` is whom the mailbox believes, "" nobody."""
    if not authserv_id:
        return NOBODY_BELIEVED
    header = _topmost(mail.authentication, authserv_id)
    if header is None:
        return Verdict(UNKNOWN, f"{authserv_id} says nothing about it")
    try:
        results = _results(header)
    except ValueError:
        return Verdict(UNKNOWN, f"what {authserv_id} says cannot be read")
    judged = _judged(results, _domain(mail))
    if judged.passed and mail.sender_doubtful:
        return Verdict(UNKNOWN, "the sender could not be told for certain")
    return judged


def _judged(results: Sequence[Result], domain: str) -> Verdict:
    found = [_aligned(result, domain) for result in results if result.method == "dmarc"]
    if found:
        return min(found, key=lambda one: _WORST_FIRST.index(one.word))
    others = {one.result for one in results if one.method in ("spf", "dkim")}
    if "fail" in others and "pass" not in others:
        return Verdict(FAIL, "no dmarc result, and spf or dkim failed")
    return Verdict(UNKNOWN, "no dmarc result")


def _aligned(result: Result, domain: str) -> Verdict:
    """A DMARC result is about the domain in From; one about another domain says nothing of this sender."""
    about = [value for name, value in result.properties if name == "header.from"]
    said = f"dmarc={result.result}"[:60]
    if result.result == "fail":
        return Verdict(FAIL, said)
    if result.result != "pass":
        return Verdict(UNKNOWN, said)
    if not domain or any(_ascii(value.rpartition("@")[2]) != domain for value in about):
        return Verdict(UNKNOWN, f"{said}, but not for the domain of the sender")
    return Verdict(PASS, said)


def _domain(mail: ParsedMail) -> str:
    return _ascii(mail.sender.address.rpartition("@")[2]) if mail.sender else ""


def _ascii(domain: str) -> str:
    """A domain as servers write it: without capitals, other alphabets as xn--…; "" where that cannot be."""
    try:
        return domain.strip(".").lower().encode("idna").decode()
    except UnicodeError:
        return ""


def _topmost(headers: Sequence[str], authserv_id: str) -> str | None:
    return next((header for header in headers if _writer(header) == authserv_id.lower()), None)


def _writer(header: str) -> str:
    try:
        return _bare(next(_tokens(header), "")).lower()
    except ValueError:
        return ""


def _results(header: str) -> list[Result]:
    """The results of one header. ValueError when it does not keep to the grammar."""
    if len(header) >= CUT:
        raise ValueError("cut")
    first, *rest = _statements(_tokens(header))
    if len(first) > 2 or (len(first) == 2 and first[1] != "1"):
        raise ValueError("another version")
    return [_result(statement) for statement in rest if "=" in statement]


def _statements(tokens: Iterator[str]) -> list[list[str]]:
    statements: list[list[str]] = [[]]
    for token in tokens:
        if token == ";":
            statements.append([])
        else:
            statements[-1].append(token)
    return statements


def _result(statement: list[str]) -> Result:
    equals = statement.index("=")
    method, result = "".join(statement[:equals]), statement[equals + 1 : equals + 2]
    if not result or result == ["="]:
        raise ValueError("no result")
    return Result(method.partition("/")[0].lower(), _bare(result[0]).lower(), _properties(statement[equals + 2 :]))


def _properties(tokens: list[str]) -> tuple[tuple[str, str], ...]:
    triples = zip(tokens, tokens[1:], tokens[2:], strict=False)
    return tuple((name.lower(), _bare(value)) for name, sign, value in triples if sign == "=" and name != "=")


def _bare(token: str) -> str:
    """A token without its quotes."""
    return re.sub(r"\\(.)", r"\1", token[1:-1]) if token.startswith('"') else token


def _tokens(header: str) -> Iterator[str]:
    """Words, quoted strings, `;` and `=`, without comments. ValueError at what is never closed."""
    position = 0
    while position < len(header):
        if header[position] == "(":
            position = _after_comment(header, position)
        elif header[position].isspace():
            position += 1
        else:
            found = _TOKEN.match(header, position)
            if found is None:
                raise ValueError("not closed")
            yield found[0]
            position = found.end()


def _after_comment(header: str, start: int) -> int:
    """Where the comment that begins here has ended; comments may hold comments."""
    depth = 0
    for match in re.finditer(r"\\.|[()]", header[start:], re.DOTALL):
        depth += {"(": 1, ")": -1}.get(match[0], 0)
        if not depth:
            return start + match.end()
    raise ValueError("not closed")
