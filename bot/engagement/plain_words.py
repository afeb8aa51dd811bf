"""Clauses in words for people who read no YAML: when one fits, and what then happens.

What it is not for: what residents read (`replies.py`), nor deciding anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.engagement.clauses import Condition, Decision, Owner, Ruleset
from bot.engagement.findings import listed
from bot.engagement.keywords import Keywords

STAGES = {
    "before": "before the assistant is asked",
    "after": "after the assistant read it",
    "outgoing": "when a message is about to leave",
}
BANDS = {"act": "read surely", "confirm": "read with doubt", "hand_over": "hardly understood"}
SENDERS = {"resident": "a resident", "bot": "the assistant", "staff": "staff"}
HOLDERS = {"bot": "the assistant", "queue": "nobody yet (it waits)", "person": "a member of staff"}
LANGUAGE_NAMES = {"en": "English", "es": "Spanish", "other": "another language"}


def minutes_in_words(minutes: int) -> str:
    """Return a stretch of time: "45 minutes", "2 hours", "1 hour 30 minutes"."""
    hours, left = divmod(minutes, 60)
    parts = [f"{hours} hour{'s' if hours != 1 else ''}"] if hours else []
    if left or not parts:
        parts.append(f"{left} minute{'s' if left != 1 else ''}")
    return " ".join(parts)


def topic(name: str) -> str:
    """Return a topic of the assistant as a person would write it: "missed collection"."""
    return name.removeprefix("report_").removesuffix("*").strip("_").replace("_", " ") or "any report"


def topics(condition: Condition) -> list[str]:
    """Return the topics that a condition names, with `report_*` as it is written."""
    return sorted(condition.intents) + [f"{beginning}*" for beginning in condition.intent_beginnings]


def keywords_of(ruleset: Ruleset) -> dict[str, tuple[Keywords | None, ...]]:
    """Return the words of each clause, condition by condition."""
    number = 0
    found: dict[str, tuple[Keywords | None, ...]] = {}
    for clause in ruleset.clauses:
        sets = []
        for condition in clause.conditions:
            number += 1
            sets.append(ruleset.index.sets.get(number) if condition.keyworded else None)
        found[clause.id] = tuple(sets)
    return found


def written(keywords: Keywords | None) -> tuple[frozenset[str], frozenset[str]]:
    """Return the words of a condition as a clerk writes them: those that count, and those that do not."""
    if keywords is None:
        return frozenset(), frozenset()
    return (
        frozenset(" + ".join(" ".join(phrase) for phrase in keyword) for keyword in keywords.any),
        frozenset(" ".join(phrase) for phrase in keywords.unless),
    )


def what_happens(decision: Decision, owners: Mapping[str, Owner]) -> str:
    """Return the outcome in words: "Housing answers within 1 hour of their hours"."""
    owner = owners.get(decision.owner or "")
    who = owner.name("en") if owner else "a person"
    within = f" within {minutes_in_words(decision.minutes)} of their hours" if decision.minutes else ""
    until = ", before closing time" if decision.to_closing else ""
    urgent = ", at once and paged" if decision.urgent else ""
    return {
        "allow": "it may be said" if decision.clause.startswith("outgoing") else "the assistant may answer",
        "draft": f"the assistant drafts, and {who} sends it{within}{until}{urgent}",
        "approve": f"a second person ({who}) must agree first",
        "hand_off": f"{who} answers{within}{until}{urgent}",
        "reply": "a fixed text is sent, and the assistant says nothing",
        "silent": "nothing is said",
    }[decision.outcome]


def when(condition: Condition, keywords: Keywords | None = None) -> str:
    """Return a condition in words, without its topics' technical names."""
    said = [listed([STAGES[stage] for stage in ("before", "after", "outgoing") if stage in condition.stages])]
    if named := topics(condition):
        said.append(f"about {listed([topic(name) for name in named])}")
    if keywords is not None:
        said.append(f"with one of {len(keywords.any)} phrases in it")
    said += _sets(condition)
    for name, yes, no in (
        ("open", "in the desk's hours", "outside the desk's hours"),
        ("choice", "when a button was pressed", "when no button was pressed"),
        ("answering", "in answer to the assistant's question", "not in answer to a question"),
        ("person_wanted", "when a person is asked for", "when no person is asked for"),
        ("proactive", "when the city writes first", "when the resident wrote first"),
    ):
        if (value := getattr(condition, name)) is not None:
            said.append(yes if value else no)
    return ", ".join(said)


def _sets(condition: Condition) -> Iterable[str]:
    for values, words, names in (
        (condition.bands, "{}", BANDS),
        (condition.reasons, "because of {}", {}),
        (condition.channels, "on {}", {}),
        (condition.visibility, "in {} conversations", {}),
        (condition.languages, "in {}", LANGUAGE_NAMES),
        (condition.senders, "from {}", SENDERS),
        (condition.holders, "held by {}", HOLDERS),
        (condition.services, "for the service {}", {}),
        (condition.alarm, "where it sounds like danger ({})", {}),
        (condition.personal_data, "with {} in it", {}),
        (condition.limits, "where {} is passed", {}),
        (condition.flags, "where the tone check finds {}", {}),
    ):
        if values:
            shown = [names.get(value, str(value).replace("_", " ")) for value in sorted(values)]
            yield words.format(listed(shown, 8).replace(" and ", " or "))
