"""What each of Slack's errors means for a delivery, in one table. An error that is not in it is tried again.

permanent   what we sent is at fault: the same again would be refused again
gone        the message that was to be changed or answered is lost to us: post anew
held        the channel or the whole app is shut: the delivery waits until a person has opened it
"""

from collections.abc import Callable, Mapping
from typing import Any

from slack_sdk.errors import SlackApiError

from bot.errors import DeliveryError

HELD_FOR = 60.0
UNNAMED_WAIT, LONGEST_WAIT = 30.0, 600.0

PERMANENT = (
    "invalid_blocks invalid_blocks_format invalid_attachments invalid_arguments invalid_arg_name invalid_array_arg "
    "invalid_charset invalid_form_data invalid_json json_not_object missing_argument missing_post_type "
    "missing_charset msg_too_long msg_blocks_too_long no_text too_many_attachments too_many_contact_cards "
    "attachment_payload_limit_exceeded markdown_text_conflict block_mismatch alt_txt_too_large "
    "metadata_too_large invalid_metadata_format invalid_metadata_schema metadata_must_be_sent_from_app "
    "cant_broadcast_message no_dual_broadcast_content_update as_user_not_supported unknown_method method_deprecated "
    "deprecated_endpoint method_not_supported_for_channel_type user_not_in_channel user_not_found "
    "blocked_file_type file_type_not_allowed slack_connect_blocked_file_type file_uploads_disabled "
    "file_uploads_except_images_disabled file_upload_size_restricted missing_file_data unable_to_share_files "
)
GONE = (
    "message_not_found cant_update_message edit_window_closed update_failed thread_not_found cannot_reply_to_message "
    "cant_reply_to_message restricted_action_thread_locked streaming_state_conflict "
)
HELD = (
    "channel_not_found not_in_channel is_archived is_inactive channel_is_limited_access posting_to_channel_denied "
    "restricted_action restricted_action_read_only_channel restricted_action_thread_only_channel "
    "restricted_action_non_threadable_channel external_channel_migrating account_inactive invalid_auth not_authed "
    "token_revoked token_expired missing_scope not_allowed_token_type org_login_required ekm_access_denied "
    "no_permission access_denied team_access_not_granted team_not_found two_factor_setup_required "
    "enterprise_is_restricted user_is_restricted messages_tab_disabled storage_limit_reached "
)
SLOWER = "ratelimited rate_limited message_limit_exceeded channels_limit_exceeded"

Reaction = Callable[[str], DeliveryError]

REACTIONS: Mapping[str, Reaction] = {
    **dict.fromkeys(PERMANENT.split(), lambda said: DeliveryError(said, permanent=True)),
    **dict.fromkeys(GONE.split(), lambda said: DeliveryError(said, gone=True)),
    **dict.fromkeys(HELD.split(), lambda said: DeliveryError(said, retry_after=HELD_FOR)),
}


def as_delivery_error(method: str, fault: SlackApiError) -> DeliveryError:
    """What one of Slack's refusals means for a delivery."""
    error = error_of(fault)
    if _status(fault) == 429 or error in SLOWER.split():
        return DeliveryError("Slack asks to slow down", retry_after=_seconds(_header(fault, "retry-after")))
    said = f"Slack refused {method}: {error}"
    return REACTIONS.get(error, DeliveryError)(said)


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
