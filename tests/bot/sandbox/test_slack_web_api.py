"""The pretend Slack's Web API called by the real client: tokens, scopes, refusals, messages, files, faults."""

import asyncio
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from bot.sandbox.slack import ALL_SCOPES
from tests.bot.sandbox.slack_stage import BOB, CAROL, EVE, SUPPORT, Clock, modal, pretend_slack, section

METADATA = {"event_type": "card", "event_payload": {"ticket": "TS2611-0042"}}


async def refusal(call: Any) -> Any:
    with pytest.raises(SlackApiError) as caught:
        await call
    return caught.value.response


async def test_tokens_are_checked_and_the_granted_scopes_told() -> None:
    async with pretend_slack(scopes=frozenset({"chat:write"})) as (slack, client):
        good = await client.auth_test()

        assert good["team_id"] == "T0DESK" and good["user_id"] == slack.bot_user
        assert good.headers["x-oauth-scopes"] == "chat:write"
        assert (await refusal(client.auth_test(token="xoxb-wrong")))["error"] == "invalid_auth"
        assert (await refusal(client.chat_postMessage(channel=SUPPORT, text="x", token=slack.app_token)))["error"] == (
            "not_allowed_token_type"
        )
        assert (await refusal(client.apps_connections_open(app_token=slack.bot_token)))["error"] == (
            "not_allowed_token_type"
        )
        client.token = None
        assert (await refusal(client.auth_test()))["error"] == "not_authed"


async def test_a_missing_scope_is_named() -> None:
    async with pretend_slack(scopes=ALL_SCOPES - {"users:read.email", "groups:read"}) as (_, client):
        lookup = await refusal(client.users_lookupByEmail(email="bob@example.org"))
        private = await refusal(client.conversations_list(types="public_channel,private_channel"))
        bob = await client.users_info(user=BOB)

        assert lookup["error"] == "missing_scope" and lookup["needed"] == "users:read.email"
        assert "chat:write" in lookup["provided"]
        assert private["needed"] == "groups:read"
        assert "email" not in bob["user"]["profile"]


async def test_people_are_found_by_address_but_not_foreigners_bots_and_the_deleted() -> None:
    async with pretend_slack() as (slack, client):
        slack.add_member("U0GONE", "Gone", "gone@example.org", deleted=True)
        slack.add_member("U0GUEST", "Guest", "guest@example.org", guest=True)

        found = await client.users_lookupByEmail(email="Bob@example.org")
        eve = (await client.users_info(user=EVE))["user"]

        assert found["user"]["id"] == BOB and found["user"]["profile"]["email"] == "bob@example.org"
        assert eve["team_id"] == "T0FOREIGN" and eve["is_stranger"] and "email" not in eve["profile"]
        assert (await client.users_info(user="U0GUEST"))["user"]["is_restricted"]
        for address in ("eve@stranger.example", "gone@example.org", "nobody@example.org"):
            assert (await refusal(client.users_lookupByEmail(email=address)))["error"] == "users_not_found"
        assert (await refusal(client.users_info(user="U0NONE")))["error"] == "user_not_found"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"channel": "C0NONE", "text": "x"}, "channel_not_found"),
        ({"channel": "C0SECRET", "text": "x"}, "channel_not_found"),
        ({"channel": "C0OTHER", "text": "x"}, "not_in_channel"),
        ({"channel": "C0OLD", "text": "x"}, "is_archived"),
        ({"channel": SUPPORT, "text": ""}, "no_text"),
        ({"channel": SUPPORT, "text": "x" * 40_001}, "msg_too_long"),
        ({"channel": SUPPORT, "text": "x", "blocks": "[{"}, "invalid_blocks_format"),
        ({"channel": SUPPORT, "text": "x", "blocks": [section("")]}, "invalid_blocks"),
        ({"channel": SUPPORT, "text": "x", "thread_ts": "yesterday"}, "invalid_thread_ts"),
        ({"channel": SUPPORT, "text": "x", "metadata": {"event_type": 1}}, "invalid_metadata_format"),
    ],
)
async def test_a_post_is_refused_as_slack_does(arguments: dict[str, Any], error: str) -> None:
    async with pretend_slack() as (slack, client):
        slack.add_channel("C0OTHER", "other", bot_is_member=False)
        slack.add_channel("C0SECRET", "secret", bot_is_member=False, private=True)
        slack.add_channel("C0OLD", "old", archived=True)

        answer = await refusal(client.chat_postMessage(**arguments))

        assert answer["error"] == error
        assert slack.messages(SUPPORT) == []


async def test_an_update_with_text_alone_takes_the_blocks_away_and_leaves_the_attachments() -> None:
    async with pretend_slack() as (slack, client):
        parts = {"blocks": [section("card")], "attachments": [{"color": "good", "blocks": [section("bar")]}]}
        ts = (await client.chat_postMessage(channel=SUPPORT, text="new", **parts))["ts"]

        await client.chat_update(channel=SUPPORT, ts=ts, text="only text")

        message = slack.message(SUPPORT, ts)
        assert message.blocks == [] and message.attachments[0]["color"] == "good"
        assert message.edits == 1


