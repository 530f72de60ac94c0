"""The configuration: good files and environments are read, and every mistake is one line that names its place."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.config import Config, compile_pattern, load_config, masked
from bot.config.patterns import is_risky
from bot.errors import ConfigError
from tests.bot.config_mistakes import CANARY, FILES, GOOD, MAILBOX, MISTAKES, RULE, place, toml

MAIL_ONLY = {
    "DESKBELL_MAILBOX__SUPPORT__ADDRESS": "support@example.org",
    "DESKBELL_MAILBOX__SUPPORT__HOST": "imap.example.org",
    "DESKBELL_MAILBOX__SUPPORT__USERNAME": "support",
    "DESKBELL_MAILBOX__SUPPORT__PASSWORD": CANARY,
}


def read(folder: Path, text: str, environ: dict[str, str] | None = None) -> Config:
    """Write the file, which only its owner may read, and load it."""
    file = folder / "deskbell.toml"
    file.write_text(text, encoding="utf-8")
    file.chmod(0o600)
    return load_config(file, environ or {})


def line(folder: Path, text: str, environ: dict[str, str] | None = None) -> str:
    """The one line that a wrong configuration is refused with."""
    with pytest.raises(ConfigError) as caught:
        read(folder, text, environ)
    message = str(caught.value)
    assert message.splitlines() == [message]
    assert CANARY not in message
    assert caught.value.__cause__ is None
    return message


@pytest.mark.row("CF-01")
@pytest.mark.parametrize(("table", "key", "literal", "expected"), MISTAKES)
def test_a_wrong_value_is_one_line_with_file_place_and_key(
    tmp_path: Path, table: str, key: str, literal: str | None, expected: str
) -> None:
    message = line(tmp_path, toml({(table, key): literal}))

    named = "mailbox " if key == "name" else place(table)
    assert message.startswith(f"deskbell.toml: {named}")
    assert expected in message
    assert key in message


@pytest.mark.row("CF-01")
@pytest.mark.parametrize(("text", "expected"), FILES)
def test_a_file_of_the_wrong_shape_is_one_line(tmp_path: Path, text: str, expected: str) -> None:
    message = line(tmp_path, text)

    assert message.startswith("deskbell.toml: ")
    assert expected in message


def test_there_are_enough_mistakes() -> None:
    assert len(MISTAKES) + len(FILES) >= 130


def test_there_are_enough_wrong_rules() -> None:
    assert len([table for table, *_ in MISTAKES if table == RULE]) >= 45


@pytest.mark.parametrize(
    ("key", "literal"),
    [("subject", '"/(/"'), ("set", "1"), ("extract", '{ group = { from = "body", pattern = "(" } }'), ("subjct", "1")],
)
def test_a_wrong_rule_is_told_with_its_line(tmp_path: Path, key: str, literal: str) -> None:
    good = toml({(RULE, "name"): '"first"'})
    text = f"{good}\n\n[[ mailbox . rule ]]  # the second\nname = 'billing'\n{key} = {literal}\n"

    message = line(tmp_path, text)

    number = 1 + text.splitlines().index(f"{key} = {literal}")
    assert message.startswith(f'deskbell.toml: mailbox "support": rule "billing" (line {number}): ')


def test_a_rule_written_in_one_line_with_its_mailbox_has_no_line(tmp_path: Path) -> None:
    message = line(tmp_path, "[[mailbox]]\nname = 'a'\nrule = [{ name = 'b', subject = '/(/' }]")

    assert message.startswith('deskbell.toml: mailbox "a": rule "b": subject is no regular expression')


def test_every_key_of_the_file_has_a_mistake() -> None:
    tried = {(table, key) for table, key, _, _ in MISTAKES}

    assert {(table, key) for table, keys in GOOD.items() for key in keys} <= tried


def test_the_good_file_is_read(tmp_path: Path) -> None:
    config = read(tmp_path, toml())

    assert config.language == "fr"
    assert config.slack is not None and config.slack.bot_token.get_secret_value() == f"xoxb-{CANARY}"
    assert config.slack.api_url == "https://slack.com/api/"
    assert config.telegram is not None and config.telegram.api_url == "https://api.telegram.org"
    assert config.smtp is not None and config.smtp.sender == "Example Support <support@example.org>"
    assert (config.web.host, config.web.port) == ("127.0.0.1", 8080)
    assert [box.name for box in config.mailboxes] == ["support"]
    assert config.warnings == ()


@pytest.mark.row("CF-04")
def test_a_risky_expression_is_taken_with_a_warning(tmp_path: Path) -> None:
    config = read(tmp_path, toml({("[[mailbox.rule]]", "subject"): '"/(a+)+$/"'}))

    (warning,) = config.warnings
    assert warning.startswith('mailbox "support": rule "billing": a group that repeats is repeated')


def test_a_rule_keeps_its_patterns_as_they_were_written(tmp_path: Path) -> None:
    rule = read(tmp_path, toml()).mailboxes[0].rules[0]

    assert rule.conditions["from"] == ("*@acme.example", "!eve@*")
    assert rule.conditions["header"] == {"X-Priority": ("1*",)}
    assert rule.conditions["smaller"] == 5_000_000
    assert rule.sets == {"group": "BILLING", "custom.team": "money"}
    assert rule.extract["custom.order"].source == "subject"


def test_custom_fields_need_no_quotes(tmp_path: Path) -> None:
    changes = {
        ("[[mailbox.rule]]", "set"): '{ custom.team = "money" }',
        ("[[mailbox.rule]]", "extract"): '{ custom.order = { from = "HEADER:X-Order", pattern = "(.+)" } }',
    }

    rule = read(tmp_path, toml(changes)).mailboxes[0].rules[0]

    assert rule.sets == {"custom.team": "money"}
    assert rule.extract["custom.order"].source == "HEADER:X-Order"


def test_an_empty_file_runs_without_any_platform(tmp_path: Path) -> None:
    config = read(tmp_path, "")

    assert (config.slack, config.telegram, config.smtp, config.mailboxes) == (None, None, None, ())
    assert config.database.sqlite_file == tmp_path / "deskbell.db"
    assert config.data_dir == tmp_path / "data"


def test_a_port_left_out_follows_the_security(tmp_path: Path) -> None:
    changes = {(MAILBOX, "port"): None, (MAILBOX, "security"): '"starttls"', ("[smtp]", "port"): None}

    config = read(tmp_path, toml(changes))

    assert config.mailboxes[0].port == 143
    assert config.smtp is not None and config.smtp.port == 587


def test_a_setting_of_the_desk_may_stand_in_the_file_or_the_environment(tmp_path: Path) -> None:
    text = 'response_delay = 4\nlanguage = "fr"'

    from_file = read(tmp_path, text)
    from_environment = read(tmp_path, text, {"DESKBELL_RESPONSE_DELAY": "8"})

    assert from_file.settings == {"response_delay": 4.0, "language": "fr"}
    assert from_environment.settings == {"response_delay": 8.0, "language": "fr"}


def test_a_setting_that_names_a_file_is_relative_to_the_files_folder(tmp_path: Path) -> None:
    config = read(tmp_path, 'templates_dir = "templates"\nlogo = ""')

    assert config.settings == {"templates_dir": str(tmp_path / "templates"), "logo": ""}


def test_the_first_mistake_in_the_files_order_is_told(tmp_path: Path) -> None:
    text = "[web]\nlisten = 1\n[slack]\nbot_tokn = 'x'\n[database]\nurl = 1\n"

    assert "web: listen" in line(tmp_path, text)
    assert 'unknown key "bot_tokn"' in line(tmp_path, text.replace("listen = 1", ""))
    assert "database: url" in line(tmp_path, "[database]\nurl = 1\n" + text.partition("[database]")[0])


@pytest.mark.parametrize("second", ["support", "SUPPORT"])
def test_two_mailboxes_of_one_name_are_refused(tmp_path: Path, second: str) -> None:
    other = toml({(MAILBOX, "name"): f'"{second}"'}, only=(MAILBOX,))

    message = line(tmp_path, toml(only=(MAILBOX,)) + "\n" + other)

    assert message == f'deskbell.toml: mailbox "{second}": name is the name of another mailbox too'


def test_names_that_mean_one_variable_are_refused(tmp_path: Path) -> None:
    boxes = [toml({(MAILBOX, "name"): f'"{name}"'}, only=(MAILBOX,)) for name in ("my-box", "my_box")]

    assert "name is the name of another mailbox too" in line(tmp_path, "\n".join(boxes))


class TestEnvironment:
    """DESKBELL_… variables."""

    def test_the_environment_wins(self, tmp_path: Path) -> None:
        environ = {
            "DESKBELL_LANGUAGE": "en",
            "DESKBELL_MAILBOX__SUPPORT__PORT": "1143",
            "DESKBELL_MAILBOX__SUPPORT__IDLE": "false",
            "DESKBELL_TELEGRAM__CHAT": "-5",
            "DESKBELL_SLACK__BOT_TOKEN": "xoxb-other",
        }

        config = read(tmp_path, toml(), environ)

        assert config.language == "en"
        assert (config.mailboxes[0].port, config.mailboxes[0].idle) == (1143, False)
        assert config.telegram is not None and config.telegram.chat == -5
        assert config.slack is not None and config.slack.bot_token.get_secret_value() == "xoxb-other"

    def test_a_mailbox_with_a_dash_is_reached(self, tmp_path: Path) -> None:
        text = toml({(MAILBOX, "name"): '"my-box"'})

        config = read(tmp_path, text, {"DESKBELL_MAILBOX__MY_BOX__PORT": "1143"})

        assert config.mailboxes[0].port == 1143

    @pytest.mark.parametrize(
        ("variable", "value", "expected"),
        [
            ("DESKBELL_LANGUAGE", "de", 'language must be "en" or "fr", not "de"'),
            ("DESKBELL_MAILBOX__SUPPORT__PORT", "99999", 'mailbox "support": port must be 1–65535, not 99999'),
            ("DESKBELL_MAILBOX__SUPPORT__PORT", "imap", 'mailbox "support": port must be 1–65535, not "imap"'),
            ("DESKBELL_MAILBOX__SUPPORT__IDLE", "maybe", 'mailbox "support": idle must be true or false, not "maybe"'),
            ("DESKBELL_SLACK__BOT_TOKEN", CANARY, "slack: bot_token must be a bot token"),
            ("DESKBELL_DATABASE__URL", f"mysql://{CANARY}", "database: url must be"),
            ("DESKBELL_SECRET_FILE", "absent", "secret_file cannot be read: no such file or directory"),
            ("DESKBELL_SMTP__PASSWORD_FILE", "", "smtp: password_file cannot be read: it must be a file's name"),
            ("DESKBELL_RESPONSE_DELAY", "soon", 'response_delay must be a number from 0 to 8760, not "soon"'),
            ("DESKBELL_LANGAGE", "en", 'names no setting (did you mean "DESKBELL_LANGUAGE"?)'),
            ("DESKBELL_SLACK__BOT_TOKN", CANARY, '(did you mean "DESKBELL_SLACK__BOT_TOKEN"?)'),
            ("DESKBELL_MAILBOX__SUPORT__PORT", "1", '(did you mean "DESKBELL_MAILBOX__SUPPORT__PORT"?)'),
            ("DESKBELL_MAILBOX__SUPPORT__RULE", "[]", "names no setting"),
            ("DESKBELL_MAILBOX__SUPPORT__NAME", "x", "names no setting"),
            ("DESKBELL_SLACK", CANARY, "names no setting"),
            ("DESKBELL_", "x", "names no setting"),
            ("DESKBELL_SLACK__CHANNEL", "a b\udcff", r'name or id, not "a b\udcff"'),
            ("DESKBELL_slack__mode", "http", "names no setting"),
        ],
    )
    def test_a_wrong_variable_is_named(self, tmp_path: Path, variable: str, value: str, expected: str) -> None:
        message = line(tmp_path, toml(), {variable: value})

        assert message.startswith(f"{variable}: ")
        assert expected in message

    def test_what_is_no_setting_is_left_alone(self, tmp_path: Path) -> None:
        environ = {"DESKBELL_FAIL": "send:1", "DESKBELL_TEST_POSTGRES": "x", "DESKBELL_CONFIG": "x", "HOME": "/"}

        assert read(tmp_path, toml(), environ).language == "fr"

    def test_the_environment_alone_is_enough(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)

        config = load_config(None, MAIL_ONLY)

        assert config.mailboxes[0].name == "support"
        assert config.mailboxes[0].password.get_secret_value() == CANARY
        assert config.database.sqlite_file == tmp_path / "deskbell.db"

    def test_what_is_missing_is_named_as_a_variable(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        environ = {name: text for name, text in MAIL_ONLY.items() if not name.endswith("HOST")}

        with pytest.raises(ConfigError) as caught:
            load_config(None, environ)

        assert str(caught.value) == 'DESKBELL_MAILBOX__SUPPORT__HOST: mailbox "support": host is missing'

    def test_a_command_is_a_list_of_words(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        environ = MAIL_ONLY | {"DESKBELL_MAILBOX__SUPPORT__OAUTH__COMMAND": "token --for 'my box'"}
        del environ["DESKBELL_MAILBOX__SUPPORT__PASSWORD"]

        config = load_config(None, environ)

        assert config.mailboxes[0].oauth is not None
        assert config.mailboxes[0].oauth.command == ("token", "--for", "my box")


class TestWhereTheFileIs:
    """--config, $DESKBELL_CONFIG, ./deskbell.toml."""

    def test_nothing_at_all_says_how_to_begin(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)

        with pytest.raises(ConfigError, match=r"^deskbell\.toml: not found .* --config .*deskbell demo"):
            load_config(None, {})

    @pytest.mark.parametrize("by_variable", [False, True])
    def test_a_named_file_must_be_there(self, tmp_path: Path, by_variable: bool) -> None:
        absent = tmp_path / "absent.toml"
        path, environ = (None, {"DESKBELL_CONFIG": str(absent)}) if by_variable else (absent, {})

        with pytest.raises(ConfigError, match=r"^absent\.toml: cannot be read: no such file"):
            load_config(path, environ)

    def test_a_folder_is_no_file(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match="cannot be read: is a directory"):
            load_config(tmp_path, {})

    def test_bytes_that_are_no_text_are_told(self, tmp_path: Path) -> None:
        file = tmp_path / "deskbell.toml"
        file.write_bytes(b'language = "\xff"')

        with pytest.raises(ConfigError, match="cannot be read: not UTF-8 at byte 13"):
            load_config(file, {})

    def test_the_current_folder_is_looked_at_last(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        Path("deskbell.toml").write_text('language = "fr"')

        assert load_config(None, {}).language == "fr"

    def test_paths_are_relative_to_the_files_folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        (elsewhere / "key").write_text(f"{CANARY}\n")
        monkeypatch.chdir(tmp_path)

        config = read(elsewhere, 'secret_file = "key"\ndata_dir = "files"\n[database]\nurl = "sqlite:///desk.db"')

        assert config.secret.get_secret_value() == CANARY
        assert config.data_dir == elsewhere / "files"
        assert config.database.sqlite_file == elsewhere / "desk.db"

    def test_an_absolute_path_stays(self, tmp_path: Path) -> None:
        config = read(tmp_path, '[database]\nurl = "sqlite:////srv/desk.db"')

        assert config.database.sqlite_file == Path("/srv/desk.db")


class TestSecrets:
    """Files of secrets, and what is shown of a secret."""

    def test_every_secret_may_come_from_a_file(self, tmp_path: Path) -> None:
        for name, text in {"bot": "xoxb-1\n", "app": "xapp-1\r\n", "tg": "1:a", "pw": " pw \n"}.items():
            (tmp_path / name).write_text(text)
        changes: dict[tuple[str, str], str | None] = {}
        for table, key, name in (
            ("[slack]", "bot_token", "bot"),
            ("[slack]", "app_token", "app"),
            ("[telegram]", "token", "tg"),
            (MAILBOX, "password", "pw"),
            ("[smtp]", "password", "pw"),
        ):
            changes |= {(table, key): None, (table, f"{key}_file"): f'"{name}"'}

        config = read(tmp_path, toml(changes))

        assert config.slack is not None and config.slack.bot_token.get_secret_value() == "xoxb-1"
        assert config.slack.app_token.get_secret_value() == "xapp-1"
        assert config.mailboxes[0].password.get_secret_value() == " pw "

    def test_a_wrong_secret_in_a_file_is_not_shown(self, tmp_path: Path) -> None:
        (tmp_path / "token").write_text(f"{CANARY}\n")

        message = line(tmp_path, toml({("[slack]", "bot_token"): None, ("[slack]", "bot_token_file"): '"token"'}))

        assert message == 'deskbell.toml: slack: bot_token must be a bot token that begins with "xoxb-"'

    @pytest.mark.parametrize(("content", "expected"), [(None, "no such file"), (b"\n", "empty"), (b"\xff", "UTF-8")])
    def test_a_file_that_gives_no_secret_is_told(self, tmp_path: Path, content: bytes | None, expected: str) -> None:
        if content is not None:
            (tmp_path / "token").write_bytes(content)

        message = line(tmp_path, 'secret_file = "token"')

        assert message.startswith("deskbell.toml: secret_file cannot be read: ")
        assert expected in message

    @pytest.mark.parametrize("suffix", ["", "_FILE"])
    def test_the_environment_replaces_both_spellings(self, tmp_path: Path, suffix: str) -> None:
        (tmp_path / "new").write_text("new")
        text = 'secret_file = "absent"' if not suffix else f'secret = "{CANARY}"'

        config = read(tmp_path, text, {f"DESKBELL_SECRET{suffix}": "new"})

        assert config.secret.get_secret_value() == "new"

    def test_both_spellings_in_the_environment_are_refused(self, tmp_path: Path) -> None:
        environ = {"DESKBELL_SECRET": CANARY, "DESKBELL_SECRET_FILE": "new"}

        assert "secret_file cannot be given together with secret" in line(tmp_path, "", environ)

    def test_an_empty_secret_beside_its_file_is_fine(self, tmp_path: Path) -> None:
        (tmp_path / "key").write_text("new")

        assert read(tmp_path, 'secret = ""\nsecret_file = "key"').secret.get_secret_value() == "new"

    @pytest.mark.row("INV-09")
    def test_no_secret_is_printed(self, tmp_path: Path) -> None:
        config = read(tmp_path, toml())

        shown = masked(config)

        assert CANARY not in repr(config) + str(config) + repr(shown)
        assert shown["slack"]["bot_token"] == "••••"
        assert shown["database"]["url"] == "postgresql://desk:••••@db.example.org:5432/deskbell"
        assert shown["mailbox"][0]["host"] == "imap.example.org"

    @pytest.mark.row("INV-09")
    def test_a_secret_under_a_wrong_key_is_not_shown(self, tmp_path: Path) -> None:
        message = line(tmp_path, toml({(MAILBOX, "first_contact"): f'"{CANARY}"'}))

        assert message.endswith("not a text")

    @pytest.mark.row("SE-24")
    def test_a_secret_that_all_can_read_is_a_warning(self, tmp_path: Path) -> None:
        (tmp_path / "key").write_text(CANARY)
        (tmp_path / "key").chmod(0o644)

        warned = read(tmp_path, 'secret_file = "key"').warnings
        (tmp_path / "key").chmod(0o600)
        quiet = read(tmp_path, 'secret_file = "key"').warnings

        assert warned == ("secret_file: the file can be read by every user (chmod 600)",)
        assert quiet == ()

    @pytest.mark.row("SE-24")
    def test_a_file_with_secrets_that_all_can_read_is_a_warning(self, tmp_path: Path) -> None:
        file = tmp_path / "deskbell.toml"
        file.write_text(toml())
        file.chmod(0o644)

        assert "can be read by every user" in load_config(file, {}).warnings[0]

    def test_a_password_without_encryption_is_a_warning(self, tmp_path: Path) -> None:
        config = read(tmp_path, toml({(MAILBOX, "security"): '"none"'}))

        assert config.warnings == ('mailbox "support": the password goes to imap.example.org without encryption',)


class TestPatterns:
    """Globs and regular expressions of rules."""

    @pytest.mark.parametrize(
        ("pattern", "value", "fits"),
        [
            ("*@acme.example", "Ann@ACME.example", True),
            ("*@acme.example", "ann@acme.example.org", False),
            ("invoice", "Invoice", True),
            ("invoice", "my invoice", False),
            ("*[urgent]*", "Re: [URGENT] help", True),
            ("a?c", "abc", True),
            ("ab*b", "ab", False),
            ("a*b*c", "a line\nb c", True),
            ("*", "", True),
            ("!*@acme.example", "bob@example.org", True),
            ("!*@acme.example", "ann@acme.example", False),
            ("/invoice|facture/i", "Une FACTURE", True),
            ("/invoice/", "INVOICE", False),
            ("/^b/m", "a\nb", True),
            ("/a.b/s", "a\nb", True),
            ("!/invoice/i", "Invoice", False),
            ("/a/b/", "a/b", True),
        ],
    )
    def test_a_pattern_fits_what_it_says(self, pattern: str, value: str, fits: bool) -> None:
        assert compile_pattern(pattern).matches(value) is fits

    @pytest.mark.parametrize(
        "source", ["(a+)+$", "(a*)*", "((ab)*c?)+", "(?:x+y*){2,}", r"(\w+\s?)*$", "(?P<n>[a-z]+)*"]
    )
    def test_repetition_inside_repetition_is_taken_and_called_risky(self, source: str) -> None:
        compile_pattern(f"/{source}/")

        assert is_risky(f"!/{source}/i")

    @pytest.mark.parametrize(
        "source", [r"(?:,\w+)*", r"(\.[a-z]+)+", "(ab)+c+", "[(a+)+]", r"\(a+\)+", "(?i)a+", "(a{3})+"]
    )
    def test_harmless_repetition_is_not_called_risky(self, source: str) -> None:
        assert not is_risky(f"/{source}/")

    def test_a_glob_of_many_stars_is_quick(self) -> None:
        pattern = compile_pattern("*a" * 200 + "*b")

        assert not pattern.matches("a" * 20_000)


SINGLE = st.one_of(st.booleans(), st.integers(), st.floats(), st.text(max_size=40), st.dates(), st.times())
ANYTHING: st.SearchStrategy[Any] = st.recursive(
    SINGLE,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
PLACES = [(table, key) for table, keys in GOOD.items() for key in keys]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(where=st.sampled_from(PLACES), value=ANYTHING)
def test_any_value_at_any_key_is_read_or_refused_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: tuple[str, str], value: Any
) -> None:
    import tomllib

    tree = tomllib.loads(toml())
    table, key = where
    node = {"": tree, "[[mailbox]]": tree["mailbox"][0], "[[mailbox.rule]]": tree["mailbox"][0]["rule"][0]}.get(table)
    (node if node is not None else tree[table.strip("[]")])[key] = value
    monkeypatch.setattr("bot.config.reading.read", lambda path: (tree, ""))
    try:
        config = load_config(tmp_path / "deskbell.toml", {})
    except ConfigError as error:
        assert str(error).isprintable()
        assert str(error).startswith("deskbell.toml: ")
    else:
        assert CANARY not in repr(masked(config))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tree=st.dictionaries(st.sampled_from(["slack", "mailbox", "database", "language", "x"]), ANYTHING, max_size=3))
def test_any_tree_is_read_or_refused_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tree: dict[str, Any]
) -> None:
    monkeypatch.setattr("bot.config.reading.read", lambda path: (tree, ""))
    try:
        assert load_config(tmp_path / "deskbell.toml", {"DESKBELL_SLACK__MODE": "http"})
    except ConfigError as error:
        assert str(error).isprintable()
