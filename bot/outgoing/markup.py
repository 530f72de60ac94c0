"""Markdown that staff wrote → HTML that is safe to send: no raw HTML passes, and nothing outside a short list of tags.

The only place that uses the Markdown converter. It is slow on hostile input, so length and brackets are capped.
"""

import html
import re

import css_inline
import markdown
import nh3

LONGEST, MOST_BRACKETS = 100_000, 400
TAGS = set(
    "p br strong em b i u s del code pre blockquote ul ol li a h1 h2 h3 h4 hr table thead tbody tr th td".split()
)
_STYLE = (
    "body{font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;font-size:15px;line-height:1.5;"
    "color:#1f2328}a{color:#0b5fc0}blockquote{margin:0 0 0 4px;padding:0 0 0 12px;border-left:3px solid #d0d7de;"
    "color:#57606a}code,pre{font-family:ui-monospace,Menlo,Consolas,monospace;background:#f3f4f6}"
    "hr{border:0;border-top:1px solid #d0d7de}.marker{color:#8b949e;font-size:12px}"
)
_BRACKETS = re.compile(r"[\[\]()*_`<>]")


def to_html(text: str) -> str:
    """The HTML of a Markdown text; a text that is too long or too tangled is shown as it stands."""
    if not is_converted(text):
        return f"<pre>{html.escape(text)}</pre>"
    converter = markdown.Markdown(extensions=["nl2br", "sane_lists", "tables"], output_format="html")
    converter.preprocessors.deregister("html_block")
    converter.inlinePatterns.deregister("html")
    return nh3.clean(converter.convert(text), tags=TAGS, attributes={"a": {"href", "title"}}, link_rel="noopener")


def is_converted(text: str) -> bool:
    """Whether a text is short and plain enough to be taken for Markdown."""
    return len(text) <= LONGEST and len(_BRACKETS.findall(text)) <= MOST_BRACKETS


def letter_html(marker: str, body: str) -> str:
    """A whole letter in HTML, styles inlined; `body` is its own HTML (`to_html`)."""
    page = (
        f'<!doctype html><html><head><meta charset="utf-8"><style>{_STYLE}</style></head><body>'
        f'<p class="marker">{html.escape(marker)}</p>{body}</body></html>'
    )
    return css_inline.inline(page, load_remote_stylesheets=False)
