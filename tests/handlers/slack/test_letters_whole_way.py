"""Letters, notes and files the whole way: Slack's forms in front, a mail server behind, everything between real."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.desk import canned
from bot.sandbox.mail import Letter
from bot.sandbox.slack import View
from storage.database import session
from storage.queries import labels
from tests.handlers.slack.house import ANN, CHANNEL, House, open_house

PLAN = ("plan.txt", b"Open the window first.", "text/plain")


@pytest.fixture
async def house(tmp_path: Path, over_http: bool) -> AsyncIterator[House]:
    async with open_house(tmp_path, http=over_http, more="plus_addressing = true") as running:
        yield running


async def asked(house: House, **mail: Any) -> str:
    """Ann's mail has become a ticket: the ts of its card."""
    await house.mail.write(ANN, "support@example.org", "Printer on fire", "Please help, it burns.", **mail)
    return await house.card()


async def form(house: House, card: str, verb: str) -> View:
    """The form that Bob's press opens."""
    return await (await house.slack.press("U0BOB", CHANNEL, card, f"verb:{verb}")).until_view()


async def sent_to(house: House, address: str, words: str) -> Letter:
    """The letter with these words, as soon as it is there."""

    def found() -> list[Letter]:
        return [letter for letter in house.mail.letters(address) if words in letter.text]

    await house.until(found)
    return found()[0]


def words_of(card: House) -> str:
    """All that stands on the card."""
    return card.slack.messages(CHANNEL)[0].words


# replies -------------------------------------------------------------------------------------------------------------


@pytest.mark.row("F4", "F5", "N3", "N4", "R:no addresses leak")
async def test_a_reply_is_shown_as_it_will_leave_and_goes_once_to_each_reader(house: House) -> None:
    card = await asked(house)
    with session():
        labels.add_watcher(1, "dan@acme.example", "Dan")
        house.office.desk.settings.set("letter_header", "**Example** support", "test")
        house.office.desk.settings.set("letter_footer", "Your {group} team", "test")
    view = await form(house, card, "reply")

    shown = await house.slack.submit("U0BOB", view.id, {"text": "Have you tried *water*?"})
    preview = house.slack.open_views("U0BOB")[-1].words
    left_before = house.letters("water")
    await house.slack.submit("U0BOB", view.id)

    assert (shown.error, shown.closed) == (None, False)
    expected = ["ann@acme.example", "dan@acme.example", "Example", "Have you tried water?", "Bob", "Your Other team"]
    assert [part for part in expected if part not in preview] == []
    assert left_before == []
    letters = [await sent_to(house, address, "water") for address in ("ann@acme.example", "dan@acme.example")]
    assert {letter.message_id for letter in letters} == {letters[0].message_id}
    assert [(one.header("To"), one.header("Cc")) for one in letters] == [("ann@acme.example", "dan@acme.example")] * 2
    assert "ann@acme.example" not in letters[0].text and "bob@example.org" not in letters[0].raw.decode()
    await house.until(lambda: "✉️ Answered by Bob" in words_of(house))


@pytest.mark.row("F4")
async def test_the_way_back_from_the_preview_keeps_all_that_was_written(house: House) -> None:
    card = await asked(house)
    view = await form(house, card, "reply")
    await house.slack.submit("U0BOB", view.id, {"text": "Tried watr?", "to": "ann@acme.example, dan@acme.example"})

    await house.slack.press_in_view("U0BOB", view.id, "form:edit")
    await house.until(lambda: house.slack.open_views("U0BOB")[-1].title == "Reply to the client")
    fields = {block["block_id"]: block for block in house.slack.open_views("U0BOB")[-1].blocks}

    assert fields["text"]["element"]["initial_value"] == "Tried watr?"
    assert fields["to"]["element"]["initial_value"] == "ann@acme.example, dan@acme.example"
    await house.slack.submit("U0BOB", view.id, {"text": "Tried water?"})
    await house.slack.submit("U0BOB", view.id)
    await sent_to(house, "dan@acme.example", "Tried water?")


async def test_a_reply_can_be_kept_private_at_the_last_moment(house: House) -> None:
    card = await asked(house)
    view = await form(house, card, "reply")
    await house.slack.submit("U0BOB", view.id, {"text": "The boss pays for water."})

    await house.slack.press_in_view("U0BOB", view.id, "form:private")

    await house.until(lambda: "Note by Bob" in words_of(house))
    assert house.letters("boss") == []


@pytest.mark.row("D8")
async def test_files_of_a_form_leave_with_the_letter(house: House) -> None:
    card = await asked(house)
    view = await form(house, card, "reply")
    file = house.slack.choose_file("U0BOB", *PLAN)

    await house.slack.submit("U0BOB", view.id, {"text": "See the plan.", "files": [file]})
    preview = house.slack.open_views("U0BOB")[-1].words
    await house.slack.submit("U0BOB", view.id)

    letter = await sent_to(house, "ann@acme.example", "See the plan.")
    assert "plan.txt (22 B)" in preview
    assert [(one.name, one.content) for one in letter.attachments] == [PLAN[:2]]


@pytest.mark.row("D8")
async def test_files_that_take_longer_than_slack_waits_are_fetched_beside_the_answer(house: House) -> None:
    card = await asked(house)
    view = await form(house, card, "reply")
    big = b"x" * 3_000_000
    file = house.slack.choose_file("U0BOB", "big.bin", big, "application/octet-stream")

    await house.slack.submit("U0BOB", view.id, {"text": "See the file.", "files": [file]})
    await house.until(lambda: house.slack.open_views("U0BOB")[-1].title == "This will be sent")
    await house.slack.submit("U0BOB", view.id)

    letter = await sent_to(house, "ann@acme.example", "See the file.")
    assert [(one.name, one.content) for one in letter.attachments] == [("big.bin", big)]


