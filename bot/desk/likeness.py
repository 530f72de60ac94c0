"""What tickets that are about the same thing have in common: signs, in few words. Pure; the same signs, one problem.

One sign is the subject's words, whatever their order, without what differs from one writer to the next; the other is
an error's code as it comes from one mail domain. A ticket with nothing to go by has no sign.
"""

import re
import unicodedata
from collections.abc import Iterable

READ = 20_000
"""How far into a text error codes are looked for."""
LEAST_WORDS, MOST_WORDS, MOST_CODES = 2, 12, 5
STOP_WORDS = frozenset(
    (
        # what mail programs put in front
        "re fw fwd tr aw wg sv vs vb antw rif ref enc res "
        # English
        "the an and or but of to in on at for from with by as is are was were be been am it its this that these those "
        "there here my our your his her their we you he she they me us them do does did don doesn didn isn aren wasn "
        "not no cannot can cant could couldn will won would wont have has had having just still again now since when "
        "while after before any some all very so too please help urgent asap hello hi hey dear thanks thank you team "
        "today yesterday morning since seems get gets getting got got we ve ll am pm "
        # French
        "le la les un une des du de et ou mais dans sur au aux pour par avec sans ce cet cette ces mon ma mes notre "
        "nos votre vos son sa ses leur leurs je tu il elle nous vous ils elles on ne pas plus est sont etait etre ete "
        "ai as avons avez ont avoir que qui quand depuis encore toujours svp merci bonjour bonsoir aide urgent "
        "aujourd hui hier matin se en"
    ).split()
)
VAGUE = re.compile(r"\b(?:[A-Z][A-Z0-9]{0,30}(?:_[A-Z0-9]{1,30}){1,8}|E[A-Z]{5,20})\b")
"""Names in capitals, which are an error's only if they say that something went wrong."""
WRONG = re.compile(r"ERR|FAIL|DENIED|REFUSED|RESET|TIMED?_?OUT|NXDOMAIN|EXCEPTION|INVALID|NOENT|ACCES|CONN|UNREACH")
PLAIN = re.compile(
    r"\b(?:0[xX][0-9A-Fa-f]{4,16}"
    r"|(?:ORA|TNS|PLS|SQL|DB2|MSG|AADSTS|KB)[- ]?[0-9]{4,7}|SQLSTATE[\[ =:]{1,2}[0-9A-Z]{5}"
    r"|(?i:errno|error code|error|status)[ :#=-]{1,3}-?[0-9]{2,9}"
    r"|[A-Z][A-Za-z]{2,40}(?:Exception|Error))\b"
)
HTTP = re.compile(
    r"\b(?:(?:https?(?:/[0-9.]{1,3})?|error|status|code)[ :-]{1,3}){1,3}([45][0-9]{2})\b"
    r"|\b([45][0-9]{2}) (?:bad|internal|service|gateway|not found|forbidden|unauthorized|too many)\b",
    re.IGNORECASE,
)
"""What the web says when it does not work: `HTTP/1.1 503`, `HTTP error 503`, `502 Bad Gateway`."""
_WORD = re.compile(r"[^\W\d_]{2,}")
_NUMBERED = re.compile(r"\[[^\[\]\d]*+\d[^\[\]]*+\]|\b[A-Z]{2,6}-?\d[\d-]*\b")
"""References of ours and of others: what is in brackets with a number, and `PO-1234`."""


def signs(subject: str, text: str, *, address: str = "", names: Iterable[str] = ()) -> tuple[str, ...]:
    """The signs of a ticket; `names` are those of whoever asks and where they work, which say nothing of the matter."""
    found = subject_sign(subject, (*names, address.rpartition(".")[0]))
    return (*([found] if found else []), *code_signs(f"{subject}\n{text}", address))


def subject_sign(subject: str, names: Iterable[str] = ()) -> str:
    """The words that count, in the order of the alphabet; "" where they are too few to go by."""
    without = STOP_WORDS | set(words(" ".join(names)))
    kept = sorted(set(words(_NUMBERED.sub(" ", subject))) - without)
    return "subject:" + " ".join(kept[:MOST_WORDS]) if len(kept) >= LEAST_WORDS else ""


def words(text: str) -> list[str]:
    """Runs of two letters and more, in lower case and without accents; digits and punctuation part them."""
    plain = text
    for _ in range(2):  # one more time, as lower case and plain letters may each call for the other
        plain = unicodedata.normalize("NFKD", plain).casefold()
    return _WORD.findall("".join(letter for letter in plain if not unicodedata.combining(letter)))


def code_signs(text: str, address: str) -> tuple[str, ...]:
    """An error's code and the sender's domain, for each code; none where the sender is not known."""
    domain = address.rpartition("@")[2].lower()
    return tuple(f"error:{domain}:{code}" for code in codes(text)) if domain else ()


def codes(text: str) -> list[str]:
    """The error codes in a text, each once and written in one way, the first ones of each kind."""
    read = text[:READ]
    web = [f"HTTP{''.join(found)}" for found in HTTP.findall(read)]
    named = [name for name in VAGUE.findall(read) if WRONG.search(name)]
    plain = [re.sub(r"[^A-Z0-9_]+", "", found.upper()) for found in PLAIN.findall(HTTP.sub(" ", read))]
    return list(dict.fromkeys((*web, *named, *plain)))[:MOST_CODES]
