"""Is it a robot? Two outcomes: nothing at all (bounces, notices, out-of-office), or a ticket that gets no answer.

Pure rules over decoded headers and the structure; the first that says something decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from bot.intake.headers import Headers

_I = re.IGNORECASE


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a mail is automatic, and whether it makes nothing at all."""

    reason: str
    ignore: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """What the rules look at: decoded subject, sender (address in lower case), headers, types of all parts, text."""

    subject: str
    sender: str
    headers: Headers
    types: tuple[str, ...]
    text: str

    def word(self, name: str) -> str:
        """A header's value in lower case, comments and parameters cut off."""
        return re.split(r"[;(]", self.headers.get(name).lower(), maxsplit=1)[0].strip()


BOUNCE = Verdict("bounce", True)
DELIVERY_NOTICE = Verdict("delivery notice", True)
READ_RECEIPT = Verdict("read receipt", True)
OUT_OF_OFFICE = Verdict("out-of-office", True)
ABUSE_REPORT = Verdict("abuse report", False)
MAILING_LIST = Verdict("mailing list", False)
AUTO_SUBMITTED = Verdict("auto-submitted", False)
BULK = Verdict("bulk mail", False)
NO_REPLY = Verdict("no-reply sender", False)

_DAEMON = re.compile(
    r"(?:mailer[-_.]?daemon|mail[-_.]?daemon|double-bounce|mailerdaemon|mdaemon)(?:\+[^@]*)?@|mailer[-_.]?daemon\Z", _I
)
_POSTMASTER = re.compile(
    r"(?:postmaster|mail[-_.]?delivery[-_.]?(?:system|subsystem)?|bounces?|microsoftexchange[0-9a-f]{8,})@|\Z", _I
)
_FAILURE_SUBJECT = re.compile(
    r"\s*(?:\[[^\]]{1,30}\]\s*)?(?:undeliver(?:able|ed)|undelivered mail|mail delivery|delivery (?:status notification|failure|failed|has failed|problem|"
    r"report|notification|error)|delivery of|failure notice|returned mail|mail (?:system|failure|error|undeliverable|could not)|message (?:undeliverable|"
    r"delivery failure|could not be delivered|status)|non[- ]?deliver|nondeliverable|email not delivered|warning: (?:could not send|message)|unzustellbar|"
    r"nicht zustellbar|non remis|non distribu|échec de (?:la )?remise|no se puede entregar|impossibile recapitare|onbestelbaar|"
    r"mail not delivered|rejected:|permanent delivery failure|your message (?:couldn't|could not|wasn't)|automatically rejected|"
    r"error sending|unable to deliver|不可投递|退信|bounced?:|mensaje no entregado|returned to sender|dsn:|ndn:)",
    _I,
)
_OUT_OF_OFFICE_SUBJECT = re.compile(
    r"\s*(?:out[- ]of[- ](?:the[- ])?office|automatic reply|auto(?:matic)?[- ]?(?:reply|response|responder)\b|autoreply|on vacation|vacation reply|"
    r"abwesenheits|automatische antwort|ich bin nicht im (?:büro|buero)|nicht im büro|réponse automatique|reponse automatique|absence du bureau|"
    r"absent du bureau|message d.absence|respuesta automática|respuesta automatica|fuera de (?:la )?oficina|risposta automatica|fuori ufficio|"
    r"automatisch antwoord|afwezig|niet aanwezig|resposta automática|ausência temporária|autosvar|automatiskt svar|frånvaro|"
    r"automatyczna odpowiedź|автоответ|自动回复|自動応答|不在通知)",
    _I,
)
_NO_REPLY = re.compile(
    r"(?:no|not|do[-_.]?not|ne[-_.]?pas|nicht)[-_.]?(?:reply|answer|repondre|antworten)|noreply|donotreply", _I
)
_LIST_HEADERS = (
    "list-id",
    "list-post",
    "list-unsubscribe",
    "list-help",
    "mailing-list",
    "x-mailing-list",
    "list-owner",
    "list-subscribe",
)
_AUTOREPLY_HEADERS = (
    "x-autoreply",
    "x-autorespond",
    "x-auto-reply",
    "x-auto-respond",
    "x-autoresponder",
    "x-autoreply-from",
    "x-mail-autoreply",
)


