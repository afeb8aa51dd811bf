"""Nothing acts on what residents say in public unless a person decided it: the code has no other way."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

import pytest

from bot.messages import ChannelAct
from tests.guards.tree import Source, sources, within

DECISIONS = {"act", "dismiss", "decide_again", "carried_out"}
"""Functions of `bot/conversations/moderation.py` that change what is decided."""
DESK = "bot.desk.moderation"
ON_PLATFORMS = {"delete_message", "restrict_chat_member", "ban_chat_member", "ban_chat_sender_chat"}


def platforms_are_asked_by_the_desk_alone(tree: Sequence[Source]) -> Iterator[str]:
    for source in tree:
        for node in ast.walk(source.tree):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name == "moderate" and not within(source.module, DESK, "bot.channels"):
                yield f"{source.path}:{node.lineno}: asks a platform to act; only {DESK} does"
            if name in ON_PLATFORMS and not within(source.module, "bot.channels"):
                yield f"{source.path}:{node.lineno}: {name} outside the channel"
            if name == "ChannelAct" and source.module != DESK:
                yield f"{source.path}:{node.lineno}: makes an act; only {DESK} does"
            if name == "ChannelAct" and "staff_id" not in {keyword.arg for keyword in node.keywords}:
                yield f"{source.path}:{node.lineno}: an act without who decided it"


def decisions_are_taken_at_the_desk(tree: Sequence[Source]) -> Iterator[str]:
    for source in tree:
        if source.module in (DESK, "bot.conversations.moderation"):
            continue
        names = {
            alias.asname or alias.name
            for node in ast.walk(source.tree)
            if isinstance(node, ast.ImportFrom) and node.module == "bot.conversations"
            for alias in node.names
            if alias.name == "moderation"
        }
        for node in ast.walk(source.tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id in names
                and node.func.attr in DECISIONS
            ):
                yield f"{source.path}:{node.lineno}: decides on a message; only {DESK} does"


def each_decision_names_a_person(tree: Sequence[Source]) -> Iterator[str]:
    for source in tree:
        if source.module not in (DESK, "bot.conversations.moderation"):
            continue
        for node in ast.walk(source.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (
                node.name in DECISIONS | {"hear", "carry_out", "done_by_hand"}
            ):
                taken = [argument.arg for argument in (*node.args.args, *node.args.kwonlyargs)]
                defaults = node.args.kw_defaults
                optional = {
                    argument.arg
                    for argument, default in zip(node.args.kwonlyargs, defaults, strict=True)
                    if default is not None
                }
                if not {"staff_id", "staff"} & (set(taken) - optional):
                    yield f"{source.path}:{node.lineno}: {node.name} decides without a person"


RULES = (
    platforms_are_asked_by_the_desk_alone,
    decisions_are_taken_at_the_desk,
    each_decision_names_a_person,
)
BREAKERS = [
    (RULES[0], "bot/pipeline/process.py", "async def f(channel, act):\n    await channel.moderate(act)"),
    (RULES[0], "bot/desk/service.py", "async def f(bot):\n    await bot.delete_message(1, 2)"),
    (RULES[0], "bot/pipeline/public.py", "ChannelAct('hide', staff_id='bot')"),
    (RULES[0], "bot/desk/moderation.py", "ChannelAct('hide', message_ref='1')"),
    (
        RULES[1],
        "bot/pipeline/moderating.py",
        "from bot.conversations import moderation as cases\ncases.act(1, 2)",
    ),
    (RULES[1], "bot/pipeline/timers.py", "from bot.conversations import moderation\nmoderation.dismiss(1)"),
    (RULES[2], "bot/desk/moderation.py", "def act(tx, case):\n    ..."),
    (RULES[2], "bot/conversations/moderation.py", "def dismiss(tx, *, staff_id=''):\n    ..."),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule_holds(rule) -> None:
    faults = list(rule(sources("bot", "actions")))
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(("rule", "path", "text"), BREAKERS)
def test_rule_can_fail(rule, path: str, text: str) -> None:
    assert list(rule([Source(path, text)]))


@pytest.mark.parametrize("nobody", ["", " "])
def test_an_act_without_a_person_cannot_be_made(nobody: str) -> None:
    with pytest.raises(ValueError, match="names nobody"):
        ChannelAct("hide", "thread", "m1", "rosa", nobody)
