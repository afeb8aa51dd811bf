"""Every sentence exists in both languages, and none is hard to read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from actions.wording import FOLDER, Wording
from bot.errors import ConfigError


def test_both_languages_say_the_same(tmp_path: Path) -> None:
    Wording.load()
    for path in FOLDER.glob("*.yml"):
        (tmp_path / path.name).write_text(path.read_text())
    spanish = tmp_path / "es.yml"
    spanish.write_text(
        spanish.read_text().replace("{number}", "{numero}", 1).replace("  thanks:", "  gracias:", 1)
    )
    with pytest.raises(ConfigError) as raised:
        Wording.load(tmp_path)
    told = str(raised.value)
    assert "social.thanks stands in one language only" in told
    assert "other placeholders" in told


def test_values_are_not_read_for_placeholders() -> None:
    told = Wording.load().say("report.not_found", "en", heard="{number} {0} {}")
    assert "{number} {0} {}" in told


def test_english_is_spoken_where_a_language_is_not_known() -> None:
    assert Wording.load().say("button.yes", "xx") == "Yes"


def test_english_sentences_read_at_grade_eight_or_below() -> None:
    texts = Wording.load().texts["en"]
    hard = {
        key: round(grade, 1)
        for key, text in texts.items()
        if not key.startswith(("service.", "where.", "button.", "reading.", "day."))
        and len(text.split()) > 3  # fewer are a part of a sentence, not one
        and (grade := _grade(text)) > 8
    }
    assert not hard


def _grade(text: str) -> float:
    """Flesch-Kincaid grade; placeholders count as one short word each."""
    plain = re.sub(r"\{\w+\}", "Elm", text).replace("*", "")
    sentences = [part for part in re.split(r"[.!?:;]+\s*", plain) if part]
    words = re.findall(r"[A-Za-z']+", plain)
    syllables = sum(_syllables(word) for word in words)
    return 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59


def _syllables(word: str) -> int:
    groups = len(re.findall(r"[aeiouy]+", word.lower()))
    silent = word.lower().endswith("e") and not word.lower().endswith("le") and groups > 1
    return max(groups - silent, 1)
