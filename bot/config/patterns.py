r"""The patterns of mailbox rules: a glob, or /a regular expression/ with flags; "!" in front negates.

`*` stands for any text and `?` for one character; a glob covers the whole value and ignores case, brackets
in it are plain characters. A regular expression may be found anywhere in the value; flags are i, m and s.
"""

import re
from dataclasses import dataclass

LONGEST = 500
FLAGS = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL}
TOKEN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?[^:=!<>)]*[:)]|\(\?<?[=!>]|\(\?P?<\w+>|.", re.DOTALL)
UNBOUNDED = re.compile(r"[*+]|\{\d*,(?:\d{2,})?\}")


@dataclass(frozen=True)
class Pattern:
    """A compiled pattern; `negated` ones match what their expression is not found in."""

    expression: re.Pattern[str]
    negated: bool = False

    def matches(self, value: str) -> bool:
        """Does the value fit? (True for a negated pattern whose expression is not found.)"""
        return (self.expression.search(value) is not None) != self.negated


def compile_pattern(text: str) -> Pattern:
    """The pattern that a rule's text stands for; ValueError(what is wrong with it) otherwise."""
    body = text.removeprefix("!")
    negated = body != text
    if not body:
        raise ValueError("is empty")
    if not body.startswith("/"):
        return Pattern(_compile(_translate_glob(_short(body)), re.IGNORECASE | re.DOTALL), negated)
    source, slash, letters = body[1:].rpartition("/")
    if not slash:
        raise ValueError("is a regular expression without its closing /")
    return Pattern(compile_regex(source, letters), negated)


def is_risky(text: str) -> bool:
    """Whether a rule's pattern is a regular expression that `can_blow_up`."""
    body = text.removeprefix("!")
    return body.startswith("/") and can_blow_up(body[1:].rpartition("/")[0])


def compile_regex(source: str, letters: str = "") -> re.Pattern[str]:
    """A regular expression as it stands between slashes; ValueError(what is wrong with it) otherwise."""
    if not source:
        raise ValueError("is empty")
    if not set(letters) <= set(FLAGS):
        raise ValueError("has a flag other than i, m and s behind its closing /")
    flags = re.RegexFlag(0)
    for letter in letters:
        flags |= FLAGS[letter]
    return _compile(_short(source), flags)


def _short(source: str) -> str:
    if len(source) > LONGEST:
        raise ValueError(f"is longer than {LONGEST} characters")
    return source


def _compile(source: str, flags: re.RegexFlag) -> re.Pattern[str]:
    try:
        return re.compile(source, flags)
    except (re.error, OverflowError, RecursionError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise ValueError(f"is no regular expression ({reason})") from None


def _translate_glob(glob: str) -> str:
    """A regular expression that takes linear time: every piece between stars is found once and kept."""
    first, *pieces = [_translate_piece(piece) for piece in re.split(r"\*+", glob)]
    if not pieces:
        return rf"\A{first}\Z"
    *middle, last = pieces
    kept = "".join(f"(?>.*?{piece})" for piece in middle)
    return rf"\A{first}{kept}.*{last}\Z"


def _translate_piece(piece: str) -> str:
    return ".".join(re.escape(part) for part in piece.split("?"))


def can_blow_up(source: str) -> bool:
    """Is a group repeated without limit that itself repeats without limit, with nothing that separates the rounds?

    A check of the structure only, for a warning: it knows the usual exponential form, not every slow expression. What
    takes too long while a mail is read is stopped there (`bot.intake.matching`).
    """
    tokens = TOKEN.findall(source)
    opened: list[int] = []
    for index, token in enumerate(tokens):
        if token.startswith("(") and not token.endswith(")"):
            opened.append(index)
        elif token == ")" and opened:
            body = tokens[opened.pop() + 1 : index]
            if _is_unbounded(tokens, index + 1) and _repeats(body) and not _is_separated(body):
                return True
    return False


def _is_unbounded(tokens: list[str], index: int) -> bool:
    return UNBOUNDED.match("".join(tokens[index : index + 12])) is not None


def _repeats(body: list[str]) -> bool:
    return any(_is_unbounded(body, index) for index in range(1, len(body)))


def _is_separated(body: list[str]) -> bool:
    r"""Does every round begin with a mark that the rest of the round cannot contain (`(?:,\w+)*`)?"""
    mark, rest = body[0], body[1:]
    is_escaped = len(mark) == 2 and mark[0] == "\\"
    is_plain = is_escaped or (len(mark) == 1 and mark not in ".^$[]()|")
    if not is_plain or mark[-1].isalnum() or mark[-1].isspace() or not rest:
        return False
    return rest[0] not in "*+?{" and not any(_accepts(token, mark[-1]) for token in rest)


def _accepts(token: str, mark: str) -> bool:
    if token in ".|":
        return True
    if token[0] in "[\\" and len(token) > 1:
        return re.fullmatch(token, mark) is not None
    return token == mark