async def test_only_own_and_existing_messages_are_changed() -> None:
    async with pretend_slack() as (slack, client):
        said = await slack.say(BOB, SUPPORT, "hello")
        own = (await client.chat_postMessage(channel=SUPPORT, text="mine"))["ts"]

        theirs = await refusal(client.chat_update(channel=SUPPORT, ts=said.ts, text="changed"))
        gone = await refusal(client.chat_update(channel=SUPPORT, ts="1700000000.000001", text="x"))
        long = await refusal(client.chat_update(channel=SUPPORT, ts=own, text="x" * 4001))
        await client.chat_delete(channel=SUPPORT, ts=own)
        twice = await refusal(client.chat_delete(channel=SUPPORT, ts=own))

        errors = [answer["error"] for answer in (theirs, gone, long, twice)]
        assert errors == ["cant_update_message", "message_not_found", "msg_too_long", "message_not_found"]


async def test_history_and_threads_are_read_back_with_metadata() -> None:
    async with pretend_slack() as (slack, client):
        card = await client.chat_postMessage(channel="#support", text="card", metadata=METADATA)
        reply = await slack.say(CAROL, SUPPORT, "note", thread_ts=card["ts"])

        bare = (await client.conversations_history(channel=SUPPORT))["messages"]
        full = (await client.conversations_history(channel=SUPPORT, include_all_metadata=True))["messages"]
        thread = (await client.conversations_replies(channel=SUPPORT, ts=card["ts"]))["messages"]

        assert "metadata" not in bare[0] and full[0]["metadata"] == METADATA
        assert full[0]["reply_count"] == 1 and len(full) == 1
        assert [m["ts"] for m in thread] == [card["ts"], reply.ts]
        assert thread[1]["parent_user_id"] == slack.bot_user
        assert (
            f"/p{card['ts'].replace('.', '')}"
            in (await client.chat_getPermalink(channel=SUPPORT, message_ts=card["ts"]))["permalink"]
        )


async def test_reactions_and_direct_messages_and_groups() -> None:
    async with pretend_slack() as (slack, client):
        slack.add_usergroup("S0DESK", "desk", [BOB])
        said = await slack.say(BOB, SUPPORT, "hello")
        item = {"channel": SUPPORT, "timestamp": said.ts}

        await client.reactions_add(name="envelope", **item)
        twice = await refusal(client.reactions_add(name="envelope", **item))
        await client.reactions_remove(name="envelope", **item)
        none = await refusal(client.reactions_remove(name="envelope", **item))
        direct = (await client.conversations_open(users=BOB))["channel"]["id"]
        await client.chat_postMessage(channel=BOB, text="psst")
        await client.usergroups_users_update(usergroup="S0DESK", users=[CAROL])

        assert (twice["error"], none["error"]) == ("already_reacted", "no_reaction")
        assert slack.messages(direct)[0].text == "psst" and slack.direct_messages(BOB)[0].text == "psst"
        assert (await client.usergroups_users_list(usergroup="S0DESK"))["users"] == [CAROL]


async def test_files_go_up_and_come_down_with_the_token_only() -> None:
    async with pretend_slack() as (slack, client):
        sent = await client.files_upload_v2(channel=SUPPORT, filename="a.txt", content="boom", initial_comment="log")
        said = await slack.say(BOB, SUPPORT, "here", files=[("b.bin", b"\x00\x01", "application/octet-stream")])

        posted = slack.messages(SUPPORT)[0]
        address = said.files[0]["url_private_download"]
        async with aiohttp.ClientSession() as session:
            allowed = await session.get(address, headers={"Authorization": f"Bearer {slack.bot_token}"})
            stranger = await session.get(address)
            assert await allowed.read() == b"\x00\x01"
            assert stranger.content_type == "text/html"

        assert posted.text == "log" and posted.files[0]["id"] == sent["file"]["id"]
        assert (await client.files_info(file=sent["file"]["id"]))["file"]["size"] == 4


async def test_the_views_methods_refuse_what_is_not_there_any_more() -> None:
    async with pretend_slack() as (_, client):
        home = {"type": "home", "blocks": [section()]}
        first = (await client.views_publish(user_id=BOB, view=home))["view"]
        await client.views_publish(user_id=BOB, view=home, hash=first["hash"])

        stale = await refusal(client.views_publish(user_id=BOB, view=home, hash=first["hash"]))
        unknown = await refusal(client.views_update(view_id="V0NONE", view=modal()))
        never = await refusal(client.views_open(trigger_id="1.2.3", view=modal()))
        long = await refusal(client.views_open(trigger_id="1.2.3", view=modal(title="x" * 25)))

        errors = [answer["error"] for answer in (stale, unknown, never, long)]
        assert errors == ["hash_conflict", "not_found", "invalid_trigger_id", "invalid_arguments"]
        assert "json-pointer:/view/title/text" in long["response_metadata"]["messages"][0]


