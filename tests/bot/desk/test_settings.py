"""Settings in force: set, file's, default; checked when set, written down, seen by other processes at once."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from bot.backoffice import Backoffice
from bot.clock import SetClock
from bot.desk import setting_files
from bot.desk.audit import at_the_server
from bot.desk.people import Actor
from bot.desk.setting_table import SECTIONS, SETTINGS, find, of_section
from bot.desk.settings import Settings, checked
from bot.errors import NotAllowed, NotFound, Refusal, WrongUsage
from storage.models import Event
from storage.queries import desk as rows

NAMES = """
numbering_model numbering_mask document_model_summary document_model_full document_model_intervention
document_model_closing auto_read auto_assign notify_on_close response_delay action_delay delays_count business_hours
holidays_country reclassify_closed sender reply_to notify_address letter_header letter_footer letters confirmation
assignment_notice reopen_days remind_client_days autoclose_days undo_seconds quiet_hours digest_time language timezone
on_hold warn_at ticket_channels max_mail_mb max_attachment_mb refused_types auto_answers confirm_unverified
templates_dir logo colour retention_days storm_limit
""".split()


def last_event() -> Event:
    """What was written down last."""
    return Event.select().order_by(Event.id.desc()).get()


def test_every_setting_that_people_know_is_there_in_a_section() -> None:
    assert set(NAMES) <= set(SETTINGS)
    assert [name for section in SECTIONS for name in (one.name for one in of_section(section))] == list(SETTINGS)


@pytest.mark.parametrize("name", SETTINGS)
def test_every_default_is_a_value_one_may_type(name: str) -> None:
    setting = find(name)

    assert checked(setting, setting.shown(setting.default)) == setting.default
    assert setting.help


@pytest.mark.row("C1", "C3", "C4", "C5", "C8", "N6")
@pytest.mark.parametrize("name", [name for name, setting in SETTINGS.items() if setting.choices])
def test_each_choice_may_be_set_and_nothing_else(office: Backoffice, name: str) -> None:
    for choice in SETTINGS[name].choices:
        office.desk.settings.set(name, choice, "test")
        assert office.desk.settings.get(name) == choice
    with pytest.raises(WrongUsage, match="must be one of"):
        office.desk.settings.set(name, "perhaps", "test")


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("response_delay", "soon", "response_delay must be a number from 0 to 8760"),
        ("response_delay", "nan", "must be a number"),
        ("response_delay", "1e400", "must be a number"),
        ("warn_at", "75.5", "must be a whole number from 1 to 100"),
        ("storm_limit", True, "must be a whole number"),
        ("timezone", "Mars", "must be a time zone"),
        ("timezone", "../../etc/passwd", "must be a time zone"),
        ("quiet_hours", "25:00-07:00", "must look like"),
        ("quiet_hours", "07:00-07:00", "must look like"),
        ("digest_time", "8", "must look like"),
        ("reply_to", "a@b.example, c@d.example", "must be one address"),
        ("notify_address", "nobody", "must be one address"),
        ("sender", "nobody", "must be an address such as"),
        ("letter_header", "Dear {name}", "must have no {name}; there are {reference}"),
        ("letter_footer", "x" * 4001, "must have at most 4000 characters, not 4001"),
        ("colour", "blue", "must look like"),
        ("holidays_country", "Mars", "must be a country code"),
        ("business_hours", "", "must name days and hours"),
        ("numbering_mask", "T{0000@13}", "numbering_mask cannot be this: After @ comes the month"),
        ("letters", 1, "must be one of"),
    ],
)
def test_what_cannot_be_is_refused_and_stays_as_it_was(
    office: Backoffice, name: str, value: object, sentence: str
) -> None:
    before = office.desk.settings.get(name)

    with pytest.raises(WrongUsage) as refusal:
        office.desk.settings.set(name, value, "test")

    assert sentence in str(refusal.value)
    assert office.desk.settings.get(name) == before
    assert Event.select().count() == 0


@pytest.mark.row("N1")
@pytest.mark.parametrize("value", ["Example Support <support@example.org>", "support@example.org", ""])
def test_a_sender_has_an_address_with_or_without_a_name(office: Backoffice, value: str) -> None:
    office.desk.settings.set("sender", value, "test")

    assert office.desk.settings.get("sender") == value


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("Support\r\nBcc: eve@evil.example <support@example.org>", ""),
        ("Support\r\n<support@example.org>", "Support <support@example.org>"),
    ],
)
def test_no_line_of_a_header_comes_in_through_a_sender(office: Backoffice, value: str, kept: str) -> None:
    with suppress(WrongUsage):
        office.desk.settings.set("sender", value, "test")

    assert office.desk.settings.get("sender") == kept


def test_an_unknown_name_is_told_the_nearest(office: Backoffice) -> None:
    with pytest.raises(NotFound, match="Did you mean response_delay"):
        office.desk.settings.set("respons_delay", 4, "test")
    with pytest.raises(NotFound, match="shows all"):
        office.desk.settings.reset("xyzzy")


# where a value comes from --------------------------------------------------------------------------------------------


def test_a_set_value_stands_before_the_file_s_and_the_file_s_before_the_default(
    office: Backoffice, clock: SetClock
) -> None:
    settings = Settings(clock, {"warn_at": 60})

    def seen() -> tuple[object, str]:
        return settings.get("warn_at"), settings.origin("warn_at")

    first = seen()
    settings.set("warn_at", 50, "test")
    second = seen()
    settings.reset("warn_at")

    assert (first, second, seen()) == ((60, "file"), (50, "set"), (60, "file"))
    assert Settings(clock).origin("warn_at") == "default"


def test_what_another_process_set_is_seen_within_a_second(office: Backoffice, clock: SetClock) -> None:
    here, there = office.desk.settings, Settings(clock)
    assert here.get("warn_at") == 75

    there.set("warn_at", 50, "test")
    clock.move(seconds=1.1)

    assert here.get("warn_at") == 50


# written down --------------------------------------------------------------------------------------------------------


def test_a_change_is_an_event_with_who_where_old_and_new(office: Backoffice, bob: Actor) -> None:
    office.desk.settings.set("warn_at", 50, bob)
    office.desk.settings.set("warn_at", 60, bob)

    event = last_event()
    assert (event.kind, event.actor_name, event.role, event.platform) == ("setting_changed", "Bob", "admin", "slack")
    assert (event.old, event.new, event.ticket_id) == ({"warn_at": 50}, {"warn_at": 60}, None)


def test_taking_back_a_value_is_an_event_and_what_changes_nothing_is_none(office: Backoffice, bob: Actor) -> None:
    office.desk.settings.set("warn_at", 50, bob)
    office.desk.settings.set("warn_at", 50, bob)
    office.desk.settings.reset("warn_at", at_the_server())
    office.desk.settings.reset("warn_at", at_the_server())

    assert (Event.select().count(), last_event().actor, last_event().new) == (2, "desk", {"warn_at": None})


@pytest.mark.row("C10")
def test_an_agent_sets_nothing(office: Backoffice, carol: Actor) -> None:
    with pytest.raises(NotAllowed):
        office.desk.settings.set("warn_at", 50, carol)
    with pytest.raises(NotAllowed):
        office.desk.settings.reset("warn_at", carol)

    assert office.desk.settings.chosen() == {}


# files ---------------------------------------------------------------------------------------------------------------


def test_what_was_set_comes_back_from_its_file(office: Backoffice, clock: SetClock) -> None:
    chosen = {"warn_at": 50, "response_delay": 1.5, "letter_footer": 'A "team"\n\\ of é {group}', "letters": "dry_run"}
    for name, value in chosen.items():
        office.desk.settings.set(name, value, "test")
    text = setting_files.written(office.desk.settings)
    for name in chosen:
        office.desk.settings.reset(name)

    changed = setting_files.take(office.desk.settings, text, at_the_server())

    assert set(changed) == set(chosen)
    assert office.desk.settings.chosen() == chosen


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('warn_at = 50\nresponse_delay = "soon"', "response_delay must be a number"),
        ("warn_at = 50\nwarn_att = 50", "Did you mean warn_at"),
        ("warn_at = 50\n[section]\nx = 1", "There is no setting section"),
        ("warn_at 50", "This is no TOML"),
    ],
)
def test_a_file_with_a_fault_sets_nothing(office: Backoffice, text: str, sentence: str) -> None:
    with pytest.raises(Refusal, match=sentence):
        setting_files.take(office.desk.settings, text, at_the_server())

    assert rows.settings() == {}


def test_a_dry_run_says_what_would_change_and_sets_nothing(office: Backoffice) -> None:
    would = setting_files.take(office.desk.settings, "warn_at = 50", at_the_server(), dry_run=True)

    assert (would, rows.settings()) == (["warn_at"], {})


def test_all_settings_in_force_can_be_written(office: Backoffice) -> None:
    text = setting_files.written(office.desk.settings, everything=True)

    assert setting_files.take(office.desk.settings, text, at_the_server(), dry_run=True) == list(SETTINGS)


@settings(max_examples=100, deadline=None)
@given(some.sampled_from(list(SETTINGS)), some.one_of(some.text(), some.floats(), some.integers(), some.none()))
def test_no_value_whatsoever_does_more_than_be_refused(name: str, value: object) -> None:
    try:
        kept = checked(find(name), value)
    except WrongUsage as refusal:
        assert str(refusal).startswith(name)
    else:
        assert checked(find(name), kept) == kept


def test_what_is_said_for_as_long_as_the_desk_runs_follows_its_language(office: Backoffice) -> None:
    words = office.desk.current_words()
    before = words("Assignee")

    office.desk.settings.set("language", "fr", "Bob")
    office.desk.settings.set("timezone", "Europe/Paris", "Bob")
    office.desk.settings.get("language")

    assert (before, words("Assignee"), str(words.zone)) == ("Assignee", "Responsable", "Europe/Paris")
