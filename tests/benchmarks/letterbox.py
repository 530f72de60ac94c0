"""A seeded mailbox as one meets it: the same number is the same mail again, whatever was made before.

33 KB in the median, 88 KB in the mean, up to 4 MB; 36 % plain, 26 % text and HTML, the rest with inline images or
attachments; 40 % are replies, half of these to our letters and half to mails of the mailbox; eight charsets.
"""

from __future__ import annotations

import base64
import quopri
import random
from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

from tests.benchmarks.prose import Prose

ADDRESS = "support@example.org"
CLIENTS = 40
PEOPLE = 400
REPLIES = 0.4
LONGEST_BINARY = 2_900_000
SOME_BYTES = random.Random(5).randbytes(LONGEST_BINARY)
CHARSETS = {
    "us-ascii": "",
    "utf-8": "é à ü ß € — ’ 漢 ",
    "iso-8859-1": "é à ü ß ç ",
    "iso-8859-15": "é à € œ ",
    "windows-1252": "é à € “ ” ’ ",
    "koi8-r": "привет мир письмо ",
    "shift_jis": "お問い合わせ プリンター ",
    "gb18030": "打印机 着火 了 ",
}
KINDS = ("plain", "alternative", "inline", "attached")
WEIGHTS = (36, 26, 18, 20)


class Ours(NamedTuple):
    """A letter of ours that can be answered: the client's address, its Message-ID, the reply address."""

    client: str
    message_id: str
    reply_address: str


