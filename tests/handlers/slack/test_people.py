"""Who counts: members of the home workspace, looked up once; nobody else."""

from dataclasses import replace

import pytest

from bot.commands.requests import Request
from bot.outgoing.cards import Answer
from bot.sandbox.slack import PretendSlack
from handlers.slack import SlackAdapter
from tests.handlers.slack.stage import BOB, CAROL, EVE, GUEST, SUPPORT, WrittenDown

UNKNOWN = Answer(text="I do not know you as an agent.", refused=True, unrecognised=True)


def recognising(request: Request) -> Answer:
    return Answer(text="Yours.") if request.caller.email else UNKNOWN


async def test_a_member_who_is_not_known_is_recognised_by_the_profile(
    slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown
) -> None:
    verbs.answers["take"] = recognising

    gesture = await slack.slash(BOB, SUPPORT, "take 42")

    first, second = verbs.requests
    assert gesture.texts == ["Yours."]
    assert (second.caller.email, second.caller.name) == ("bob@example.org", "Bob")
    assert second == replace(first, caller=second.caller)


async def test_nobody_who_is_known_is_ever_looked_up(
    slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown, hanging: str
) -> None:
    await slack.slash(BOB, SUPPORT, "take 42")
    await slack.press(BOB, SUPPORT, hanging, "verb:take")

    assert slack.calls_of("users.info") == []


@pytest.mark.parametrize("mark", [{"guest": True}, {"bot": True}, {"deleted": True}, {"foreign_team": "T0FOREIGN"}])
async def test_guests_bots_deleted_and_foreign_people_are_never_recognised(
    slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown, mark: dict
) -> None:
    slack.add_member("U0OTHER", "Other", "bob@example.org", **mark)
    payload = (await slack.slash(BOB, SUPPORT, "help")).payload
    verbs.answers["take"] = recognising

    gesture = await slack.send_raw(
        {"type": "slash_commands", "payload": {**payload, "user_id": "U0OTHER", "text": "take 42"}}
    )

    assert "do not know you" in gesture.ack["text"]
    asked = [(request.caller.id, request.caller.email, request.caller.unasked) for request in verbs.requests[1:]]
    assert asked == [("U0OTHER", "", True), ("U0OTHER", "", False)]


async def test_whoever_was_refused_is_not_looked_up_again_for_a_while(
    slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown
) -> None:
    verbs.answers["take"] = UNKNOWN

    for _ in range(3):
        await slack.slash(GUEST, SUPPORT, "take 42")

    assert len(slack.calls_of("users.info")) == 1


async def test_a_profile_that_cannot_be_read_refuses_and_is_asked_for_again(
    slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown
) -> None:
    verbs.answers["take"] = recognising
    slack.faults.limit("users.info")

    first, second = await slack.slash(BOB, SUPPORT, "take 42"), await slack.slash(BOB, SUPPORT, "take 42")

    assert "do not know you" in first.text
    assert second.texts == ["Yours."]


async def test_a_profile_that_takes_too_long_does_not_cost_the_acknowledgement(
    slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown
) -> None:
    verbs.answers["take"] = recognising
    slack.faults.timeout_after_done("users.info", seconds=10)

    gesture = await slack.slash(BOB, SUPPORT, "take 42")

    assert gesture.error is None and "do not know you" in gesture.text


async def test_a_foreign_workspace_is_acknowledged_and_dropped(
    slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown, hanging: str
) -> None:
    command = (await slack.slash(BOB, SUPPORT, "take 42")).payload
    press = (await slack.press(BOB, SUPPORT, hanging, "verb:take")).payload
    known = len(verbs.requests)
    forged = [
        ("slash_commands", {**command, "team_id": "T0OTHER"}),
        ("slash_commands", {**command, "enterprise_id": "E0OTHER"}),
        ("slash_commands", {key: value for key, value in command.items() if key != "team_id"}),
        ("interactive", {**press, "team": {"id": "T0OTHER"}}),
        ("interactive", {**press, "user": {**press["user"], "team_id": "T0OTHER"}}),
        ("interactive", {**press, "enterprise": {"id": "E0OTHER"}}),
    ]

    gestures = [await slack.send_raw({"type": kind, "payload": payload}) for kind, payload in forged]

    assert all(gesture.acked for gesture in gestures)
    assert len(verbs.requests) == known


async def test_people_of_other_workspaces_write_no_notes_and_press_nothing(
    slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown, hanging: str
) -> None:
    await slack.say(EVE, SUPPORT, "let me in", thread_ts=hanging)
    await slack.say(EVE, SUPPORT, "@Deskbell list", thread_ts=hanging)
    await slack.press(EVE, SUPPORT, hanging, "verb:take")
    await slack.say(CAROL, SUPPORT, "a note", thread_ts=hanging)

    assert [request.caller.id for request in verbs.requests] == [CAROL]


async def test_whoever_is_mentioned_and_not_known_is_recognised_by_the_profile(
    slack: PretendSlack, adapter: SlackAdapter, verbs: WrittenDown
) -> None:
    def assigning(request: Request) -> Answer:
        met = request.mentions["@U0CAROL"].email
        return Answer(text=met) if met else Answer(text="Who?", refused=True, unmet="@U0CAROL")

    slack.escape_commands = True
    verbs.answers["assign"] = assigning

    gesture = await slack.slash(BOB, SUPPORT, "assign 42 @Carol")

    assert gesture.texts == ["carol@example.org"]
    assert [call.arguments["user"] for call in slack.calls_of("users.info")] == [CAROL]
