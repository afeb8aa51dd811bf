"""The short texts of staff follow their file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.desk.saved import SavedTexts
from bot.errors import ConfigError

ONE = "replies:\n  thanks: {en: Thank you., es: Gracias.}\n"


def put(path: Path, text: str, age: int) -> None:
    path.write_text(text, encoding="utf-8")
    os.utime(path, (1_700_000_000 + age, 1_700_000_000 + age))


def test_a_changed_file_is_taken_and_a_faulty_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "desk_replies.yml"
    texts = SavedTexts(path)
    assert texts() == {}
    put(path, ONE, 1)
    assert texts() == {"thanks": {"en": "Thank you.", "es": "Gracias."}}
    put(path, "replies: [", 2)
    assert texts() == {"thanks": {"en": "Thank you.", "es": "Gracias."}}
    put(path, ONE.replace("Thank you.", "Thanks."), 3)
    assert texts()["thanks"]["en"] == "Thanks."


def test_a_start_with_a_faulty_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "desk_replies.yml"
    put(path, "replies: 1", 1)
    with pytest.raises(ConfigError):
        SavedTexts(path)
