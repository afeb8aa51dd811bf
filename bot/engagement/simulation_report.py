"""A simulation in words and rows: the same for the terminal, the admin pages, a file and other programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any

from bot.engagement.plain_words import minutes_in_words, topic
from bot.engagement.rulebook import RulesInForce
from bot.engagement.simulate import FATES, End, Move, Simulation, Tally
from bot.engagement.simulation_pictures import owner_name, picture

MOST_MOVES = 12
MOST_CLAUSES = 15
LONGEST_EXAMPLE = 160
"""Characters of a message that are shown."""


@dataclass(frozen=True, slots=True)
class MoveRow:
    """Messages that fare otherwise in one way: how many, from what to what, about what, with examples."""

    count: int
    before: str
    after: str
    topics: str
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClauseRow:
    """How often a clause decided under both versions."""

    clause: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Report:
    """A simulation ready to be shown.

    Attributes:
        summary: in sentences, the most important first.
        caveats: what the figures cannot tell.
        moves: how messages fare otherwise, the most frequent first.
        clauses: those that decide more or less often.
        figures: everything as plain data, for programs.
        picture: as SVG.
    """

    summary: tuple[str, ...]
    caveats: tuple[str, ...]
    moves: tuple[MoveRow, ...]
    clauses: tuple[ClauseRow, ...]
    figures: dict[str, Any]
    picture: str


def report(
    found: Simulation,
    old: RulesInForce,
    new: RulesInForce,
    masked: Callable[[str], str],
    *,
    title: str = "",
    caveats: tuple[str, ...] = (),
) -> Report:
    """Return what a simulation found, ready to be shown.

    Args:
        found: the figures.
        old: the rules compared with.
        new: the rules tried.
        masked: takes personal data out of an example.
        title: of the picture.
        caveats: more that the figures cannot tell.
    """
    moves = tuple(_move(found, move, count, old, new, masked) for move, count in found.moves.most_common())
    ids = set(found.old.clauses) | set(found.new.clauses)
    clauses = [ClauseRow(each, found.old.clauses[each], found.new.clauses[each]) for each in ids]
    changed = sorted(
        (row for row in clauses if row.before != row.after),
        key=lambda row: (-abs(row.after - row.before), row.clause),
    )
    return Report(
        tuple(_summary(found, old, new)),
        (*_caveats(found), *caveats),
        moves,
        tuple(changed),
        _figures(found, old, new, moves),
        picture(found, old, new, title),
    )


def page(shown: Report, title: str) -> str:
    """Return a report as one HTML file that needs nothing beside it."""
    moves = "".join(
        f"<tr><td class=number>{row.count:,}</td><td>{escape(row.before)}</td><td>{escape(row.after)}</td>"
        f"<td>{escape(row.topics)}</td><td>{_quoted(row.examples)}</td></tr>"
        for row in shown.moves
    )
    clauses = "".join(
        f"<tr><td><code>{escape(row.clause)}</code></td><td class=number>{row.before:,}</td>"
        f"<td class=number>{row.after:,}</td><td class=number>{row.after - row.before:+,}</td></tr>"
        for row in shown.clauses
    )
    return _PAGE.format(
        title=escape(title),
        summary="".join(f"<li>{escape(sentence)}</li>" for sentence in shown.summary),
        caveats="".join(f"<li>{escape(sentence)}</li>" for sentence in shown.caveats),
        picture=shown.picture,
        moves=moves or "<tr><td colspan=5>Nothing changes.</td></tr>",
        clauses=clauses or "<tr><td colspan=4>Every clause decides as often as before.</td></tr>",
    )


def _quoted(examples: tuple[str, ...]) -> str:
    return "".join(f"<p>“{escape(text)}”</p>" for text in examples)


def _move(
    found: Simulation,
    move: Move,
    count: int,
    old: RulesInForce,
    new: RulesInForce,
    masked: Callable[[str], str],
) -> MoveRow:
    before, after = move
    about = Counter({name: n for (name, its), n in found.topics.items() if its == move}).most_common(3)
    topics = ", ".join(f"{topic(name) if name else 'not known'} ({n:,})" for name, n in about)
    return MoveRow(
        count,
        _end(before, old),
        _end(after, new),
        topics,
        tuple(_cut(masked(example.text)) for example in found.examples.get(move, ())),
    )


def _cut(text: str) -> str:
    """Return the beginning of a text, whole words, as a table has room for it."""
    if len(text) <= LONGEST_EXAMPLE:
        return text
    return f"{text[:LONGEST_EXAMPLE].rpartition(' ')[0] or text[:LONGEST_EXAMPLE]} …"


def _end(end: End, rules: RulesInForce) -> str:
    fate, owner, minutes = end
    within = f" within {minutes_in_words(minutes)}" if minutes else ""
    return FATES[fate] + (f": {owner_name(owner, rules, rules)}{within}" if owner else "")


def _summary(found: Simulation, old: RulesInForce, new: RulesInForce) -> list[str]:
    before, after = found.old, found.new
    if not found.replayed:
        return ["There is nothing to replay."]
    share = found.changed / found.replayed
    said = [
        f"{found.replayed:,} messages were replayed under version {old.ruleset.version} and version "
        f"{new.ruleset.version}. {found.changed:,} of them ({share:.1%}) would fare otherwise."
        if found.changed
        else f"{found.replayed:,} messages were replayed, and nothing would change."
    ]
    for fate, words in FATES.items():
        was, now = before.fates[fate], after.fates[fate]
        if was != now:
            said.append(f"{_capital(words)}: {now:,} instead of {was:,} ({now - was:+,}).")
    keys = set(before.owners) | set(after.owners)
    for key in sorted(keys, key=lambda key: (-abs(after.owners[key] - before.owners[key]), key))[:8]:
        was, now = before.owners[key], after.owners[key]
        if was != now:
            who, time = owner_name(key, old, new), _time(key, found, old, new)
            said.append(f"{who} would be given {now:,} conversations instead of {was:,}{time}.")
    if after.promised:
        said.append(
            f"A promise would be {_mean(after)} of working hours on average; until now {_mean(before)}."
        )
    if before.kept + before.broken:
        said.append(
            f"Had staff answered when they really did, {after.broken:,} promises would have been broken "
            f"instead of {before.broken:,}; of {after.unknown:,} nobody can tell."
        )
    said += [
        f"{owner_name(key, old, new)} would be given more than their staff have time for on {days} days."
        for key, days in after.over.most_common(5)
    ]
    return said


def _time(key: str, found: Simulation, old: RulesInForce, new: RulesInForce) -> str:
    """Return the staff time that an owner's conversations take, where a number of days is known."""
    if found.first is None or found.last is None:
        return ""
    days = max(1, (found.last.date() - found.first.date()).days + 1)
    owner = new.ruleset.owners.get(key) or old.ruleset.owners.get(key)
    if owner is None:
        return ""
    minutes = round(found.new.owners[key] * owner.minutes_each / days)
    return f", some {minutes_in_words(minutes)} of work a day" if minutes else ""


