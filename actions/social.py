"""Courtesies, and the answer to "am I talking to a robot?"."""

from __future__ import annotations

from actions.reply import Reply, say
from actions.services import Services
from actions.turn import Turn


async def say_who(turn: Turn, services: Services) -> Reply:
    """Say that this is a machine, what it can do, and how to reach a person."""
    return say(services.say(turn, "social.who"))


async def thank(turn: Turn, services: Services) -> Reply:
    """Answer thanks."""
    return say(services.say(turn, "social.thanks"))


async def greet(turn: Turn, services: Services) -> Reply:
    """Answer a greeting."""
    return say(services.say(turn, "social.greet"))


async def part(turn: Turn, services: Services) -> Reply:
    """Answer a goodbye."""
    return say(services.say(turn, "social.goodbye"))


async def ask_what_now(turn: Turn, services: Services) -> Reply:
    """An answer came, but no question was open."""
    if turn.intent == "cancel":
        return say(services.say(turn, "report.nothing_to_cancel"))
    return say(services.say(turn, "social.what_now"))
