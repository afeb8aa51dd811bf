"""Two versions of the rules compared, in sentences for a clerk: what residents and staff will notice.

Pure; used by `townline rules diff` and by the admin pages. What it is not for: which of the two is better.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from bot.engagement.clauses import Clause, Decision, Facts, Ruleset
from bot.engagement.diff_clauses import HEADINGS, Change, changed_clause
from bot.engagement.diff_sections import changed_sections
from bot.engagement.engine import evaluate
from bot.engagement.findings import listed
from bot.engagement.plain_words import keywords_of, topic, topics, what_happens, when
from bot.engagement.rulebook import RulesInForce

__all__ = ["HEADINGS", "Change", "changes"]

_READINGS: tuple[tuple[str, str], ...] = (
    ("", "act"),
    (" when the assistant is in doubt", "confirm"),
    (" when it is hardly understood", "hand_over"),
)


@dataclass(frozen=True, slots=True)
class _Cell:
    """A situation in which a topic can come, and its words."""

    words: str
    facts: Facts


def changes(old: RulesInForce, new: RulesInForce, intents: Collection[str] = ()) -> list[Change]:
    """Return what is different in `new`, what residents notice first.

    Args:
        old: the version that holds.
        new: the version that may hold next.
        intents: the topics of the assistant; with them it is said for each who answers from now on.
    """
    found = [*_answers(old.ruleset, new.ruleset, intents), *_clauses(old.ruleset, new.ruleset)]
    found += _order(old.ruleset, new.ruleset)
    found += changed_sections(old, new)
    return list(dict.fromkeys(found))


def _answers(old: Ruleset, new: Ruleset, intents: Collection[str]) -> Iterator[Change]:
    """Yield who answers which topic from now on, by asking both versions; alike topics in one sentence."""
    told: dict[tuple[str, str, str, str], list[str]] = {}
    for intent in sorted(intents):
        seen: set[tuple[str, str]] = set()
        for cell in _cells(intent):
            was, now = evaluate(old, cell.facts), evaluate(new, cell.facts)
            before, after = what_happens(was, old.owners), what_happens(now, new.owners)
            if before == after or (before, after) in seen:
                continue
            seen.add((before, after))
            told.setdefault((cell.words, now.clause, before, after), []).append(topic(intent))
    for (words, clause, before, after), names in told.items():
        yield Change(
            "answers",
            clause,
            f"Who writes about {listed(names)}{words}: {after}; until now {before}.",
        )


def _cells(intent: str) -> Iterator[_Cell]:
    for (doubt, band), reason, (where, channel, visibility), (hour, is_open) in product(
        _READINGS,
        (None, intent),
        (
            ("", "webchat", "private"),
            (" in public", "webchat", "public"),
            (" in a group", "telegram", "group"),
        ),
        (("", True), (" outside the desk's hours", False)),
    ):
        asked = " and a person is needed" if reason else ""
        facts = Facts(
            stage="after",
            channel=channel,
            visibility=visibility,  # type: ignore[arg-type]
            intent=intent,
            band=band,  # type: ignore[arg-type]
            hand_off_reason=reason,
            open=is_open,
        )
        yield _Cell(f"{doubt}{asked}{where}{hour}", facts)


def _clauses(old: Ruleset, new: Ruleset) -> Iterator[Change]:
    before = {clause.id: clause for clause in old.clauses}
    after = {clause.id: clause for clause in new.clauses}
    words_before, words_after = keywords_of(old), keywords_of(new)
    for clause_id, clause in before.items():
        if clause_id not in after:
            yield Change(
                "removed",
                clause_id,
                f"This clause is gone: {clause.decision.sentence} Clauses further down decide now.",
            )
    for clause_id, clause in after.items():
        if clause_id not in before:
            yield Change("added", clause_id, _new(clause, new))
        else:
            yield from changed_clause(
                before[clause_id],
                clause,
                (old.owners, new.owners),
                (words_before[clause_id], words_after[clause_id]),
            )
    yield from changed_clause(
        _as_clause(old.default), _as_clause(new.default), (old.owners, new.owners), ((), ())
    )


def _as_clause(default: Decision) -> Clause:
    return Clause("default", (), default)


def _new(clause: Clause, ruleset: Ruleset) -> str:
    words = keywords_of(ruleset)[clause.id]
    situations = [when(condition, kept) for condition, kept in zip(clause.conditions, words, strict=True)]
    named = sorted({name for condition in clause.conditions for name in topics(condition)})
    about = f" It is about {listed([topic(name) for name in named])}." if named else ""
    return (
        f"New: {clause.decision.sentence} Then {what_happens(clause.decision, ruleset.owners)}.{about} "
        f"It fits {'; or '.join(situations[:3])}{'; or …' if len(situations) > 3 else ''}."
    )


def _order(old: Ruleset, new: Ruleset) -> Iterator[Change]:
    """Yield the fewest clauses that must have been moved to come from one order to the other."""
    kept = {clause.id for clause in old.clauses} & {clause.id for clause in new.clauses}
    before = [clause.id for clause in old.clauses if clause.id in kept]
    after = [clause.id for clause in new.clauses if clause.id in kept]
    staying = _longest_common(before, after)
    for number, clause_id in enumerate(after):
        if clause_id in staying:
            continue
        above = after[number - 1] if number else None
        where = f"right after `{above}`" if above else "first of all"
        up = before.index(clause_id) > number
        yield Change(
            "order",
            clause_id,
            f"This clause is asked {'earlier' if up else 'later'} now, {where}; "
            f"where both fit, {'it decides' if up else 'those above it decide'}.",
        )


def _longest_common(before: Sequence[str], after: Sequence[str]) -> frozenset[str]:
    """Return the most ids that stand in the same order in both (the longest increasing subsequence)."""
    place = {name: number for number, name in enumerate(before)}
    best: list[tuple[int, int, int | None]] = []  # length, place, the one before it
    for number, name in enumerate(after):
        longest, previous = 0, None
        for earlier in range(number):
            if best[earlier][1] < place[name] and best[earlier][0] > longest:
                longest, previous = best[earlier][0], earlier
        best.append((longest + 1, place[name], previous))
    step: int | None = max(range(len(best)), key=lambda n: best[n][0], default=None)
    found = set()
    while step is not None:
        found.add(after[step])
        step = best[step][2]
    return frozenset(found)
