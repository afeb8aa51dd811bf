"""Courtesies, and the answer to "am I talking to a robot?"."""

from __future__ import annotations

from actions.reply import Reply, ask, option, say
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


async def take_praise(turn: Turn, services: Services) -> Reply:
    """Thank for kind words. Staff read them in the record; no promise is made that somebody is told."""
    return say(services.say(turn, "social.praise"))


async def chat(turn: Turn, services: Services) -> Reply:
    """Answer small talk in a line, and say what this is good for."""
    return say(services.say(turn, "social.small_talk"))


async def stay_calm(turn: Turn, services: Services) -> Reply:
    """Answer an insult without a word about it: offer a person, who may be what was wanted all along."""
    question = ask(
        "offer",
        services.say(turn, "social.insult"),
        option(services.say(turn, "button.yes"), "affirm"),
        option(services.say(turn, "button.no"), "deny"),
    )
    return question.remember(offer={"intent": "person", "reason": "asked_for_person", "text": turn.text})


async def tell_how_to_stop(turn: Turn, services: Services) -> Reply:
    """Say how to get no more messages. The one word STOP never comes here where a platform has it."""
    return say(services.say(turn, "social.stop"))


async def ask_what_now(turn: Turn, services: Services) -> Reply:
    """An answer came, but no question was open."""
    if turn.intent == "cancel":
        return say(services.say(turn, "report.nothing_to_cancel"))
    return say(services.say(turn, "social.what_now"))
