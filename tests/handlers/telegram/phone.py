"""Sam's phone in the demo: who it is, and what the bot said there last."""

import pytest

from bot.sandbox.demo import Demo
from bot.sandbox.telegram import Message, Person


@pytest.fixture
def sam(demo: Demo) -> Person:
    """Sam's phone."""
    return demo.telegram.world.people[demo.cast.on_call.telegram]


def last(demo: Demo, sam: Person) -> Message:
    """What the bot said to Sam last."""
    return demo.telegram.messages(sam.id)[-1]
