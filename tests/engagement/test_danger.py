"""The ear that hears danger beside the model: kept whole or not at all, never slow, never an exception."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engagement.danger import BUCKETS, Ear, features
from bot.errors import ConfigError
from bot.training import danger
from bot.training.danger import Taught

DANGER = [
    "he is not breathing",
    "the house is burning",
    "my wife fell and will not wake up",
    "se cayó y no respira",
]
HARMLESS = [
    "the trash was not picked up",
    "when is the pool open",
    "pothole on elm street",
    "no pasó la basura",
]


@pytest.fixture(scope="module")
def ear() -> Ear:
    taught = [Taught(text, danger=True) for text in DANGER] + [
        Taught(text, danger=False) for text in HARMLESS
    ]
    return danger.fit(taught)


def test_what_was_taught_is_told_apart(ear: Ear) -> None:
    assert min(ear.score(text) for text in DANGER) > max(ear.score(text) for text in HARMLESS)
    assert ear.hear("my wife fell and she is not breathing") == "sure"
    assert ear.hear("the trash on elm street was not picked up") == "none"


def test_few_words_are_never_an_alarm(ear: Ear) -> None:
    assert ear.score("not breathing") > ear.score("he is not breathing and cold")
    assert ear.hear("not breathing") != "sure"
    assert ear.hear("he is not breathing") == "sure"


def test_case_accents_and_order_of_learning_do_not_matter(ear: Ear) -> None:
    assert ear.score("SE CAYO Y NO RESPIRA") == ear.score("se cayó y no respira")
    again = danger.fit(
        [Taught(text, danger=True) for text in DANGER] + [Taught(t, danger=False) for t in HARMLESS]
    )
    assert (again.weights == ear.weights).all()
    assert again.bias == ear.bias


@given(st.text(max_size=3_000))
def test_any_text_gets_a_number(ear: Ear, text: str) -> None:
    assert ear.hear(text) in {"none", "maybe", "sure"}
    assert all(0 <= bucket < BUCKETS and count > 0 for bucket, count in features(text).items())


def test_it_is_kept_and_read_back(ear: Ear, tmp_path: Path) -> None:
    ear.save(tmp_path / "ear.npz")

    assert Ear.load(tmp_path / "ear.npz").score("he fell") == ear.score("he fell")
    assert [path.name for path in tmp_path.iterdir()] == ["ear.npz"]


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 cut off", b"\x93NUMPY\x01\x00"])
def test_a_damaged_file_is_named(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "ear.npz").write_bytes(damage)

    with pytest.raises(ConfigError, match=r"ear\.npz cannot be read .*remove it"):
        Ear.load(tmp_path / "ear.npz")


def test_it_is_made_once_for_the_same_texts(tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "nlu").mkdir(parents=True)
    file = data / "nlu" / "a.yml"
    file.write_text("nlu:\n- intent: emergency\n  examples: |\n    - gas smell\n", encoding="utf-8")

    danger.ear_of(data, tmp_path / "models")
    made = [path.stat().st_mtime_ns for path in (tmp_path / "models").iterdir()]
    danger.ear_of(data, tmp_path / "models")

    assert [path.stat().st_mtime_ns for path in (tmp_path / "models").iterdir()] == made
    file.write_text(file.read_text() + "    - house on fire\n", encoding="utf-8")
    danger.ear_of(data, tmp_path / "models")
    assert len(list((tmp_path / "models").iterdir())) == 2
