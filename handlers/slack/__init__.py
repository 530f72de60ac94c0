"""Slack: translates what comes in into requests, draws answers and cards. It knows no ticket, only the verbs' door."""

from handlers.slack.adapter import SlackAdapter
from handlers.slack.scopes import SCOPES

__all__ = ["SCOPES", "SlackAdapter"]
