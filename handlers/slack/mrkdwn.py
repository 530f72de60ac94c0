"""Text into and out of Slack's mark-up. Whatever people or mails say comes out as plain text: nothing in it is live."""

import re

_ENTITIES = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}
_TOKEN = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")


def escape(text: str) -> str:
    """Foreign text so that Slack shows it as it stands: no mention, no link of its own making."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def cut(text: str, limit: int) -> str:
    """At most `limit` characters after escaping, cut visibly and never inside an entity."""
    escaped = escape(text)
    if len(escaped) <= limit:
        return escaped
    kept = escaped[: limit - 1]
    open_entity = kept.rfind("&")
    if open_entity > len(kept) - 6 and ";" not in kept[open_entity:]:
        kept = kept[:open_entity]
    return kept + "…"


def plain(text: str, limit: int) -> str:
    """At most `limit` characters for a plain_text object, cut visibly."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def quote(text: str, limit: int = 2900) -> str:
    """Every line as a quotation."""
    return "\n".join(f"> {line}" for line in cut(text, limit - text.count("\n") * 2 - 2).split("\n"))


def decode(text: str) -> str:
    """What a person typed, from what Slack sends: links and addresses as plain text, entities undone."""
    without = _TOKEN.sub(_bare, text)
    for entity, character in _ENTITIES.items():
        without = without.replace(entity, character)
    return without


def _bare(token: re.Match[str]) -> str:
    target, label = token[1], token[2]
    if target.startswith(("@", "#", "!")):
        return f"{target[0]}{label}" if label else target
    if target.startswith("mailto:"):
        return label or target.removeprefix("mailto:")
    return target if label is None or label in target else f"{label} ({target})"
