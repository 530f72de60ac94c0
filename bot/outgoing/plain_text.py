"""A letter's HTML as plain text: paragraphs, lists, quotations and addresses without any mark-up left in it. Pure.

Only for HTML that we made ourselves and cleaned; what clients send is read in `bot.intake`.
"""

from html.parser import HTMLParser

PARAGRAPHS = frozenset(("p", "h1", "h2", "h3", "h4", "pre", "blockquote", "ul", "ol", "table"))
RULE = "-" * 20


def as_text(html: str) -> str:
    """The text, ending in a line break; quotations begin with `> `, list items with `- ` or their number."""
    writer = _Writer()
    writer.feed(html)
    writer.close()
    return writer.text()


class _Writer(HTMLParser):
    """Writes one line after the other; `_margins` is what stands before each: quotation marks and room for items."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[str] = []
        self._line = ""
        self._margins: list[str] = []
        self._bullet = ""
        self._numbers: list[int | None] = []
        self._links: list[tuple[str, int]] = []
        self._is_verbatim = False
        self._gap: int | None = None

    def text(self) -> str:
        """What has been written."""
        self._end_line()
        return "\n".join(self._lines).strip("\n") + "\n"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Make room for what begins."""
        if tag in PARAGRAPHS:
            self._begin_paragraph(tag)
        elif tag == "li":
            self._begin_item()
        elif tag == "a":
            self._links.append((dict(attrs).get("href") or "", len(self._line)))
        elif tag in ("td", "th") and self._line:
            self._line = f"{self._line.rstrip()} | "
        elif tag in ("br", "tr", "hr"):
            self._end_line()
            self._line = RULE if tag == "hr" else ""

    def handle_endtag(self, tag: str) -> None:
        """Put away what ends."""
        if tag == "a" and self._links:
            self._end_link(*self._links.pop())
        elif tag == "li":
            self._end_line()
            self._margins.pop()
        elif tag in PARAGRAPHS:
            self._end_paragraph(tag)

    def handle_data(self, data: str) -> None:
        """Words; line breaks of the source are none of the text, except in `pre`."""
        if not self._is_verbatim:
            words = " ".join(data.replace("\n", " ").split(" "))
            self._line += words if self._line else words.lstrip()
            return
        first, *others = data.split("\n")
        self._line += first
        for line in others:
            self._end_line()
            self._line = line

    def _begin_paragraph(self, tag: str) -> None:
        self._end_line()
        if not self._bullet and not (tag in ("ul", "ol") and self._numbers):
            self._blank_line()
        if tag in ("ul", "ol"):
            self._numbers.append(1 if tag == "ol" else None)
        elif tag == "blockquote":
            self._margins.append("> ")
        self._is_verbatim = tag == "pre"

    def _end_paragraph(self, tag: str) -> None:
        self._end_line()
        self._is_verbatim = False
        if tag in ("ul", "ol"):
            self._numbers.pop()
        elif tag == "blockquote":
            self._margins.pop()
        if not self._numbers:
            self._blank_line()

    def _begin_item(self) -> None:
        self._end_line()
        number = self._numbers[-1] if self._numbers else None
        self._bullet = "- " if number is None else f"{number}. "
        if number is not None:
            self._numbers[-1] = number + 1
        self._margins.append(" " * len(self._bullet))

    def _end_link(self, address: str, start: int) -> None:
        shown = self._line[start:].strip()
        if address and shown not in (address, address.removeprefix("mailto:")):
            self._line += f" ({address.removeprefix('mailto:')})"

    def _end_line(self) -> None:
        if self._line.strip():
            self._fill_gap()
            margins = [*self._margins[:-1], self._bullet] if self._bullet else self._margins
            self._lines.append("".join([*margins, self._line]).rstrip())
            self._bullet = ""
        elif self._is_verbatim:
            self._blank_line()
        self._line = ""

    def _blank_line(self) -> None:
        """One before the next line, with the quotation marks that stand on both sides of it."""
        depth = len(self._margins)
        self._gap = depth if self._gap is None else min(self._gap, depth)

    def _fill_gap(self) -> None:
        if self._gap is not None and self._lines:
            self._lines.append("".join(self._margins[: self._gap]).rstrip())
        self._gap = None