def judge(seen: Seen) -> Verdict | None:
    """The verdict on a mail, or None when a person wrote it."""
    return next((verdict for rule in RULES if (verdict := rule(seen))), None)


def _report(seen: Seen) -> Verdict | None:
    """The kinds of multipart/report, and parts that only such reports have."""
    declared = seen.headers.content_type
    kind = declared.get("report-type").lower().strip() if declared.value == "multipart/report" else ""
    kinds = {kind, *seen.types}
    if kinds & {"feedback-report", "message/feedback-report"}:
        return ABUSE_REPORT
    if kinds & {"disposition-notification", "message/disposition-notification"}:
        return READ_RECEIPT
    reported = declared.value == "multipart/report" or _from_machine(seen) or _null_return_path(seen)
    if kinds & {"delivery-status", "message/delivery-status", "message/global-delivery-status"} and reported:
        return BOUNCE
    return BOUNCE if kind else None


def _from_machine(seen: Seen) -> bool:
    return bool(_DAEMON.match(seen.sender)) or bool(_POSTMASTER.match(seen.sender))


def _null_return_path(seen: Seen) -> bool:
    return any(value.strip() == "<>" for value in seen.headers.all("return-path"))


def _daemon(seen: Seen) -> Verdict | None:
    if seen.headers.get("x-failed-recipients"):
        return BOUNCE
    if _DAEMON.match(seen.sender):
        return BOUNCE
    failure = _FAILURE_SUBJECT.match(seen.subject)
    if failure and (_from_machine(seen) or _null_return_path(seen) or seen.word("auto-submitted").startswith("auto-")):
        return BOUNCE
    return None


def _answering_machine(seen: Seen) -> Verdict | None:
    """Out-of-office and every other answer that nobody wrote."""
    if seen.word("auto-submitted") == "auto-replied" or seen.word("precedence") in ("auto_reply", "auto-reply"):
        return OUT_OF_OFFICE
    if any(seen.word(name) not in ("", "no", "false", "off") for name in _AUTOREPLY_HEADERS):
        return OUT_OF_OFFICE
    return OUT_OF_OFFICE if _OUT_OF_OFFICE_SUBJECT.match(seen.subject) else None


def _list(seen: Seen) -> Verdict | None:
    if any(seen.headers.get(name) for name in _LIST_HEADERS) or seen.word("precedence") == "list":
        return MAILING_LIST
    return None


def _submitted(seen: Seen) -> Verdict | None:
    return AUTO_SUBMITTED if seen.word("auto-submitted") not in ("", "no") else None


def _bulk(seen: Seen) -> Verdict | None:
    return BULK if seen.word("precedence") in ("bulk", "junk") else None


def _null_sender(seen: Seen) -> Verdict | None:
    """No bounce we know, but nobody to answer either."""
    return AUTO_SUBMITTED if _null_return_path(seen) else None


def _suppressed(seen: Seen) -> Verdict | None:
    wanted = {word.strip() for word in seen.headers.get("x-auto-response-suppress").lower().split(",")}
    return AUTO_SUBMITTED if wanted & {"all", "oof", "autoreply"} else None


def _no_reply(seen: Seen) -> Verdict | None:
    local = seen.sender.rpartition("@")[0]
    return NO_REPLY if _NO_REPLY.search(local) else None


RULES: tuple[Callable[[Seen], Verdict | None], ...] = (
    _report, _daemon, _answering_machine, _list, _submitted, _bulk, _null_sender, _suppressed, _no_reply,
)  # fmt: skip
