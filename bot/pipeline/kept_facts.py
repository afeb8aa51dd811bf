"""What a message's decision was made of, kept beside it, so that other rules can be tried on it later.

The text, the channel, the time and the understanding are kept with the message already. What it is not for:
deciding (`judgement.py`), and trying rules (`bot/engagement/simulate.py`).
"""

from __future__ import annotations

from bot.conversations.model import Turn
from bot.messages import JSON, Answer
from bot.pipeline.judgement import Verdict
from bot.pipeline.speech import untranslated


def kept_facts(
    turn: Turn, answer: Answer | None, failure: str | None, verdict: Verdict, allowed_by: Verdict | None
) -> dict[str, JSON]:
    """Return what the rules were asked about, beyond what the message itself tells.

    Args:
        turn: the message, and who held the conversation when it came.
        answer: what the assistant gave, if it was asked.
        failure: why it gave nothing.
        verdict: the last word of the rules.
        allowed_by: the verdict that let the assistant be asked.
    """
    asked = answer.hand_off if answer else None
    facts: dict[str, JSON] = {
        "holder": turn.conversation.holder.kind,
        "visibility": turn.conversation.visibility,
        "language": (untranslated(turn) and turn.conversation.foreign_language) or turn.conversation.language,
    }
    alarm = (allowed_by or verdict).alarm
    if alarm != "none":
        facts["alarm"] = alarm
    if verdict.personal_data:
        facts["personal_data"] = [*sorted(verdict.personal_data)]
    if turn.limits:
        facts["limits"] = [*sorted(turn.limits)]
    if turn.meaning is not None:
        facts |= {"choice": True, "intent": turn.meaning.intent}
    if failure is not None:
        facts["reason"] = "assistant_unavailable"
    elif asked is not None:
        facts["reason"] = asked.reason
        if asked.topic:
            facts["intent"] = asked.topic
    return facts
