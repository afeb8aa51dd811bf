"""What the rules of engagement do with a text before the assistant is asked; run in the bot's environment."""

from __future__ import annotations

from benchmarks.understanding.runners import ROOT
from bot.engagement import rulesets
from bot.engagement.clauses import Decision, Facts
from bot.engagement.engine import evaluate
from bot.training import danger


class Rules:
    """The city's rules, asked of a resident's text alone."""

    def __init__(self) -> None:
        self._rules = rulesets.load(ROOT / "city")
        self._ear = danger.ear_of(ROOT / "data", ROOT / "models")

    def emergency(self, text: str) -> bool:
        """Tell whether a clause for emergencies fits the words, or what the ear makes of them."""
        decision = self._before(text)
        return decision.urgent and decision.clause.startswith("emergency")

    def cautioned(self, text: str) -> bool:
        """Tell whether the emergency number is named, be it ahead of another answer."""
        return self._before(text).clause.startswith("emergency")

    def hand_over(self, text: str) -> bool:
        """Tell whether some clause hands the text over before the assistant sees it."""
        return self._before(text).outcome == "hand_off"

    def _before(self, text: str) -> Decision:
        heard = self._ear.hear(text)
        return evaluate(self._rules, Facts(stage="before", text=text, language="en", alarm=heard))
