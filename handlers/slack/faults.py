"""What each of Slack's errors means for what was asked, in one table. An error that is not in it is tried again.

retry     Slack could not, this time: the same again, later
repair    the message or view that was to be changed or answered is lost to us: another one in its place
hold      the channel or the whole app is shut: it waits until a person has opened it
give up   what we sent is at fault, or its moment has passed: the same again would be refused again

Figures and words: Slack's reference of the Web API's methods.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from slack_sdk.errors import SlackApiError

from bot.errors import DeliveryError

HELD_FOR = 60.0
UNNAMED_WAIT, LONGEST_WAIT = 30.0, 600.0


class Reaction(StrEnum):
    """What is done about an error."""

    RETRY = "retry"
    REPAIR = "repair"
    HOLD = "hold"
    GIVE_UP = "give up"


SLOWER = "ratelimited rate_limited message_limit_exceeded channels_limit_exceeded"
PASSING = (
    "internal_error fatal_error service_unavailable request_timeout team_added_to_org update_failed "
    "file_update_failed list_record_comment_fetch_failed"
)
GONE = (
    "message_not_found cant_update_message edit_window_closed thread_not_found cannot_reply_to_message "
    "cant_reply_to_message restricted_action_thread_locked streaming_state_conflict not_found"
)
SHUT = (
    "channel_not_found invalid_channel not_in_channel is_archived is_inactive channel_is_limited_access "
    "posting_to_channel_denied restricted_action restricted_action_read_only_channel "
    "restricted_action_thread_only_channel restricted_action_non_threadable_channel external_channel_migrating "
    "account_inactive invalid_auth not_authed token_revoked token_expired missing_scope not_allowed_token_type "
    "org_login_required ekm_access_denied no_permission access_denied team_access_not_granted team_not_found "
    "forbidden_team two_factor_setup_required enterprise_is_restricted user_is_restricted messages_tab_disabled "
    "storage_limit_reached upgrade_required not_enabled insecure_request"
)
AT_FAULT = (
    "invalid_blocks invalid_blocks_format invalid_attachments invalid_arguments invalid_arg_name invalid_array_arg "
    "invalid_charset invalid_form_data invalid_json invalid_post_type json_not_object missing_argument missing_args "
    "missing_post_type missing_charset msg_too_long msg_blocks_too_long no_text too_many_attachments "
    "too_many_contact_cards attachment_payload_limit_exceeded markdown_text_conflict block_mismatch alt_txt_too_large "
    "metadata_too_large invalid_metadata_format invalid_metadata_schema invalid_metadata_filter_keys "
    "metadata_must_be_sent_from_app cant_broadcast_message no_dual_broadcast_content_update as_user_not_supported "
    "unknown_method method_deprecated deprecated_endpoint not_implemented method_not_supported_for_channel_type "
    "invalid_cursor invalid_limit invalid_types invalid_ts_latest invalid_ts_oldest missing_profile_id view_too_large "
    "duplicate_external_id draft_already_deleted draft_already_sent draft_has_conflict draft_not_found "
    "duplicate_channel_not_found duplicate_message_not_found superfluous_charset"
)
NOT_TO_THEM = "user_not_in_channel user_not_found user_not_visible too_many_users"
FILES = (
    "blocked_file_type file_type_not_allowed slack_connect_blocked_file_type file_uploads_disabled "
    "file_uploads_except_images_disabled file_upload_size_restricted missing_file_data unable_to_share_files "
    "file_not_found file_deleted file_is_deleted file_share_limit_reached max_file_sharing_exceeded "
    "snippet_too_large unknown_snippet_type unknown_subtype slack_connect_canvas_sharing_blocked "
    "slack_connect_clip_sharing_blocked slack_connect_file_link_sharing_blocked "
    "slack_connect_file_upload_sharing_blocked slack_connect_lists_sharing_blocked"
)
USER_GROUPS = (
    "permission_denied no_such_subteam invalid_users invalid_user no_users_provided failed_for_some_users "
    "single_channel_guests_cannot_be_added users_not_found user_is_bot plan_upgrade_required upgrade_require "
    "invalid_team"
)
TOO_LATE = "expired_trigger_id exchanged_trigger_id invalid_trigger_id hash_conflict"

REACTIONS: Mapping[str, Reaction] = {
    **dict.fromkeys(f"{SLOWER} {PASSING}".split(), Reaction.RETRY),
    **dict.fromkeys(GONE.split(), Reaction.REPAIR),
    **dict.fromkeys(SHUT.split(), Reaction.HOLD),
    **dict.fromkeys(f"{AT_FAULT} {NOT_TO_THEM} {FILES} {USER_GROUPS} {TOO_LATE}".split(), Reaction.GIVE_UP),
}
MEANING: Mapping[Reaction, Callable[[str], DeliveryError]] = {
    Reaction.RETRY: DeliveryError,
    Reaction.REPAIR: lambda said: DeliveryError(said, gone=True),
    Reaction.HOLD: lambda said: DeliveryError(said, retry_after=HELD_FOR, shut=True, closed=True),
    Reaction.GIVE_UP: lambda said: DeliveryError(said, permanent=True),
}


def reaction_to(error: str) -> Reaction:
    """What is done about one of Slack's words for what is wrong."""
    return REACTIONS.get(error, Reaction.RETRY)


def as_delivery_error(method: str, fault: SlackApiError) -> DeliveryError:
    """What one of Slack's refusals means for a delivery."""
    error = error_of(fault)
    if is_slower(fault):
        return DeliveryError("Slack asks to slow down", retry_after=_seconds(_header(fault, "retry-after")), shut=True)
    return MEANING[reaction_to(error)](f"Slack refused {method}: {error}")


def is_slower(fault: SlackApiError) -> bool:
    """Whether Slack asks to be asked less often."""
    return _status(fault) == 429 or error_of(fault) in SLOWER.split()


def error_of(fault: SlackApiError) -> str:
    """Slack's own word for what is wrong, else the HTTP status."""
    response: Any = fault.response
    data = response if isinstance(response, dict) else getattr(response, "data", None)
    word = data.get("error") if isinstance(data, dict) else None
    return str(word or f"HTTP {_status(fault)}")[:200]


def _status(fault: SlackApiError) -> int:
    response: Any = fault.response
    found = getattr(response, "status_code", None) or getattr(response, "status", None)
    return found if isinstance(found, int) else 200


def _header(fault: SlackApiError, name: str) -> str:
    headers = getattr(fault.response, "headers", None) or {}
    return next((str(value) for key, value in headers.items() if key.lower() == name), "")


def _seconds(text: str) -> float:
    """What Retry-After asks for, within reason."""
    try:
        asked = float(text)
    except ValueError:
        return UNNAMED_WAIT
    return max(1.0, min(asked, LONGEST_WAIT)) if asked == asked else UNNAMED_WAIT
