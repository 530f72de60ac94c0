"""Every error that Slack documents for the methods we use, and what is done about it, stated here by hand."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from handlers.slack.faults import HELD_FOR, REACTIONS, as_delivery_error, reaction_to

SPECS = Path(__file__).parents[4] / "shared" / "specs"
CODE = Path(__file__).parents[3] / "handlers" / "slack"
needs_specs = pytest.mark.skipif(not SPECS.is_dir(), reason="the descriptions of Slack's methods are not beside us")

STATED = """
retry    internal_error fatal_error service_unavailable request_timeout team_added_to_org update_failed
retry    file_update_failed list_record_comment_fetch_failed
retry    ratelimited rate_limited message_limit_exceeded channels_limit_exceeded
repair   message_not_found cant_update_message edit_window_closed thread_not_found streaming_state_conflict
repair   cannot_reply_to_message cant_reply_to_message restricted_action_thread_locked not_found
hold     channel_not_found invalid_channel not_in_channel is_archived is_inactive channel_is_limited_access
hold     posting_to_channel_denied restricted_action restricted_action_read_only_channel external_channel_migrating
hold     restricted_action_thread_only_channel restricted_action_non_threadable_channel messages_tab_disabled
hold     account_inactive invalid_auth not_authed token_revoked token_expired missing_scope not_allowed_token_type
hold     org_login_required ekm_access_denied no_permission access_denied team_access_not_granted team_not_found
hold     forbidden_team two_factor_setup_required enterprise_is_restricted user_is_restricted upgrade_required
hold     storage_limit_reached not_enabled insecure_request
give up  invalid_blocks invalid_blocks_format invalid_attachments invalid_arguments invalid_arg_name invalid_array_arg
give up  invalid_charset invalid_form_data invalid_json invalid_post_type json_not_object missing_argument missing_args
give up  missing_post_type missing_charset msg_too_long msg_blocks_too_long no_text too_many_attachments
give up  too_many_contact_cards attachment_payload_limit_exceeded markdown_text_conflict block_mismatch
give up  alt_txt_too_large metadata_too_large invalid_metadata_format invalid_metadata_schema view_too_large
give up  invalid_metadata_filter_keys metadata_must_be_sent_from_app cant_broadcast_message as_user_not_supported
give up  no_dual_broadcast_content_update unknown_method method_deprecated deprecated_endpoint not_implemented
give up  method_not_supported_for_channel_type invalid_cursor invalid_limit invalid_types invalid_ts_latest
give up  invalid_ts_oldest missing_profile_id duplicate_external_id draft_already_deleted draft_already_sent
give up  draft_has_conflict draft_not_found duplicate_channel_not_found duplicate_message_not_found
give up  user_not_in_channel user_not_found user_not_visible too_many_users
give up  blocked_file_type file_type_not_allowed slack_connect_blocked_file_type file_uploads_disabled
give up  file_uploads_except_images_disabled file_upload_size_restricted missing_file_data unable_to_share_files
give up  file_not_found file_deleted file_is_deleted file_share_limit_reached max_file_sharing_exceeded
give up  snippet_too_large unknown_snippet_type unknown_subtype slack_connect_canvas_sharing_blocked
give up  slack_connect_clip_sharing_blocked slack_connect_file_link_sharing_blocked
give up  slack_connect_file_upload_sharing_blocked slack_connect_lists_sharing_blocked
give up  permission_denied no_such_subteam invalid_users invalid_user no_users_provided failed_for_some_users
give up  single_channel_guests_cannot_be_added users_not_found user_is_bot plan_upgrade_required upgrade_require
give up  invalid_team superfluous_charset
give up  expired_trigger_id exchanged_trigger_id invalid_trigger_id hash_conflict
"""
"""Reaction, then the errors that have it."""
GENERAL = (
    "not_authed invalid_auth account_inactive token_revoked token_expired missing_scope not_allowed_token_type "
    "ratelimited internal_error fatal_error service_unavailable request_timeout access_denied "
    "org_login_required ekm_access_denied team_access_not_granted enterprise_is_restricted two_factor_setup_required "
    "invalid_arguments invalid_json json_not_object unknown_method method_deprecated deprecated_endpoint"
)
"""What any method may answer."""


def stated() -> dict[str, str]:
    """Error → its reaction, as it stands above."""
    rows = [re.split(r"\s{2,}", line) for line in STATED.strip().splitlines()]
    return {error: reaction for reaction, errors in rows for error in errors.split()}


def methods_in_code() -> set[str]:
    """Every method of Slack's Web API that the code names."""
    known = set(json.loads((SPECS / "slack-methods.json").read_text(encoding="utf-8"))["methods"])
    text = "\n".join(file.read_text(encoding="utf-8") for file in CODE.glob("*.py"))
    named = set(re.findall(r"\"([a-z]+\.[a-zA-Z.]+)\"", text))
    called = {found.replace("_", ".") for found in re.findall(r"client\.([a-z]+(?:_[a-zA-Z]+)+)", text)}
    return (named | called) & known


def documented(method: str) -> set[str]:
    """Every error that one of the descriptions knows for a method."""
    newer = json.loads((SPECS / "slack-methods.json").read_text(encoding="utf-8"))["methods"]
    older = json.loads((SPECS / "slack-web-api.json").read_text(encoding="utf-8"))["paths"]
    return set(newer.get(method, {}).get("errors") or []) | set(enumerated(older.get(f"/{method}", {})))


def enumerated(node: Any) -> Iterator[str]:
    """The values that an `error` may have, anywhere in an OpenAPI description."""
    if isinstance(node, list):
        for part in node:
            yield from enumerated(part)
    elif isinstance(node, dict):
        error = node.get("error")
        yield from (error.get("enum") or []) if isinstance(error, dict) else []
        yield from enumerated(list(node.values()))


@pytest.mark.row("CO-01")
def test_each_error_has_the_reaction_that_is_stated_here() -> None:
    assert {error: str(reaction) for error, reaction in REACTIONS.items()} == stated()


@pytest.mark.row("CO-01")
def test_whatever_any_method_may_answer_has_its_reaction() -> None:
    assert set(GENERAL.split()) - set(REACTIONS) == set()


@needs_specs
@pytest.mark.row("CO-01")
def test_every_documented_error_of_every_method_we_use_has_its_reaction() -> None:
    used = methods_in_code()

    assert used >= {"chat.postMessage", "chat.update", "views.open", "users.info", "apps.connections.open"}
    assert {method: documented(method) - set(REACTIONS) for method in used} == {method: set() for method in used}


@pytest.mark.parametrize("error", [*stated(), "something_new_of_next_year"])
@pytest.mark.row("CO-01")
def test_no_error_is_silent(error: str) -> None:
    """Each is told, and is one of: again later, in its place, when it is open again, given up."""
    fault = as_delivery_error("chat.postMessage", SlackApiError("refused", {"ok": False, "error": error}))

    meant = {
        "retry": (False, False, None),
        "repair": (False, True, None),
        "hold": (False, False, HELD_FOR),
        "give up": (True, False, None),
    }[stated().get(error, "retry")]
    if error in ("ratelimited", "rate_limited", "message_limit_exceeded", "channels_limit_exceeded"):
        assert fault.retry_after == 30.0
        return
    assert (fault.permanent, fault.gone, fault.retry_after) == meant
    assert error in str(fault)


def test_an_error_of_next_year_is_tried_again() -> None:
    assert reaction_to("something_new_of_next_year") == "retry"
