"""Which parts of a mail are its text, and which are kept as attachments.

Only an alternative that is not shown and a nameless signature are neither. A short text file that its sender wants to
be seen (`inline` in RFC 2183) is text; any other file is a file.
"""

from __future__ import annotations

import mimetypes
import re
from dataclasses import dataclass, field

from bot.cleaning import clean_line
from bot.intake.charsets import decode
from bot.intake.flowed import unflow
from bot.intake.headers import Headers, header_text
from bot.intake.limits import Limits
from bot.intake.names import clean_name, ending_of, numbered
from bot.intake.structure import Node
from bot.intake.tnef import TnefFile, open_tnef

_NEVER_TEXT = frozenset({
    "text/calendar", "text/csv", "text/vcard", "text/x-vcard", "text/directory", "text/rfc822-headers", "text/rtf",
    "text/xml", "text/css", "text/javascript", "text/x-amp-html", "text/x-python", "text/x-patch", "text/x-diff",
    "text/tab-separated-values",
})  # fmt: skip
_REPORTS = frozenset({"message/delivery-status", "message/global-delivery-status"})
_TNEF = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})

_LONGEST_SHOWN_FILE = 20_000
_META_CHARSET = re.compile(rb"<meta\s[^<>]{0,200}?charset\s{0,5}=\s{0,5}[\"']?([\w.:-]{1,40})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part:
    """An attachment: a safe name, the name as it was, media type, content, and whether it stands inside the text."""

    name: str
    original_name: str
    type: str
    content: bytes
    inline: bool
    content_id: str


@dataclass(slots=True)
class Chosen:
    """The leaves that make up the text, in order, and those that are kept as attachments."""

    shown: list[Node] = field(default_factory=list)
    kept: list[Node] = field(default_factory=list)
    inline: set[int] = field(default_factory=set)


def choose(root: Node) -> Chosen:
    """Plain text before HTML, the root of related parts, all texts of a mixed mail one after the other."""
    chosen = Chosen()
    _choose(root, chosen)
    return chosen


def _choose(node: Node, chosen: Chosen) -> None:
    if not node.children:
        (chosen.shown if _is_text(node, chosen) else chosen.kept).append(node)
    elif node.type == "multipart/alternative":
        _choose_alternative(node, chosen)
    elif node.type == "multipart/related":
        _choose_related(node, chosen)
    else:
        for child in node.children:
            if not _is_seal(child, node):
                _choose(child, chosen)


def _is_seal(node: Node, above: Node) -> bool:
    """A nameless signature of a signed mail: it proves something about the mail's bytes and is nothing to open."""
    return above.type == "multipart/signed" and node.type.endswith("-signature") and not node.filename


def _is_text(node: Node, chosen: Chosen) -> bool:
    if node.type in _REPORTS:
        return not node.filename
    if not node.type.startswith("text/") or node.type in _NEVER_TEXT:
        return False
    disposition = node.headers.disposition
    if disposition.value == "attachment":
        return False
    if disposition.value == "inline" and node.type == "text/plain":
        return not chosen.shown or not node.filename or len(node.content) <= _LONGEST_SHOWN_FILE
    return not node.filename or (not chosen.shown and not disposition.get("filename"))


def _choose_alternative(node: Node, chosen: Chosen) -> None:
    options = [choose(child) for child in node.children]
    for leaf in _best([option.shown for option in options]):
        if all(leaf.content != other.content for other in chosen.shown):
            chosen.shown.append(leaf)
    for option in options:
        chosen.kept += option.kept
        chosen.inline |= option.inline


def _best(options: list[list[Node]]) -> list[Node]:
    """Of several alternatives the plain one (all of them, where there are more), else HTML, else what has text."""
    with_text = [option for option in options if any(leaf.content.strip() for leaf in option)]
    for wanted in ({"text/plain"}, {"text/plain", "text/html"}):
        found = [option for option in with_text if all(leaf.type in wanted for leaf in option)]
        if found:
            return [leaf for option in found for leaf in option] if wanted == {"text/plain"} else found[-1]
    return with_text[-1] if with_text else []


def _choose_related(node: Node, chosen: Chosen) -> None:
    start = node.headers.content_type.get("start").strip()
    ids = [child.headers.get("content-id").strip() for child in node.children]
    root = ids.index(start) if start and start in ids else 0
    if not any(leaf.type.startswith("text/") for leaf in node.children[root].leaves()):
        texts = [number for number, child in enumerate(node.children) if child.type.startswith(("text/", "multipart/"))]
        root = texts[0] if texts else root
    _choose(node.children[root], chosen)
    for number, child in enumerate(node.children):
        if number != root:
            chosen.kept += list(child.leaves())
            chosen.inline |= {id(leaf) for leaf in child.leaves()}


def text_of(node: Node, hint: str = "") -> str:
    """The decoded text of a leaf, not yet cleaned."""
    charset = node.charset or (_charset_of_html(node.content) if node.type == "text/html" else "")
    text = decode(node.content, charset, hint=hint)
    kind = node.headers.content_type
    if node.type == "text/plain" and kind.get("format").lower() == "flowed":
        return unflow(text, delete_space=kind.get("delsp").lower() == "yes")
    return text


def _charset_of_html(content: bytes) -> str:
    """What a page says of itself in its first 2,000 bytes."""
    found = _META_CHARSET.search(content[:2_000])
    return found[1].decode("ascii") if found else ""


class Attachments:
    """Collects the kept parts: names cleaned and numbered, at most `limits.attachments` of them."""

    def __init__(self, limits: Limits, hint: str) -> None:
        self.limits = limits
        self.hint = hint
        self.parts: list[Part] = []
        self.left_out: list[str] = []
        self.body_text = ""
        self.body_html = ""
        self.body_rtf = b""
        self._names: set[str] = set()

    def add_leaf(self, node: Node, inline: bool) -> None:
        """A part of the mail; a winmail.dat is opened, and its files take its place."""
        opened = open_tnef(node.content) if node.type in _TNEF or node.filename.lower() == "winmail.dat" else None
        if opened and (opened.files or opened.text or opened.html or opened.rtf):
            self.body_text, self.body_html, self.body_rtf = opened.text, opened.html, opened.rtf
            for file in opened.files:
                self._add_tnef(file)
            return
        inline = inline or node.headers.disposition.value == "inline"
        content_id = header_text(node.headers.get("content-id")).strip("<>")
        name = _name_of(node, self.hint)
        fallback = f"{name}.eml" if node.type == "message/rfc822" and name and not node.filename else name
        self.add(fallback, name, node.type, node.content, inline=inline, content_id=content_id)

    def _add_tnef(self, file: TnefFile) -> None:
        self.add(file.name, file.name, file.type.lower(), file.content, inline=False, content_id=file.content_id)

    def add(self, name: str, original: str, media_type: str, content: bytes, *, inline: bool, content_id: str) -> None:
        """One more part, unless there are too many."""
        if len(self.parts) >= self.limits.attachments:
            if not self.left_out:
                self.left_out.append(f"Only the first {self.limits.attachments} attachments were kept.")
            return
        safe = numbered(clean_name(name, media_type, len(self.parts) + 1), self._names)
        media_type = media_type or _guess(safe)
        self.parts.append(Part(safe, clean_line(original)[:500], media_type, content, inline, content_id[:500]))


def _guess(name: str) -> str:
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def _name_of(node: Node, hint: str) -> str:
    """The name as people wrote it: the part's own, an attached mail's subject, or "" ."""
    if node.filename:
        return header_text(node.filename, hint)
    if node.type == "message/rfc822":
        return header_text(_inner_headers(node.content).get("subject"), hint)
    location = node.headers.get("content-location").split("?")[0].rstrip("/").rsplit("/", 1)[-1]
    described = header_text(node.headers.get("content-description"), hint)
    if "." in location[-6:] and len(location) < 200:
        return header_text(location, hint)
    return described if described.lower().endswith(ending_of(node.type)) else ""


def _inner_headers(content: bytes) -> Headers:
    """The fields of an attached mail, from its first 20,000 bytes."""
    text = content[:20_000].lstrip().decode("ascii", "surrogateescape").replace("\r\n", "\n")
    fields: list[tuple[str, str]] = []
    for line in text.split("\n\n", 1)[0].split("\n"):
        if line[:1] in (" ", "\t") and fields:
            fields[-1] = (fields[-1][0], fields[-1][1] + "\n" + line)
        elif ":" in line:
            name, _, value = line.partition(":")
            fields.append((name, value))
    return Headers(fields)
