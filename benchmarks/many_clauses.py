"""Rules of any size for measuring: the city's own clauses, and as many again about made-up topics.

The copies keep the shape of the originals: their stages, conditions and numbers of words. Their topics and
words are other ones, so each is asked and none is found where another would have been.
"""

from __future__ import annotations

from pathlib import Path

from bot.engagement import rulesets, word_lists
from bot.engagement.clauses import Ruleset
from bot.engagement.written_clauses import WrittenClause, WrittenCondition
from bot.engagement.written_words import WrittenWords


def ruleset_of(city: Path, count: int) -> Ruleset:
    """Return the city's rules with copies in front of the general permissions, `count` clauses in all."""
    written = rulesets.read(city)
    own = list(written.clauses)
    general = [clause for clause in own if clause.outcome == "allow"]
    special = [clause for clause in own if clause not in general and not clause.id.startswith("outgoing")]
    copies: list[WrittenClause] = []
    while len(own) + len(copies) < count:
        number = len(copies)
        copies.append(_copy(special[1 + number % (len(special) - 1)], number))
    first = next(number for number, clause in enumerate(own) if clause.id == "assistant.asked")
    every = (*own[:first], *copies, *own[first:])
    return written.model_copy(update={"clauses": every}).compiled()


def _copy(clause: WrittenClause, number: int) -> WrittenClause:
    return clause.model_copy(
        update={
            "id": f"copy-{number}",
            "when": tuple(_other(condition, number) for condition in clause.when),
        }
    )


def _other(condition: WrittenCondition, number: int) -> WrittenCondition:
    changes: dict[str, object] = {
        name: tuple(f"{value.rstrip('*')}_{number}" for value in getattr(condition, name))
        for name in ("intents", "reasons")
    }
    if condition.languages:
        changes["languages"] = ("en",)
        changes["channels"] = (f"channel_{number}",)
    if condition.alarm:
        changes["channels"] = (f"channel_{number}",)
    if condition.words is not None:
        listed = [word_lists.written(name) for name in condition.words.lists]
        counted = [*condition.words.any, *(word for each in listed for word in each.any)]
        ignored = [*condition.words.unless, *(word for each in listed for word in each.unless)]
        changes["words"] = WrittenWords.model_construct(
            lists=(),
            any=tuple(_word(keyword, number) for keyword in counted),
            unless=tuple(_word(keyword, number) for keyword in ignored),
        )
    return condition.model_copy(update=changes)


def _word(keyword: str, number: int) -> str:
    """Return a keyword of as many words and the same first ones, which no text has in full."""
    return f"{keyword} zq{number}"