class Letterbox:
    """Mails by number. `ours` are letters of the desk that is written to."""

    def __init__(self, seed: int, ours: Sequence[Ours]) -> None:
        self._seed = seed
        self._ours = ours

    @cached_property
    def _prose(self) -> Prose:
        return Prose(1_000)

    def mail(self, number: int) -> bytes:
        """The raw bytes of one mail."""
        dice = random.Random(f"{self._seed}:{number}")
        sender, answers = self._occasion(number, dice)
        charset = dice.choice(list(CHARSETS))
        kind = dice.choices(KINDS, WEIGHTS)[0]
        head = [*_trace(number, dice), *answers, *self._names(number, sender, bool(answers), charset)]
        content = _CONTENT[kind](self, number, charset, dice)
        return "\r\n".join(head).encode() + b"\r\n" + content

    def _occasion(self, number: int, dice: random.Random) -> tuple[str, list[str]]:
        """Who writes, and the header fields of an answer."""
        if number and dice.random() < REPLIES:
            return self._answer_to_us(dice) if self._ours and dice.random() < 0.5 else self._answer(number, dice)
        return client(dice.randrange(PEOPLE)), [f"To: {ADDRESS}"]

    def _answer_to_us(self, dice: random.Random) -> tuple[str, list[str]]:
        letter = dice.choice(self._ours)
        ids = f"In-Reply-To: {letter.message_id}", f"References: <first@client.example>\r\n {letter.message_id}"
        return letter.client, [f"To: {letter.reply_address}", *ids]

    def _answer(self, number: int, dice: random.Random) -> tuple[str, list[str]]:
        earlier = dice.randrange(max(0, number - 200), number)
        sender, _ = self._occasion(earlier, random.Random(f"{self._seed}:{earlier}"))
        return sender, [f"To: {ADDRESS}", f"In-Reply-To: {_id(earlier)}", f"References: {_id(earlier)}"]

    def _names(self, number: int, sender: str, is_reply: bool, charset: str) -> list[str]:
        subject = ("Re: " if is_reply else "") + self._prose.subject(number)
        return [
            f"From: {_word(f'Client {CHARSETS[charset].strip()}', charset)} <{sender}>",
            f"Subject: {_word(subject, charset)}",
            f"Message-ID: {_id(number)}",
            "Date: Tue, 24 Nov 2026 12:00:00 +0100",
            "MIME-Version: 1.0",
        ]

    # what is in it ---------------------------------------------------------------------------------------------------

    def _text(self, number: int, charset: str, dice: random.Random) -> str:
        lines = [self._prose.text(number, place) for place in range(dice.choice((1, 2, 3, 5, 8)))]
        said = "\r\n".join(f"{line} {CHARSETS[charset]}".strip() for line in lines)
        return f"{said}\r\n\r\n-- \r\nClient {number}\r\n{self._history(number, dice)}"

    def _history(self, number: int, dice: random.Random) -> str:
        """What was quoted: one mail in two quotes a screen, one in six many."""
        screens = dice.choice((0, 0, 0, 2, 2, 20))
        quoted = [f"> {self._prose.text(number + place, 9)[:72]}" for place in range(screens * 12)]
        return "\r\n".join(["\r\nOn Monday, 23 November 2026, Support wrote:", *quoted]) if quoted else ""

    def _html(self, text: str, size: int) -> str:
        paragraphs = [f"<p class=MsoNormal>{line}</p>" for line in text.split("\r\n")]
        look = "p.MsoNormal, li.MsoNormal { margin:0cm; font-size:11.0pt; font-family:Calibri,sans-serif; }\r\n"
        body = "\r\n".join(paragraphs)
        style = look * max(1, (size - len(body)) // len(look))
        return f"<html><head><style>{style}</style></head><body lang=FR>{body}</body></html>\r\n"

    def _plain(self, number: int, charset: str, dice: random.Random) -> bytes:
        return _leaf("plain", self._text(number, charset, dice), charset)

    def _alternative(self, number: int, charset: str, dice: random.Random) -> bytes:
        text = self._text(number, charset, dice)
        html = self._html(text, int(dice.lognormvariate(10.1, 0.6)))
        return _several("alternative", _leaf("plain", text, charset), _leaf("html", html, charset))

    def _inline(self, number: int, charset: str, dice: random.Random) -> bytes:
        html = self._html(self._text(number, charset, dice) + '\r\n<img src="cid:logo@client">', 4_000)
        images = [_file("image/png", f"image{place}.png", _drawn(dice, 10.1, 0.9), inline=True) for place in range(2)]
        return _several("related", _leaf("html", html, charset), *images)

    def _attached(self, number: int, charset: str, dice: random.Random) -> bytes:
        size = dice.randrange(LONGEST_BINARY) if dice.random() < 0.02 else 0
        content = dice.randbytes(16) + SOME_BYTES[:size] if size else _drawn(dice, 11.25, 1.15)
        file = _file("application/pdf", f"Rapport {number}.pdf", content, inline=False)
        return _several("mixed", self._alternative(number, charset, dice), file)


_CONTENT = {
    "plain": Letterbox._plain,
    "alternative": Letterbox._alternative,
    "inline": Letterbox._inline,
    "attached": Letterbox._attached,
}


def client(number: int) -> str:
    """The address of one of the people who write."""
    return f"ann{number}@client{number % CLIENTS}.example"


def _id(number: int) -> str:
    return f"<{number:08d}.7f3a@mail.client.example>"


def _trace(number: int, dice: random.Random) -> list[str]:
    """What servers on the way leave in a mail."""
    hops = [f"Received: from mx{hop}.example (mx{hop}.example [192.0.2.{hop}])\r\n by in.example with ESMTPS "
            f"id {dice.getrandbits(64):016x}\r\n for <{ADDRESS}>; Tue, 24 Nov 2026 12:00:0{hop} +0100"
            for hop in range(4)]  # fmt: skip
    signature = base64.b64encode(dice.randbytes(256)).decode()
    signed = "\r\n ".join(signature[start : start + 70] for start in range(0, len(signature), 70))
    return [
        "Return-Path: <bounces@client.example>",
        *hops,
        f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=client.example; s=s1;\r\n b={signed}",
        "Authentication-Results: in.example; dkim=pass; spf=pass; dmarc=pass",
        "X-Mailer: Mailer 16.0",
    ]


def _word(text: str, charset: str) -> str:
    if charset == "us-ascii":
        return text
    return f"=?{charset}?B?{base64.b64encode(text.encode(charset)[:90]).decode()}?="


def _leaf(kind: str, text: str, charset: str) -> bytes:
    raw = text.encode(charset, "replace")
    if charset in ("us-ascii", "koi8-r"):
        how, coded = ("7bit" if charset == "us-ascii" else "8bit"), raw
    elif charset == "utf-8":
        how, coded = "base64", base64.encodebytes(raw).replace(b"\n", b"\r\n")
    else:
        how, coded = "quoted-printable", quopri.encodestring(raw.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")
    head = f"Content-Type: text/{kind}; charset={charset}\r\nContent-Transfer-Encoding: {how}\r\n\r\n"
    return head.encode() + coded + b"\r\n"


def _file(media_type: str, name: str, content: bytes, *, inline: bool) -> bytes:
    place = "inline" if inline else "attachment"
    head = (
        f'Content-Type: {media_type}; name="{name}"\r\nContent-Transfer-Encoding: base64\r\n'
        f'Content-Disposition: {place}; filename="{name}"\r\nContent-ID: <{name.replace(" ", "")}@client>\r\n\r\n'
    )
    return head.encode() + base64.encodebytes(content).replace(b"\n", b"\r\n")


def _several(kind: str, *parts: bytes) -> bytes:
    border = f"=_{kind}_7f3a"
    inner = b"".join(b"--" + border.encode() + b"\r\n" + part + b"\r\n" for part in parts)
    head = f'Content-Type: multipart/{kind}; boundary="{border}"\r\n\r\n'
    return head.encode() + inner + f"--{border}--\r\n".encode()


def _drawn(dice: random.Random, mean: float, spread: float) -> bytes:
    """Bytes that no other mail has, of a length drawn log-normally."""
    size = min(LONGEST_BINARY, int(dice.lognormvariate(mean, spread)))
    return dice.randbytes(16) + SOME_BYTES[: max(0, size - 16)]
