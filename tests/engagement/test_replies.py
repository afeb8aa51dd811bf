"""Saved replies: complete in both languages, filled safely, refused whole when wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.engagement.replies import EXPECTED, SavedReplies
from bot.errors import ConfigError

CITY_FILE = Path(__file__).parents[2] / "city" / "saved_replies.yml"
TEXT = CITY_FILE.read_text(encoding="utf-8")
REPLIES = SavedReplies.load(CITY_FILE)


@pytest.fixture
def faults(tmp_path: Path) -> Callable[[str], list[str]]:
    def faults(text: str) -> list[str]:
        path = tmp_path / "saved_replies.yml"
        path.write_text(text, encoding="utf-8")
        try:
            SavedReplies.load(path)
        except ConfigError as error:
            return error.faults
        return []

    return faults


@pytest.mark.parametrize("key", sorted(EXPECTED))
@pytest.mark.parametrize("language", ["en", "es"])
def test_all_that_the_software_says_can_be_said(key: str, language: str) -> None:
    text = REPLIES.render(key, language, **dict.fromkeys(EXPECTED[key], "x"))

    assert "{" not in text
    assert len(text) > 10


def test_dialogues_10_17_and_19_word_for_word() -> None:
    assert REPLIES.render("gave_back", "en", name="Ana") == (
        "Ana has closed the chat. I'm the city's automatic assistant again; write any time."
    )
    assert REPLIES.render("opted_out", "en") == (
        "You won't get more messages from the city on this number. Reply START to undo."
    )
    assert REPLIES.render("disclosure", "en").startswith("I'm the city's automatic assistant.")


def test_an_unknown_language_gets_english() -> None:
    assert REPLIES.render("opted_out", "fr") == REPLIES.render("opted_out", "en")


@pytest.mark.parametrize("name", ["{emergency}", "{0}", "{name.__class__}", "%(name)s", "{", "{{x}}", "\\1"])
def test_values_are_never_read_for_placeholders(name: str) -> None:
    assert REPLIES.render("took_over", "en", name=name) == f"{name} from the city has joined this chat."


def test_a_value_that_is_not_given_is_an_error() -> None:
    with pytest.raises(KeyError):
        REPLIES.render("took_over", "en")
    with pytest.raises(KeyError):
        REPLIES.render("no_such_reply", "en")


def test_staff_have_texts_to_start_from() -> None:
    assert set(REPLIES.staff["hello"]) == {"en", "es"}


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('en: "{name} from the city', 'en: "{nam} from the city', "took_over.en: nothing fills {nam}"),
        ('    es: "{name}, de la ciudad, se ha unido a este chat."\n', "", "no text in: es"),
        ("  took_over:\n", "  took_ower:\n", "the reply 'took_over' is missing"),
        ('en: "{name} from the city', 'en: "{name from the city', "brace without its partner"),
        ("replies:\n", "answers: {}\nreplies:\n", "answers: unknown key"),
        ('version: "2026-05"', "version: 2026", "version: is missing"),
        ("    closed:\n", "    shut:\n", "`open` and `closed`"),
        (
            "    open:\n      en: \"I've passed",
            "    open:\n      en: \"{opening} I've passed",
            "fills {opening}",
        ),
        ("{name} from the city has joined", "x" * 701, "longer than 700"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(
    faults: Callable[[str], list[str]], old: str, new: str, fault: str
) -> None:
    assert old in TEXT
    found = faults(TEXT.replace(old, new, 1))

    assert any(fault in text for text in found), found
    assert all(text.startswith("saved_replies.yml, line ") for text in found)


def test_the_city_file_is_taken(faults: Callable[[str], list[str]]) -> None:
    assert faults(TEXT) == []


def test_replies_are_short_plain_and_ask_one_thing() -> None:
    for key, texts in REPLIES.texts.items():
        for language, text in texts.items():
            assert text.count("?") <= 1, (key, language)
            sentences = [part for part in text.replace(";", ".").replace(":", ".").split(".") if part.strip()]
            assert max(len(sentence.split()) for sentence in sentences) <= 28, (key, language)
            assert "sorry you feel" not in text
