"""What the rules of engagement do with a text before the assistant is asked; run in the bot's environment."""

from __future__ import annotations

from benchmarks.understanding.runners import ROOT
from bot.engagement import rulesets
from bot.engagement.clauses import Decision, Facts
from bot.engagement.engine import evaluate


class Rules:
    """The city's rules, asked of a resident's text alone."""

    def __init__(self) -> None:
        self._rules = rulesets.load(ROOT / "city")

    def emergency(self, text: str) -> bool:
        """Tell whether a clause for emergencies fits the words."""
        return self._before(text).clause.startswith("emergency")

    def hand_over(self, text: str) -> bool:
        """Tell whether some clause hands the text over before the assistant sees it."""
        return self._before(text).outcome == "hand_off"

    def _before(self, text: str) -> Decision:
        return evaluate(self._rules, Facts(stage="before", text=text, language="en"))
