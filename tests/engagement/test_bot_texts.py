"""Every text that the city says by itself is easy to read, promises nothing loosely, and is polite."""

from __future__ import annotations

import re

from bot.engagement import reading_grade, rulesets, tone
from tests.engagement.bot_texts import ROOT, BotText, bot_texts

TONE = rulesets.load(ROOT / "city").policy.tone
TEXTS = bot_texts()

ANSWERED = re.compile(
    r"\b(?:will|'ll|going to) (?:\w+ )?(?:answer|write|reply|call|fix)\b"
    r"|\b(?:responderá|responderemos|escribirá|escribiremos|llamará|llamaremos|contestará|arreglaremos)\b"
    r"|\ble (?:responde|respondemos|escribimos|llamo|llamamos)\b",
    re.IGNORECASE,
)
"""Words that say that somebody will do something for a resident."""
CLOCK = {"by", "minutes", "date", "days"}
"""Placeholders that the clock fills: what they say is what it holds."""
WITHOUT_CLOCK = {
    # A sentence in a language that nobody here reads; the reply with its time follows in the same message.
    "hand_off_language",
}


def _told(text: BotText, what: str) -> str:
    return f"{text.where} ({text.language}): {what}: {text.said}"


def test_there_are_texts_of_every_kind_in_both_languages() -> None:
    for beginning in ("city/saved_replies", "city/desk", "city/services", "actions/", "bot/web", "privacy"):
        for language in ("en", "es"):
            assert any(t.where.startswith(beginning) and t.language == language for t in TEXTS), beginning
    assert len(TEXTS) > 400


def test_no_text_asks_for_more_schooling_than_the_city_allows() -> None:
    hard = [
        _told(text, f"grade {grade:.1f}")
        for text in TEXTS
        if (grade := reading_grade.grade(text.said, text.language))
        > min(8.0, tone.grade_limit(TONE, text.language))
    ]
    assert not hard, "\n".join(hard)


def test_no_text_has_what_staff_would_be_warned_of() -> None:
    found = [
        _told(text, f"{finding.flag} {finding.found!r}")
        for text in TEXTS
        for finding in tone.check(text.said, TONE, text.language)
    ]
    assert not found, "\n".join(found)


def test_no_text_says_that_somebody_will_answer_without_saying_by_when() -> None:
    loose = [
        _told(text, "no time")
        for text in TEXTS
        if ANSWERED.search(text.written)
        and not text.placeholders & CLOCK
        and not any(key in text.where for key in WITHOUT_CLOCK)
    ]
    assert not loose, "\n".join(loose)


def test_every_placeholder_is_filled_before_it_is_measured() -> None:
    assert not [text.where for text in TEXTS if re.search(r"[{}]", text.said)]
