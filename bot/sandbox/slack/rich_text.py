"""The rich_text block: paragraphs, quotations and lists of typed parts, in whose texts no character means anything."""

from bot.sandbox.slack.shapes import (
    Check,
    anything,
    boolean,
    integer,
    listing,
    one_of,
    shape,
    string,
    typed,
    url,
)

LONGEST, MOST = 13_000, 1000

TYPE: dict[str, Check] = {"type": anything}
STYLE = shape({}, dict.fromkeys(("bold", "italic", "strike", "code", "underline"), boolean))
STYLED: dict[str, Check] = {"style": STYLE}
INLINE = typed(
    {
        "text": shape({**TYPE, "text": string(LONGEST)}, STYLED),
        "link": shape({**TYPE, "url": url}, {**STYLED, "text": string(LONGEST), "unsafe": boolean}),
        "user": shape({**TYPE, "user_id": string(20)}, STYLED),
        "usergroup": shape({**TYPE, "usergroup_id": string(20)}, STYLED),
        "channel": shape({**TYPE, "channel_id": string(20)}, STYLED),
        "broadcast": shape({**TYPE, "range": one_of("here", "channel", "everyone")}, STYLED),
        "emoji": shape({**TYPE, "name": string(100)}, {**STYLED, "unicode": string(100)}),
    },
    "rich text element",
)
PARTS = listing(INLINE, 0, MOST)
SECTION = shape({**TYPE, "elements": PARTS}, {})
RICH_TEXT_PARTS = listing(
    typed(
        {
            "rich_text_section": SECTION,
            "rich_text_quote": shape({**TYPE, "elements": PARTS}, {"border": integer(0, 1)}),
            "rich_text_preformatted": shape({**TYPE, "elements": PARTS}, {"border": integer(0, 1)}),
            "rich_text_list": shape(
                {
                    **TYPE,
                    "style": one_of("bullet", "ordered"),
                    "elements": listing(typed({"rich_text_section": SECTION}), 1, MOST),
                },
                dict.fromkeys(("indent", "offset", "border"), integer(0, 100)),
            ),
        },
        "rich text part",
    ),
    1,
    MOST,
)
"""What a rich_text block's `elements` may hold."""
