"""Which files are kept."""

import pytest

from bot.backoffice import Backoffice
from bot.desk.file_rules import fault_of

PDF = ("bill.pdf", "application/pdf")


def refusal(office: Backoffice, name: str, media_type: str, size: int = 1) -> str:
    """The sentence; "" for a file that is kept."""
    return str(fault_of(name, media_type, size, office.desk.settings) or "")


@pytest.mark.row("D8")
def test_a_file_is_kept_up_to_the_size_that_is_set(office: Backoffice) -> None:
    office.desk.settings.set("max_attachment_mb", "2", "test")

    assert refusal(office, *PDF, size=2_000_000) == ""
    assert refusal(office, *PDF, size=2_000_001) == (
        "bill.pdf (2.0 MB) is not kept: it is larger than 2 MB (setting max_attachment_mb)."
    )


@pytest.mark.row("D8", "R:hostile names")
@pytest.mark.parametrize(
    ("name", "media_type", "is_kept"),
    [
        ("bill.pdf", "application/pdf", True),
        ("run.exe", "application/octet-stream", False),
        ("RUN.EXE", "application/octet-stream", False),
        ("run.exe. .", "application/octet-stream", False),
        ("exe", "text/plain", True),
        ("run.exe.txt", "text/plain", True),
        ("saver.scr", "image/png", False),
        ("innocent.txt", "application/x-MSDownload", False),
        ("innocent.txt", "application/x-msdownload2", True),
    ],
)
def test_the_refused_types_are_told_by_name_or_media_type(
    office: Backoffice, name: str, media_type: str, is_kept: bool
) -> None:
    office.desk.settings.set("refused_types", " *.EXE; *.scr,, application/x-msdownload ", "test")

    said = "" if is_kept else f"{name} is not kept: its type is refused (setting refused_types)."
    assert refusal(office, name, media_type) == said


@pytest.mark.row("D8")
def test_without_refused_types_every_name_is_kept(office: Backoffice) -> None:
    office.desk.settings.set("refused_types", "", "test")

    assert refusal(office, "run.exe", "application/octet-stream") == ""
    assert refusal(office, "", "") == ""