@pytest.mark.row("F15")
async def test_a_reply_kept_ready_takes_the_place_of_what_was_typed(house: House) -> None:
    with session():
        canned.save(canned.Ready("RESET", {"en": "Restart it"}, {"en": "Dear {client}, please restart it."}))
    card = await asked(house)
    view = await form(house, card, "reply")
    house.slack.enter(view, "text", "Half a word")

    await house.slack.press_in_view("U0BOB", view.id, "value", block_id="canned", option="RESET")
    await house.until(lambda: "please restart it" in str(house.slack.open_views("U0BOB")[-1].blocks))
    await house.slack.submit("U0BOB", view.id)
    await house.slack.submit("U0BOB", view.id)

    assert "Half a word" not in (await sent_to(house, "ann@acme.example", "Dear Ann, please restart it.")).text


@pytest.mark.row("S6")
async def test_reply_and_close_is_one_letter_that_says_so(house: House) -> None:
    card = await asked(house)
    view = await form(house, card, "reply")

    await house.slack.submit("U0BOB", view.id, {"text": "Put out.", "then": "close"})
    await house.slack.submit("U0BOB", view.id)

    letter = await sent_to(house, "ann@acme.example", "Put out.")
    assert "is solved and has been closed" in letter.text
    await house.until(lambda: "Closed" in house.shown)
    assert len(house.letters("has been closed")) == 1


@pytest.mark.row("W4")
async def test_a_letter_that_is_refused_is_on_the_card_and_tried_again_with_one_press(house: House) -> None:
    card = await asked(house)
    house.mail.refuse("ann@acme.example")
    view = await form(house, card, "reply")
    await house.slack.submit("U0BOB", view.id, {"text": "Tried water?"})
    await house.slack.submit("U0BOB", view.id)
    await house.until(lambda: "No such mailbox" in words_of(house))

    house.mail.refuse("ann@acme.example", "")
    await house.slack.press("U0BOB", CHANNEL, card, "verb:retry")

    await sent_to(house, "ann@acme.example", "Tried water?")
    await house.until(lambda: "✉️ Answered by Bob" in words_of(house))
    assert "No such mailbox" not in words_of(house)


@pytest.mark.row("N6")
async def test_a_dry_run_sends_nothing_and_says_so(house: House) -> None:
    with session():
        house.office.desk.settings.set("letters", "dry_run", "test")
    card = await asked(house)
    view = await form(house, card, "reply")

    await house.slack.submit("U0BOB", view.id, {"text": "Tried water?"})
    await house.slack.submit("U0BOB", view.id)

    await house.until(lambda: "Dry run, nothing left: answered by Bob" in words_of(house))
    assert house.mail.letters("ann@acme.example") == []


# notes ---------------------------------------------------------------------------------------------------------------


@pytest.mark.row("F3", "R:note reaches nobody")
async def test_a_note_reaches_by_mail_who_was_picked_and_its_answer_is_a_note(house: House) -> None:
    card = await asked(house)
    await house.until(lambda: house.mail.letters("ann@acme.example"))
    view = await form(house, card, "note")

    await house.slack.submit(
        "U0BOB", view.id, {"text": "Who pays?", "to": ["carol@example.org"], "others": "paul@partner.example"}
    )
    letter = await sent_to(house, "paul@partner.example", "Who pays?")
    await house.mail.write("Paul <paul@partner.example>", "", f"Re: {letter.subject}", "We do.", in_reply_to=letter)
    await house.until(lambda: "Note by Paul" in words_of(house))
    view = await form(house, card, "reply")
    await house.slack.submit("U0BOB", view.id, {"text": "All is settled."})
    await house.slack.submit("U0BOB", view.id)
    public = await sent_to(house, "ann@acme.example", "All is settled.")

    assert (await sent_to(house, "carol@example.org", "Who pays?")).subject == letter.subject
    assert letter.subject.startswith("Re: Printer on fire [TS")
    assert house.letters("pays") == [] and house.letters("We do.") == []
    assert letter.message_id not in public.references
    assert [line for line in house.lines(card) if "We do." in line] == []
    assert len(house.mail.letters("paul@partner.example")) == 1


@pytest.mark.row("F3")
async def test_the_same_answer_from_a_stranger_without_our_marks_posts_in_no_ticket(house: House) -> None:
    card = await asked(house)
    view = await form(house, card, "note")
    await house.slack.submit("U0BOB", view.id, {"text": "Who pays?", "others": "paul@partner.example"})
    letter = await sent_to(house, "paul@partner.example", "Who pays?")

    await house.mail.write("Eve <eve@evil.example>", "support@example.org", f"Re: {letter.subject}", "We do.")

    await house.until(lambda: len(house.slack.messages(CHANNEL)) == 2)
    assert "Note by" in words_of(house) and "Eve" not in words_of(house)


# files ---------------------------------------------------------------------------------------------------------------


@pytest.mark.row("D8")
async def test_files_of_a_mail_stand_in_the_thread_and_the_same_logo_only_once(house: House) -> None:
    card = await asked(house, attachments=[PLAN, ("logo.png", b"\x89PNG logo", "image/png")])
    await house.until(lambda: len(house.slack.messages(CHANNEL, thread_ts=card)) == 2)
    letter = await sent_to(house, "ann@acme.example", "we have received")

    await house.mail.write(
        ANN, "", "Re: x", "More.", in_reply_to=letter, attachments=[("logo.png", b"\x89PNG logo", "image/png")]
    )
    await house.until(lambda: any("More." in line for line in house.lines(card)))

    shared = [file["name"] for message in house.slack.messages(CHANNEL, thread_ts=card) for file in message.files]
    assert shared == ["plan.txt", "logo.png"]
