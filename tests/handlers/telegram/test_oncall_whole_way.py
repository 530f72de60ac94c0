"""On call on a real phone: a shift that is offered is taken with one press, rotas are kept by questions."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.desk import oncall, people, staff
from bot.desk.audit import at_the_server
from bot.desk.people import Actor
from bot.sandbox.demo import Demo
from bot.sandbox.telegram import Message, Person
from storage.database import session
from tests.handlers.telegram.phone import last, sam
from tests.servers import until

__all__ = ["sam"]

AT_SERVER = at_the_server()


@pytest.fixture
async def demo(tmp_path: Path, over_http: bool) -> AsyncIterator[Demo]:
    demo = Demo(tmp_path, over_http=over_http)
    await demo.start()
    yield demo
    await demo.stop()


async def pressed(demo: Demo, sam: Person, *labels: str) -> Message:
    """The message after these buttons."""
    for label in labels:
        await (await demo.telegram.press(sam, sam, last(demo, sam).id, label))
    return last(demo, sam)


def agents(demo: Demo) -> tuple[people.Agent, people.Agent]:
    """Somebody who works in Slack, and Sam."""
    with session():
        sam = people.agent(demo.cast.on_call.address)
        return next(one for one in oncall.able_agents() if one.id != sam.id), sam


def always(demo: Demo, who: people.Agent) -> None:
    """This agent is on call, always."""
    with session():
        demo.office.desk.rotas.add("NIGHTS", AT_SERVER, name="Nights", zone="UTC")
        demo.office.desk.rotas.set_layer("NIGHTS", {"members": who.email, "starts": "2020-01-01"}, AT_SERVER)


def on_duty(demo: Demo) -> str:
    """Whoever is on call now."""
    with session():
        now = oncall.on_duty("NIGHTS", demo.office.clock.now())
    return now.name if now else ""


def offered(demo: Demo, giver: people.Agent, to: people.Agent | None) -> None:
    """The coming day is offered."""
    now = demo.office.clock.now()
    with session():
        demo.office.desk.swaps.offer("NIGHTS", now, now + timedelta(days=1), Actor.of(giver, "slack"), to)


async def test_a_shift_that_is_offered_to_sam_is_taken_with_one_press(demo: Demo, sam: Person) -> None:
    colleague, agent = agents(demo)
    always(demo, colleague)
    await (await demo.telegram.say(sam, sam, "/oncall"))

    offered(demo, colleague, agent)
    await until(lambda: "offers" in last(demo, sam).text)
    await pressed(demo, sam, "Take the shift")

    assert on_duty(demo) == agent.name
    said = f"{agent.name} takes {colleague.name}'s shift"
    assert any(said in one.text for one in demo.telegram.messages(sam.id))


async def test_the_second_who_presses_in_the_group_is_told_who_was_faster(demo: Demo, sam: Person) -> None:
    colleague, agent = agents(demo)
    always(demo, colleague)
    group = demo.telegram.world.chats[demo.cast.group]
    offered(demo, colleague, None)
    await until(lambda: any("offers a shift" in one.text for one in demo.telegram.messages(group)))
    offer = next(one for one in demo.telegram.messages(group) if "offers a shift" in one.text)
    with session():
        number = demo.office.desk.swaps.offers()[0].id
        demo.office.desk.swaps.accept(number, Actor.of(next(iter(_third(demo))), "slack"))

    refused = await (await demo.telegram.press(sam, group, offer.id, "Take the shift")).answered()

    assert refused.alert
    assert "has taken this shift already" in str(refused.answer)
    assert on_duty(demo) != agent.name


def _third(demo: Demo) -> list[people.Agent]:
    """Somebody else who may be on call, made if need be."""
    known = {one.id for one in agents(demo)}
    others = [one for one in oncall.able_agents() if one.id not in known]
    return others or [people.add_agent("eva@example.org", "Eva", "agent", demo.office.clock)]


async def test_a_rota_is_kept_by_questions(demo: Demo, sam: Person) -> None:
    with session():
        staff.change(demo.cast.on_call.address, demo.office.clock, AT_SERVER, role="manager")
    await (await demo.telegram.say(sam, sam, "/ticket rotas"))
    await pressed(demo, sam, "a new one")
    for answer in ("NIGHTS", "Nights"):
        await (await demo.telegram.say(sam, sam, answer))
    await until(lambda: "NIGHTS" in last(demo, sam).text)

    await (await demo.telegram.say(sam, sam, "/ticket rotas"))
    await pressed(demo, sam, "NIGHTS · Nights", "A new layer")
    for answer in (demo.cast.on_call.address, "day"):
        await (await demo.telegram.say(sam, sam, answer))

    await until(lambda: "is changed" in last(demo, sam).text)
    with session():
        (layer,) = demo.office.desk.rotas.find("NIGHTS").layers
    assert layer.days == 1


async def test_one_part_of_a_layer_is_changed_and_the_layer_removed(demo: Demo, sam: Person) -> None:
    with session():
        staff.change(demo.cast.on_call.address, demo.office.clock, AT_SERVER, role="manager")
    always(demo, agents(demo)[1])
    await (await demo.telegram.say(sam, sam, "/ticket rotas"))
    await pressed(demo, sam, "NIGHTS · Nights", f"Layer 1: {agents(demo)[1].name}", "Handed over at: 08:00")
    await (await demo.telegram.say(sam, sam, "09:30"))
    with session():
        changed = demo.office.desk.rotas.find("NIGHTS").layers[0].handover

    await (await demo.telegram.say(sam, sam, "/ticket rotas"))
    await pressed(demo, sam, "NIGHTS · Nights", "Remove layer 1", "Save")

    with session():
        assert demo.office.desk.rotas.find("NIGHTS").layers == ()
    assert f"{changed:%H:%M}" == "09:30"
