"""One clause in two versions, in sentences. See `diff.py`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from bot.engagement.clauses import Clause, Condition, Decision, Owner
from bot.engagement.findings import listed
from bot.engagement.keywords import Keywords
from bot.engagement.plain_words import minutes_in_words, topic, topics, what_happens, when, written

type Kind = Literal[
    "answers", "added", "removed", "clause", "order", "owner", "text", "hours", "section", "version"
]

HEADINGS: Mapping[Kind, str] = {
    "answers": "Who answers from now on",
    "added": "New clauses",
    "removed": "Clauses that are gone",
    "clause": "Clauses that changed",
    "order": "The order in which clauses are asked",
    "owner": "Owners",
    "text": "Texts that residents read",
    "hours": "Hours",
    "section": "Other sections",
    "version": "The files",
}
"""Over the changes of a kind, in the order in which they are told."""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference, in a sentence that a clerk understands.

    Attributes:
        clause: the clause or section it is about, as it stands in the record.
    """

    kind: Kind
    clause: str
    sentence: str


type Words = Sequence[Keywords | None]


def changed_clause(
    old: Clause,
    new: Clause,
    owners: tuple[Mapping[str, Owner], Mapping[str, Owner]],
    words: tuple[Words, Words],
) -> Iterator[Change]:
    """Yield what is different in one clause.

    Args:
        old: how it stood.
        new: how it would stand.
        owners: of both versions.
        words: of each of its conditions, in both versions.
    """
    for sentence in (
        *_outcome(old.decision, new.decision, owners),
        *_conditions(old, new, words),
        *_paperwork(old, new, owners[1]),
    ):
        yield Change("clause", new.id, sentence)


def _outcome(
    old: Decision, new: Decision, owners: tuple[Mapping[str, Owner], Mapping[str, Owner]]
) -> Iterator[str]:
    was, now = what_happens(old, owners[0]), what_happens(new, owners[1])
    if was != now:
        yield f"{_capital(now)}; until now {was}."
    elif old.owner != new.owner:
        yield f"It is for `{new.owner or 'nobody'}`; until now for `{old.owner or 'nobody'}`."
    elif (old.minutes, old.to_closing, old.urgent) != (new.minutes, new.to_closing, new.urgent):
        yield f"Its promise is {new.minutes} minutes; until now {old.minutes}."
    for name, words in (
        ("reply_key", "Residents read the text `{}`; until now `{}`."),
        ("public_reply_key", "In public the thread reads the text `{}`; until now `{}`."),
        ("retention", "Its messages are kept as `{}`; until now as `{}`."),
    ):
        if getattr(old, name) != getattr(new, name):
            yield words.format(getattr(new, name) or "none", getattr(old, name) or "none")
    for name, words in (
        ("next_reply", "Each later reply is due within {}; until now {}."),
        ("resolve", "The matter is to be closed within {}; until now {}."),
    ):
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield words.format(
                *(minutes_in_words(value) if value else "the usual time" for value in (after, before))
            )
    if (old.reason, old.sentence) != (new.reason, new.sentence):
        was = f"“{old.reason}: {old.sentence}”"
        yield f"Staff read as the reason “{new.reason}: {new.sentence}”; until now {was}."


def _conditions(old: Clause, new: Clause, words: tuple[Words, Words]) -> Iterator[str]:
    topics_before = {name for condition in old.conditions for name in topics(condition)}
    topics_after = {name for condition in new.conditions for name in topics(condition)}
    if added := sorted(topics_after - topics_before):
        yield f"It is now also about {listed([topic(name) for name in added])}."
    if gone := sorted(topics_before - topics_after):
        yield f"It is no longer about {listed([topic(name) for name in gone])}."
    yield from _words(*words)
    before = [_bare(condition) for condition in old.conditions]
    after = [_bare(condition) for condition in new.conditions]
    if before != after:
        gone_conditions = [when(condition) for condition in before if condition not in after]
        new_conditions = [when(condition) for condition in after if condition not in before]
        if new_conditions:
            yield f"It now fits {'; or '.join(new_conditions)}."
        if gone_conditions:
            yield f"It no longer fits {'; or '.join(gone_conditions)}."
        if not new_conditions and not gone_conditions:
            yield "Its conditions stand in another order or number; what it fits is the same."
    elif (old.conditions, words[0]) != (new.conditions, words[1]) and _alike(old, new, words):
        yield "Its topics are divided over its conditions in another way."


def _alike(old: Clause, new: Clause, words: tuple[Words, Words]) -> bool:
    """Tell whether nothing above found the difference."""
    named = [{name for condition in clause.conditions for name in topics(condition)} for clause in (old, new)]
    said = [[written(each) for each in kept] for kept in words]
    return named[0] == named[1] and _flat(said[0]) == _flat(said[1])


def _flat(sets: list[tuple[frozenset[str], frozenset[str]]]) -> tuple[frozenset[str], frozenset[str]]:
    counted, ignored = frozenset[str](), frozenset[str]()
    for some, others in sets:
        counted, ignored = counted | some, ignored | others
    return counted, ignored


def _words(old: Words, new: Words) -> Iterator[str]:
    before, after = _flat([written(each) for each in old]), _flat([written(each) for each in new])
    for number, (more, fewer) in enumerate(
        (
            ("These words now count: {}.", "These words no longer count: {}."),
            ("These words are now looked past: {}.", "These words are no longer looked past: {}."),
        )
    ):
        if added := sorted(after[number] - before[number]):
            yield more.format(listed([f"“{word}”" for word in added], 8))
        if gone := sorted(before[number] - after[number]):
            yield fewer.format(listed([f"“{word}”" for word in gone], 8))


def _paperwork(old: Clause, new: Clause, owners: Mapping[str, Owner]) -> Iterator[str]:
    if old.kept_by != new.kept_by:
        keeper = (
            owners[new.kept_by].name("en") if new.kept_by in owners else new.kept_by or "nobody in particular"
        )
        yield f"Its wording is kept by {keeper}."
    if old.effective != new.effective:
        yield f"It holds from {new.effective or 'the first day of these rules'} on."
    if old.until != new.until:
        yield f"It holds until {new.until}." if new.until else "It holds without an end."
    if old.legal_basis != new.legal_basis:
        yield f"It rests on: {new.legal_basis or 'nothing that is named'}."


def _bare(condition: Condition) -> Condition:
    """Return a condition without its topics, which are told by themselves."""
    return replace(condition, intents=frozenset(), intent_beginnings=())


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
