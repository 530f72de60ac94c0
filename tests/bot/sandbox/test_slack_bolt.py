"""The pretend Slack under a real Bolt app: commands, buttons, forms, messages, over Socket Mode and HTTP."""

import asyncio
from typing import Any

import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler

from bot.sandbox.slack import NotThere, wait_until
from bot.sandbox.slack.http_mode import body_of
from tests.bot.sandbox.slack_stage import (
    BOB,
    BUTTON,
    CAROL,
    EVE,
    SUPPORT,
    Clock,
    actions,
    bolt_app,
    http_app,
    modal,
    option,
    section,
    socket_app,
    text_input,
)

MODES = pytest.mark.parametrize("running", [socket_app, http_app], ids=["socket", "http"])


def answer_commands(app: Any) -> list[dict[str, Any]]:
    seen: list[dict[str, Any]] = []

    @app.command("/ticket")
    async def ticket(ack: Any, command: dict[str, Any]) -> None:
        seen.append(command)
        await ack("You have three tickets.")

    return seen


def open_form(app: Any, view: dict[str, Any]) -> None:
    @app.command("/ticket")
    async def ticket(ack: Any, body: dict[str, Any], client: Any) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=view)
        await ack()


@MODES
async def test_a_slash_command_is_acknowledged_and_its_answer_seen_by_its_person_only(running: Any) -> None:
    async with running() as (slack, app):
        seen = answer_commands(app)

        gesture = await slack.slash(BOB, SUPPORT, "list mine & more")

        assert gesture.acked and gesture.error is None
        assert gesture.ack_seconds < 1
        assert gesture.texts == ["You have three tickets."]
        assert [m.text for m in slack.ephemerals(BOB)] == ["You have three tickets."]
        assert slack.ephemerals(CAROL) == [] and slack.messages(SUPPORT) == []
        assert seen[0]["text"] == "list mine &amp; more"


@MODES
async def test_a_button_carries_the_message_and_the_card_is_redrawn(running: Any) -> None:
    async with running() as (slack, app):
        bodies: list[dict[str, Any]] = []

        @app.action("verb:take")
        async def take(ack: Any, body: dict[str, Any], client: Any) -> None:
            bodies.append(body)
            await ack()
            channel, ts = body["container"]["channel_id"], body["container"]["message_ts"]
            await client.chat_update(channel=channel, ts=ts, text="Taken", blocks=[section("Taken by Bob")])

        card = await app.client.chat_postMessage(channel=SUPPORT, text="new", blocks=[section(), actions(BUTTON)])
        gesture = await slack.press(BOB, SUPPORT, card["ts"], "verb:take")

        assert gesture.acked
        assert slack.message(SUPPORT, card["ts"]).words == "Taken by Bob"
        assert bodies[0]["message"]["ts"] == card["ts"]
        assert bodies[0]["actions"][0]["value"] == "A|1"
        assert bodies[0]["user"] == {"id": BOB, "username": "bob", "name": "bob", "team_id": "T0DESK"}
        assert bodies[0]["enterprise"] is None and bodies[0]["is_enterprise_install"] is False
        with pytest.raises(NotThere):
            await slack.press(BOB, SUPPORT, card["ts"], "verb:take")


async def test_a_menu_in_an_attachment_sends_the_chosen_option_and_its_attachment() -> None:
    async with socket_app() as (slack, app):
        bodies: list[dict[str, Any]] = []

        @app.action("more")
        async def more(ack: Any, body: dict[str, Any]) -> None:
            bodies.append(body)
            await ack()

        menu = {"type": "static_select", "action_id": "more", "options": [option("close|A|1", "Close…")]}
        attachment = {"color": "#2eb67d", "blocks": [section(), actions(BUTTON, menu)]}
        card = await app.client.chat_postMessage(channel=SUPPORT, text="new", attachments=[attachment])
        await slack.press(BOB, SUPPORT, card["ts"], "more", option="Close…")
        await slack.press(BOB, SUPPORT, card["ts"], "more", value="close|FORGED|9")

        chosen = [body["actions"][0]["selected_option"]["value"] for body in bodies]
        assert chosen == ["close|A|1", "close|FORGED|9"]
        assert bodies[0]["container"]["type"] == "message_attachment"
        assert bodies[0]["container"]["attachment_id"] == 1


