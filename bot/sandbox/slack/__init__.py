"""A pretend Slack on loopback, as strict as the real one: `PretendSlack` holds workspace and people's gestures."""

from bot.sandbox.slack.faults import Faults
from bot.sandbox.slack.gesture import Gesture
from bot.sandbox.slack.records import Call, Channel, Member, Message, View
from bot.sandbox.slack.refusals import NotThere, Refused
from bot.sandbox.slack.server import PretendSlack, wait_until
from bot.sandbox.slack.web_api import ALL_SCOPES

__all__ = [
    "ALL_SCOPES",
    "Call",
    "Channel",
    "Faults",
    "Gesture",
    "Member",
    "Message",
    "NotThere",
    "PretendSlack",
    "Refused",
    "View",
    "wait_until",
]
