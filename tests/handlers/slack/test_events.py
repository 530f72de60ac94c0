"""What people write: notes in a card's thread, mentions, and everything that is neither."""

from typing import Any

import pytest

from bot.commands.requests import Enclosure, Spot
from bot.outgoing.cards import Answer, Button
from bot.sandbox.slack import Message, PretendSlack
from handlers.slack import SlackAdapter
from handlers.slack.downloads import LARGEST_FILE
from tests.handlers.slack.stage import BOB, SUPPORT, WrittenDown, until


async def whispered(slack: PretendSlack) -> Message:
    """The first message that Bob alone sees, once it is there."""
    return (await until(lambda: slack.ephemerals(BOB)))[0]


async def test_a_message_in_a_thread_is_a_note(
    slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown, hanging: str
) -> None:
    message = await slack.say(BOB, SUPPORT, "ask ann@acme.example & wait", thread_ts=hanging)

    request = verbs.last
    assert request.verb == "note"
    assert request.fields == {"text": "ask ann@acme.example & wait"}
    assert request.spot == Spot("slack", SUPPORT, hanging)
    assert request.receipt == f"slack:{message.deliveries[0].payload['event_id']}"
    assert not request.can_ask and not request.pressed


async def test_files_come_with_the_note(
    slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown, hanging: str
) -> None:
    await slack.say(BOB, SUPPORT, "look", thread_ts=hanging, files=[("smoke.png", b"\x89PNG", "image/png")])

    assert verbs.last.enclosures == (Enclosure("smoke.png", "image/png", b"\x89PNG"),)


async def test_a_file_that_cannot_be_had_is_named_and_the_note_is_kept(
    slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown, hanging: str
) -> None:
    huge = ("film.mp4", b"x", "video/mp4")
    payload = (await slack.say(BOB, SUPPORT, "look", thread_ts=hanging, files=[huge])).deliveries[0].payload
    payload["event"]["files"][0]["size"] = LARGEST_FILE + 1

    await slack.send_raw({"type": "events_api", "payload": payload})

    assert (verbs.last.fields, verbs.last.enclosures) == ({"text": "look"}, ())
    assert "film.mp4" in (await whispered(slack)).words


async def test_the_token_is_shown_to_slack_alone(
    slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown, hanging: str
) -> None:
    sent = await slack.say(BOB, SUPPORT, "look", thread_ts=hanging, files=[("a.txt", b"a", "text/plain")])
    payload = sent.deliveries[0].payload
    for address in ("https://evil.example/a", "https://slack.com.evil.example/a", "http://files.slack.com/a", ""):
        payload["event"]["files"][0] |= {"url_private_download": address, "url_private": address}

        await slack.send_raw({"type": "events_api", "payload": payload})

        assert verbs.last.enclosures == ()


async def test_a_refused_note_is_explained_to_its_writer_alone(
    slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown, hanging: str
) -> None:
    verbs.answers["note"] = Answer(text="Viewers may not write notes.", refused=True)

    message = await slack.say(BOB, SUPPORT, "hello", thread_ts=hanging)

    assert "Viewers may not" in (await whispered(slack)).words
    assert [seen.ts for seen in slack.messages(SUPPORT, thread_ts=hanging)] == [message.ts]


async def test_what_people_say_to_each_other_is_answered_by_nothing(
    slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown, hanging: str
) -> None:
    verbs.answers["note"] = Answer(nothing=True)

    await slack.say(BOB, SUPPORT, "hello")
    await slack.say(BOB, SUPPORT, "hello", thread_ts=hanging)

    assert [request.verb for request in verbs.requests] == ["note"]
    assert slack.ephemerals(BOB) == []


async def test_edits_deletions_bots_and_our_own_lines_are_no_notes(
    slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown, hanging: str, place: Any
) -> None:
    slack.add_member("U0ROBOT", "Robot", "", bot=True)
    slack.workspace.channels[SUPPORT].members.add("U0ROBOT")
    message = await slack.say(BOB, SUPPORT, "one", thread_ts=hanging)

    await slack.edit_message(BOB, SUPPORT, message.ts, "two")
    await slack.delete_message(BOB, SUPPORT, message.ts)
    await slack.say("U0ROBOT", SUPPORT, "beep", thread_ts=hanging)
    await adapter.chat.add_line(place, hanging, "Closed by Bob", key="d2")
    await slack.leave(BOB, SUPPORT)

    assert [request.verb for request in verbs.requests] == ["note", "rewrite", "unsay"]


async def test_a_mention_is_a_typed_verb_answered_in_private(
    slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown
) -> None:
    verbs.answers["show"] = Answer(text="Printer on fire")

    message = await slack.say(BOB, SUPPORT, "@Deskbell show 42")

    assert (verbs.last.words, verbs.last.verb, verbs.last.spot) == ("show 42", "", None)
    assert not verbs.last.can_ask
    assert verbs.last.receipt.startswith("slack:Ev")
    assert (await whispered(slack)).words == "Printer on fire"
    assert slack.messages(SUPPORT) == [message]


async def test_a_mention_in_a_thread_acts_on_its_ticket_and_is_no_note(
    slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown, hanging: str
) -> None:
    verbs.answers["reply"] = Answer(
        text="Press to go on:", buttons=(Button("reply", "Reply"),), reference="TS2611-0042"
    )

    await slack.say(BOB, SUPPORT, "@Deskbell reply", thread_ts=hanging)

    assert [(request.words, request.spot) for request in verbs.requests] == [("reply", Spot("slack", SUPPORT, hanging))]
    assert (await whispered(slack)).thread_ts == hanging


async def test_an_event_delivered_again_carries_the_same_receipt(
    slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown, hanging: str
) -> None:
    message = await slack.say(BOB, SUPPORT, "one", thread_ts=hanging)
    await slack.send_raw({"type": "events_api", "payload": message.deliveries[0].payload, "retry_attempt": 1})

    assert verbs.requests[0].receipt == verbs.requests[1].receipt


@pytest.mark.parametrize("kind", ["reaction_added", "channel_rename", "unheard_of"])
async def test_events_that_nobody_listens_to_are_acknowledged(
    slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown, kind: str
) -> None:
    gesture = await slack.emit({"type": kind, "user": BOB})

    assert gesture is not None and gesture.acked
    assert verbs.requests == []