async def test_an_ephemeral_button_has_no_message_and_can_be_replaced_by_its_address() -> None:
    async with socket_app() as (slack, app):
        bodies: list[dict[str, Any]] = []

        @app.action("verb:take")
        async def take(ack: Any, body: dict[str, Any], respond: Any) -> None:
            bodies.append(body)
            await ack()
            await respond("Done.", replace_original=True)

        await app.client.chat_postEphemeral(channel=SUPPORT, user=BOB, text="?", blocks=[actions(BUTTON)])
        asked = slack.ephemerals(BOB)[0]
        await slack.press(BOB, SUPPORT, asked.ts, "verb:take")

        assert "message" not in bodies[0] and bodies[0]["container"]["is_ephemeral"] is True
        assert [m.words for m in slack.ephemerals(BOB)] == ["Done."]
        with pytest.raises(NotThere):
            await slack.press(CAROL, SUPPORT, asked.ts, "verb:take")


@MODES
async def test_a_form_shows_errors_on_its_field_and_then_closes(running: Any) -> None:
    async with running() as (slack, app):
        states: list[Any] = []
        open_form(app, modal(text_input("subject", initial_value="printer"), text_input("text", multiline=True)))

        @app.view("form:new")
        async def submitted(ack: Any, view: dict[str, Any]) -> None:
            values = view["state"]["values"]
            states.append({name: parts["value"]["value"] for name, parts in values.items()})
            if values["text"]["value"]["value"] == "?":
                await ack(response_action="errors", errors={"text": "Say more."})
            else:
                await ack()

        view = (await slack.slash(BOB, SUPPORT, "new")).view
        empty = await slack.submit(BOB, view.id)
        short = await slack.submit(BOB, view.id, {"text": "?"})
        good = await slack.submit(BOB, view.id, {"text": "It <burns> & smokes"})

        assert empty.error == "refused_by_client" and not empty.sent
        assert short.field_errors == {"text": "Say more."} and not short.closed
        assert good.closed and slack.open_views(BOB) == []
        assert states[-1] == {"subject": "printer", "text": "It <burns> & smokes"}


async def test_a_wrong_answer_to_a_form_shows_trouble_and_the_form_stays() -> None:
    async with socket_app() as (slack, app):
        answers = [
            {"response_action": "errors", "errors": {"nowhere": "No."}},
            {"response_action": "update", "view": modal(title="x" * 25)},
            {"response_action": "update", "view": modal(title="Preview")},
        ]
        open_form(app, modal())

        @app.view("form:new")
        async def submitted(ack: Any) -> None:
            await ack(**answers.pop(0))

        view = (await slack.slash(BOB, SUPPORT, "new")).view
        first, second, third = [await slack.submit(BOB, view.id, {"text": "fire"}) for _ in range(3)]

        assert [first.error, second.error, third.error] == ["trouble_connecting", "trouble_connecting", None]
        assert [v.title for v in slack.open_views(BOB)] == ["Preview"]


async def test_views_are_pushed_three_deep_and_no_deeper() -> None:
    async with socket_app() as (slack, app):
        errors: list[str] = []
        open_form(app, modal(section(), actions(BUTTON), title="1"))

        @app.action("verb:take")
        async def deeper(ack: Any, body: dict[str, Any], client: Any) -> None:
            await ack()
            try:
                await client.views_push(trigger_id=body["trigger_id"], view=modal(actions(BUTTON)))
            except Exception as error:
                errors.append(error.response["error"])  # type: ignore[attr-defined]

        await slack.slash(BOB, SUPPORT, "new")
        for _ in range(3):
            await slack.press_in_view(BOB, slack.open_views(BOB)[-1].id, "verb:take")

        assert len(slack.open_views(BOB)) == 3
        assert errors == ["push_limit_reached"]


async def test_messages_reach_the_app_as_the_client_sends_them() -> None:
    async with socket_app() as (slack, app):
        events: list[dict[str, Any]] = []

        @app.event("message")
        async def message(event: dict[str, Any]) -> None:
            events.append(event)

        @app.event("app_mention")
        async def mention(event: dict[str, Any]) -> None:
            events.append(event)

        parent = await slack.say(BOB, SUPPORT, "a < b, mail ann@acme.example, see https://acme.example/x?a=1&b=2")
        await slack.say(CAROL, SUPPORT, "@Deskbell take it", thread_ts=parent.ts)

        assert events[0]["text"] == (
            "a &lt; b, mail <mailto:ann@acme.example|ann@acme.example>, see <https://acme.example/x?a=1&amp;b=2>"
        )
        assert events[0]["channel_type"] == "channel" and "thread_ts" not in events[0]
        assert {event["type"] for event in events[1:]} == {"message", "app_mention"}
        assert all(event["text"] == "<@U0DESKBELL> take it" for event in events[1:])
        assert all(event["thread_ts"] == parent.ts for event in events[1:])


