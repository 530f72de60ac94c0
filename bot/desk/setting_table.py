"""What an administrator may set while the bot runs: one table, `SETTINGS`, with kind, default and help of each.

Values only: nothing here knows a database, so that a configuration can be checked without one.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from bot.desk import business_time
from bot.desk.numbering import Mask
from bot.errors import NotFound

Parser = Callable[[object], object]


def _one_of(*choices: str) -> Parser:
    def parse(raw: object) -> str:
        if raw not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}")
        return str(raw)

    return parse


def _text(limit: int = 200) -> Parser:
    def parse(raw: object) -> str:
        if not isinstance(raw, str):
            raise ValueError("must be a text")
        if len(raw) > limit:
            raise ValueError(f"must have at most {limit} characters, not {len(raw)}")
        return raw

    return parse


def _number(least: float, most: float, *, whole: bool = False) -> Parser:
    def parse(raw: object) -> float:
        value = _as_number(raw)
        if value is None or not least <= value <= most or (whole and value != int(value)):
            kind = "whole number" if whole else "number"
            raise ValueError(f"must be a {kind} from {least:g} to {most:g}")
        return int(value) if whole else value

    return parse


def _as_number(raw: object) -> float | None:
    if isinstance(raw, bool):
        return None
    try:
        return float(raw) if isinstance(raw, int | float | str) else None
    except ValueError:
        return None


def _matching(pattern: str, sentence: str) -> Parser:
    compiled = re.compile(pattern)

    def parse(raw: object) -> str:
        if not isinstance(raw, str) or not (raw == "" or compiled.fullmatch(raw)):
            raise ValueError(sentence)
        return raw

    return parse


def _timezone(raw: object) -> str:
    try:
        ZoneInfo(str(raw))
    except (ValueError, OSError, LookupError):
        raise ValueError('must be a time zone such as "Europe/Paris"') from None
    return str(raw)


def _business_hours(raw: object) -> object:
    text = str(_text(500)(raw))
    business_time.week(text)
    return text


def _country(raw: object) -> str:
    return business_time.country(str(_text()(raw)))


def _mask(raw: object) -> str:
    text = str(_text()(raw))
    if text:
        Mask.parse(text)
    return text


_ADDRESS = r"[^@\s<>,;\"]+@[^@\s<>,;\"]+"
_HOURS = r"\d{1,2}:\d{2}-\d{1,2}:\d{2}"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: how its value is checked, what it is when nobody says, and its help."""

    name: str
    parse: Parser
    default: Any
    help: str


ON_OFF = _one_of("on", "off")
SETTINGS: dict[str, Setting] = {
    setting.name: setting
    for setting in (
        Setting("numbering_model", _one_of("simple", "mask"), "simple", "how references are numbered"),
        Setting("numbering_mask", _mask, "", "the mask of the model mask, as ACME-{yyyy}/{0000@1}"),
        Setting("document_model_summary", _text(), "summary", "template of the summary"),
        Setting("document_model_full", _text(), "full", "template of the full file"),
        Setting("document_model_intervention", _text(), "intervention", "template of the intervention report"),
        Setting("document_model_closing", _text(), "closing", "template of the closing letter as a document"),
        Setting("auto_read", ON_OFF, "off", "tickets that staff create start as read"),
        Setting(
            "auto_assign",
            _one_of("never", "if_nobody", "always"),
            "never",
            "assign tickets that staff create to their creator",
        ),
        Setting(
            "notify_on_close",
            _one_of("always", "ask_yes", "ask_no", "never"),
            "always",
            "whether the client gets a letter at closing",
        ),
        Setting("response_delay", _number(0, 8760), 0, "hours until the first answer, 0 = off"),
        Setting("action_delay", _number(0, 8760), 0, "hours without any activity, 0 = off"),
        Setting("delays_count", _one_of("always", "business_hours"), "always", "when delays count"),
        Setting("business_hours", _business_hours, "mon-fri 09:00-18:00", "when the desk is staffed"),
        Setting("holidays_country", _country, "", "country or region whose holidays do not count, as FR or DE-BY"),
        Setting("reclassify_closed", ON_OFF, "off", "type, group and severity of closed tickets may change"),
        Setting("sender", _text(), "", "sender of letters; empty = the file's [smtp] sender"),
        Setting("reply_to", _matching(_ADDRESS, "must be one address"), "", "where answers go without a mailbox"),
        Setting("notify_address", _matching(_ADDRESS, "must be one address"), "", "told of every new ticket"),
        Setting("letter_header", _text(4000), "", "Markdown above every client letter"),
        Setting("letter_footer", _text(4000), "", "Markdown below every client letter"),
        Setting("letters", _one_of("on", "off", "dry_run"), "on", "whether letters leave"),
        Setting("confirmation", ON_OFF, "on", "confirm new tickets to their sender"),
        Setting("assignment_notice", ON_OFF, "off", "tell the client who was assigned"),
        Setting("reopen_days", _number(0, 3650), 14, "days in which a client's mail reopens a closed ticket"),
        Setting("remind_client_days", _number(0, 365), 0, "days until a silent client is reminded, 0 = never"),
        Setting("autoclose_days", _number(0, 365), 0, "days until a waiting ticket is closed, 0 = never"),
        Setting("undo_seconds", _number(0, 3600), 30, "how long a reply can be taken back before it leaves"),
        Setting("quiet_hours", _matching(_HOURS, 'must look like "22:00-07:00"'), "", "when only blocking rings"),
        Setting("digest_time", _matching(r"\d{1,2}:\d{2}", 'must look like "08:30"'), "", "daily digest"),
        Setting("language", _one_of("en", "fr"), "en", "what people see until they choose their own"),
        Setting("timezone", _timezone, "UTC", "the desk's time zone"),
        Setting("on_hold", ON_OFF, "off", "the status On hold"),
        Setting("warn_at", _number(1, 100, whole=True), 75, "percent of a delay at which the team is warned"),
        Setting("ticket_channels", _text(2000), "", "Slack channels where 🎫 makes a ticket"),
        Setting("max_mail_mb", _number(1, 100), 25, "largest mail that is read"),
        Setting("max_attachment_mb", _number(1, 100), 25, "largest file that is kept"),
        Setting("refused_types", _text(2000), "", "types of files that are not kept, as *.exe, *.scr"),
        Setting("auto_answers", _number(0, 10_000, whole=True), 60, "automatic letters a minute in all"),
        Setting("confirm_unverified", ON_OFF, "on", "confirm mails whose sender is not verified"),
        Setting("templates_dir", _text(1000), "", "folder with own document templates"),
        Setting("logo", _text(1000), "", "picture on documents"),
        Setting("colour", _matching(r"#[0-9a-fA-F]{6}", 'must look like "#2b7de9"'), "#2b7de9", "documents' colour"),
        Setting("retention_days", _number(0, 36_500, whole=True), 0, "days closed tickets are kept, 0 = for ever"),
        Setting("storm_limit", _number(0, 100_000, whole=True), 120, "new tickets a minute that become a digest"),
    )
}


def find(name: str) -> Setting:
    """The setting of that name. NotFound otherwise."""
    if name not in SETTINGS:
        raise NotFound("There is no setting {name}. `settings list` shows all.", name=name)
    return SETTINGS[name]
