"""The demo page's server: what it serves, and whom it refuses."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from tests.bot.sandbox.page.scene import CAST, Scene, played

WRITE = {"do": "slack.say", "with": {"user": "U0BOB", "channel": CAST.channel, "text": "hello", "thread_ts": None}}


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with played() as scene:
        yield scene


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@asynccontextmanager
async def live(scene: Scene, session: aiohttp.ClientSession) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    origin = {"Origin": scene.stage.address}
    async with session.ws_connect(f"{scene.stage.address}/live", headers=origin) as socket:
        yield socket


async def news(socket: aiohttp.ClientWebSocketResponse, kind: str) -> dict[str, Any]:
    """The next message of this kind."""
    while True:
        told = await socket.receive_json(timeout=5)
        if told["kind"] == kind:
            return dict(told)


async def test_every_file_of_the_page_is_served_with_a_strict_policy(
    scene: Scene, session: aiohttp.ClientSession
) -> None:
    async with session.get(scene.stage.address) as page, session.get(f"{scene.stage.address}/script.js") as script:
        assert page.status == script.status == 200
        assert (page.content_type, script.content_type) == ("text/html", "text/javascript")
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/stage.py", "/..%2fstage.py", "/nothing.js", "/page/index.html"])
async def test_nothing_beside_the_page_is_served(scene: Scene, session: aiohttp.ClientSession, path: str) -> None:
    async with session.get(f"{scene.stage.address}{path}") as response:
        assert response.status == 404


async def test_a_foreign_host_name_is_refused(scene: Scene, session: aiohttp.ClientSession) -> None:
    async with session.get(scene.stage.address, headers={"Host": "evil.example"}) as response:
        assert response.status == 403


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", None])
async def test_only_the_own_page_may_listen_and_act(
    scene: Scene, session: aiohttp.ClientSession, origin: str | None
) -> None:
    headers = {"Origin": origin} if origin else {}

    async with session.post(f"{scene.stage.address}/gestures", json=WRITE, headers=headers) as response:
        posted = response.status
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await session.ws_connect(f"{scene.stage.address}/live", headers=headers)

    assert (posted, refused.value.status) == (403, 403)
    assert scene.slack.messages(CAST.channel) == []


async def test_whoever_connects_gets_everything_and_then_what_changes(
    scene: Scene, session: aiohttp.ClientSession
) -> None:
    before = await scene.card("Printer on fire")

    async with live(scene, session) as socket:
        snapshot = await news(socket, "snapshot")
        after = await scene.card("Door stuck")
        change = await news(socket, "change")

    assert f"{CAST.channel} {before}" in snapshot["items"]["slack"]
    assert snapshot["cast"]["clients"][0]["address"] == "ann@acme.example"
    assert list(change["put"]) == [f"{CAST.channel} {after}"]


async def test_what_was_deleted_is_dropped(scene: Scene, session: aiohttp.ClientSession) -> None:
    ts = await scene.card()

    async with live(scene, session) as socket:
        await news(socket, "snapshot")
        await scene.web.chat_delete(channel=CAST.channel, ts=ts)
        change = await news(socket, "change")

    assert change["drop"] == [f"{CAST.channel} {ts}"]


async def test_a_gesture_may_be_posted(scene: Scene, session: aiohttp.ClientSession) -> None:
    headers = {"Origin": scene.stage.address}

    async with session.post(f"{scene.stage.address}/gestures", json=WRITE, headers=headers) as response:
        outcome = await response.json()

    assert outcome == {"ok": True}
    assert [message.text for message in scene.slack.messages(CAST.channel)] == ["hello"]


async def test_every_gesture_gets_its_own_outcome(scene: Scene, session: aiohttp.ClientSession) -> None:
    wishes: list[dict[str, Any]] = [WRITE, {"do": "slack.fly", "with": {}}, {"do": 1}]

    async with live(scene, session) as socket:
        for number, wish in enumerate(wishes):
            await socket.send_str(json.dumps({"id": number, **wish}))
        outcomes = [await news(socket, "outcome") for _ in range(3)]

    assert {one.get("id"): one["ok"] for one in outcomes} == {0: True, 1: False, None: False}


async def test_a_press_on_what_is_gone_is_told_in_words(scene: Scene) -> None:
    details = {"user": "U0BOB", "channel": CAST.channel, "ts": "1.0", "action_id": "verb:take"}

    outcome = await scene.stage.perform("slack.press", details)

    assert outcome == {"ok": False, "error": "That is not there any more."}


async def test_a_client_s_mail_reaches_the_desk_with_its_attachment(scene: Scene) -> None:
    note = {"name": "note.txt", "type": "text/plain", "base64": "aGk="}
    details = {"person": "ann@acme.example", "subject": "Printer", "text": "It burns", "attachments": [note]}

    outcome = await scene.stage.perform("client.write", details)

    [mail] = scene.mail.mailboxes["support"].inbox.mails
    assert outcome["ok"]
    assert b"From: Ann <ann@acme.example>" in mail.raw
    assert b'filename="note.txt"' in mail.raw