async def test_edits_deletions_reactions_and_files_are_events_too() -> None:
    async with socket_app() as (slack, app):
        events: list[dict[str, Any]] = []
        for kind in ("message", "reaction_added", "reaction_removed", "channel_archive", "member_left_channel"):

            @app.event({"type": kind, "subtype": None} if kind == "message" else kind)
            async def seen(event: dict[str, Any]) -> None:
                events.append(event)

        @app.event("message")
        async def subtyped(event: dict[str, Any]) -> None:
            events.append(event)

        said = await slack.say(BOB, SUPPORT, "log", files=[("a.log", b"boom", "text/plain")])
        await slack.edit_message(BOB, SUPPORT, said.ts, "the log")
        await slack.react(CAROL, SUPPORT, said.ts, "eyes")
        await slack.unreact(CAROL, SUPPORT, said.ts, "eyes")
        await slack.delete_message(BOB, SUPPORT, said.ts)
        await slack.leave(CAROL, SUPPORT)
        await slack.archive(BOB, SUPPORT)

        assert [event.get("subtype") or event["type"] for event in events] == [
            "file_share",
            "message_changed",
            "reaction_added",
            "reaction_removed",
            "message_deleted",
            "member_left_channel",
            "channel_archive",
        ]
        assert events[0]["files"][0]["name"] == "a.log"
        assert events[1]["previous_message"]["text"] == "log"


async def test_shortcuts_homes_and_suggestions() -> None:
    async with socket_app() as (slack, app):
        bodies: list[dict[str, Any]] = []

        @app.shortcut("make_ticket")
        async def make(ack: Any, body: dict[str, Any], client: Any) -> None:
            bodies.append(body)
            client_select = {"type": "external_select", "action_id": "value", "min_query_length": 1}
            field = text_input("client") | {"element": client_select}
            await client.views_open(trigger_id=body["trigger_id"], view=modal(field))
            await ack()

        @app.options("value")
        async def offer(ack: Any, payload: dict[str, Any]) -> None:
            await ack(options=[option("7", f"{payload['value']} Ltd")])

        @app.event("message")
        async def message() -> None:
            pass

        @app.event("app_home_opened")
        async def home(event: dict[str, Any], client: Any) -> None:
            await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": [section("Hello")]})

        said = await slack.say(CAROL, SUPPORT, "please help")
        gesture = await slack.shortcut(BOB, "make_ticket", channel=SUPPORT, ts=said.ts)
        offered = await slack.suggest(BOB, "value", "ACME", view_id=gesture.view.id)
        slack.enter(gesture.view, "client", "7")
        shown = await slack.open_home(BOB)

        assert bodies[0]["type"] == "message_action" and bodies[0]["message"]["text"] == "please help"
        assert [o["text"]["text"] for o in offered.options] == ["ACME Ltd"]
        assert slack.view_json(gesture.view.id)["state"]["values"]["client"]["value"]["selected_option"]["value"] == "7"
        assert shown is not None and shown.words == "Hello"


async def test_a_trigger_works_once_and_for_three_seconds() -> None:
    clock = Clock()
    async with socket_app(clock=clock) as (slack, app):
        errors: list[str] = []

        @app.command("/ticket")
        async def ticket(ack: Any, body: dict[str, Any], client: Any, command: dict[str, Any]) -> None:
            await ack()
            clock.now += float(command["text"])
            for _ in range(2):
                try:
                    await client.views_open(trigger_id=body["trigger_id"], view=modal())
                except Exception as error:
                    errors.append(error.response["error"])  # type: ignore[attr-defined]

        opened = await slack.slash(BOB, SUPPORT, "2.9")
        late = await slack.slash(BOB, SUPPORT, "3.1")

        assert errors == ["exchanged_trigger_id", "expired_trigger_id", "expired_trigger_id"]
        assert len(opened.opened) == 1 and late.view is None


@MODES
async def test_what_is_not_acknowledged_in_time_is_a_timeout_for_the_person(running: Any) -> None:
    async with running() as (slack, app):
        slack.delivery.ack_seconds = 0.2

        @app.command("/ticket")
        async def slow(ack: Any) -> None:
            await asyncio.sleep(0.4)
            await ack("too late")

        gesture = await slack.slash(BOB, SUPPORT, "list")

        assert gesture.error == "operation_timeout" and not gesture.acked
        assert gesture.texts == []


async def test_a_lost_acknowledgement_brings_the_event_again_with_the_same_id() -> None:
    clock = Clock()
    async with socket_app(clock=clock) as (slack, app):
        slack.delivery.ack_seconds = 0.1
        seen: list[tuple[str, str]] = []

        @app.event("message")
        async def message(body: dict[str, Any], request: Any) -> None:
            seen.append((body["event_id"], request.headers.get("x-slack-retry-num", ["0"])[0]))

        slack.faults.drop_acks = 2
        await slack.say(BOB, SUPPORT, "hello")
        await wait_until(lambda: len(seen) == 2 and slack.delivery.retries)
        clock.now += 61
        await wait_until(lambda: len(seen) == 3)

        assert [number for _, number in seen] == ["0", "1", "2"]
        assert len({event_id for event_id, _ in seen}) == 1