def _caveats(found: Simulation) -> list[str]:
    said = ["The assistant was not asked again: what it made of each message is what it made of it then."]
    if found.undecided:
        said.append(
            f"{found.undecided:,} messages came while a person held the conversation, or no rule was asked "
            "about them; they are left out."
        )
    if found.new.fates["asked"]:
        said.append(
            f"{found.new.fates['asked']:,} messages were stopped before the assistant then, and would reach "
            "it now. What it would say nobody knows."
        )
    if found.recorded:
        said.append(
            f"The replay of the old rules gives the clause that is on record for "
            f"{found.same_as_recorded / found.recorded:.1%} of {found.recorded:,} messages."
        )
    if found.new.unknown:
        said.append("Where nobody was asked then, nobody can tell when they would have answered.")
    return said


def _figures(
    found: Simulation, old: RulesInForce, new: RulesInForce, moves: tuple[MoveRow, ...]
) -> dict[str, Any]:
    def side(tally: Tally, rules: RulesInForce) -> dict[str, Any]:
        return {
            "version": rules.ruleset.version,
            "fates": dict(tally.fates),
            "clauses": dict(tally.clauses.most_common()),
            "owners": dict(tally.owners.most_common()),
            "promises": {
                "made": tally.promised,
                "kept": tally.kept,
                "broken": tally.broken,
                "unknown": tally.unknown,
                "minutes": tally.minutes,
            },
            "days_over_budget": dict(tally.over),
        }

    return {
        "messages": found.messages,
        "undecided": found.undecided,
        "replayed": found.replayed,
        "changed": found.changed,
        "recorded": found.recorded,
        "same_as_recorded": found.same_as_recorded,
        "first": found.first.isoformat() if found.first else None,
        "last": found.last.isoformat() if found.last else None,
        "old": side(found.old, old),
        "new": side(found.new, new),
        "moves": [
            {"count": row.count, "before": row.before, "after": row.after, "topics": row.topics}
            | {"examples": list(row.examples)}
            for row in moves
        ],
    }


def _mean(tally: Tally) -> str:
    return minutes_in_words(round(tally.minutes / tally.promised)) if tally.promised else "none"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>{title}</title><style>
body{{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}}
body{{color:#1b1b1b;background:#fff}}
table{{border-collapse:collapse;width:100%}}th,td{{text-align:left;vertical-align:top;padding:.35rem .5rem;
border-bottom:1px solid #767676}}.number{{text-align:right;font-variant-numeric:tabular-nums}}
.wide{{overflow-x:auto}}td p{{margin:0 0 .4rem}}svg{{max-width:100%;height:auto}}
@media (prefers-color-scheme:dark){{body{{color:#eef0f2;background:#14171c}}}}
</style></head><body><main><h1>{title}</h1><ul>{summary}</ul>{picture}
<h2>Who fares otherwise</h2><div class="wide" tabindex="0"><table><thead><tr>
<th scope="col" class="number">Messages</th>
<th scope="col">Until now</th><th scope="col">Tried</th><th scope="col">Mostly about</th>
<th scope="col">Such as (personal data masked)</th></tr></thead><tbody>{moves}</tbody></table></div>
<h2>Clauses</h2><div class="wide" tabindex="0"><table><thead><tr><th scope="col">Clause</th>
<th scope="col" class="number">Until now</th><th scope="col" class="number">Tried</th>
<th scope="col" class="number">Difference</th></tr></thead><tbody>{clauses}</tbody></table></div>
<h2>What these figures cannot tell</h2><ul>{caveats}</ul></main></body></html>
"""
