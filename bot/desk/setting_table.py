"""What an administrator may set while the bot runs: one table, `SETTINGS`, with kind, default and help of each.

Values only: nothing here knows a database, so that a configuration can be checked without one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from bot.desk import setting_values as values
from bot.desk.setting_values import Parser
from bot.errors import NotFound
from bot.texts import LANGUAGES

SECTIONS: Mapping[str, str] = {
    "desk": "The desk",
    "tickets": "Tickets",
    "numbering": "Numbering",
    "deadlines": "Deadlines",
    "letters": "Letters",
    "mail": "Mail and files",
    "documents": "Documents",
}


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: how its value is checked, what it is when nobody says, and its help.

    `choices` are all values there are, () where it is typed; `lines` whether a text has several lines.
    """

    name: str
    section: str
    parse: Parser
    default: Any
    help: str
    choices: tuple[str, ...] = ()
    lines: bool = False

    @property
    def may_be_empty(self) -> bool:
        """Whether "" is a value."""
        return self.default == "" or self.lines

    def shown(self, value: object) -> str:
        """A value as one types it."""
        return f"{value:.15g}" if isinstance(value, float) else str(value)


def _choice(name: str, section: str, choices: tuple[str, ...], default: str, said: str) -> Setting:
    return Setting(name, section, values.one_of(*choices), default, said, choices)


def _switch(name: str, section: str, default: str, said: str) -> Setting:
    return _choice(name, section, ("on", "off"), default, said)


def _letter_part(name: str, said: str) -> Setting:
    return Setting(name, "letters", values.letter_part, "", said, lines=True)


_HOURS, _DAYS = values.number(0, 8760), values.number(0, 3650)
_TABLE = (
    _choice("language", "desk", LANGUAGES, "en", "what people see until they choose their own"),
    Setting("timezone", "desk", values.timezone, "UTC", "the desk's time zone"),
    Setting("quiet_hours", "desk", values.hours, "", "when only blocking rings"),
    Setting("digest_time", "desk", values.clock_time, "", "daily digest"),
    Setting("ticket_channels", "desk", values.text(2000), "", "Slack channels where 🎫 makes a ticket"),
    _switch("mention_lines", "desk", "on", "answer a reference written in the channel with how the ticket stands"),
    Setting(
        "storm_limit", "desk", values.number(0, 100_000, whole=True), 120, "new tickets a minute that become a digest"
    ),
    Setting(
        "retention_days",
        "desk",
        values.number(0, 36_500, whole=True),
        0,
        "days closed tickets are kept, 0 = for ever",
    ),
    _switch("auto_read", "tickets", "off", "tickets that staff create start as read"),
    _choice(
        "auto_assign",
        "tickets",
        ("never", "if_nobody", "always"),
        "never",
        "assign tickets that staff create to their creator",
    ),
    _switch("on_hold", "tickets", "off", "the status On hold"),
    _switch("reclassify_closed", "tickets", "off", "type, group and severity of closed tickets may change"),
    Setting("reopen_days", "tickets", _DAYS, 14, "days in which a client's mail reopens a closed ticket"),
    Setting(
        "remind_client_days", "tickets", values.number(0, 365), 0, "days until a silent client is reminded, 0 = never"
    ),
    Setting("autoclose_days", "tickets", values.number(0, 365), 0, "days until a waiting ticket is closed, 0 = never"),
    _choice("numbering_model", "numbering", ("simple", "mask"), "simple", "how references are numbered"),
    Setting("numbering_mask", "numbering", values.mask, "", "the mask of the model mask, as ACME-{yyyy}/{0000@1}"),
    Setting("response_delay", "deadlines", _HOURS, 0, "hours until the first answer, 0 = off"),
    Setting("action_delay", "deadlines", _HOURS, 0, "hours without any activity, 0 = off"),
    Setting(
        "warn_at", "deadlines", values.number(1, 100, whole=True), 75, "percent of a delay at which the team is warned"
    ),
    Setting(
        "still_on_it",
        "deadlines",
        values.number(0, 1440, whole=True),
        60,
        "minutes until whoever took a ticket that rang is asked whether they are still on it, 0 = never",
    ),
    _choice("delays_count", "deadlines", ("always", "business_hours"), "always", "when delays count"),
    Setting("business_hours", "deadlines", values.business_hours, "mon-fri 09:00-18:00", "when the desk is staffed"),
    Setting(
        "holidays_country",
        "deadlines",
        values.country,
        "",
        "country or region whose holidays do not count, as FR or DE-BY",
    ),
    _choice("letters", "letters", ("on", "off", "dry_run"), "on", "whether letters leave"),
    Setting("sender", "letters", values.sender, "", "sender of letters; empty = the file's [smtp] sender"),
    Setting("reply_to", "letters", values.address, "", "where answers go, if not to the mailbox"),
    Setting("notify_address", "letters", values.address, "", "told of every new ticket"),
    _letter_part("letter_header", "Markdown above every client letter"),
    _letter_part("letter_footer", "Markdown below every client letter"),
    _switch("confirmation", "letters", "on", "confirm new tickets to their sender"),
    _switch("confirm_unverified", "letters", "on", "confirm mails whose sender is not verified"),
    _switch("assignment_notice", "letters", "off", "tell the client who was assigned"),
    _choice(
        "notify_on_close",
        "letters",
        ("always", "ask_yes", "ask_no", "never"),
        "always",
        "whether the client gets a letter at closing",
    ),
    Setting(
        "undo_seconds", "letters", values.number(0, 3600), 30, "how long a reply can be taken back before it leaves"
    ),
    Setting("auto_answers", "letters", values.number(0, 10_000, whole=True), 60, "automatic letters a minute in all"),
    Setting("max_mail_mb", "mail", values.number(1, 100), 25, "largest mail that is read"),
    Setting("max_attachment_mb", "mail", values.number(1, 100), 25, "largest file that is kept"),
    Setting("refused_types", "mail", values.text(2000), "", "types of files that are not kept, as *.exe, *.scr"),
    Setting("document_model_summary", "documents", values.text(), "summary", "template of the summary"),
    Setting("document_model_full", "documents", values.text(), "full", "template of the full file"),
    Setting(
        "document_model_intervention", "documents", values.text(), "intervention", "template of the intervention report"
    ),
    Setting(
        "document_model_closing", "documents", values.text(), "closing", "template of the closing letter as a document"
    ),
    Setting("templates_dir", "documents", values.text(1000), "", "folder with own document templates"),
    Setting("logo", "documents", values.text(1000), "", "picture on documents"),
    Setting("colour", "documents", values.colour, "#2b7de9", "documents' colour"),
)
SETTINGS: dict[str, Setting] = {setting.name: setting for setting in _TABLE}


def find(name: str) -> Setting:
    """The setting of that name. NotFound names the nearest."""
    if name in SETTINGS:
        return SETTINGS[name]
    near = get_close_matches(name.lower(), SETTINGS, 1, 0.5)
    if near:
        raise NotFound("There is no setting {name}. Did you mean {near}?", name=name[:60], near=near[0])
    raise NotFound("There is no setting {name}. `settings list` shows all.", name=name[:60])


def of_section(section: str) -> list[Setting]:
    """The settings of a section, in the order of the table."""
    return [setting for setting in SETTINGS.values() if setting.section == section]
