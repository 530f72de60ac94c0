"""A topic for each ticket, the whole way: made with the first card, kept as the ticket is, and mended."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.database import session
from storage.models import Delivery
from tests.handlers.telegram.forum import Forum, running_forum


@pytest.fixture
async def forum(tmp_path: Path, desks_hold: None) -> AsyncIterator[Forum]:
    async with running_forum(tmp_path) as running:
        yield running


async def test_a_topic_is_named_has_an_icon_and_holds_the_card(forum: Forum) -> None:
    ticket = forum.opens()

    topic = await forum.hung()

    assert (topic.name, forum.icon(), topic.is_closed) == (f"{ticket.reference} · Printer on fire", "❗", False)
    (card,) = forum.messages(topic)
    assert f"{ticket.reference} · Printer on fire" in card.text.splitlines()[0]
    assert card.labels[0] == ["✅ Take it"]
    assert forum.messages() == []


async def test_a_topic_follows_its_ticket(forum: Forum) -> None:
    ticket = forum.opens()
    topic = await forum.hung()

    forum.types("take", ticket.reference)
    await forum.until(lambda: forum.icon() == "⚡")
    forum.types("edit", ticket.reference, "subject:Two printers")
    await forum.until(lambda: topic.name.endswith("· Two printers"))
    forum.types("close", ticket.reference, "Water.")
    await forum.until(lambda: topic.is_closed)
    icon_closed = forum.icon()
    forum.types("reopen", ticket.reference)
    await forum.until(lambda: not topic.is_closed)

    assert icon_closed == "✅"
    assert len(forum.messages(topic)) >= 1
    assert len(forum.topics) == 1


async def test_what_is_written_in_a_topic_is_noted_and_ok_takes(forum: Forum) -> None:
    ticket = forum.opens()
    topic = await forum.hung()

    written = await forum.telegram.say(forum.sam, forum.group, "It is the toner", topic=topic.id)
    await written
    await (await forum.telegram.say(forum.sam, forum.group, "Seen it too", reply_to=written.message))
    await (await forum.telegram.say(forum.sam, forum.group, "ok", topic=topic.id))
    await (await forum.telegram.say(forum.sam, forum.group, "/wait until Friday", topic=topic.id))

    assert forum.notes(ticket) == ["It is the toner", "Seen it too", "until Friday"]
    await forum.until(lambda: forum.icon() == "💬")


async def test_what_people_say_in_other_topics_is_their_own(forum: Forum) -> None:
    ticket = forum.opens()
    await forum.hung()
    theirs = forum.telegram.add_topic(forum.group, "Lunch")

    said = await (await forum.telegram.say(forum.sam, forum.group, "Pizza?", topic=theirs.id))

    assert said.seen
    assert said.sent == []
    assert forum.notes(ticket) == []


async def test_a_topic_that_somebody_closed_is_opened_again(forum: Forum) -> None:
    forum.opens()
    topic = await forum.hung()

    await (await forum.telegram.close_topic(forum.sam, forum.group, topic))

    await forum.until(lambda: not topic.is_closed)
    assert len(forum.topics) == 1


async def test_a_topic_that_somebody_deleted_is_made_anew_with_its_card(forum: Forum) -> None:
    ticket = forum.opens()
    await forum.telegram.delete_topic(forum.group, await forum.hung())

    forum.types("take", ticket.reference)
    topic = await forum.hung()

    assert topic.name == f"{ticket.reference} · Printer on fire"
    assert "Sam" in forum.messages(topic)[0].text


async def test_a_line_finds_its_topic_deleted_and_comes_in_the_new_one(forum: Forum) -> None:
    ticket = forum.opens()
    topic = await forum.hung()
    forum.types("close", ticket.reference, "Water.")
    await forum.until(lambda: topic.is_closed)
    await forum.telegram.delete_topic(forum.group, topic)

    forum.types("reopen", ticket.reference)
    await forum.hung()

    assert (len(forum.topics), forum.topics[0].is_closed) == (1, False)
    assert len(forum.messages(forum.topics[0])) >= 1


@pytest.mark.parametrize(("is_forum", "is_admin"), [(False, True), (True, False)])
async def test_without_topics_or_the_right_the_chat_itself_is_used_and_that_is_said_once(
    tmp_path: Path, is_forum: bool, is_admin: bool
) -> None:
    async with running_forum(tmp_path, is_forum=is_forum, is_admin=is_admin) as forum:
        for number, subject in enumerate(("Printer on fire", "No paper"), start=2):
            forum.opens(subject)
            await forum.until(lambda number=number: len(forum.messages()) == number)
        texts = [one.text for one in forum.messages()]
        with session():
            said = Delivery.select().where(Delivery.kind == "notice").count()
        findings = await forum.app._adapters["telegram"].check()

    assert [one.ok for one in findings if "topics" in one.sentence] == [False]
    assert said == sum("cannot be made in Telegram" in text for text in texts) == 1
    assert [any(subject in text for text in texts) for subject in ("Printer on fire", "No paper")] == [True, True]


async def test_an_answer_that_was_lost_leaves_one_empty_topic_which_is_named(forum: Forum) -> None:
    forum.telegram.faults.hang_up_after_done("createForumTopic")

    ticket = forum.opens()
    await forum.until(lambda: len(forum.topics) == 2 and forum.messages(forum.topics[1]))
    await forum.until(lambda: forum.messages())

    assert forum.messages(forum.topics[0]) == []
    assert f"“{ticket.reference} · Printer on fire”" in forum.messages()[0].text


async def test_whoever_renames_too_fast_waits_alone_and_once(forum: Forum) -> None:
    ticket = forum.opens()
    topic = await forum.hung()
    forum.telegram.faults.flood("editForumTopic", 3)

    forum.types("edit", ticket.reference, "subject:Two printers")
    await forum.until(lambda: forum.telegram.calls_of("editForumTopic"))
    forum.types("edit", ticket.reference, "subject:Three printers")
    await forum.until(lambda: "Three printers" in forum.messages(topic)[0].text)
    name_meanwhile = topic.name
    await forum.until(lambda: topic.name.endswith("Three printers"))

    assert name_meanwhile.endswith("Printer on fire")
    assert len(forum.telegram.calls_of("editForumTopic")) == 2