async def test_the_app_is_back_after_its_socket_was_cut_and_misses_nothing() -> None:
    async with socket_app() as (slack, app):
        seen: list[str] = []

        @app.event("message")
        async def message(event: dict[str, Any]) -> None:
            seen.append(event["text"])

        await slack.cut_sockets()
        await slack.say(BOB, SUPPORT, "while it was away")
        await slack.connected(timeout=10)
        await slack.retry_now()

        await wait_until(lambda: seen == ["while it was away"])
        assert slack.sockets.opened >= 2


async def test_the_app_reconnects_when_it_is_asked_to() -> None:
    async with socket_app() as (slack, app):
        answer_commands(app)

        await slack.ask_to_reconnect("refresh_requested")
        await wait_until(lambda: slack.sockets.opened == 2 and slack.sockets.links)

        assert (await slack.slash(BOB, SUPPORT, "list")).acked


async def test_without_a_connection_a_command_fails_at_once() -> None:
    async with socket_app() as (slack, _):
        slack.faults.refuse_sockets = True
        await slack.cut_sockets()

        gesture = await slack.slash(BOB, SUPPORT, "list")

        assert gesture.error == "dispatch_failed"


async def test_a_request_of_another_team_is_delivered_as_forged() -> None:
    async with socket_app() as (slack, app):
        seen = answer_commands(app)
        genuine = (await slack.slash(BOB, SUPPORT, "list")).payload

        forged = {**genuine, "team_id": "T0FOREIGN", "user_id": EVE}
        gesture = await slack.send_raw({"type": "slash_commands", "payload": forged})

        assert gesture.acked
        assert [command["team_id"] for command in seen] == ["T0DESK", "T0FOREIGN"]


async def test_a_response_url_is_good_for_five_uses_in_thirty_minutes() -> None:
    clock = Clock()
    async with socket_app(clock=clock) as (slack, app):
        answers: list[int] = []

        @app.command("/ticket")
        async def ticket(ack: Any, respond: Any, command: dict[str, Any]) -> None:
            await ack()
            clock.now += float(command["text"])
            for number in range(6):
                answers.append((await respond(f"answer {number}", replace_original=True)).status_code)

        gesture = await slack.slash(BOB, SUPPORT, "0")
        late = await slack.slash(BOB, SUPPORT, "1801")

        assert answers[:6] == [200] * 5 + [404] and answers[6:] == [404] * 6
        assert gesture.texts == [f"answer {number}" for number in range(5)]
        assert late.texts == []


async def test_envelopes_are_shared_among_several_connections() -> None:
    async with socket_app() as (slack, app):
        seen = answer_commands(app)
        second = bolt_app(slack)
        seen_by_second = answer_commands(second)
        handler = AsyncSocketModeHandler(second, slack.app_token)
        await handler.connect_async()
        await slack.connected(links=2)

        for _ in range(4):
            await slack.slash(BOB, SUPPORT, "list")
        await handler.close_async()

        assert (len(seen), len(seen_by_second)) == (2, 2)


async def test_requests_are_signed_and_the_same_bytes_can_be_sent_again() -> None:
    async with http_app() as (slack, app):
        seen = answer_commands(app)
        genuine = (await slack.slash(BOB, SUPPORT, "list")).payload
        body, kind = body_of("slash_commands", genuine)
        headers = slack.http.headers(body, kind)

        again = await slack.http.post(body, headers)
        changed = await slack.http.post(body + "&text=close", headers)
        old = await slack.http.post(body, slack.http.headers(body, kind, timestamp="1700000000"))

        assert (again.status, changed.status, old.status) == (200, 401, 401)
        assert len(seen) == 2


async def test_the_first_row_and_any_other_can_be_pressed() -> None:
    async with socket_app() as (slack, app):
        values: list[str] = []

        @app.action("verb:show")
        async def show(ack: Any, payload: dict[str, Any]) -> None:
            values.append(payload["value"])
            await ack()

        rows = [
            {**actions({**BUTTON, "action_id": "verb:show", "value": name}), "block_id": name} for name in ("a", "b")
        ]
        card = await app.client.chat_postMessage(channel=SUPPORT, text="list", blocks=rows)
        await slack.press(BOB, SUPPORT, card["ts"], "verb:show")
        await slack.press(BOB, SUPPORT, card["ts"], "verb:show", block_id="b")

        assert values == ["a", "b"]