async def test_ephemeral_messages_are_for_members_and_cannot_be_updated() -> None:
    async with pretend_slack() as (slack, client):
        slack.add_member("U0DAN", "Dan", "dan@example.org")

        ts = (await client.chat_postEphemeral(channel=SUPPORT, user=BOB, text="psst"))["message_ts"]
        outside = await refusal(client.chat_postEphemeral(channel=SUPPORT, user="U0DAN", text="psst"))
        update = await refusal(client.chat_update(channel=SUPPORT, ts=ts, text="x"))

        assert [m.text for m in slack.ephemerals(BOB)] == ["psst"]
        assert (outside["error"], update["error"]) == ("user_not_in_channel", "message_not_found")


async def test_rates_are_kept_where_they_are_switched_on() -> None:
    clock = Clock()
    async with pretend_slack(clock=clock) as (slack, client):
        slack.faults.enforce_rates = True

        await client.chat_postMessage(channel=SUPPORT, text="one")
        second = await refusal(client.chat_postMessage(channel=SUPPORT, text="two"))
        clock.now += 1.1
        await client.chat_postMessage(channel=SUPPORT, text="two")

        assert second.status_code == 429 and second.headers["Retry-After"] == "1"
        assert [m.text for m in slack.messages(SUPPORT)] == ["one", "two"]


async def test_faults_happen_as_often_as_planned() -> None:
    async with pretend_slack() as (slack, client):
        slack.faults.fail("chat.postMessage", "internal_error")
        slack.faults.limit("chat.postMessage", 7)
        slack.faults.http("chat.postMessage", 503, body="<html>down</html>")

        failed = await refusal(client.chat_postMessage(channel=SUPPORT, text="x"))
        limited = await refusal(client.chat_postMessage(channel=SUPPORT, text="x"))
        down = await refusal(client.chat_postMessage(channel=SUPPORT, text="x"))
        await client.chat_postMessage(channel=SUPPORT, text="x")

        assert failed["error"] == "internal_error"
        assert limited.headers["Retry-After"] == "7" and down.status_code == 503
        assert [call.status for call in slack.calls_of("chat.postMessage")] == [200, 429, 503, 200]
        assert len(slack.messages(SUPPORT)) == 1


async def test_a_post_whose_answer_never_comes_was_made_all_the_same() -> None:
    async with pretend_slack() as (slack, client):
        slack.faults.timeout_after_done("chat.postMessage", seconds=30)
        slack.faults.drop("chat.postMessage", done=True)
        client.timeout = 1

        with pytest.raises(asyncio.TimeoutError):
            await client.chat_postMessage(channel=SUPPORT, text="first")
        with pytest.raises(aiohttp.ClientError):
            await client.chat_postMessage(channel=SUPPORT, text="second")

        assert [m.text for m in slack.messages(SUPPORT)] == ["first", "second"]


async def test_a_revoked_token_is_refused_until_it_is_good_again() -> None:
    async with pretend_slack() as (slack, client):
        slack.faults.refuse_tokens = "token_revoked"
        refused = await refusal(client.auth_test())
        slack.faults.clear()

        assert refused["error"] == "token_revoked"
        assert (await client.auth_test())["ok"]


async def test_a_broken_body_and_an_unknown_method_are_refused() -> None:
    async with pretend_slack() as (slack, client), aiohttp.ClientSession() as session:
        headers = {"Authorization": f"Bearer {slack.bot_token}", "Content-Type": "application/json; charset=utf-8"}
        bodies = {"{": "invalid_json", "[]": "json_not_object", '{"text": "\\ud800"}': "invalid_json"}

        for body, error in bodies.items():
            answer = await session.post(f"{slack.api_url}chat.postMessage", data=body, headers=headers)
            assert (await answer.json())["error"] == error
        unknown = await refusal(client.api_call("chat.postPoem"))

        assert unknown["error"] == "unknown_method"


async def test_live_tokens_and_changes_are_shown_to_tests_and_the_page() -> None:
    async with pretend_slack() as (slack, client):
        changes: list[str] = []
        stop = slack.subscribe(lambda change: changes.append(change["kind"]))

        ts = (await client.chat_postMessage(channel=SUPPORT, text="<!channel> &lt;@U0BOB&gt;"))["ts"]
        await client.chat_update(channel=SUPPORT, ts=ts, text="quiet")
        stop()
        await client.chat_delete(channel=SUPPORT, ts=ts)

        assert [call.arguments["text"] for call in slack.calls[:2]] == ["<!channel> &lt;@U0BOB&gt;", "quiet"]
        assert changes == ["posted", "changed"]
