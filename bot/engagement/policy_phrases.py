"""The words around the rules in the policy that the public reads: `policy_texts/`, and parts of sentences.

What it is not for: which sentence stands where (`public_policy.py`); what residents are told (`replies.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from bot.engagement import marked_yaml
from bot.engagement.clauses import Condition, Ruleset
from bot.engagement.plain_words import topic
from bot.engagement.rulebook import RulesInForce
from bot.engagement.time_words import WEEKDAYS, ranges
from bot.engagement.wording import words

FOLDER = Path(__file__).parent / "policy_texts"
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CHANNELS = {"webchat": "Web chat", "telegram": "Telegram"}


@cache
def texts(language: str) -> Mapping[str, Any]:
    """Return the words in `en` or `es`, by section of the file."""
    content: Mapping[str, Any] = marked_yaml.read(FOLDER / f"{language}.yml").value
    return content


def written_in(ruleset: Ruleset) -> str:
    """Return the language in which the city wrote its reasons, by the small words that it has most of."""
    said = Counter(words(" ".join(clause.decision.sentence for clause in ruleset.clauses)))
    spanish = sum(said[word] for word in ("de", "la", "el", "que", "y"))
    return "es" if spanish > sum(said[word] for word in ("the", "of", "is", "and", "a")) else "en"


def narrow(condition: Condition) -> bool:
    """Tell whether a condition is for some messages about its topics only."""
    limited = condition.limits, condition.personal_data, condition.services
    return any(limited) or condition.keyworded or condition.open is not None


def capital(text: str) -> str:
    """Return the text with a capital in front."""
    return text[:1].upper() + text[1:]


class Phrases:
    """Parts of sentences about one version of the rules, in one language.

    Args:
        rules: whose owners, hours and replies are named.
        language: `en` or `es`.
    """

    def __init__(self, rules: RulesInForce, language: str) -> None:
        self.rules, self.ruleset, self.calendar = rules, rules.ruleset, rules.calendar
        self.language, self.words = language, texts(language)

    def say(self, key: str, **values: object) -> str:
        """Return a sentence with its values."""
        return str(self.words["words"][key]).format(**values)

    def name(self, group: str, key: str) -> str:
        """Return what a value of the rules is called."""
        return str(self.words[group].get(key, key))

    def text(self, by_language: Mapping[str, str]) -> str:
        """Return the text in this language, English where there is none."""
        return by_language.get(self.language) or by_language.get("en", "")

    def owner(self, key: str) -> str:
        """Return an owner's name."""
        owner = self.ruleset.owners.get(key)
        return owner.name(self.language) if owner else key

    def topics(self, intents: Collection[str]) -> str:
        """Return the names of topics, each once; the small words of a conversation have one name together."""
        names = self.words["topics"]
        known = [
            names.get(intent, topic(intent) if intent.startswith("report_") else names["talk"])
            for intent in intents
        ]
        return self.joined(list(dict.fromkeys(known)))

    def joined(self, names: Sequence[str]) -> str:
        """Return names as a sentence has them; codes of languages become their names."""
        shown = [self.words["languages"].get(name, name) for name in names]
        if len(shown) < 2:
            return "".join(shown)
        return f"{', '.join(shown[:-1])} {self.say('and')} {shown[-1]}"

    def amount(self, minutes: int) -> str:
        """Return a stretch of time: "2 hours", "1 hora 30 minutos"."""
        hours, left = divmod(minutes, 60)
        parts = [(hours, "hour")] if hours else []
        if left or not hours:
            parts.append((left, "minute"))
        return " ".join(f"{count} {self.say(word)}{'s' if count != 1 else ''}" for count, word in parts)

    def lag(self, minutes: int) -> str:
        """Return how long after something: "at once", "after 15 minutes"."""
        return self.say("after", time=self.amount(minutes)) if minutes else self.say("at_once")

    def channel(self, channel: str) -> str:
        """Return a channel as people call it."""
        return _CHANNELS.get(channel, channel.capitalize())

    def reply(self, key: str, **values: object) -> str:
        """Return a saved reply as residents read it in office hours; what is filled in later is dots."""
        texts_of = self.rules.replies.texts
        text = self.text(texts_of.get(key) or texts_of.get(f"{key}.open") or {})
        for name, value in {**self.rules.replies.values, **values}.items():
            text = text.replace(f"{{{name}}}", str(value))
        head, *rest = text.split("{")
        return (head + "".join(f"…{part.partition('}')[2]}" for part in rest)).replace("**", "").strip()

    def day_hours(self, office: str, day: str) -> str:
        """Return an office's hours on a weekday (`mon`)."""
        blocks = self.calendar.file.offices[office].week.get(day, ())  # type: ignore[call-overload]
        return ranges(blocks, self.language) if blocks else self.say("closed")

    def week(self, office: str) -> str:
        """Return an office's week in one line, days with the same hours together, closed ones left out."""
        if office not in self.calendar.file.offices:
            return ""
        runs: list[tuple[str, list[int]]] = []
        for number, day in enumerate(WEEK):
            hours = self.day_hours(office, day)
            if runs and runs[-1][0] == hours:
                runs[-1][1].append(number)
            else:
                runs.append((hours, [number]))
        if len(runs) == 1:
            return self.say("every_day", hours=runs[0][0])
        names, closed = WEEKDAYS[self.language], self.say("closed")
        return "; ".join(
            f"{names[days[0]]}{f'–{names[days[-1]]}' if len(days) > 1 else ''} {hours}"
            for hours, days in runs
            if hours != closed
        )
