"""Rasa reads more in YAML than its author may have meant; these ways have bitten other projects."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.guards.tree import files, read

# Rasa takes any file under data/ with a line that begins so, at any indent, for training data of that kind.
SECTION = re.compile(r"^\s*(rules|stories):", re.MULTILINE)
# In a training example this makes a synonym that holds for every text, wherever it was written.
SYNONYM = re.compile(r"\]\{[^}]*\"value\"")
# Rasa replaces this in its own files from the process environment, secrets included.
EXPANSION = re.compile(r"\$\{")
RASA_FILES = ("domain.yml", "config.yml", "data/")


def misplaced_sections(path: str, text: str) -> Iterator[str]:
    for match in SECTION.finditer(text):
        if not path.startswith(f"data/{match[1]}/"):
            line = text.count("\n", 0, match.start(1)) + 1
            yield f"{path}:{line}: '{match[1]}:' belongs under data/{match[1]}/, policy under city/"


def dangerous_words(path: str, text: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), 1):
        if SYNONYM.search(line):
            yield f"{path}:{number}: an entity with a value is a global synonym"
        if EXPANSION.search(line):
            yield f"{path}:{number}: Rasa expands ${{...}} from the environment"


def test_sections_stand_where_rasa_and_readers_expect_them() -> None:
    paths = [path for path in files() if path.startswith("data/") and path.endswith((".yml", ".yaml"))]
    faults = [fault for path in paths for fault in misplaced_sections(path, read(path))]
    assert not faults, "\n".join(faults)


def test_rasa_files_hold_no_dangerous_words() -> None:
    paths = [path for path in files() if path.startswith(RASA_FILES)]
    faults = [fault for path in paths for fault in dangerous_words(path, read(path))]
    assert not faults, "\n".join(faults)


def test_the_data_folder_holds_training_data_only() -> None:
    strangers = [
        path
        for path in files()
        if path.startswith("data/") and not re.fullmatch(r"data/(nlu|rules|stories)/[a-z0-9_]+\.yml", path)
    ]
    assert not strangers


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("data/engagement.yml", "rules:\n- clause: 1"),
        ("data/nlu/streets.yml", "version: '3.1'\nnested:\n    rules:\n    - a"),
        ("data/rules/report.yml", "stories:\n- story: a"),
    ],
)
def test_a_misplaced_section_is_found(path: str, text: str) -> None:
    assert list(misplaced_sections(path, text))


def test_what_is_in_place_passes() -> None:
    assert not list(misplaced_sections("data/rules/report.yml", "version: '3.1'\nrules:\n- rule: a"))


@pytest.mark.parametrize(
    "text",
    ['- at [x]{"entity":"place","value":"City Hall"}', '- text: "Call ${DB_PASSWORD} now"'],
)
def test_a_dangerous_word_is_found(text: str) -> None:
    assert list(dangerous_words("domain.yml", text))
