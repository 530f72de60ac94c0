"""Sections of a `deskbell.toml` for pretend platforms; what stands in braces is filled in by `str.format`."""

DESK = """
[database]
url = "{url}"
[web]
listen = "127.0.0.1:{web}"
"""
SLACK = """
[slack]
bot_token = "{slack.bot_token}"
app_token = "{slack.app_token}"
channel = "#support"
api_url = "{slack.api_url}"
"""
TELEGRAM = """
[telegram]
token = "{telegram.token}"
chat = {group}
api_url = "{telegram.api_url}"
"""
WEBHOOK = """
webhook_url = "http://127.0.0.1:{web}/telegram"
webhook_secret = "canary-secret-0123456789"
"""
"""To be put behind TELEGRAM."""
SMTP = """
[smtp]
host = "127.0.0.1"
port = {smtp}
security = "none"
sender = "support@example.org"
"""
MAILBOX = """
[[mailbox]]
name = "support"
address = "support@example.org"
host = "127.0.0.1"
port = {imap}
security = "none"
username = "support"
password = "correct-horse-battery"
first_contact = "all"
"""
