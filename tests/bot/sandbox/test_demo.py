"""The demo as a whole: everything up on loopback, furnished once, told where it is, ended without a trace."""

import asyncio
import os
import signal
import socket
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.clock import SpedUpClock
from bot.errors import ConfigError
from bot.sandbox import furnishing
from bot.sandbox.demo import Demo, run_demo
from storage.database import session
from storage.queries import people as rows
from tests.servers import until

CLIENT, DESK = "Ann <ann@acme.example>", "support@example.org"


def inside(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def test_a_client_s_mail_becomes_a_card_in_both_chats_and_is_confirmed(tmp_path: Path) -> None:
    demo = Demo(tmp_path)
    await demo.start()

    try:
        await demo.mail.write(CLIENT, DESK, "Printer on fire", "It burns.")
        await until(lambda: demo.slack.messages(demo.cast.channel), 20)
        await until(lambda: demo.telegram.messages(demo.cast.group), 20)
        await until(lambda: demo.mail.letters("ann@acme.example"), 20)
    finally:
        await demo.stop()

    (card,) = demo.slack.messages(demo.cast.channel)
    (bubble,) = demo.telegram.messages(demo.cast.group)
    (letter,) = demo.mail.letters("ann@acme.example")
    assert "Printer on fire" in card.text
    assert "Printer on fire" in bubble.text
    assert letter.subject.endswith("We have received your message")


async def test_a_folder_is_furnished_once_and_used_again(tmp_path: Path) -> None:
    for subject in ("First", "Second"):
        demo = Demo(tmp_path)
        await demo.start()
        try:
            await demo.mail.write(CLIENT, DESK, subject, "Hello")
            await until(lambda demo=demo: demo.telegram.messages(demo.cast.group), 20)  # type: ignore[misc]
            with session():
                agents = [(row.email, row.role, rows.accounts(row.id)) for row in rows.agents()]
        finally:
            await demo.stop()

    assert agents == [
        ("bob@example.org", "admin", {"slack": "U0BOB"}),
        ("carol@example.org", "agent", {"slack": "U0CAROL", "telegram": "7002"}),
        ("sam@example.org", "agent", {"telegram": "7003"}),
    ]
    assert "-0002" in demo.telegram.messages(demo.cast.group)[0].text


async def test_somebody_else_s_configuration_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / furnishing.FILE
    file.write_text('language = "fr"\n')

    with pytest.raises(ConfigError, match="choose another folder"):
        await Demo(tmp_path).start()

    assert file.read_text() == 'language = "fr"\n'


async def test_a_taken_port_is_told(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(ConfigError, match=f"--port {port}"):
            await Demo(tmp_path).start(port)


async def test_a_second_demo_in_one_folder_is_refused(tmp_path: Path) -> None:
    demo = Demo(tmp_path)
    await demo.start()
    try:
        with pytest.raises(ConfigError, match="already works"):
            await Demo(tmp_path).start()
    finally:
        await demo.stop()


async def test_it_runs_until_it_is_told_to_stop_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    said: list[str] = []
    running = asyncio.create_task(run_demo(port=0, data=None, open_browser=False, announce=said.append))
    await until(lambda: said or running.done(), 30)
    while_running = inside(tmp_path)

    os.kill(os.getpid(), signal.SIGTERM)
    told = time.monotonic()
    await running

    assert said[0].startswith("http://127.0.0.1:")
    assert len(while_running) == 1
    assert inside(tmp_path) == []
    assert time.monotonic() - told < 10


async def test_a_desk_of_the_demo_may_run_faster_than_the_clock(tmp_path: Path) -> None:
    demo = Demo(tmp_path, speed=60)
    await demo.start()
    try:
        began = demo.office.clock.now()
        await until(lambda: (demo.office.clock.now() - began).total_seconds() > 30)
        with session():
            undo_seconds = demo.office.desk.settings.get("undo_seconds")
    finally:
        await demo.stop()

    assert undo_seconds == 60 * furnishing.UNDO_SECONDS


async def test_a_desk_that_ran_ahead_goes_on_from_there(tmp_path: Path) -> None:
    times: list[datetime] = []
    for _ in range(2):
        demo = Demo(tmp_path)
        await demo.start()
        try:
            times.append(demo.clock.now())
            assert isinstance(demo.clock, SpedUpClock)
            demo.clock.skip_to(times[0] + timedelta(days=3))
            await demo.mail.write(CLIENT, DESK, "Printer on fire", "It burns.")
            await until(lambda demo=demo: demo.telegram.messages(demo.cast.group), 20)  # type: ignore[misc]
        finally:
            await demo.stop()

    assert times[1] - times[0] > timedelta(days=2)
