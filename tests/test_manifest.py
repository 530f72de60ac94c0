"""The Slack app's manifest asks for what the code uses, says why, and is one that Slack accepts."""

import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml

from handlers.slack import SCOPES
from handlers.slack.scopes import OPTIONAL_SCOPES

ROOT = Path(__file__).parent.parent
MANIFEST = ROOT / "app_manifest.yml"
SCHEMA = ROOT.parent / "shared/specs/slack-manifest.schema.json"
EVENTS = {
    "app_home_opened",
    "reaction_added",
    "message.channels",
    "message.groups",
    "app_mention",
    "tokens_revoked",
    "app_uninstalled",
}


@pytest.fixture
def manifest() -> dict:
    return yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))


def test_the_bot_asks_for_exactly_the_scopes_that_the_code_checks(manifest: dict) -> None:
    scopes = manifest["oauth_config"]["scopes"]

    assert sorted(scopes["bot"]) == sorted(SCOPES)
    assert sorted(scopes["bot_optional"]) == sorted(OPTIONAL_SCOPES)
    assert set(scopes) == {"bot", "bot_optional"}


@pytest.mark.parametrize("scope", [*SCOPES, *OPTIONAL_SCOPES])
def test_every_scope_says_why_it_is_asked_for(scope: str) -> None:
    text = MANIFEST.read_text(encoding="utf-8")

    assert re.search(rf"^ *- {re.escape(scope)} # \w.+$", text, re.MULTILINE)


def test_the_app_is_called_deskbell_and_answers_to_ticket(manifest: dict) -> None:
    features = manifest["features"]

    assert manifest["display_information"]["name"] == "Deskbell"
    assert features["bot_user"]["display_name"] == "Deskbell"
    assert [command["command"] for command in features["slash_commands"]] == ["/ticket"]


def test_events_and_presses_come_over_socket_mode(manifest: dict) -> None:
    settings = manifest["settings"]

    assert settings["socket_mode_enabled"] is True
    assert settings["interactivity"] == {"is_enabled": True}
    assert set(settings["event_subscriptions"]["bot_events"]) == EVENTS


@pytest.mark.skipif(not SCHEMA.exists(), reason="the schema of manifests is not beside the project (../shared/specs)")
def test_slack_accepts_the_manifest(manifest: dict) -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))

    faults = [fault.message for fault in jsonschema.Draft7Validator(schema).iter_errors(manifest)]

    assert faults == []
