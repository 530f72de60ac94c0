"""HTML to text: sanitised first, then converted; links and the places of images stay, layout tables become lines.

Where a mail program marked quoted history or a signature, the text carries a private mark that `quoting` looks for.
"""

from __future__ import annotations

import re
from html import unescape

import html_to_markdown
import nh3

from bot.cleaning import without_private_marks

QUOTE_MARK = "\ue000"
SIGNATURE_MARK = "\ue001"

_INLINE = {"br", "a", "img", "code"}
_BLOCKS = {"p", "div", "hr", "ul", "ol", "li", "dl", "dt", "dd", "blockquote", "pre"}
_BLOCKS |= {"table", "caption", "tr", "td", "th"}
_BLOCKS |= {"h1", "h2", "h3", "h4", "h5", "h6", "section", "article", "header", "footer", "center", "address"}
_TAGS = _INLINE | _BLOCKS
_DROPPED_WITH_TEXT = {"script", "style", "title", "template", "object", "applet", "svg"}
_ATTRIBUTES = {
    "*": {"class", "id"}, "a": {"href"}, "img": {"src", "alt", "width", "height"}, "blockquote": {"type"},
}  # fmt: skip
_OPTIONS = html_to_markdown.ConversionOptions(extract_metadata=False, autolinks=False)
_START_TAG = re.compile(r"<(div|blockquote|p|a|hr|table)( [^<>]{1,2000})>")
_QUOTE = re.compile(
    r"class=\"(?:[^\"]* )?(?:gmail_quote(?:_container)?|gmail_attr|gmail_extra|protonmail_quote|yahoo_quoted|"
    r"zmail_extra|moz-cite-prefix|moz-email-headers-table|OutlookMessageHeader|tutanota_quote)"
    r"|id=\"(?:[^\"]* )?(?:x_)?(?:divRplyFwdMsg|appendonsend|OLK_SRC_BODY_SECTION|"
    r"mail-editor-reference-message-container|stopSpelling|isReplyContent)"
    r"|type=\"cite\""
)
_SIGNATURE = re.compile(
    r"class=\"(?:[^\"]* )?(?:gmail_signature|moz-signature|protonmail_signature_block|ms-outlook-mobile-signature)"
    r"|id=\"(?:Signature|ms-outlook-mobile-signature|AppleMailSignature)"
)
_CELL_END = re.compile(r"</t[dh]>\s*")
_ROW_END = re.compile(r"</tr>|</caption>")
_NEXT_LINE = re.compile(r"</div>\s*<div(?: [^<>]*)?>")  # how web mail writes a new line; the converter sees paragraphs
_TABLE = re.compile(r"<(/?)(?:table|tr|td|th|tbody|caption)(?:\s[^<>]*)?>")
_IMAGE = re.compile(r"<img( [^<>]{0,4000})?>")
_LINK = re.compile(r"<a(?: (?>[^<>]*?href=\")([^\"<>]*+)\")?+[^<>]*+>([^<]*+(?:<(?!/?a[ >])[^<]*+)*+)</a>")
_ANY_TAG = re.compile(r"<[^<>]*>")
_HIDDEN = re.compile(r"<(script|style|title)\b[^<>]*>[^<]*(?:</\1\s*>)?", re.IGNORECASE)
_COMMENT = re.compile(r"<!--[^<]{0,2000}?-->")
_BLOCK_TAG = re.compile(rf"</?(?:br|{'|'.join(sorted(_BLOCKS, key=len, reverse=True))})\b", re.IGNORECASE)
_NESTING_TAG = re.compile(r"<(/?)(?:div|blockquote|[uo]l|table|span|font|pre|section|center|b|i|p)\b", re.IGNORECASE)
_WORD = re.compile(r"\w")
_DEEPEST, _MOST_ENTITIES, _LONGEST_LINK = 300, 100_000, 500
_ATTRIBUTE = re.compile(r"\b(\w++)=\"([^\"]*+)\"")
_HARD_BREAK = re.compile(r" {1,2}$", re.MULTILINE)
# The text is no Markdown for anybody: only what stands in code has no escapes to take off.
_ESCAPED = re.compile(r"^```.*?^```|`[^`\n]{1,500}`|\\([!-/:-@\[-`{-~])", re.MULTILINE | re.DOTALL)
_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+\n")


