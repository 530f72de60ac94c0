"""Slack: translates what comes in into requests, draws answers and cards. It knows no ticket, only the verbs' door."""

from handlers.slack.adapter import SCOPES, SlackAdapter

__all__ = ["SCOPES", "SlackAdapter"]
