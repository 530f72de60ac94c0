"""What strangers write, on its whole way through the desk: not run, fetched, repeated or taken for Markdown."""

from __future__ import annotations

import re
import socket
from collections import Counter
from collections.abc import Iterable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage

import markdown
import nh3
import pytest

from bot.backoffice import Backoffice
from bot.clock import SetClock
from bot.desk.changes import Writing
from bot.desk.people import Actor
from bot.desk.placeholders import as_plain
from bot.intake.reading import read_mail
from bot.outgoing import markup
from bot.outgoing.letters import Draft, LetterWriter, both_of
from bot.outgoing.packing import Packer
from storage.models import Delivery, Event, Mail, Message, Ticket
from tests.faults.hostile.shape import Hostile
from tests.faults.hostile_mails import named
from tests.faults.test_hostile_mails import Run, put_right
from tests.faults.test_loops import letters, take

OURS = "support@example.org"
WORD = re.compile(r"[^\W\d_]{3,}")
FETCHING = ("body-tracking", "body-attach-link", "mime-external-*", "att-svg-xxe")


def whole_way(
    office: Backoffice, bob: Actor, mails: Iterable[Hostile], answer: str = "**Hello**"
) -> list[EmailMessage]:
    """File the mails, confirm, show and answer them; the letters that leave."""
    office.desk.settings.set("auto_answers", 1_000, "test")
    for one in mails:
        filed = take(office, one.raw)
        if filed.state == "ticket" and filed.ticket:
            reference = office.desk.tickets.view(filed.ticket).reference
            office.desk.tickets.reply(reference, Writing(answer), bob, to=("ann@acme.example",))
    assert isinstance(office.clock, SetClock)
    office.clock.move(minutes=1)
    shown = Packer(office.desk, LetterWriter(office.desk, OURS, {}), ()).claim("slack", (), 1_000)
    assert shown and not [packed.fault for packed in shown if packed.fault]
    return [message_from_bytes(raw, policy=policy.default) for raw in _all_letters(office)]


def _all_letters(office: Backoffice) -> Iterator[bytes]:
    """What waits, place after place."""
    while sent := letters(office, OURS):
        yield from sent


@pytest.mark.row("SE-23")
def test_no_text_of_a_client_is_taken_for_markdown(
    office: Backoffice, bob: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[str] = []
    convert = markdown.Markdown.convert
    monkeypatch.setattr(markdown.Markdown, "convert", lambda self, text: given.append(text) or convert(self, text))  # type: ignore[func-returns-value]
    mails = named("body-md-*")

    sent = whole_way(office, bob, mails)

    for row in Message.select().where(Message.kind == "client"):
        notice = Draft("notice", office.desk.tickets.view(row.ticket.id), ("bob@example.org",), "n1", text=row.text)
        both_of(office.desk, notice, "en")

    lines = {line for one in mails for line in _text(one).splitlines()}
    written = {line for line in lines if as_plain(line) != line}
    assert len(written) >= 5 and len(sent) >= 2 * len(mails) and any("**Hello**" in text for text in given)
    assert not [text for text in given if written & set(text.splitlines())]


@pytest.mark.row("SE-23", "SE-03")
def test_whatever_an_agent_pastes_leaves_as_html_that_the_filter_has_nothing_to_take_from() -> None:
    pasted = [text for one in named("body-*") for text in (one.raw.decode("utf-8", "replace"), _text(one))]

    made = [markup.to_html(text) for text in pasted if markup.is_converted(text)]

    clean = [
        nh3.clean(page, tags=markup.TAGS, attributes={"a": {"href", "title"}}, link_rel="noopener") for page in made
    ]
    assert clean == made
    assert len(made) > 80


@pytest.mark.row("SE-23")
@pytest.mark.parametrize("text", ["x" * (markup.LONGEST + 1), "[" * (markup.MOST_BRACKETS + 1)])
def test_a_text_that_is_too_long_or_too_tangled_is_not_converted(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(markdown.Markdown, "convert")

    assert markup.to_html(text) == f"<pre>{text}</pre>"


@pytest.mark.row("SE-04")
def test_nothing_that_a_mail_points_at_is_fetched(
    office: Backoffice, bob: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    def refuse(*wanted: object, **_: object) -> None:
        asked.append(wanted)
        raise OSError("nothing is fetched")

    for name in ("getaddrinfo", "gethostbyname", "create_connection"):
        monkeypatch.setattr(socket, name, refuse)
    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    mails = named(*FETCHING)

    sent = whole_way(office, bob, mails)

    assert asked == []
    assert len(sent) >= Ticket.select().count() >= len(mails) - 1
    assert not [row for row in Message.select() if "root:" in row.full_text]


@pytest.mark.row("SE-13")
def test_a_confirmation_repeats_no_word_of_a_hostile_subject_or_name(office: Backoffice, bob: Actor) -> None:
    usual = _words(*(_said(one) for one in whole_way(office, bob, named("body-md-*")[:1])))
    mails = named("ew-*", "hdr-*", "addr-*")

    sent = [one for one in whole_way(office, bob, mails) if one["Auto-Submitted"] == "auto-replied"]

    chosen = _words(*(_chosen(one) for one in mails)) - usual - {"support", "example"}
    assert len(sent) > 30
    assert not [(words, one["Subject"]) for one in sent if (words := _words(_said(one)) & chosen)]


@pytest.mark.row("MI-20", "MI-21", "MI-22")
def test_only_the_same_mail_again_is_a_duplicate_whatever_its_message_id(office: Backoffice) -> None:
    mails = list(named("thr-dup-*", "thr-nomid-*"))

    assert put_right(Run(office, mails)) == []

    states = {mails[row.uid - 1].name: row.state for row in Mail.select()}
    doubles = {name for name, state in states.items() if state == "duplicate"}
    assert doubles == {"thr-dup-b", "thr-nomid-b"}
    kept = Counter(row.text for row in Message.select().where(Message.kind == "client"))
    assert sum(kept.values()) == len(mails) - len(doubles), kept
    cards = Counter(row.ticket_id for row in Delivery.select().where(Delivery.kind == "card"))
    assert set(cards.values()) == {1} and len(cards) == Ticket.select().count()
    assert Event.select().where(Event.kind == "opened").count() == len(cards)


def _text(one: Hostile) -> str:
    return read_mail(one.raw).full_text


def _said(letter: EmailMessage) -> str:
    """What people see of a letter, addresses aside."""
    body = letter.get_body(("plain",))
    assert body is not None
    names = " ".join(one.display_name for one in letter["To"].addresses)
    return re.sub(r"\S+@\S+", " ", f"{letter['Subject']} {names} {body.get_content()}")


def _chosen(one: Hostile) -> str:
    read = read_mail(one.raw)
    return f"{read.original_subject} {read.sender.name if read.sender else ''}"


def _words(*texts: str) -> set[str]:
    return {word.lower() for text in texts for word in WORD.findall(text)}
