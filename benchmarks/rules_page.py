"""docs/rules-simulation.md out of what `benchmarks/rules.py` measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from benchmarks.changed_policy import CHANGES
from benchmarks.processes import today
from bot.engagement.simulate import FATES


@dataclass(frozen=True, slots=True)
class Speed:
    """Milliseconds of one question, median and 99th percentile, for rules of a size.

    Attributes:
        keywords: phrases that the clauses look for in all.
        characters: of the median text.
        split: `str.split` on the same texts, for comparison.
    """

    clauses: int
    keywords: int
    characters: float
    before: tuple[float, float]
    after: tuple[float, float]
    split: tuple[float, float]


class Large(Protocol):
    """What a simulation of many messages took: seconds, megabytes at most, the machine's load before."""

    messages: int
    wall: float
    cpu: float
    memory: float
    load: float


def page(
    speeds: Sequence[Speed],
    replay: Mapping[str, Any],
    large: Large,
    texts: int,
    versions: tuple[str, str],
    machine: str,
) -> str:
    """Return the page.

    Args:
        speeds: of the city's own rules, and of many.
        replay: what `rules simulate --json` printed.
        large: the simulation of many messages.
        texts: different texts that were replayed.
        versions: of the rules compared.
        machine: on which it was measured.
    """
    return _PAGE.format(
        count=replay["messages"],
        texts=texts,
        old=versions[0],
        new=versions[1],
        changes="\n".join(f"- {change}" for change in CHANGES),
        summary="\n".join(f"- {sentence}" for sentence in replay["summary"]),
        table="\n".join(_table(replay)),
        today=today(),
        machine=machine,
        speeds="\n".join(_speeds(speeds)),
        characters=round(speeds[0].characters),
        large=large,
        caveats="\n".join(f"- {sentence}" for sentence in replay["caveats"]),
    )


def _table(replay: Mapping[str, Any]) -> list[str]:
    old, new = replay["old"], replay["new"]
    lines = [f"| what becomes of it | {old['version']} | {new['version']} |", "|---|--:|--:|"]
    for fate, words in FATES.items():
        before, after = old["fates"].get(fate, 0), new["fates"].get(fate, 0)
        if before or after:
            lines.append(f"| {words} | {before:,} | {after:,} |")
    before, after = old["promises"], new["promises"]
    lines.append(f"| promises made | {before['made']:,} | {after['made']:,} |")
    return lines


def _speeds(speeds: Sequence[Speed]) -> list[str]:
    lines = [
        "| one question of the rules, ms | "
        + " | ".join(f"{each.clauses} clauses" for each in speeds)
        + " |",
        "|---|" + "--:|" * len(speeds),
    ]
    for name, words in (("before", "before the assistant"), ("after", "after it")):
        for place, part in enumerate(("median", "99th percentile")):
            figures = [f"{getattr(each, name)[place]:.3f}" for each in speeds]
            lines.append(f"| {words}, {part} | {' | '.join(figures)} |")
    ratios = [f"{each.before[0] / each.split[0]:.0f}" for each in speeds]
    lines.append(f"| before the assistant ÷ `str.split` of the text, medians | {' | '.join(ratios)} |")
    lines.append(f"| phrases looked for | {' | '.join(f'{each.keywords:,}' for each in speeds)} |")
    return lines


_PAGE = """# Trying rules on past messages

Written by `make bench-rules`; nothing is asserted, and no test reads it.

`townline rules simulate --last 30d NEW` replays what residents wrote under the rules that hold and under
those that may hold next: who would have been answered, by whom, and which promises staff would have broken.
Nothing is sent. How rules are tried before they hold: [rules-of-engagement.md](rules-of-engagement.md).

## A changed policy on residents' texts

{count:,} texts that residents of two cities wrote were read by the trained model and replayed, each as the
first message of a conversation, over thirty days and the hours from 6:00 to 23:00. There are {texts:,}
different ones; each stands for itself at three or four hours, so shares are right and nothing more is
learned from the repetition. None was trained on, and none stands in this repository.

Version {old} is the one in `city/`. Version {new} changes four things:

{changes}

![Bars of what becomes of messages and who answers them, before and after](images/rules-simulation.svg)

{summary}

{table}

## What it takes

Measured {today} on {machine}, other work going on.

{speeds}

The goal is 0.2 ms for 500 clauses. Texts have {characters} characters (median); of five runs of each the
quickest counts. The many clauses are copies of the city's with topics and words of their own, so each is
asked and none decides in another's place.

A simulation of {large.messages:,} messages out of a SQLite database, each decided twice, took
**{large.cpu:.0f} s** of CPU in one thread, {large.wall:.0f} s by the clock at a load of {large.load:.0f} on
two cores, and at most {large.memory:.0f} MB, start of the program included. The goal is 60 s.

## What such figures cannot tell

{caveats}
- Of messages in a database it is known when staff answered, so broken promises are counted there. Texts
  alone have no answer, so none are counted above.
- People write otherwise when they are answered otherwise. A simulation shows what becomes of a message, not
  the talk that would follow.
"""