def html_to_text(html: str) -> str:
    """The text of an HTML body, with private marks where quoted history and signatures begin."""
    if _is_absurd(html):
        return walk_text(html)
    safe = nh3.clean(
        html,
        tags=_TAGS,
        clean_content_tags=_DROPPED_WITH_TEXT,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto", "tel", "cid"},
        link_rel=None,
    )
    safe = without_private_marks(safe)
    marked = _IMAGE.sub(_image_place, _START_TAG.sub(_mark, safe))
    text = _convert(_NEXT_LINE.sub("<br>", _flat_tables(_LINK.sub(_link, marked))))
    if not _WORD.search(text) and (walked := walk_text(safe)):
        return walked
    return _BLANK_LINES.sub("\n\n", _HARD_BREAK.sub("", text)).strip("\n")


def _convert(html: str) -> str:
    try:
        markdown = html_to_markdown.convert(html, _OPTIONS).content or ""
    except Exception:  # the converter's own errors have no common root; the walk below reads what it could not
        return ""
    return _ESCAPED.sub(lambda found: found[1] or found[0], markdown)


def _mark(tag: re.Match[str]) -> str:
    if _QUOTE.search(tag[2]):
        return f"<p>{QUOTE_MARK}</p>{tag[0]}"
    if _SIGNATURE.search(tag[2]):
        return f"<p>{SIGNATURE_MARK}</p>{tag[0]}"
    return tag[0]


def _image_place(image: re.Match[str]) -> str:
    """`[image: alt]` for pictures that say something; spacers and counters vanish."""
    attributes = dict(_ATTRIBUTE.findall(image[1] or ""))
    if attributes.get("width") in ("0", "1") or attributes.get("height") in ("0", "1"):
        return ""
    alt = attributes.get("alt", "").strip()
    inline = attributes.get("src", "").startswith("cid:")
    return f"[image: {alt}]" if alt else "[image]" if inline else ""


def _link(link: re.Match[str]) -> str:
    """`words (address)`, so that the words stay one piece of text; the address alone where it is its own words."""
    address, inside = (link[1] or "").removeprefix("mailto:"), link[2]
    words = _ANY_TAG.sub("", inside).strip()
    if not words or not address or len(address) > _LONGEST_LINK or _bare(words) == _bare(address):
        return inside
    return f"{inside} ({address})"


def _bare(address: str) -> str:
    return re.sub(r"^(?:https?://)?(?:www\.)?", "", address.lower()).rstrip("/")


def _flat_tables(html: str) -> str:
    if "<t" not in html:
        return html
    html = _ROW_END.sub("<br>", _CELL_END.sub(" ", html))
    return _TABLE.sub(
        lambda tag: "</div>" if tag[1] and "table" in tag[0] else "<div>" if "<table" in tag[0] else "", html
    )


def walk_text(html: str) -> str:
    """The text between the tags, for markup on which the converter gives up; one look at each character."""
    shown = _HIDDEN.sub(" ", _COMMENT.sub(" ", html))
    lines = _ANY_TAG.sub(lambda tag: "\n" if _BLOCK_TAG.match(tag[0]) else "", shown)
    return without_private_marks(_BLANK_LINES.sub("\n\n", unescape(lines))).strip()


def _is_absurd(html: str) -> bool:
    """Markup so deep or so full of entities that sanitising it would take seconds."""
    if html.count("&") > _MOST_ENTITIES:
        return True
    if html.count("<") < _DEEPEST:
        return False
    depth = deepest = 0
    for tag in _NESTING_TAG.finditer(html):
        depth = max(0, depth - 1) if tag[1] else depth + 1
        deepest = max(deepest, depth)
    return deepest > _DEEPEST
