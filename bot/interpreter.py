"""Whether this Python has known faults that matter to a program that reads mails; `deskbell check` says so."""

import sys

MENDED = {(3, 11): 10, (3, 12): 5}
"""The first release of each version in which e-mail headers cannot be forged by line breaks (CVE-2024-6923)."""


def warning(version: tuple[int, ...] = tuple(sys.version_info[:3])) -> str:
    """What to do about it; "" where all is well. Our own letters are safe in any case: breaks are cleaned before."""
    major, minor, patch = version
    first = MENDED.get((major, minor), 0)
    if patch >= first:
        return ""
    return (
        f"Python {major}.{minor}.{patch} has a known fault in its e-mail library (CVE-2024-6923): "
        f"{major}.{minor}.{first} or a newer one has not"
    )
