"""Hostile mails of every kind, each with what must come of it: some three hundred, and as many again made by chance.

`catalogue()` is always the same; `broken(seed)` damages its smaller ones, the same way for the same seed.
`named("auth-*")` are those of a family.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from functools import cache
from random import Random

from tests.faults.hostile import bodies, heads, people, structures, threads
from tests.faults.hostile.shape import FINAL, Expected, Hostile, mail

__all__ = ["Expected", "Hostile", "broken", "catalogue", "good", "named"]

FAMILIES: tuple[Callable[[], Iterator[Hostile]], ...] = (
    heads.headers,
    heads.encoded_words,
    heads.dates,
    structures.nested,
    structures.structures,
    structures.attachments,
    bodies.plain,
    bodies.html,
    people.senders,
    people.readers,
    people.authenticated,
    threads.doubles,
    threads.threads,
    threads.robots,
)
SMALL = 20_000


@cache
def catalogue() -> tuple[Hostile, ...]:
    """Every hostile mail that has a name."""
    return tuple(hostile for family in FAMILIES for hostile in family())


def named(*patterns: str) -> tuple[Hostile, ...]:
    """Those whose names fit one of the patterns. KeyError when one fits none."""
    for pattern in patterns:
        if not any(fnmatchcase(hostile.name, pattern) for hostile in catalogue()):
            raise KeyError(pattern)
    return tuple(one for one in catalogue() if any(fnmatchcase(one.name, pattern) for pattern in patterns))


def broken(seed: int, count: int = 100) -> Iterator[Hostile]:
    """Mails of the catalogue, damaged by chance: of them only an end is expected."""
    chance = Random(seed)
    small = [hostile for hostile in catalogue() if 0 < len(hostile.raw) < SMALL]
    for number in range(count):
        damage = chance.choice(DAMAGES)
        hostile = chance.choice(small)
        name = f"broken-{seed}-{number}"
        mark = f"Message-ID: <{name}@mail.example>\r\n".encode()
        yield Hostile(name, mark + damage(hostile.raw, chance), Expected(FINAL, has=()))


def good(number: int) -> Hostile:
    """A mail as Ann writes it, to stand between the others."""
    ann = {"from": b"Ann <ann%d@acme.example>" % number, "subject": b"Printer %d" % number}
    return Hostile(
        f"ok-plain-{number}", mail(f"ok-plain-{number}", fields=ann), Expected(subject=f"Printer {number}", files=0)
    )


def _cut(raw: bytes, chance: Random) -> bytes:
    return raw[: chance.randrange(len(raw))]


def _flip(raw: bytes, chance: Random) -> bytes:
    damaged = bytearray(raw)
    for _ in range(max(1, len(raw) // 50)):
        damaged[chance.randrange(len(raw))] = chance.randrange(256)
    return bytes(damaged)


def _shuffle(raw: bytes, chance: Random) -> bytes:
    lines = raw.split(b"\r\n")
    chance.shuffle(lines)
    return b"\r\n".join(lines)


def _double(raw: bytes, chance: Random) -> bytes:
    start = chance.randrange(len(raw))
    return raw[:start] + raw[start : start + chance.randrange(1, 500)] * chance.randrange(2, 40) + raw[start:]


def _lose(raw: bytes, chance: Random) -> bytes:
    start = chance.randrange(len(raw))
    return raw[:start] + raw[start + chance.randrange(1, 200) :]


DAMAGES = (_cut, _flip, _shuffle, _double, _lose)
